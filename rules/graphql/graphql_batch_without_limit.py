"""
One request may hold as many GraphQL operations as the client likes.

With batching on, the body is a list, and all of it is answered. A rate limit counts requests: a list of a thousand
`login` mutations is one of them, so passwords are guessed a thousand times faster than the limit allows, and an
expensive query is paid for a thousand times.

Switch batching off if no client of yours needs it: `batch=False` (Graphene's default). Else bound it: Strawberry
demands `batching_config={"max_operations": 10}`; with Graphene refuse longer lists in `parse_body` of a view of your
own. Count operations, not requests, where you limit log-ins.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Endpoint, Known, Node, Project, Rule, Severity, Standard, Suspicion,
)  # fmt: skip

RULE = Rule(
    id="graphql-batch-without-limit",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=799,
    standard=Standard.SECURITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import graphene
        from django.urls import path
        from graphene_django.views import GraphQLView

        class Query(graphene.ObjectType):
            name = graphene.String()

        schema = graphene.Schema(query=Query)
        urlpatterns = [path("graphql", GraphQLView.as_view(schema=schema, batch=True))]
    """,
    good="""
        import graphene
        from django.urls import path
        from graphene_django.views import GraphQLView

        class Query(graphene.ObjectType):
            name = graphene.String()

        schema = graphene.Schema(query=Query)
        urlpatterns = [path("graphql", GraphQLView.as_view(schema=schema))]
    """,
)

_MANY = 100  # operations in one request are as good as no bound


def detect(project: Project) -> Iterator[Suspicion]:
    for schema in project.schemas():
        limited = any(_limited(endpoint) for endpoint in project.serving_endpoints(schema))
        past = ", and the rate limit counts it once" if limited else ""
        for one in schema.served:
            if not isinstance(one.batches, Known):
                continue
            if one.batches.value is None:
                message = f"one request may hold any number of operations{past}"
                yield Suspicion(RULE.id, one.at, message, schema.name)
            elif one.batches.value > _MANY:
                message = f"one request may hold {one.batches.value} operations{past}"
                yield Suspicion(RULE.id, one.at, message, schema.name, confidence=Confidence.MEDIUM)


def _limited(endpoint: Endpoint) -> bool:
    return isinstance(endpoint.limits, Known) and bool(endpoint.limits.value)
