"""
A GraphQL endpoint tells clients what went wrong inside.

A resolver that fails is an entry under `errors`, and its `message` is `str(exception)`: the driver's words with
table, column and host, a path, a key that was missing. With debug on, the traceback and the variables stand beside
it. Whoever probes an API breaks fields on purpose to read them.

Let through the errors that you wrote for clients, and answer all others with words of your own. Strawberry:
`extensions=[MaskErrors()]`. Ariadne: `error_formatter=` of your own, and `debug=False`. Graphene: a `format_error` in
a subclass of the view. Log the original with its traceback there.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Known, Node, Project, Rule, Schema, Severity, Standard, Suspicion, Unjudged, Unknown,
)  # fmt: skip

RULE = Rule(
    id="graphql-error-told",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=209,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        from ariadne import QueryType, make_executable_schema
        from ariadne.asgi import GraphQL

        query = QueryType()

        @query.field("orders")
        def orders(_, info): ...

        schema = make_executable_schema("type Query { orders: [ID!]! }", query)
        app = GraphQL(schema, debug=True)
    """,
    good="""
        from ariadne import QueryType, make_executable_schema
        from ariadne.asgi import GraphQL

        query = QueryType()

        @query.field("orders")
        def orders(_, info): ...

        def told(error, debug=False):
            return {"message": "internal error", "path": error.path}

        schema = make_executable_schema("type Query { orders: [ID!]! }", query)
        app = GraphQL(schema, error_formatter=told)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for schema in project.schemas():
        yield from _of_schema(schema)


def _of_schema(schema: Schema) -> Iterator[Suspicion | Unjudged]:
    """Tracebacks where debug is on; else the words alone, which nobody masks in most projects."""
    traced = [one for one in schema.served if isinstance(one.debug, Known) and one.debug.value]
    for one in traced:
        yield Suspicion(RULE.id, one.at, "a client reads the traceback of every error: debug is on", schema.name)
    if traced:
        return
    if isinstance(schema.masks, Unknown):
        yield Unjudged(RULE.id, schema.masks.why, schema.at)
    elif not schema.masks.value:
        message = f"a client reads the words of every unexpected error in a resolver of `{schema.name}`"
        yield Suspicion(RULE.id, schema.at, message, schema.name, confidence=Confidence.LOW)
