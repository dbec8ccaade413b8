"""
A field asks the database once for each object of a list.

A resolver runs for every object that its parent field gave back. `orders { customer { name } }` with a hundred orders
is one query for the orders and a hundred for the customers; one level deeper it is ten thousand. Nobody sees it in
the code, since there is no loop, nor with the three rows of a test.

Collect the keys and ask once: a `DataLoader` per request (`await info.context.customers.load(self.customer_id)`),
with a function that loads many keys in one query. With Django, let the root fetch what was selected:
`DjangoOptimizerExtension`, `select_related`, `prefetch_related`; with SQLAlchemy `selectinload`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion,
)  # fmt: skip

RULE = Rule(
    id="graphql-query-per-object",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=1050,
    standard=Standard.PERFORMANCE,
    node=Node.FUNCTION,
    since="0.1",
    bad="""
        import strawberry
        from sqlalchemy.orm import Session

        session = Session()

        @strawberry.type
        class Order:
            customer_id: int

            @strawberry.field
            def customer(self) -> str:
                return session.get(Customer, self.customer_id).name

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self) -> list[Order]: ...

        schema = strawberry.Schema(query=Query)
    """,
    good="""
        import strawberry
        from strawberry.dataloader import DataLoader

        customers = DataLoader(load_fn=load_customers)

        @strawberry.type
        class Order:
            customer_id: int

            @strawberry.field
            async def customer(self) -> str:
                return (await customers.load(self.customer_id)).name

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self) -> list[Order]: ...

        schema = strawberry.Schema(query=Query)
    """,
)


def detect(project: Project) -> Iterator[Suspicion]:
    for asked in project.asked_per_object():
        field = asked.field
        service = "the other service" if asked.what == "http" else f"the {asked.what}"
        message = f"`{field.type}.{field.name}` asks {service} once for each `{field.type}` of a list"
        sure = None if asked.sure else Confidence.LOW
        yield Suspicion(RULE.id, field.at, message, f"{field.type}.{field.name}", asked.path, (), sure)
