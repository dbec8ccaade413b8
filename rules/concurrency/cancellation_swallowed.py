"""
A coroutine catches its own cancellation and goes on.

A cancellation is an exception, `asyncio.CancelledError`, raised once at the `await` where the task waits. It is how a
time limit, a task group and the shutdown of the server stop a task. Whoever catches it and goes on cannot be stopped:
`asyncio.timeout` runs out and nothing happens, the group waits for ever, and the process is killed after its grace
period with work half done.

Raise it again after tidying up, or leave the loop. Catch `Exception` where all failures are meant: since Python 3.8 a
cancellation is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="cancellation-swallowed",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=391,
    standard=Standard.RELIABILITY,
    node=Node.HANDLER,
    aliases=("sonar:S7497",),
    since="0.1",
    bad="""
        import asyncio
        import logging

        async def consume(queue: asyncio.Queue[str]) -> None:
            while True:
                try:
                    print(await queue.get())
                except BaseException:
                    logging.exception("one message is lost")
    """,
    good="""
        import asyncio
        import logging

        async def consume(queue: asyncio.Queue[str]) -> None:
            while True:
                try:
                    print(await queue.get())
                except Exception:
                    logging.exception("one message is lost")
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.cancellations_swallowed():
        if found.quiet and not found.named:  # what drops everything without a trace is for `swallowed-exception`
            continue
        what = "a cancellation" if found.named else "everything, a cancellation too,"
        end = "goes on" if found.goes_on else "returns as though nothing had happened"
        yield Suspicion(
            RULE.id,
            found.at,
            f"`{found.within}` catches {what} and {end}",
            "",
            confidence=None if found.goes_on else Confidence.LOW,
        )
