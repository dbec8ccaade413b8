"""
Anybody may subscribe, though the other fields ask who is calling.

A subscription lives on a WebSocket, past what guards HTTP requests: browsers send no `Authorization` header with it,
and middleware for HTTP does not run. If nobody asks when the connection is made nor when the subscription starts, a
stranger gets every event as it happens, and keeps as many connections open as he likes.

Ask when the connection is made: read the token of `connection_params` (Strawberry: `on_ws_connect`; Ariadne:
`on_connect` of the WebSocket handler) and close it with 4401 otherwise; or give the field the guard that the others
have (`permission_classes=[IsAuthenticated]`). Bound how many one account may hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Known, Node, Project, Rule, Schema, SchemaField, Severity, Standard, Suspicion, Unjudged, Unknown,
)  # fmt: skip

RULE = Rule(
    id="graphql-subscription-without-authentication",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.LOW,
    cwe=306,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    since="0.1",
    bad="""
        from collections.abc import AsyncGenerator

        import strawberry
        from fastapi import FastAPI
        from guards import IsAuthenticated
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Query:
            @strawberry.field(permission_classes=[IsAuthenticated])
            def orders(self) -> list[int]: ...

        @strawberry.type
        class Subscription:
            @strawberry.subscription
            async def placed(self) -> AsyncGenerator[int, None]:
                yield 1

        schema = strawberry.Schema(query=Query, subscription=Subscription)
        app = FastAPI()
        app.include_router(GraphQLRouter(schema), prefix="/graphql")
    """,
    good="""
        from collections.abc import AsyncGenerator

        import strawberry
        from fastapi import FastAPI
        from guards import IsAuthenticated
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Query:
            @strawberry.field(permission_classes=[IsAuthenticated])
            def orders(self) -> list[int]: ...

        @strawberry.type
        class Subscription:
            @strawberry.subscription(permission_classes=[IsAuthenticated])
            async def placed(self) -> AsyncGenerator[int, None]:
                yield 1

        schema = strawberry.Schema(query=Query, subscription=Subscription)
        app = FastAPI()
        app.include_router(GraphQLRouter(schema), prefix="/graphql")
    """,
)

# What looks at a connection before anything is subscribed to.
_ON_CONNECT = ("on_ws_connect", "on_connect", "connection_params", "connectionParams", "connection_init")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    if project.mentions(_ON_CONNECT):
        return
    for schema in project.schemas():
        asked = _asked(schema)
        sockets = [e.authentication for e in project.serving_endpoints(schema) if "WEBSOCKET" in e.methods]
        if not asked or any(isinstance(who, Known) and who.value for who in sockets):
            continue
        doubts = [who for who in sockets if isinstance(who, Unknown)]
        for field in _subscriptions(schema):
            if isinstance(field.guards, Unknown):
                yield Unjudged(RULE.id, field.guards.why, field.at)
            elif not field.guards.value and doubts:
                yield Unjudged(RULE.id, doubts[0].why, field.at)
            elif not field.guards.value:
                message = f"anybody may subscribe to `{field.name}`, and other fields ask who is calling"
                node = Node.CLASS if field.is_class else Node.FUNCTION
                yield Suspicion(RULE.id, field.at, message, field.name, (), (), None, None, node)


def _asked(schema: Schema) -> bool:
    """Whether most fields ask who is calling: a schema that leaves reading to everybody means it so."""
    others = [field.guards for field in schema.fields if field.root and field.type != "Subscription"]
    known = [guards.value for guards in others if isinstance(guards, Known)]
    return any(known) and 2 * sum(map(bool, known)) >= len(known)


def _subscriptions(schema: Schema) -> list[SchemaField]:
    return [field for field in schema.fields if field.root and field.type == "Subscription"]
