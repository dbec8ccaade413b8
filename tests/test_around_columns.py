"""Middlewares, sizes of bodies, models of answers and pages of lists, for each framework that says them in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pytest
from backends import declared, limits
from test_endpoint_tables import around

from analyzer.frameworks import (
    aiohttp,
    bottle,
    connexion,
    django,
    falcon,
    fastapi,
    flask,
    grpc,
    litestar,
    pyramid,
    sanic,
    tornado,
)
from analyzer.link.declared import Declared
from analyzer.link.evaluate import Evaluator
from analyzer.model.endpoint import Endpoint

Declare = Callable[[Evaluator], Iterable[Declared]]
COLUMNS = ("middleware", "csrf", "caching", "body", "pagination", "response")


def told(
    declare: Declare, files: Mapping[str, str] | str, column: str, entries: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """Path → what a table says in one column."""
    found = declared(declare, {"main.py": files} if isinstance(files, str) else files, entries=entries)
    return {e.path: said(e, column) for one in found for e in one.app.endpoints}


def said(found: Endpoint, column: str) -> str:
    """One column of an endpoint."""
    return dict(zip(COLUMNS, around(found), strict=True))[column]


FLASK = """
    from flask import Blueprint, Flask
    from werkzeug.middleware.proxy_fix import ProxyFix
    from own import Gate
    app = Flask(__name__)
    bp = Blueprint("bp", __name__, url_prefix="/in")
    app.wsgi_app = ProxyFix(app.wsgi_app)
    app.wsgi_app = Gate(app.wsgi_app)

    @app.before_request
    def first(): ...
    @bp.after_request
    def last(response): return response
    app.after_request(lambda response: response)

    @app.get("/a")
    def a(): ...
    @bp.get("/b")
    def b(): ...
    app.register_blueprint(bp)
    """


def test_hooks_and_wrappers_of_flask_outermost_first() -> None:
    whole = "own.Gate, werkzeug.middleware.proxy_fix.ProxyFix, main.first, lambda"
    files = {"main.py": FLASK, "own.py": "class Gate:\n    def __init__(self, app): ...\n"}
    assert told(flask.declare, files, "middleware") == {"/a": whole, "/in/b": f"{whole}, main.last"}


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("from flask_talisman import Talisman\nTalisman(app)", "? an extension, which may stand around requests as well"),
        ("from flask_login import LoginManager\nLoginManager().init_app(app)", "? an extension, which may stand"),
        ("from flask_sqlalchemy import SQLAlchemy\nSQLAlchemy(app)", "none"),
        ("from flask_wtf.csrf import CSRFProtect\nCSRFProtect(app)", "flask_wtf.csrf.CSRFProtect"),
    ],
)
def test_extensions_may_bring_more(extension: str, expected: str) -> None:
    source = f"from flask import Flask\napp = Flask(__name__)\n{extension}\n@app.get('/a')\ndef a(): ...\n"
    [found] = told(flask.declare, source, "middleware").values()
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('app.config["MAX_CONTENT_LENGTH"] = 1000', "MAX_CONTENT_LENGTH"),
        ('app.config["MAX_CONTENT_LENGTH"] = None', "none"),
        ("class Config:\n    MAX_CONTENT_LENGTH = 1000\napp.config.from_object(Config)", "MAX_CONTENT_LENGTH"),
        ('app.config.from_envvar("SETTINGS")', "? a configuration that is read where the backend runs"),
        ("", "none"),
    ],
)
def test_how_large_a_body_flask_takes(source: str, expected: str) -> None:
    whole = f"from flask import Flask\napp = Flask(__name__)\n{source}\n@app.post('/a')\ndef a(): ...\n"
    assert told(flask.declare, whole, "body") == {"/a": expected}


SIZES: list[tuple[Declare, str, str]] = [
    (flask.declare, "from quart import Quart\napp = Quart('a')\n@app.get('/a')\nasync def a(): ...\n", "quart.Quart.config.MAX_CONTENT_LENGTH"),
    (sanic.declare, "from sanic import Sanic\napp = Sanic('a')\n@app.get('/a')\nasync def a(r): ...\n", "sanic.Sanic.config.REQUEST_MAX_SIZE"),
    (sanic.declare, "from sanic import Sanic\napp = Sanic('a')\napp.config.REQUEST_MAX_SIZE = 9\n@app.get('/a')\nasync def a(r): ...\n", "REQUEST_MAX_SIZE"),
    (aiohttp.declare, "from aiohttp import web\nasync def a(r): ...\napp = web.Application()\napp.router.add_get('/a', a)\n", "aiohttp.web.Application.client_max_size"),
    (aiohttp.declare, "from aiohttp import web\nasync def a(r): ...\napp = web.Application(client_max_size=0)\napp.router.add_get('/a', a)\n", "none"),
    (litestar.declare, "from litestar import Litestar, get\n@get('/a')\nasync def a() -> None: ...\napp = Litestar([a], request_max_body_size=None)\n", "none"),
    (tornado.declare, "import tornado.web\nclass A(tornado.web.RequestHandler):\n    def get(self): ...\napp = tornado.web.Application([('/a', A)])\napp.listen(8000, max_body_size=9)\n", "tornado.web.Application.listen.max_body_size"),
    (fastapi.declare, "from fastapi import FastAPI\napp = FastAPI(max_body_size=9)\n@app.get('/a')\ndef a(): ...\n", "fastapi.FastAPI.max_body_size"),
    (falcon.declare, "import falcon\nclass A:\n    def on_get(self, q, s): ...\napp = falcon.App()\napp.add_route('/a', A())\n", "none"),
]  # fmt: skip


@pytest.mark.parametrize(("declare", "source", "expected"), SIZES)
def test_how_large_a_body_others_take(declare: Declare, source: str, expected: str) -> None:
    assert told(declare, source, "body") == {"/a": expected}


def test_litestar_before_there_was_a_limit() -> None:
    source = "from litestar import Litestar, get\n@get('/a')\nasync def a() -> None: ...\napp = Litestar([a])\n"
    assert told(litestar.declare, source, "body", {"requirements.txt": {"litestar": "==2.12.1"}}) == {"/a": "none"}
    assert told(litestar.declare, source, "body") == {"/a": "litestar.Litestar.request_max_body_size"}


def test_what_is_added_last_to_fastapi_stands_outermost() -> None:
    source = """
        from fastapi import FastAPI
        from fastapi.middleware.gzip import GZipMiddleware
        from starlette.middleware import Middleware
        from starlette.middleware.sessions import SessionMiddleware
        app = FastAPI(middleware=[Middleware(SessionMiddleware, secret_key="x")])
        app.add_middleware(GZipMiddleware)

        @app.middleware("http")
        async def timed(request, call_next): return await call_next(request)

        @app.get("/a")
        def a(): ...
        """
    names = "main.timed, fastapi.middleware.gzip.GZipMiddleware, starlette.middleware.sessions.SessionMiddleware"
    assert told(fastapi.declare, source, "middleware") == {"/a": names}


def test_litestar_hooks_and_configurations() -> None:
    source = """
        from litestar import Litestar, get
        from litestar.config.csrf import CSRFConfig
        from litestar.middleware import DefineMiddleware
        class Timed: ...
        @get("/a")
        async def a() -> None: ...
        app = Litestar([a], csrf_config=CSRFConfig(secret="x"), middleware=[DefineMiddleware(Timed)], plugins=[object()])
        """
    whole = "litestar.Litestar.csrf_config, main.Timed ? a hook that may add middlewares"
    assert told(litestar.declare, source, "middleware") == {"/a": whole}
    assert told(litestar.declare, source, "csrf") == {"/a": "litestar.Litestar.csrf_config"}


def test_tweens_of_pyramid() -> None:
    files = {
        "main.py": """
            from pyramid.config import Configurator
            def main(settings):
                config = Configurator()
                config.include("pyramid_tm")
                config.add_tween("tweens.timed")
                config.add_route("a", "/a")
                config.scan()
            """,
        "tweens.py": "def timed(handler, registry):\n    return handler\n",
        "views.py": """
            from pyramid.view import view_config
            @view_config(route_name="a")
            def a(request): ...
            """,
    }
    assert told(pyramid.declare, files, "middleware") == {"/a": "tweens.timed, pyramid_tm.tm_tween_factory"}
    files["main.py"] = files["main.py"].replace("pyramid_tm", "pyramid_stranger")
    unseen = "tweens.timed ? an include of something unknown, which may bring tweens"
    assert told(pyramid.declare, files, "middleware") == {"/a": unseen}


RESPONSES = """
    from apiflask import APIFlask
    from flask import Flask
    from flask.views import MethodView
    from flask_restx import Api, Namespace, Resource, fields
    from flask_smorest import Blueprint
    app = Flask(__name__)
    ns = Namespace("n", path="/n")
    order = ns.model("Order", {"id": fields.Integer})
    Api(app).add_namespace(ns)
    blp = Blueprint("b", "b", url_prefix="/b")
    app.register_blueprint(blp)
    class OrderSchema: ...

    @ns.route("/one")
    class One(Resource):
        @ns.marshal_with(order)
        @ns.response(404, "none", "Missing")
        def get(self): ...

    @blp.route("/all")
    class All(MethodView):
        @blp.response(200, OrderSchema(many=True))
        @blp.paginate()
        def get(self, pagination_parameters): ...

    @app.get("/plain")
    def plain(): ...
    """


def test_wrappers_stand_around_what_extensions_hook_in() -> None:
    source = """
        from flask import Flask
        from flask_limiter import Limiter
        from werkzeug.middleware.proxy_fix import ProxyFix
        app = Flask(__name__)
        Limiter(app=app)
        app.wsgi_app = ProxyFix(app.wsgi_app)
        @app.get("/a")
        def a(): ...
        """
    whole = "werkzeug.middleware.proxy_fix.ProxyFix, flask_limiter.Limiter"
    assert told(flask.declare, source, "middleware") == {"/a": whole}


def test_a_view_that_has_no_serializer() -> None:
    files = {
        "settings.py": 'ROOT_URLCONF = "urls"\nMIDDLEWARE = []\n',
        "urls.py": """
            from django.urls import path
            from rest_framework.generics import GenericAPIView
            class Sync(GenericAPIView):
                serializer_class = None
                def post(self, request): ...
            urlpatterns = [path("a/", Sync.as_view())]
            """,
    }
    assert told(django.declare, files, "response") == {"/a/": "none"}


def test_models_of_answers_in_the_family_of_flask() -> None:
    expected = {"/n/one": "order", "/b/all": "list[main.OrderSchema]", "/plain": "none"}
    assert told(flask.declare, RESPONSES, "response") == expected
    assert told(flask.declare, RESPONSES, "pagination")["/b/all"] == "flask_smorest.Blueprint.paginate"


def test_models_of_answers_of_apiflask() -> None:
    source = """
        from apiflask import APIFlask
        app = APIFlask(__name__)
        class Order: ...
        @app.get("/a")
        @app.output(Order, 201)
        def a(): ...
        """
    assert told(flask.declare, source, "response") == {"/a": "main.Order"}


NINJA = {
    "settings.py": 'ROOT_URLCONF = "urls"\nMIDDLEWARE = []\n',
    "urls.py": """
        from django.urls import path
        from ninja import NinjaAPI, Schema
        from ninja.pagination import paginate
        api = NinjaAPI()
        class Order(Schema): ...
        class Wrong(Schema): ...
        @api.get("/orders", response=list[Order])
        @paginate
        def orders(request): ...
        @api.get("/order", response={200: Order, 404: Wrong})
        def order(request): ...
        @api.get("/many", response=list[Order])
        def many(request): ...
        @api.get("/none")
        def none(request): ...
        urlpatterns = [path("api/", api.urls)]
        """,
}


def test_django_ninja() -> None:
    assert told(django.declare, NINJA, "response") == {
        "/api/orders": "list[urls.Order]",
        "/api/order": "urls.Order",
        "/api/many": "list[urls.Order]",
        "/api/none": "none",
    }
    assert told(django.declare, NINJA, "pagination") == {
        "/api/orders": "ninja.pagination.paginate",
        "/api/order": "–",
        "/api/many": "? a list that its handler may bound",
        "/api/none": "–",
    }


def test_pages_of_fastapi() -> None:
    source = """
        from fastapi import FastAPI, Query
        from fastapi_pagination import Page, add_pagination
        class Order: ...
        app = FastAPI()
        add_pagination(app)
        @app.get("/a", response_model=Page[Order])
        def a(): ...
        @app.get("/b")
        def b(skip: int = 0, limit: int = Query(20, le=100)) -> list[str]: ...
        @app.get("/c")
        def c(limit: int = 20) -> list[str]: return rows[:min(limit, 50)]
        @app.get("/d")
        def d(limit: int = 20) -> list[str]: ...
        @app.post("/e")
        def e(limit: int = Query(20, le=100)): ...
        """
    assert told(fastapi.declare, source, "pagination") == {
        "/a": "fastapi_pagination.Page",
        "/b": "limit le=100",
        "/c": "limit le=50",
        "/d": "? a list that its handler may bound",
        "/e": "–",
    }


def test_pages_by_calls_of_libraries() -> None:
    source = """
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy
        app = Flask(__name__)
        db = SQLAlchemy(app)
        class Order(db.Model): ...
        @app.get("/a")
        def a(): return Order.query.paginate(page=1)
        @app.get("/b")
        def b(): return db.paginate(db.select(Order))
        """
    assert told(flask.declare, source, "pagination") == {
        "/a": "flask_sqlalchemy.query.Query.paginate",
        "/b": "flask_sqlalchemy.SQLAlchemy.paginate",
    }


def test_litestar_answers() -> None:
    source = """
        from litestar import Controller, Litestar, Response, get
        class Order: ...
        class OrderDTO: ...
        class Orders(Controller):
            path = "/orders"
            return_dto = OrderDTO
            @get("/one")
            async def one(self) -> Order: ...
            @get("/none")
            async def none(self) -> None: ...
        @get("/own", return_dto=OrderDTO)
        async def own() -> Order: ...
        @get("/sent")
        async def sent() -> Response: ...
        app = Litestar([Orders, own, sent])
        """
    assert told(litestar.declare, source, "response") == {
        "/orders/one": "main.OrderDTO",
        "/orders/none": "none",
        "/own": "main.OrderDTO",
        "/sent": "none",
    }


def test_connexion_answers_by_its_document() -> None:
    source = "from connexion import FlaskApp\napp = FlaskApp(__name__)\napp.add_api('api.yaml')\n"
    entries = {
        "api.yaml": {
            "openapi": "3.0.0",
            "paths./orders.get.operationId": "handlers.orders",
            "paths./orders.get.responses.200.content.application/json.schema.items.$ref": "#/components/schemas/Order",
            "paths./orders.get.responses.404.content.application/json.schema.$ref": "#/components/schemas/Wrong",
        }
    }
    files = {"main.py": source, "handlers.py": "def orders(): ...\n"}
    assert told(connexion.declare, files, "response", entries) == {"/orders": "list[Order]"}


def test_the_largest_message_of_grpc() -> None:
    source = """
        import grpc
        import orders_pb2_grpc
        class Orders(orders_pb2_grpc.OrdersServicer):
            def Get(self, request, context): ...
        server = grpc.server(None, interceptors=[], options=[("grpc.max_receive_message_length", {})])
        orders_pb2_grpc.add_OrdersServicer_to_server(Orders(), server)
        """
    entries = {"orders.proto": {"package": "shop", "services.Orders.Get": "Key stream Order"}}
    for size, expected in (("9", "grpc.max_receive_message_length"), ("-1", "none")):
        assert told(grpc.declare, source.replace("{}", size), "body", entries) == {"/shop.Orders/Get": expected}
    assert told(grpc.declare, source, "response", entries) == {"/shop.Orders/Get": "stream Order"}


def test_bottle_plugins_and_hooks() -> None:
    source = """
        from bottle import Bottle
        app = Bottle()
        @app.hook("before_request")
        def seen(): ...
        def plugin(callback): return callback
        @app.get("/a")
        def a(): ...
        app.install(plugin)
        """
    assert told(bottle.declare, source, "middleware") == {"/a": "main.seen, main.plugin"}


def test_limits_in_one_word_are_those_of_the_tables() -> None:
    [found] = declared(fastapi.declare, {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n"})
    assert said(found.app.endpoints[0], "body") == limits(found.app.endpoints[0].body_limit) == "none"
