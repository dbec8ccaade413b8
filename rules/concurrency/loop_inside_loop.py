"""
An event loop is started where one is running already.

`asyncio.run` and `run_until_complete` raise a RuntimeError on a thread whose loop runs: "cannot be called from a
running event loop". The helper works in a script and in its test, and fails as soon as a coroutine reaches it. In the
task of a worker it does not raise, but makes a new loop for each task, to which no client or pool of the last one
belongs.

Make the helper an `async def` and await it all the way. Where synchronous code has to stay in between, let it run in a
thread: `await asyncio.to_thread(helper)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="loop-inside-loop",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=662,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import asyncio
        from fastapi import FastAPI

        app = FastAPI()

        async def load(currency: str) -> float:
            return 1.0

        def rate(currency: str) -> float:
            return asyncio.run(load(currency))

        @app.get("/price")
        async def price(currency: str):
            return rate(currency)
    """,
    good="""
        from fastapi import FastAPI

        app = FastAPI()

        async def load(currency: str) -> float:
            return 1.0

        @app.get("/price")
        async def price(currency: str):
            return await load(currency)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.nested_loops():
        if found.running:
            through = "" if len(found.path) == 1 else " through a helper"
            message = (
                f"`{found.name}` raises a RuntimeError: `{found.entry}` reaches it{through} on a running event loop"
            )
            yield Suspicion(RULE.id, found.at, message, "", trace=found.path if len(found.path) > 1 else ())
        else:
            message = f"`{found.name}` makes a new event loop for each task of `{found.entry}`"
            yield Suspicion(RULE.id, found.at, message, "", confidence=Confidence.LOW, severity=Severity.LOW)
