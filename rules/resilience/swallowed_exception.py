"""
An exception is caught and nobody learns of it.

A clause that catches everything and goes on turns each failure, from a typing error to a lost database, into silence.
The error rate looks fine while data is missing; the first to notice is a customer, and there is no log line to start
from. A bare `except` also swallows `KeyboardInterrupt`, `SystemExit` and the cancellation of a task.

Catch the exception that you expect, and let the others pass. Where going on is right, say so: log it with
`logger.exception`, count it, and keep the clause as small as the call that may fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

if TYPE_CHECKING:
    import libcst

RULE = Rule(
    id="swallowed-exception",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=391,
    standard=Standard.RELIABILITY,
    node=Node.HANDLER,
    aliases=("bandit:B110", "bandit:B112", "ruff:S110", "ruff:S112", "ruff:SIM105"),
    supersedes=("bandit:B110", "bandit:B112"),
    since="0.1",
    bad="""
        def charge(order, gateway, mailer):
            try:
                gateway.charge(order)
                mailer.send_receipt(order)
            except Exception:
                pass
    """,
    good="""
        import logging

        def charge(order, gateway, mailer):
            gateway.charge(order)
            try:
                mailer.send_receipt(order)
            except Exception:
                logging.exception("receipt of order %s was not sent", order)
    """,
)
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
# Best effort by custom: tidying up, and telling somebody who may be gone.
_TIDYING = frozenset({
    "close", "aclose", "disconnect", "shutdown", "unlink", "remove", "rmtree", "kill", "terminate", "cancel", "quit", "release", "stop", "rollback", "flush",
    "delete", "cleanup", "clean_up", "rmdir", "unsubscribe", "unregister", "wait_closed", "join", "wait", "put_nowait", "__exit__", "__aexit__", "decode",
})  # fmt: skip


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for handler in project.exception_handlers():
        if handler.does not in ("nothing", "continue") or handler.logs or handler.raises:
            continue
        if not isinstance(handler.caught, Known):
            continue
        broad = not handler.caught.value or _BROAD & set(handler.caught.value)
        if not broad:
            continue
        what = "everything" if not handler.caught.value else f"`{handler.caught.value[0].removeprefix('builtins.')}`"
        yield Suspicion(
            RULE.id, handler.at, f"{what} is caught here and dropped without a trace", "", confidence=_confidence(handler.tries, handler.imports)
        )


def _confidence(tries: tuple[str, ...], imports: bool) -> Confidence | None:
    """Tidying up, optional imports and clauses around no call at all are dropped on purpose more often than not."""
    last = {name.rpartition(".")[2] for name in tries}
    return Confidence.LOW if imports or not tries or last & _TIDYING else None


def confirm(node: libcst.ExceptHandler, suspicion: Suspicion) -> bool:
    """A comment in or behind the clause is somebody's reason; only the lossless tree shows it."""
    import libcst as cst
    from libcst import matchers as m

    comments = m.findall(node, m.Comment())
    return not any(isinstance(c, cst.Comment) and len(c.value.strip("# ")) > 8 and "noqa" not in c.value and "nosec" not in c.value for c in comments)
