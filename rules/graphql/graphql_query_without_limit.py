"""
A GraphQL schema answers a query of any size.

The client writes the query, and so says how much work the server does. `orders { customer { orders { customer …`
doubles with each level; a thousand aliases of an expensive field are one request; neither needs an account if the
endpoint is public. A rate limit counts requests and sees one. A few such queries hold every worker and the database
with them.

Bound the query before it runs: how deep it is, and what it costs. Strawberry: `extensions=[lambda:
QueryDepthLimiter(max_depth=8), lambda: MaxAliasesLimiter(max_alias_count=15), lambda: MaxTokensLimiter(
max_token_count=1000)]`. Graphene: `validation_rules=(depth_limit_validator(max_depth=8),)` at the view. Ariadne:
`validation_rules=[cost_validator(maximum_cost=500)]`. Clients of your own may have a list of allowed queries instead.
Where a gateway in front does it, ignore the rule with that as the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import (  # isort: skip
    Confidence, Node, Project, Rule, Severity, Standard, Suspicion, Unjudged, Unknown,
)  # fmt: skip

RULE = Rule(
    id="graphql-query-without-limit",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=770,
    standard=Standard.RELIABILITY,
    node=Node.CALL,
    since="0.1",
    bad="""
        import strawberry
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self, customer: int) -> list[str]:
                return []

        schema = strawberry.Schema(query=Query)
        router = GraphQLRouter(schema)
    """,
    good="""
        import strawberry
        from strawberry.extensions import MaxAliasesLimiter, QueryDepthLimiter
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Query:
            @strawberry.field
            def orders(self, customer: int) -> list[str]:
                return []

        schema = strawberry.Schema(
            query=Query,
            extensions=[lambda: QueryDepthLimiter(max_depth=8), lambda: MaxAliasesLimiter(max_alias_count=15)],
        )
        router = GraphQLRouter(schema)
    """,
)


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    for schema in project.schemas():
        if isinstance(schema.limits, Unknown):
            yield Unjudged(RULE.id, schema.limits.why, schema.at)
        elif not schema.limits.value:
            message = f"nothing bounds the depth, the cost or the aliases of a query against `{schema.name}`"
            # A script tries a schema out, and nothing in the project serves any.
            sure = None if schema.served or project.mentions(("GraphQL",)) else Confidence.LOW
            yield Suspicion(RULE.id, schema.at, message, schema.name, confidence=sure)
