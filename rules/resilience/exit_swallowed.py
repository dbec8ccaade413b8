"""
A clause that catches everything also keeps the process from ending.

A bare `except` and `except BaseException` take `SystemExit` and `KeyboardInterrupt` as well. In a loop the process then
logs its own end and goes on: the deployment waits for it until its patience is over and kills it, with whatever was
half done. A worker's `SystemExit`, by which its server ends a request that hangs, is lost in the same way.

Catch `Exception`, which leaves the exits alone, or raise again at the end of the clause.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="exit-swallowed",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    cwe=396,
    standard=Standard.RELIABILITY,
    node=Node.HANDLER,
    aliases=("ruff:E722", "pylint:bare-except", "codeql:py/catch-base-exception", "sonar:S5754"),
    since="0.1",
    bad="""
        import logging

        def work(queue):
            while True:
                try:
                    queue.next().run()
                except:
                    logging.exception("a job failed")
    """,
    good="""
        import logging

        def work(queue):
            while True:
                try:
                    queue.next().run()
                except Exception:
                    logging.exception("a job failed")
    """,
)
_LAST_THINGS = ("__del__", "__exit__", "__aexit__")
_DEFAULTS = ("return-constant", "assign-constant")
_LEAVING = ("exit", "main", "atexit", "excepthook")


def detect(project: Project) -> Iterator[Suspicion]:
    for handler in project.exception_handlers():
        if not isinstance(handler.caught, Known) or handler.suppress or handler.in_async:
            continue
        everything = not handler.caught.value or "builtins.BaseException" in handler.caught.value
        # What drops an exception without a trace is for `swallowed-exception`, exits included.
        quiet = handler.does in ("nothing", "continue") and not handler.logs
        # So is, for `failure-turned-into-default`, what makes an empty result of a service's failure.
        quiet = quiet or (bool(handler.asks) and handler.does in _DEFAULTS and not handler.logs)
        if not everything or quiet or handler.raises or handler.hands_on or handler.imports:
            continue
        if handler.within.endswith(_LAST_THINGS) or handler.within.rpartition(".")[2] in _LEAVING:
            continue
        yield Suspicion(
            RULE.id,
            handler.at,
            "the clause also catches the process's exit, and does not raise it again",
            "",
            severity=Severity.MEDIUM if handler.in_loop else None,
            confidence=None if handler.in_loop or handler.asks else Confidence.LOW,
        )
