"""Schemas of Strawberry, Graphene and Ariadne → their fields, in the shapes that real schemas are written in."""

from __future__ import annotations

from textwrap import dedent

import pytest
from test_endpoint_tables import project

from analyzer.frameworks.graphql_fields import camel
from analyzer.link import LinkedProject
from analyzer.model.answer import Known, Unknown
from analyzer.model.endpoint import App, Endpoint, Serves

from marks import Case  # isort: skip


def linked(**files: str) -> LinkedProject:
    """A project of these modules."""
    texts = {f"{name}.py": dedent(text).encode() for name, text in files.items()}
    return project(Case("", "", texts, (), 0, {}, ()))


def schema(**files: str) -> App:
    """The one schema of a project."""
    [found] = linked(**files).apps(Serves.GRAPHQL)
    return found


def fields(app: App) -> dict[str, str]:
    """What answers each root field."""
    return {endpoint.path: endpoint.handler for endpoint in app.endpoints}


def named(app: App, path: str) -> Endpoint:
    """The endpoint of one field."""
    return next(endpoint for endpoint in app.endpoints if endpoint.path == path)


@pytest.mark.parametrize(
    ("python", "client"), [("order", "order"), ("created_at", "createdAt"), ("line_2d", "line2d"), ("a__b", "a_B")]
)
def test_names_as_the_libraries_write_them(python: str, client: str) -> None:
    assert camel(python) == client


def test_strawberry_fields_by_inheritance_partial_and_helper() -> None:
    app = schema(
        app="""
        from functools import partial
        import strawberry as gql
        from guards import IsMember

        member = partial(gql.field, permission_classes=[IsMember])

        @gql.type
        class Orders:
            @gql.field
            def orders(self): ...
            def helper(self): ...
            @property
            def also(self): ...

        @gql.type
        class Query(Orders):
            secret: gql.Private[int]
            name: str
            @member()
            def debts(self): ...
            @classmethod
            @gql.field(name="odd")
            def strange(cls, info, the_key: int = 3): ...

        config = gql.StrawberryConfig(auto_camel_case=False)
        schema = gql.Schema(Query, config=config)
        """
    )
    assert fields(app) == {
        "Query.name": "app.Query", "Query.debts": "app.Query.debts", "Query.odd": "app.Query.strange",
        "Query.orders": "app.Orders.orders",
    }  # fmt: skip
    assert [(i.name, i.required, i.default) for i in named(app, "Query.odd").inputs] == [("the_key", False, Known(3))]
    assert app.complete == Known(True)


def test_a_root_that_nobody_sees_is_not_nothing() -> None:
    app = schema(app="import strawberry\nschema = strawberry.Schema(query=built_at_run_time())\n")
    assert app.endpoints == ()
    assert app.complete == Unknown("a root type that is not understood")


def test_graphene_written_names_relay_mutations_and_inherited_resolvers() -> None:
    app = schema(
        app="""
        import graphene

        class Shelf:
            def resolve_all_books(self, info, author): ...

        class Query(Shelf, graphene.ObjectType):
            all_books = graphene.List(graphene.String, author=graphene.ID(required=True), name=graphene.String())
            not_a_field = 3
            _hidden = graphene.Int()

        class Lend(graphene.relay.ClientIDMutation):
            class Input:
                book_id = graphene.ID(required=True)
            @classmethod
            def mutate_and_get_payload(cls, root, info, **data): ...

        class Mutation(graphene.ObjectType):
            lend_it = Lend.Field()

        schema = graphene.Schema(query=Query, mutation=Mutation, auto_camelcase=False)
        """
    )
    assert fields(app) == {"Query.all_books": "app.Shelf.resolve_all_books", "Mutation.lend_it": "app.Lend"}
    assert [(i.name, i.type, i.required) for i in named(app, "Query.all_books").inputs] == [
        ("author", "ID", True), ("name", "String", False),
    ]  # fmt: skip
    assert [i.name for i in named(app, "Mutation.lend_it").inputs] == ["book_id"]


