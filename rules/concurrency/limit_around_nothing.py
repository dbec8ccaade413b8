"""
A time limit stands around a block in which nothing waits.

`asyncio.timeout` cancels its task at the next `await`. A block without one cannot be stopped: a blocking call or a long
computation in it takes as long as it takes, and the limit raises only after it is over, if at all. Whoever wrote it
believes to be protected.

Put the limit around what waits. Hand blocking work to a thread, with a limit of its own, and await that in the block.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="limit-around-nothing",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1322,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    aliases=("ruff:ASYNC100", "sonar:S7490"),
    since="0.1",
    bad="""
        import asyncio

        async def report(rows):
            async with asyncio.timeout(5):
                return rows.summary()
    """,
    good="""
        import asyncio

        async def report(rows):
            async with asyncio.timeout(5):
                return await asyncio.to_thread(rows.summary)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.limits_around_nothing():
        yield Suspicion(RULE.id, found.at, f"nothing waits within this `{found.name}`: it can stop nothing", "")
