"""
Several coroutines use one database session at the same time.

A session is one connection and one transaction, and runs one statement at a time. Coroutines that share it get each
other's errors: "another operation is in progress", a session that is rolled back by its neighbour, a flush of half
made objects. It works while the database answers so fast that they never meet, and fails under load.

Give each coroutine its own session, made in it from the session factory, or await one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged

RULE = Rule(
    id="session-shared-by-tasks",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=362,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import asyncio
        from sqlalchemy.ext.asyncio import AsyncSession
        from sqlalchemy import text

        async def count(session: AsyncSession, table: str):
            return await session.scalar(text(f"SELECT count(*) FROM {table}"))

        async def totals(session: AsyncSession):
            return await asyncio.gather(count(session, "orders"), count(session, "users"))
    """,
    good="""
        import asyncio
        from sqlalchemy.ext.asyncio import async_sessionmaker
        from sqlalchemy import text

        async def count(sessions: async_sessionmaker, table: str):
            async with sessions() as session:
                return await session.scalar(text(f"SELECT count(*) FROM {table}"))

        async def totals(sessions: async_sessionmaker):
            return await asyncio.gather(count(sessions, "orders"), count(sessions, "users"))
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.sessions_shared():
        word = found.cls.rpartition(".")[2]
        yield Suspicion(
            RULE.id,
            found.at,
            f"coroutines that run side by side share `{found.name}`: an `{word}` runs one statement at a time",
            "",
            trace=(Step(found.group, "runs them side by side"),) if found.group != found.at else (),
        )
