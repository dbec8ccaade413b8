"""Flask: the endpoint table and who limits what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from backends import declared, limits, paths, place, rows

from analyzer.frameworks.flask import declare
from analyzer.model.answer import Known, Unknown
from analyzer.model.endpoint import App, Purpose

HEAD = (
    "from flask import Flask, Blueprint\nfrom flask_limiter import Limiter\nfrom flask.views import MethodView, View\n"
)


def app(files: Mapping[str, str] | str, **more: Any) -> App:
    """The only application of a backend."""
    [found] = declared(declare, {"main.py": HEAD + files} if isinstance(files, str) else files, **more)
    return found.app


PACKAGE = {
    "shop/__init__.py": """\
        from flask import Flask
        from .api import bp
        from .limits import limiter

        def create_app(config=None):
            app = Flask(__name__)
            limiter.init_app(app)
            app.register_blueprint(bp, url_prefix="/api")
            return app
        """,
    "shop/limits.py": "from flask_limiter import Limiter\nlimiter = Limiter(str)\n",
    "shop/api.py": """\
        from flask import Blueprint
        from flask.views import MethodView
        from .limits import limiter

        bp = Blueprint("api", __name__, url_prefix="/replaced")
        admin = Blueprint("admin", __name__, url_prefix="/admin")
        bp.register_blueprint(admin)

        @bp.route("/login", methods=["POST"])
        @limiter.limit("5/minute")
        def login(): ...

        @admin.get("/users/<int:user_id>")
        async def show(user_id): ...

        class Orders(MethodView):
            def get(self): ...
            @limiter.limit("1/second")
            def post(self): ...

        bp.add_url_rule("/orders", view_func=Orders.as_view("orders"))
        """,
}


def test_the_whole_table() -> None:
    [found] = declared(declare, PACKAGE)
    assert (found.app.key, found.app.name, found.app.framework) == ("shop/__init__.py:app", "app", "flask")
    assert place(found.app.at) == "shop/__init__.py:6:10"
    assert limits(found.app.limits) == "none"
    assert rows(found.app) == [
        ("GET", "/api/admin/users/<int:user_id>", "shop.api.show", "shop/api.py:14:10 shop/api.py:13:1", "async", "other", "none"),
        ("POST", "/api/login", "shop.api.login", "shop/api.py:11:4 shop/api.py:9:1", "sync", "login", "flask_limiter.Limiter.limit"),
        ("GET", "/api/orders", "shop.api.Orders.get", "shop/api.py:17:8 shop/api.py:21:0", "sync", "other", "none"),
        ("POST", "/api/orders", "shop.api.Orders.post", "shop/api.py:19:8 shop/api.py:21:0", "sync", "other", "flask_limiter.Limiter.limit"),
    ]  # fmt: skip
    assert len(found.handlers) == 4


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ('limiter = Limiter(str, app=app, default_limits=["9/minute"])', "flask_limiter.Limiter"),
        ('limiter = Limiter(str, default_limits=["9/minute"])\nlimiter.init_app(app)', "flask_limiter.Limiter"),
        ('limiter = Limiter(app, key_func=str, default_limits=["9/minute"])', "flask_limiter.Limiter"),  # before 3.0
        ('limiter = Limiter(str, application_limits=["9/minute"], app=app)', "flask_limiter.Limiter"),
        ('limiter = Limiter(str, default_limits=["9/minute"])', "none"),  # never given an application
        ("limiter = Limiter(str, app=app)", "none"),
        ('limiter = Limiter(str, app=app)\napp.config["RATELIMIT_DEFAULT"] = "9/minute"', "flask_limiter.Limiter"),
        ('limiter = Limiter(str, app=app)\nclass Config:\n    RATELIMIT_DEFAULT = "9/minute"', "flask_limiter.Limiter"),
    ],
)
def test_defaults_of_flask_limiter_and_exemption(setup: str, expected: str) -> None:
    found = app(f"""
