"""
A `finally` leaves early, and the exception that led there is gone.

`return`, `break` and `continue` in a `finally` replace whatever was under way: an error on its way up, a cancellation,
the process's exit, even the value of an earlier `return`. The caller goes on as if all were well, and no log names the
error. Python 3.14 warns of it (PEP 765).

Tidy up in `finally` and do no more; return behind the whole statement, or catch what you expect in an `except` clause.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="return-in-finally",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=584,
    standard=Standard.RELIABILITY,
    node=Node.STATEMENT,
    aliases=("ruff:B012", "ruff:PLW0150", "ruff:SIM107", "pylint:lost-exception", "sonar:S1143"),
    since="0.1",
    bad="""
        def charge(order, gateway):
            paid = False
            try:
                gateway.charge(order)
                paid = True
            finally:
                gateway.close()
                return paid
    """,
    good="""
        def charge(order, gateway):
            try:
                gateway.charge(order)
            finally:
                gateway.close()
            return True
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for one in project.lost_in_finally():
        message = f"`{one.word}` in `finally` drops the exception that is under way"
        yield Suspicion(RULE.id, one.at, message, "")
