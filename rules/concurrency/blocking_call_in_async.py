"""
A call that blocks the thread runs on the event loop.

An event loop serves every request of its process on one thread. While one coroutine waits in a blocking call, nothing
else moves: no other request, no health check, no time limit. One slow dependency turns a process that could serve
thousands into one that serves a single request at a time, and the orchestrator restarts it because `/health` is late.
The call is as bad when it hides in a synchronous helper; the steps show the way down to it.

Use the library's asynchronous client, or hand the call to a thread: `await asyncio.to_thread(helper, …)`. In FastAPI, a
handler that only uses blocking libraries can be a plain `def`: it then runs in a thread by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="blocking-call-in-async",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=834,
    standard=Standard.PERFORMANCE,
    node=Node.CALL,
    aliases=("ruff:ASYNC210", "ruff:ASYNC212", "ruff:ASYNC220", "ruff:ASYNC221", "ruff:ASYNC222", "ruff:ASYNC251"),
    since="0.1",
    bad="""
        import requests
        from fastapi import FastAPI

        app = FastAPI()

        def rate(currency):
            return requests.get(f"https://rates.example/{currency}", timeout=5).json()

        @app.get("/price")
        async def price(currency: str):
            return rate(currency)
    """,
    good="""
        import asyncio
        import requests
        from fastapi import FastAPI

        app = FastAPI()

        def rate(currency):
            return requests.get(f"https://rates.example/{currency}", timeout=5).json()

        @app.get("/price")
        async def price(currency: str):
            return await asyncio.to_thread(rate, currency)
    """,
)
# Short by nature, or done once at start-up more often than not: worth knowing, not worth stopping for.
_SMALL = frozenset({"file", "dns", "cpu", "input", "lock"})
# Further down, one of the helpers on the way has as a rule a branch of its own for callers on the loop.
_FAR = 4


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.blocking_calls():
        call = found.call
        small = found.kind in _SMALL or found.alone or not call.sure or len(found.path) > _FAR
        through = "" if len(found.path) == 1 else " through a helper"
        yield Suspicion(
            RULE.id,
            call.at,
            f"`{call.name}` blocks the event loop: `{found.entry}` reaches it{through}",
            "",
            trace=found.path if len(found.path) > 1 else (),
            confidence=Confidence.LOW if small or call.main_guard else None,
        )