app = Flask(__name__)
{setup}
bp = Blueprint("bp", __name__)
@app.route("/x")
def x(): ...
@bp.route("/y")
def y(): ...
@app.route("/free")
@limiter.exempt
def free(): ...
open_bp = Blueprint("open", __name__)
@open_bp.route("/z")
def z(): ...
limiter.exempt(open_bp)
app.register_blueprint(bp)
app.register_blueprint(open_bp)
""")
    assert limits(found.limits) == expected
    assert paths(found) == {"GET /x": expected, "GET /y": expected, "GET /free": "none", "GET /z": "none"}


def test_limits_on_a_blueprint_a_class_and_a_hook() -> None:
    found = app("""
app = Flask(__name__)
limiter = Limiter(str, app=app)
auth, hooked, plain = Blueprint("a", __name__), Blueprint("h", __name__), Blueprint("p", __name__, url_prefix="/p/")
limiter.limit("5/minute")(auth)
@hooked.before_request
def check():
    if throttled(): abort(429)
@auth.post("/token")
def token(): ...
@hooked.get("/h")
def h(): ...
@plain.get("h")
def p(): ...
class Listed(View):
    decorators = [limiter.limit("5/minute")]
    methods = ["GET", "POST"]
    def dispatch_request(self): ...
app.add_url_rule("/listed", view_func=Listed.as_view("listed"))
app.add_url_rule("/wrapped", view_func=limiter.limit("1/day")(p))
for one in (auth, hooked, plain):
    app.register_blueprint(one)
""")
    limit = "flask_limiter.Limiter.limit"
    assert paths(found) == {
        "POST /token": limit, "GET /h": "main.check", "GET /p/h": "none", "GET POST /listed": limit, "GET /wrapped": limit
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        ("@app.before_request\ndef hook():\n    load_user()\n", "none"),
        ("@app.before_request\ndef hook():\n    check_rate_limit()\n", "main.hook"),
        ("def hook(): check_rate_limit()\napp.before_request(hook)\n", "main.hook"),
        ("import gone\napp.before_request(gone.hook)\n", "? a before_request function that is not understood"),
        ("import gone\napp.wsgi_app = gone.Wrapper(app.wsgi_app)\n", "? a middleware that is not understood"),
        ("from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app)\n", "none"),
    ],
)
def test_what_runs_before_every_request(hook: str, expected: str) -> None:
    found = app(f"app = Flask(__name__)\n{hook}@app.get('/x')\ndef x(): ...\n")
    assert limits(found.limits) == expected
    assert paths(found) == {"GET /x": expected}


def test_flask_restx_and_flask_restful() -> None:
    found = app("""
from flask_restx import Api, Namespace, Resource
import flask_restful
app = Flask(__name__)
api = Api(app, prefix="/api")
ns, named = Namespace("shop", path="/shop"), Namespace("users")
api.add_namespace(ns)
api.add_namespace(named, path="/people")
@ns.route("/items", "/things")
class Items(Resource):
    @ns.doc("list")
    def get(self): ...
    def delete(self): ...
@named.route("/<id>")
class One(Resource):
    def put(self, id): ...
rest = flask_restful.Api()
rest.init_app(app)
class Two(flask_restful.Resource):
    def get(self): ...
rest.add_resource(Two, "/two", "/zwei")
""")
    assert paths(found) == {
        "DELETE GET /api/shop/items": "none", "DELETE GET /api/shop/things": "none", "PUT /api/people/<id>": "none",
        "GET /two": "none", "GET /zwei": "none",
    }  # fmt: skip


def test_blueprints_that_nobody_is_seen_to_register() -> None:
    source = """
from gone import load
bp = Blueprint("bp", __name__, url_prefix="/bp")
@bp.get("/x")
def x(): ...
app = Flask(__name__)
"""
    assert paths(app(source)) == {}
    assert paths(app(source + "for one in load():\n    app.register_blueprint(one)\n")) == {
        "GET …/bp/x": "? an unresolved include"
    }


def test_unknown_decorator_unread_file_and_circle() -> None:
    source = """
import weird
app = Flask(__name__)
a, b = Blueprint("a", __name__), Blueprint("b", __name__)
@b.get("/x")
@weird.thing
def x(): ...
a.register_blueprint(b)
b.register_blueprint(a)
app.register_blueprint(a, url_prefix="/a")
@app.get("/y")
def y(): ...
"""
    assert paths(app(source)) == {"GET /a/x": "? a decorator that is not understood", "GET /y": "none"}
    assert paths(app(source, unread=["x.py"]))["GET /y"] == "? an unread file"
    assert declared(declare, {"tests/a.py": HEAD + source}, tests=["tests/a.py"]) == []


def test_a_view_that_is_wrapped_into_itself() -> None:
    """`view = wrapper(view)` names itself; it once cost the whole audit its recursion limit."""
    source = """
