"""
A task is started and nobody keeps it.

The event loop refers to its tasks weakly. A task that nothing else refers to may be collected in the middle of its
work, at any `await`: the mail is half sent, the job never finishes, and nothing is logged. It happens under load, when
the garbage collector runs often, and never in a test. What it raises is seen by nobody either.

Keep the task until it has ended: `tasks.add(task)` and `task.add_done_callback(tasks.discard)`. `asyncio.TaskGroup`
does both and waits. What may not be lost at all, because a process may stop at any time, belongs into a task queue.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="task-not-kept",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=672,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    aliases=("ruff:RUF006", "sonar:S7502"),
    since="0.1",
    bad="""
        import asyncio
        from fastapi import FastAPI

        app = FastAPI()

        async def send_receipt(order: int) -> None:
            ...

        @app.post("/orders/{order}/paid")
        async def paid(order: int):
            asyncio.create_task(send_receipt(order))
            return {"paid": order}
    """,
    good="""
        import asyncio
        from fastapi import FastAPI

        app = FastAPI()
        tasks: set[asyncio.Task[None]] = set()

        async def send_receipt(order: int) -> None:
            ...

        @app.post("/orders/{order}/paid")
        async def paid(order: int):
            task = asyncio.create_task(send_receipt(order))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return {"paid": order}
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for task in project.tasks_not_kept():
        what = f"the task of `{task.runs}`" if task.runs else "the task"
        yield Suspicion(RULE.id, task.at, f"nothing keeps {what}: it may be collected before it has ended", "")
