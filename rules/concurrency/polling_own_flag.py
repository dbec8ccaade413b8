"""
A coroutine sleeps and looks again instead of being woken.

The loop wakes up a hundred times to find nothing, and then, when the flag is set, loses half an interval on average
before it notices. With many waiters the event loop is busy with looking.

Wait for what changes: `await event.wait()` on an `asyncio.Event`, a `Condition`, a `Queue`, or the task itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="polling-own-flag",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.LOW,
    cwe=None,
    standard=Standard.PERFORMANCE,
    node=Node.EXPRESSION,
    aliases=("ruff:ASYNC110", "sonar:S7484"),
    since="0.1",
    bad="""
        import asyncio

        class Worker:
            ready = False

            async def started(self) -> None:
                while not self.ready:
                    await asyncio.sleep(0.1)
    """,
    good="""
        import asyncio

        class Worker:
            def __init__(self) -> None:
                self.ready = asyncio.Event()

            async def started(self) -> None:
                await self.ready.wait()
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.polls():
        yield Suspicion(
            RULE.id, found.at, f"`{found.within}` sleeps until this changes, and could be woken instead", ""
        )