from somewhere import wrapper
app = Flask(__name__)
def make(view):
    view = wrapper(view)
    app.add_url_rule("/x", view_func=view)
"""
    assert list(paths(app(source))) == ["GET /x"]


def test_a_helper_that_adds_what_each_of_its_callers_hands_to_it() -> None:
    """Path, view and blueprint belong together: what one caller hands over is not added to another's blueprint."""
    found = app({
        "shop/__init__.py": "",
        "shop/adding.py": """
            def add_all(blueprint, routes, decorators=None):
                made = {}
                for path, resource in routes:
                    view = made.get(resource)
                    if view is None:
                        view = resource.as_view(resource.__name__)
                        for decorator in decorators or []:
                            view = decorator(view)
                    blueprint.add_url_rule(path, view_func=view)
            """,
        "shop/orders.py": """
            from flask import Blueprint
            from flask.views import MethodView
            from shop.adding import add_all
            class Orders(MethodView):
                def get(self): ...
                def post(self): ...
            class Order(MethodView):
                def delete(self, order): ...
            blueprint = Blueprint("orders", __name__, url_prefix="/orders")
            add_all(blueprint, [("", Orders), ("/<order>", Order)])
            """,
        "shop/people.py": """
            from flask import Blueprint
            from flask.views import MethodView
            from shop.adding import add_all
            class People(MethodView):
                def put(self): ...
            blueprint = Blueprint("people", __name__, url_prefix="/people")
            routes = [("/", People)]
            add_all(blueprint, routes)
            """,
        "shop/app.py": """
            import importlib
            from flask import Flask
            MODULES = ["orders", "people"]
            app = Flask(__name__)
            for name in MODULES:
                module = importlib.import_module(f"shop.{name}")
                app.register_blueprint(module.blueprint)
            """,
    })  # fmt: skip
    assert {(" ".join(e.methods), e.path, e.handler.split(".")[2]) for e in found.endpoints} == {
        ("GET POST", "/orders", "Orders"), ("DELETE", "/orders/<order>", "Order"), ("PUT", "/people/", "People"),
    }  # fmt: skip


def test_a_service_of_ones_own_that_makes_the_views_itself() -> None:
    """What a helper adds is made of its parameters a line before, and no parameter stands in the call itself."""
    source = """
from flask import Blueprint
from flask.views import MethodView
app = Flask(__name__)
class Items(MethodView):
    def get(self): ...
    def post(self): ...
class Groups(MethodView):
    def get(self): ...
class Service:
    def __init__(self, app):
        self.app = app
        self.blueprint = Blueprint("api", __name__, url_prefix="/api")
    def add_resource(self, resource, *urls):
        view = resource.as_view(resource.__name__)
        for url in urls:
            self.blueprint.add_url_rule(rule=url, view_func=view)
    def register(self):
        self.app.register_blueprint(self.blueprint)
service = Service(app)
service.add_resource(Items, "/items", "/things")
service.add_resource(Groups, "/groups")
service.register()
"""
    found = {(e.path, e.methods, e.handler) for e in app(source).endpoints}
    assert found == {
        ("/api/items", ("GET", "POST"), "main.Items"), ("/api/things", ("GET", "POST"), "main.Items"),
        ("/api/groups", ("GET",), "main.Groups"),
    }  # fmt: skip


def test_rules_in_loops_over_all_that_can_be_written_down() -> None:
    source = """
def one(): ...
def two(): ...
app = Flask(__name__)
TABLE = {"one": one, "two": two}
for name, view in TABLE.items():
    for version in ("v1", "v2"):
        app.add_url_rule(f"/{version}/{name}", view_func=view)
for number, view in enumerate([one, two]):
    app.add_url_rule(f"/by-number/{number}", view_func=view)
for name in TABLE:
    app.add_url_rule("/named/" + name, view_func=TABLE[name], methods=["PUT"])
"""
    found = {(path, e.handler) for e in app(source).endpoints for path in [f"{e.methods[0]} {e.path}"]}
    assert found == {
        ("GET /v1/one", "main.one"), ("GET /v2/one", "main.one"), ("GET /v1/two", "main.two"),
        ("GET /v2/two", "main.two"), ("GET /by-number/0", "main.one"), ("GET /by-number/1", "main.two"),
        ("PUT /named/one", "main.one"), ("PUT /named/two", "main.two"),
    }  # fmt: skip


