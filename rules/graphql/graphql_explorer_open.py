"""
A GraphQL endpoint shows strangers what there is to ask.

GraphiQL and introspection list every type, field and argument, those that no client of yours uses too: the internal
mutation, the deprecated field without a check. For a public API that is its documentation; for one that only your own
front end calls it is the map that an attacker would otherwise have to guess.

Switch both off where the backend runs for customers: `graphql_ide=None` and the extension `DisableIntrospection`
(Strawberry), `graphiql=settings.DEBUG` and `validation_rules=(DisableIntrospection,)` (Graphene),
`introspection=settings.DEBUG` (Ariadne). It hides, and guards nothing: each field still needs its own check. If the
API is public by intent, ignore the rule with that as the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Known, Node, Project, Rule, Schema, Serving, Severity, Standard, Suspicion, Unjudged, Unknown,
)  # fmt: skip

RULE = Rule(
    id="graphql-explorer-open",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    cwe=200,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from ariadne import MutationType, QueryType, make_executable_schema
        from ariadne.asgi import GraphQL
        from guards import login_required
        from starlette.applications import Starlette

        query, mutation = QueryType(), MutationType()

        @query.field("orders")
        @login_required
        def orders(_, info): ...

        @mutation.field("cancel")
        @login_required
        def cancel(_, info, order): ...

        types = "type Query { orders: [ID!]! } type Mutation { cancel(order: ID!): ID }"
        schema = make_executable_schema(types, query, mutation)
        app = Starlette()
        app.mount("/graphql", GraphQL(schema))
    """,
    good="""
        import os

        from ariadne import QueryType, make_executable_schema
        from ariadne.asgi import GraphQL
        from starlette.applications import Starlette

        query = QueryType()

        @query.field("orders")
        def orders(_, info): ...

        schema = make_executable_schema("type Query { orders: [ID!]! }", query)
        app = Starlette()
        app.mount("/graphql", GraphQL(schema, introspection=False, explorer=None))
    """,
)

_MOST = 0.5  # of the fields are guarded: an API that is not for everybody


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    """One finding for each schema: what serves it is switched in one place, mostly."""
    for schema in project.schemas():
        asks = [endpoint.authentication for endpoint in project.serving_endpoints(schema)]
        if asks and all(isinstance(who, Known) and who.value for who in asks):
            continue  # whoever sees it has said who he is
        shown = [one for one in schema.served if _told(one)]
        if shown:
            yield _open(schema, shown[0])
        for one in schema.served:
            if not shown and isinstance(one.introspects, Unknown):
                yield Unjudged(RULE.id, one.introspects.why, one.at)


def _on(flag: object) -> bool:
    return isinstance(flag, Known) and flag.value is True


def _told(one: Serving) -> bool:
    return _on(one.explorer) or _on(one.introspects)


def _open(schema: Schema, one: Serving) -> Suspicion:
    """Surer where the fields themselves say that they are not for everybody."""
    what = "a page to write queries in" if _on(one.explorer) else "every type and field it has"
    known = [f for f in schema.fields if f.root and isinstance(f.guards, Known)]
    guarded = [f for f in known if isinstance(f.guards, Known) and f.guards.value]
    private = len(known) > 1 and len(guarded) >= _MOST * len(known)
    why = f", though {len(guarded)} of {len(known)} fields ask who is calling" if private else ""
    sure = Confidence.MEDIUM if private else Confidence.LOW
    return Suspicion(RULE.id, one.at, f"the endpoint shows anybody {what}{why}", schema.name, confidence=sure)
