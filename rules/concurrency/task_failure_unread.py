"""
A background task is kept, and nobody would notice that it failed.

An exception in a task is stored in it until somebody asks. Python logs it only when the task is collected, and a task
in an attribute is not collected before the process ends. So the poller, the consumer or the clean-up loop stops with
the first connection that breaks, everything else goes on, and it is found out days later by what is missing.

Catch the exception inside the loop, log it and go on, or watch the end of the task: `add_done_callback` with a function
that asks for `task.exception()`, an `asyncio.TaskGroup`, or a health check that looks at `task.done()`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="task-failure-unread",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=390,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import asyncio
        from contextlib import asynccontextmanager
        from fastapi import FastAPI

        async def expire(app: FastAPI) -> None:
            while True:
                await app.state.orders.delete_expired()
                await asyncio.sleep(60)

        @asynccontextmanager
        async def lifespan(app: FastAPI):
            task = asyncio.create_task(expire(app))
            yield
            task.cancel()

        app = FastAPI(lifespan=lifespan)
    """,
    good="""
        import asyncio
        import logging
        from contextlib import asynccontextmanager
        from fastapi import FastAPI

        async def expire(app: FastAPI) -> None:
            while True:
                try:
                    await app.state.orders.delete_expired()
                except Exception:
                    logging.exception("expired orders stay")
                await asyncio.sleep(60)

        @asynccontextmanager
        async def lifespan(app: FastAPI):
            task = asyncio.create_task(expire(app))
            yield
            task.cancel()

        app = FastAPI(lifespan=lifespan)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for task in project.tasks_not_watched():
        yield Suspicion(
            RULE.id,
            task.at,
            f"nobody looks at how the task in `{task.kept}` ends: when `{task.runs}` raises, it stops unseen",
            "",
            confidence=None if task.endless else Confidence.LOW,
        )
