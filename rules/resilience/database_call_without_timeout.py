"""
A database connection is made without any time limit.

A driver without a limit waits as long as the server lets it: for a lock that nobody releases, for a query that a new
plan made a thousand times slower, for a server that went away behind a firewall. Each waiting request keeps its
connection, the pool runs dry, and endpoints that never touch that table fail with it.

Bound what is asked over a connection where the connection or pool is made: `command_timeout=` for asyncpg,
`read_timeout=` for PyMySQL, `options="-c statement_timeout=5000"` for psycopg. A limit that the database role sets
(`ALTER ROLE app SET statement_timeout = '5s'`) is as good: say so in `[tool.backend-audit.assume]` under
`statement-timeout`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged, Unknown

RULE = Rule(
    id="database-call-without-timeout",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1088,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    assume="statement-timeout",
    bad="""
        import asyncpg

        async def connect():
            return await asyncpg.create_pool("postgresql://db/app")
    """,
    good="""
        import asyncpg

        async def connect():
            return await asyncpg.create_pool("postgresql://db/app", command_timeout=5)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for wait in project.endless("database"):
        what = "connecting" if wait.parameter.startswith("connect") else "a statement"
        message = f"`{wait.call.name}` without `{wait.parameter}`: {what} may wait for ever"
        confidence = None if wait.call.sure and not wait.call.main_guard else Confidence.LOW
        related = tuple(Step(call.at, f"`{call.name}` waits without limit too") for call in wait.others[:10])
        yield Suspicion(RULE.id, wait.at, message, "", related=related, confidence=confidence)
    for deadline in project.deadlines("database"):
        if isinstance(deadline.seconds, Unknown):
            yield Unjudged(RULE.id, deadline.seconds.why, deadline.call.at)
