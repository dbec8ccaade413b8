"""
An object is found by a key that the client sends, and nobody looks whose it is.

The endpoint knows who is calling and does not use it: whoever counts the number in the path up by one reads or changes
what belongs to somebody else. It is the most frequent hole of APIs, and no log shows it: each request looks right.

Put the owner into the query, so that another's object does not exist for the caller:
`select(Order).where(Order.id == order_id, Order.user_id == user.id)`, `get_object_or_404(request.user.orders, pk=pk)`.
Answer 404, not 403: a 403 says that the key is a good one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from analyzer import Confidence, Loaded, Node, Project, Rule, Severity, Standard, Step, Suspicion, Unjudged

RULE = Rule(
    id="object-without-owner-check",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=639,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer
        from sqlalchemy import Column, ForeignKey, Integer, select
        from sqlalchemy.orm import Session, declarative_base

        Base = declarative_base()
        app = FastAPI(dependencies=[Depends(HTTPBearer())])

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            user_id = Column(ForeignKey("users.id"))

        @app.delete("/orders/{order_id}")
        def cancel(order_id: int, session: Session):
            session.delete(session.get(Order, order_id))
    """,
    good="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer
        from sqlalchemy import Column, ForeignKey, Integer, select
        from sqlalchemy.orm import Session, declarative_base

        Base = declarative_base()
        app = FastAPI()

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            user_id = Column(ForeignKey("users.id"))

        @app.delete("/orders/{order_id}")
        def cancel(order_id: int, session: Session, user=Depends(HTTPBearer())):
            mine = select(Order).where(Order.id == order_id, Order.user_id == user.id)
            session.delete(session.scalars(mine).one())
    """,
)
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "*"})


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for _, same in groupby(project.loaded(), key=lambda one: one.at):
        held = sorted(same, key=lambda one: (_reads(one), one.endpoint.path, one.endpoint.methods))
        yield _unowned(held[0], held[1:])


def _reads(loaded: Loaded) -> bool:
    return _READING.issuperset(loaded.endpoint.methods)


def _name(loaded: Loaded) -> str:
    return f"{','.join(loaded.endpoint.methods)} {loaded.endpoint.path}"


def _unowned(worst: Loaded, others: list[Loaded]) -> Suspicion:
    """One query is one cause, however many endpoints come to it; what is only read may be for all users."""
    message = (
        f"`{_name(worst)}` finds `{worst.model}` by `{worst.parameter}`, and nobody compares its `{worst.owner}` with "
        "who is calling"
    )
    routes = [Step(one.endpoint.handler_at, f"`{_name(one)}`") for one in (worst, *others)]
    sure = Confidence.LOW if _reads(worst) or not worst.direct else None
    severity = Severity.MEDIUM if _reads(worst) else None
    return Suspicion(RULE.id, worst.at, message, "", (), tuple(routes), sure, severity)
