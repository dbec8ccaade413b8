"""
A loop asks the database, a cache or another service once for each item.

One question takes about a millisecond, most of it on the way there and back. A loop over two hundred orders asks two
hundred times: the endpoint that took ten milliseconds with the test data takes seconds with a real customer's, and
each of these seconds holds a worker and a database connection. The loop need not show it: the question may stand in a
helper, and the steps lead down to it.

Ask once before the loop for all items, `WHERE id IN (…)`, and look the answers up in a dict; write with `executemany`,
`insert().values([…])` or `bulk_create`; put commands to redis into one pipeline, and flush once, after the loop. Where
a service only answers for one item at a time, ask side by side with a bound, and keep the answers in a cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Node, Project, Repeated, Rule, Severity, Standard, Suspicion, Unjudged

RULE = Rule(
    id="query-in-loop",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1050,
    standard=Standard.PERFORMANCE,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import FastAPI
        from sqlalchemy import create_engine, text
        from sqlalchemy.orm import Session

        app = FastAPI()
        engine = create_engine("postgresql://shop")

        def price(session: Session, product: int):
            return session.execute(text("SELECT price FROM products WHERE id = :id"), {"id": product}).scalar_one()

        @app.post("/total")
        def total(products: list[int]):
            with Session(engine) as session:
                return sum(price(session, product) for product in products)
    """,
    good="""
        from fastapi import FastAPI
        from sqlalchemy import create_engine, text
        from sqlalchemy.orm import Session

        app = FastAPI()
        engine = create_engine("postgresql://shop")

        @app.post("/total")
        def total(products: list[int]):
            statement = text("SELECT sum(price) FROM products WHERE id = ANY(:ids)")
            with Session(engine) as session:
                return session.execute(statement, {"ids": products}).scalar_one()
    """,
)
_NOUN = {
    "database": "the database", "cache": "the cache", "http": "another service", "mail": "the mail server",
    "queue": "the message broker",
}  # fmt: skip
# Run by hand or once: how long it takes is seen by whoever runs it.
_BY_HAND = re.compile(
    r"(^|/)(\w+_)?(migrations?|versions|alembic|commands?|scripts?|cli|bin|tools|seeds?|fixtures?|demo|random_data|test_data)(/|\.py$|_)"
)
_GROUPED = re.compile(r"(^|/)data_?loaders?(/|\.py$|_)")  # what loads for many at once asks once for each group
_FAR = 2  # helpers between the loop and the question


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for found in project.repeated():
        reached = project.requested(found.at)
        over = f" of `{found.over}`" if found.over else ""
        through = f" through `{found.call.within.rpartition('.')[2]}`" if found.helpers else ""
        yield Suspicion(
            RULE.id,
            found.at,
            f"`{found.call.name}` asks {_NOUN[found.kind]}{through} once for each item{over}",
            "",
            trace=found.path if found.helpers else (),
            related=found.others[:10],
            confidence=Confidence.LOW if _doubtful(found, reached) else None,
            severity=None if reached else Severity.LOW,
        )


def _doubtful(found: Repeated, reached: bool) -> bool:
    """Whether the loop may be short or seldom, or is meant to ask: a search, a script, side by side."""
    by_hand = not reached and (found.script or bool(_BY_HAND.search(found.at.path)))
    side_by_side = found.at_once and found.kind != "database"
    far = found.helpers > _FAR or (found.seldom and found.helpers > 1)
    by_hand = by_hand or bool(_GROUPED.search(found.at.path))
    return by_hand or side_by_side or far or found.searching or found.rarely or not found.call.sure
