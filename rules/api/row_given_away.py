"""
An endpoint answers with a row of a table as it is.

Every column goes out: the password's hash, reset tokens, internal notes, and each column that somebody adds next year
without thinking of this endpoint. Whoever reads the answers learns how the tables look, and clients come to depend on
names that you want to change.

Say what an answer holds: `response_model=UserRead` in FastAPI, a list of names in a serializer's `fields`. Then a new
column is private until somebody decides otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, GivenAway, Node, Project, Rule, Severity, Standard, Suspicion
)  # fmt: skip

RULE = Rule(
    id="row-given-away",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=213,
    standard=Standard.SECURITY,
    node=Node.STATEMENT,
    since="0.1",
    bad="""
        from fastapi import FastAPI
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session

        app = FastAPI()

        class Base(DeclarativeBase): ...

        class User(Base):
            name: Mapped[str]
            password_hash: Mapped[str]

        @app.get("/users/{user_id}")
        def user(user_id: int, session: Session):
            return session.get(User, user_id)
    """,
    good="""
        from fastapi import FastAPI
        from pydantic import BaseModel
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session

        app = FastAPI()

        class Base(DeclarativeBase): ...

        class User(Base):
            name: Mapped[str]
            password_hash: Mapped[str]

        class UserRead(BaseModel):
            name: str

        @app.get("/users/{user_id}", response_model=UserRead)
        def user(user_id: int, session: Session):
            return session.get(User, user_id)
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for given in project.given_away():
        yield _suspicion(given)


def _suspicion(given: GivenAway) -> Suspicion:
    """Sure where a column is secret by its name; else it is a habit that may be harmless today."""
    named = " and ".join(f"`{column}`" for column in given.secrets[:3])
    who = "the serializer answers" if given.how == "serialized" else "the endpoint answers"
    message = f"{who} with every column of `{given.table}`" + (f", {named} among them" if named else "")
    return Suspicion(
        RULE.id,
        given.at,
        message,
        given.table,
        confidence=None if given.secrets else Confidence.LOW,
        severity=Severity.HIGH if given.secrets else None,
        node=Node.EXPRESSION if given.how == "serialized" else Node.STATEMENT,
    )
