"""
A coroutine is made and never awaited.

Calling an `async def` runs none of its body: it makes a coroutine, which does nothing until something awaits it. The
mail is not sent, the row is not written, the lock is not released, and the only trace is a warning on stderr when the
object is collected. Where the coroutine is tested instead, as in `if is_allowed(user):`, it is worse: an object is
always true, so that the check lets everybody pass.

Write `await` before the call. Where it has to go on in the background, make a task of it and keep the task.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="coroutine-not-awaited",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    cwe=670,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI

        app = FastAPI()

        async def send_receipt(order: int) -> None:
            ...

        @app.post("/orders/{order}/paid")
        async def paid(order: int):
            send_receipt(order)
            return {"paid": order}
    """,
    good="""
        from fastapi import FastAPI

        app = FastAPI()

        async def send_receipt(order: int) -> None:
            ...

        @app.post("/orders/{order}/paid")
        async def paid(order: int):
            await send_receipt(order)
            return {"paid": order}
    """,
)
_WHAT = {
    "dropped": "nothing awaits the coroutine, so that it never runs",
    "unused": "the coroutine gets a name that nobody reads, and never runs",
    "tested": "the coroutine is tested and never awaited: an object is always true",
    "compared": "the coroutine is compared and never awaited: it equals nothing but itself",
    "formatted": "the coroutine is put into a text and never awaited",
    "iterated": "the coroutine is iterated over and never awaited, which raises a TypeError",
    "used": "the coroutine is used as though it were its result, which raises an error",
}


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for lost in project.lost_coroutines():
        yield Suspicion(RULE.id, lost.at, f"`{lost.name}` is called without `await`: {_WHAT[lost.misuse]}", "")
