"""
A GraphQL field answers with every row of a table.

The field has no `first` or `limit`, so each client that selects it reads the whole table, and with it whatever he
selects of each row. It grows with the business: at a thousand rows the page is slow, at a million one query takes the
worker's memory and the database's time.

Page it and set a maximum on the server: a Relay connection (Strawberry: `relay_max_results`, 100 by default;
Graphene: `DjangoConnectionField(max_limit=100)`), or `limit: int = 50` with `min(limit, 100)` in the query.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion,
)  # fmt: skip

RULE = Rule(
    id="graphql-list-without-limit",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=770,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import strawberry
        from sqlalchemy import DateTime, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

        class Base(DeclarativeBase): ...

        class Order(Base):
            __tablename__ = "orders"
            id: Mapped[int] = mapped_column(primary_key=True)
            created_at = mapped_column(DateTime)

        session = Session()

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self) -> list["OrderType"]:
                return session.scalars(select(Order)).all()

        schema = strawberry.Schema(query=Query)
    """,
    good="""
        import strawberry
        from sqlalchemy import DateTime, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

        class Base(DeclarativeBase): ...

        class Order(Base):
            __tablename__ = "orders"
            id: Mapped[int] = mapped_column(primary_key=True)
            created_at = mapped_column(DateTime)

        session = Session()

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self, first: int = 50) -> list["OrderType"]:
                return session.scalars(select(Order).limit(min(first, 100))).all()

        schema = strawberry.Schema(query=Query)
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for listed in project.listed_tables():
        name = f"{listed.field.type}.{listed.field.name}"
        message = f"`{name}` answers with every `{listed.table.table}` there is"
        sure = None if listed.table.grows else Confidence.LOW
        yield Suspicion(RULE.id, listed.table.at, message, name, confidence=sure)
