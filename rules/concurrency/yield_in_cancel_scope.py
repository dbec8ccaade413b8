"""
A generator yields in the midst of a time limit or a group of tasks.

While an asynchronous generator is suspended at its `yield`, the code that iterates over it runs inside of the scope:
the time limit stops somebody else's work, a failing task of the group cancels the caller, and a loop that is left early
closes the scope in another task, which raises. What happens depends on when the generator is collected.

Close the scope before each `yield`, or make it a context manager with `@asynccontextmanager`, whose end is certain.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="yield-in-cancel-scope",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=662,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import asyncio

        async def lines(reader: asyncio.StreamReader):
            async with asyncio.timeout(5):
                async for line in reader:
                    yield line
    """,
    good="""
        import asyncio

        async def lines(reader: asyncio.StreamReader):
            while True:
                async with asyncio.timeout(5):
                    line = await reader.readline()
                if not line:
                    return
                yield line
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.scopes_left_open():
        message = f"`{found.within}` yields within `{found.name}`: its caller's code runs in that scope"
        yield Suspicion(RULE.id, found.at, message, "")