APPBUILDER = {
    "shop/__init__.py": "",
    "shop/extensions.py": "from flask_appbuilder import AppBuilder\nappbuilder = AppBuilder(update_perms=False)\n",
    "shop/app.py": """
        from flask import Flask
        from shop.extensions import appbuilder
        from shop.views import Index, Orders, OrdersApi, Plain, Sums
        def create_app():
            app = Flask(__name__)
            appbuilder.init_app(app, None)
            appbuilder.add_view(Orders, "Orders", category="Shop")
            appbuilder.add_view_no_menu(Plain)
            appbuilder.add_view_no_menu(Sums())
            for one in (OrdersApi,):
                appbuilder.add_api(one)
            return app
        """,
    "shop/views.py": """
        from flask_appbuilder import BaseView, ModelRestApi, ModelView, expose
        from flask_appbuilder.api import BaseApi
        from flask_appbuilder.security.decorators import has_access, protect
        class Names:
            LIST = "list"
            SHOW = "show"
            READ = {LIST, SHOW}
        class Index(BaseView): ...
        class Orders(ModelView):
            include_route_methods = Names.READ | {"close", "silent"}
            exclude_route_methods = {"show"}
            @expose("/close/<int:pk>", methods=["POST"])
            @has_access
            def close(self, pk): ...
            @expose("/other")
            def other(self): ...
            def silent(self): ...
        class Plain(BaseView):
            route_base = "/plain"
            @expose("/")
            @expose("/again/<name>")
            def first(self, name=None): ...
        class Sums(BaseApi):
            version = "v2"
            @expose("/total", methods=("GET", "HEAD"))
            @protect()
            def total(self): ...
        class OrdersApi(ModelRestApi):
            resource_name = "order"
            def delete(self, pk): ...
            @expose("/<pk>/open", methods=["PUT"])
            def open(self, pk): ...
        """,
}


def test_views_and_apis_of_an_appbuilder() -> None:
    found = app(APPBUILDER)
    assert [(" ".join(e.methods), e.path, e.handler.removeprefix("shop.views.")) for e in found.endpoints] == [
        ("GET", "/api/v1/order/", "OrdersApi.get_list"),
        ("POST", "/api/v1/order/", "OrdersApi.post"),
        ("GET", "/api/v1/order/<int:pk>", "OrdersApi.get"),
        ("PUT", "/api/v1/order/<pk>", "OrdersApi.put"),
        ("PUT", "/api/v1/order/<pk>/open", "OrdersApi.open"),
        ("GET", "/api/v1/order/_info", "OrdersApi.info"),
        ("GET HEAD", "/api/v2/sums/total", "Sums.total"),
        ("POST", "/orders/close/<int:pk>", "Orders.close"),
        ("GET", "/orders/list/", "Orders.list"),
        ("GET", "/plain/", "Plain.first"),
        ("GET", "/plain/again/<name>", "Plain.first"),
    ]
    asked = {e.path: isinstance(e.authentication, Known) and len(e.authentication.value) for e in found.endpoints}
    assert asked["/orders/close/<int:pk>"] == asked["/api/v2/sums/total"] == 1
    assert asked["/orders/list/"] is False  # the library's own: it asks, unless it is made public
    assert asked["/plain/"] == 0


def test_methods_of_an_appbuilder_view_that_are_chosen_at_run_time() -> None:
    chosen = APPBUILDER["shop/views.py"].replace("Names.READ | {", "load() | {")
    found = app(APPBUILDER | {"shop/views.py": chosen})
    assert not any(e.path.startswith("/orders/") for e in found.endpoints)
    assert found.complete == Unknown("routes that are chosen at run time")


