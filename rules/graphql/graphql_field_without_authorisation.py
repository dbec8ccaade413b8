"""
A field of a schema asks nobody who is calling, and nearly all beside it do.

In GraphQL every operation comes in through one URL, so no path, prefix or middleware tells the guarded from the open
ones: each field carries its own check, and the one where it was forgotten looks like all others from outside. Whoever
reads the schema tries each of them.

Give it what its neighbours have: `permission_classes=[IsAuthenticated]` (Strawberry), `@login_required` or
`permissions` in the mutation's `Meta` (Graphene), the decorator that your resolvers share (Ariadne). If it is meant
for everybody, say so: `# backend-audit: ignore[graphql-field-without-authorisation] -- reason`.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, FieldNorm, Node, Project, Rule, SchemaField, Severity, Standard, Suspicion,
)  # fmt: skip

RULE = Rule(
    id="graphql-field-without-authorisation",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=862,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    since="0.1",
    bad="""
        import strawberry
        from guards import IsAdmin

        def change(product: int) -> int: ...

        @strawberry.type
        class Mutation:
            add_shelf: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            rename_shelf: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            move_shelf: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            hide_shelf: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            drop_shelf: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            add_product: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            rename_product: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            move_product: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            hide_product: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            drop_product: int = strawberry.mutation(resolver=change)
            add_price: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            rename_price: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            move_price: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            hide_price: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            drop_price: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            add_hall: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            rename_hall: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            move_hall: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            hide_hall: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])
            drop_hall: int = strawberry.mutation(resolver=change, permission_classes=[IsAdmin])

        schema = strawberry.Schema(mutation=Mutation)
    """,
    good="""
        import strawberry
        from guards import IsAdmin

        @strawberry.type
        class Mutation:
            @strawberry.mutation(permission_classes=[IsAdmin])
            def add_product(self, name: str) -> int: ...
            @strawberry.mutation(permission_classes=[IsAdmin])
            def drop_product(self, product: int) -> int: ...

        schema = strawberry.Schema(mutation=Mutation)
    """,
)

_FEW = 20  # siblings: a norm of fewer is no strong one


def detect(project: Project) -> Iterator[Suspicion]:
    for norm in project.field_norms():
        for field in norm.strangers:
            yield _stranger(norm, field)


def _stranger(norm: FieldNorm, field: SchemaField) -> Suspicion:
    name = f"{field.type}.{field.name}"
    count = f"{norm.followed} of {norm.total} fields of `{norm.type}` do"
    message = f"`{name}` asks neither who is calling nor whether he may, while {count}"
    sure = Confidence.LOW if norm.total < _FEW else None
    node = Node.CLASS if field.is_class else Node.FUNCTION
    return Suspicion(RULE.id, field.at, message, name, (), (), sure, None, node)