def test_graphene_bases_made_at_run_time() -> None:
    app = schema(
        app="""
        import graphene

        class Query(graphene.ObjectType, made()):
            name = graphene.String()

        schema = graphene.Schema(query=Query)
        """
    )
    assert list(fields(app)) == ["Query.name"]
    assert app.complete == Unknown("a root type that is made at run time")


def test_ariadne_binds_to_the_schema_that_is_given_the_object() -> None:
    found = linked(
        app="""
        from ariadne import ObjectType, QueryType, make_executable_schema

        shop, back = QueryType(), ObjectType("Query")

        @shop.field("orders")
        def orders(*_): ...

        @back.field("stock")
        def stock(*_): ...

        one = make_executable_schema("type Query { orders: Int }", shop)
        two = make_executable_schema("type Query { stock: Int }", [back])
        """
    ).apps(Serves.GRAPHQL)
    assert [(app.name, list(fields(app))) for app in found] == [("one", ["Query.orders"]), ("two", ["Query.stock"])]


def test_a_field_stands_behind_what_its_endpoint_asks() -> None:
    """All of the endpoints must ask: a client takes the one that does not."""
    text = """
        import strawberry
        from fastapi import Depends, FastAPI
        from guards import current_user
        from strawberry.fastapi import GraphQLRouter

        @strawberry.type
        class Query:
            name: str

        schema = strawberry.Schema(query=Query)
        app = FastAPI()
        app.include_router(GraphQLRouter(schema), prefix="/graphql", dependencies=[Depends(current_user)])
        """
    [closed] = schema(app=text).endpoints
    assert isinstance(closed.authentication, Known)
    assert [one.what for one in closed.authentication.value] == ["guards.current_user"]
    [opened] = schema(app=dedent(text) + 'app.include_router(GraphQLRouter(schema), prefix="/open")\n').endpoints
    assert opened.authentication == Known(())


def test_resolvers_are_handlers_whose_arguments_clients_send() -> None:
    found = linked(
        app="""
        import strawberry

        @strawberry.type
        class Order:
            @strawberry.field
            def line(self, number: int): ...

        @strawberry.type
        class Query:
            @strawberry.field
            def order(self, key: str) -> Order: ...

        schema = strawberry.Schema(query=Query)
        """
    )
    found.apps()
    names = {found.ev.scope(ref).qualname: framework for ref, framework in found.ev.handlers.items()}
    assert names == {"Order.line": "strawberry", "Query.order": "strawberry"}


@pytest.mark.parametrize(
    ("imports", "serving"),
    [
        ("from flask import Flask\nfrom strawberry.flask.views import GraphQLView\napp = Flask(__name__)",
         "app.add_url_rule('/graphql', view_func=GraphQLView.as_view('graphql', schema=schema))"),
        ("from fastapi import FastAPI\nfrom strawberry.asgi import GraphQL\napp = FastAPI()",
         "app.mount('/graphql', GraphQL(schema))"),
        ("from fastapi import FastAPI\nfrom strawberry.asgi import GraphQL\napp = FastAPI()",
         "served = GraphQL(schema)\napp.add_route('/graphql', served)"),
        ("from fastapi import FastAPI\nfrom strawberry.fastapi import GraphQLRouter\napp = FastAPI()",
         "app.include_router(GraphQLRouter(schema, path='/graphql'))"),
    ],
)  # fmt: skip
def test_what_serves_a_schema_stands_in_the_http_table(imports: str, serving: str) -> None:
    types = (
        "import strawberry\n\n@strawberry.type\nclass Query:\n    name: str\n\nschema = strawberry.Schema(query=Query)"
    )
    found = linked(app=f"{imports}\n{types}\n{serving}\n")
    [http] = found.apps()
    assert [(e.methods, e.path) for e in http.endpoints if "GET" in e.methods] == [(("GET", "POST"), "/graphql")]
    [graphql] = found.schemas()
    assert {e.path for e in found.serving_endpoints(graphql)} == {"/graphql"}