def test_an_api_class_of_the_project_that_hands_on_what_it_collects() -> None:
    found = app("""
from flask_restful import Api, Resource
class OurApi(Api):
    def add_ours(self, resource, *urls, **more):
        urls = [scoped(url) for url in urls]
        return self.add_resource(resource, *urls, **more)
def scoped(url):
    return "/ours" + url
class Order(Resource):
    def get(self, order): ...
class Orders(Resource):
    def post(self): ...
api = OurApi()
api.add_ours(Orders, "/orders", endpoint="orders")
api.add_ours(Order, "/orders/<order>", "/order/<order>")
app = Flask(__name__)
api.init_app(app)
""")
    assert set(paths(found)) == {"POST /ours/orders", "GET /ours/orders/<order>", "GET /ours/order/<order>"}


@pytest.mark.parametrize(
    ("body", "refuses"),
    [
        ("abort(410)", True),
        ("'''Gone for good.'''\n    raise MethodNotAllowed(['GET'])", True),
        ("raise HTTPException(status_code=404)", True),
        ("return Response(status=501)", True),
        ("from http import HTTPStatus\n    return {}, HTTPStatus.GONE.value", True),
        ("raise HTTPNotFound()", True),
        ("return HttpResponseNotAllowed(['GET'])", True),
        ("return mark_forbidden('x')", False),
        ("return find_or_404('x')", False),
        ("return 'made', 201", False),
        ("wipe()\n    abort(404)", False),
        ("if late():\n        abort(404)", False),
        ("raise Redirected('/x')", False),
    ],
)
def test_a_handler_that_only_refuses(body: str, refuses: bool) -> None:
    source = f"from flask import Flask\napp = Flask(__name__)\n@app.post('/x')\ndef x():\n    {body}\n"
    [found] = declared(declare, {"app.py": source})
    assert (found.app.endpoints[0].purpose is Purpose.REFUSAL) is refuses


def test_classes_of_flask_classful() -> None:
    found = app("""\
from uuid import UUID
from flask_classful import FlaskView, route
from flask_login import login_required
from shop import limited

app = Flask(__name__)

class Shared(FlaskView):
    def ping(self): ...

class OrderLinesView(Shared):
    decorators = [login_required]
    excluded_methods = ["total"]
    def index(self): ...
    def get(self, key: int): ...
    def post(self): ...
    def cancel(self, key: UUID, why="none"): ...
    @route("/by-name/<name>", methods=["PUT", "PATCH"])
    @route("/named/<name>")
    def named(self, name): ...
    def total(self): ...
    def _hidden(self): ...
    def before_index(self): ...

class UserAPI(FlaskView):
    route_base = "/users"
    trailing_slash = False
    default_methods = ["POST"]
    @route("", methods=["GET"])
    def index(self): ...
    def get(self, id): ...
    def invite(self): ...

def create():
    OrderLinesView.register(app)
    UserAPI.register(app, route_prefix="/api/v3")
create()
    """)
    assert {(*e.methods, e.path) for e in found.endpoints} == {
        ("GET", "/order-lines/"), ("GET", "/order-lines/<int:key>/"), ("POST", "/order-lines/"), ("GET", "/order-lines/ping/"),
        ("GET", "/order-lines/cancel/<uuid:key>/"), ("PATCH", "PUT", "/order-lines/by-name/<name>"),
        ("GET", "/order-lines/named/<name>"), ("GET", "/api/v3/users"), ("GET", "/api/v3/users/<id>"),
        ("POST", "/api/v3/users/invite"),
    }  # fmt: skip
    asks = {e.path: limits(e.authentication) for e in found.endpoints}
    assert asks["/order-lines/"] == "flask_login.login_required" and asks["/api/v3/users"] == "none"


def test_an_application_of_a_library_that_no_model_knows() -> None:
    found = app("""\
from flask_multistatic import MultiStaticFlask
class ShopFlask(MultiStaticFlask):
    pass
app = ShopFlask(__name__)
bp = Blueprint("orders", __name__, url_prefix="/orders")
@bp.post("/new")
def new(): ...
@app.get("/x")
def x(): ...
app.register_blueprint(bp)
    """)
    assert sorted(paths(found)) == ["GET /x", "POST /orders/new"]
