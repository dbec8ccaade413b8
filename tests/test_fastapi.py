"""FastAPI and Starlette: the endpoint table and who limits what."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest
from backends import declared, limits, paths, place, rows

from analyzer.frameworks.fastapi import declare
from analyzer.model.endpoint import App

HEAD = "from fastapi import FastAPI, APIRouter, Depends\n"


def app(files: Mapping[str, str] | str, **more: Any) -> App:
    """The only application of a backend."""
    sources = {"main.py": HEAD + dedent(files)} if isinstance(files, str) else files
    [found] = declared(declare, sources, **more)
    return found.app


PACKAGE = {
    "shop/__init__.py": "",
    "shop/main.py": """\
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles
        from shop.api import router as api

        def create_app() -> FastAPI:
            app = FastAPI(title="shop")
            app.include_router(api, prefix="/api")
            app.mount("/static", StaticFiles(directory="static"))
            register(app)
            return app

        def register(application: FastAPI) -> None:
            @application.get("/healthz")
            async def alive(): ...
        """,
    "shop/api.py": """\
        from fastapi import APIRouter, Depends
        from .limits import limiter, slow
        from . import users

        router = APIRouter(prefix="/v1")
        router.include_router(users.router, prefix="/users")

        @router.post("/login")
        @limiter.limit("5/minute")
        async def login(request): ...

        @router.api_route("/orders/{order_id}", methods=["PUT", "GET"], dependencies=[Depends(slow)])
        def orders(order_id: int): ...

        @router.websocket("/live")
        async def live(socket): ...
        """,
    "shop/users.py": """\
        from fastapi import APIRouter
        router = APIRouter()

        def forgot(): ...
        router.add_api_route("/password/forgot", forgot, methods=["POST"])
        """,
    "shop/limits.py": """\
        from slowapi import Limiter
        from fastapi import HTTPException
        limiter = Limiter(key_func=str)

        def slow(request):
            if seen(request):
                raise HTTPException(status_code=429)
        """,
}


def test_the_whole_table() -> None:
    [found] = declared(declare, PACKAGE)
    assert (found.app.key, found.app.name, found.app.framework) == ("shop/main.py:app", "app", "fastapi")
    assert place(found.app.at) == "shop/main.py:6:10"
    assert limits(found.app.limits) == "none"
    assert rows(found.app) == [
        ("WEBSOCKET", "/api/v1/live", "shop.api.live", "shop/api.py:16:10 shop/api.py:15:1", "async", "other", "none"),
        ("POST", "/api/v1/login", "shop.api.login", "shop/api.py:10:10 shop/api.py:8:1", "async", "login", "slowapi.Limiter.limit"),
        ("GET PUT", "/api/v1/orders/{order_id}", "shop.api.orders", "shop/api.py:13:4 shop/api.py:12:1", "sync", "other", "shop.limits.slow"),
        ("POST", "/api/v1/users/password/forgot", "shop.users.forgot", "shop/users.py:4:4 shop/users.py:5:0", "sync", "password-reset", "none"),
        ("GET", "/healthz", "shop.main.register.alive", "shop/main.py:14:14 shop/main.py:13:5", "async", "health", "none"),
    ]  # fmt: skip
    names = {f"{ref.path}:{ref.scope}" for ref in found.handlers}
    assert len(found.handlers) == len(names) == 6  # five handlers and the dependency


def test_a_router_included_twice_gives_two_endpoints_and_nothing_where_never() -> None:
    found = app("""
        router, never = APIRouter(), APIRouter()
        @router.get("/x")
        def x(): ...
        @never.get("/y")
        def y(): ...
        app = FastAPI()
        app.include_router(router, prefix="/a")
        app.include_router(router, prefix="/b")
        """)
    assert paths(found) == {"GET /a/x": "none", "GET /b/x": "none"}


def test_routers_in_a_literal_list_and_in_a_list_made_at_run_time() -> None:
    source = """
from plugins import load
one, two = APIRouter(), APIRouter()
@one.get("/one")
def f(): ...
@two.get("/two")
def g(): ...
app = FastAPI()
for router, prefix in [(one, "/a"), (two, "/b")]:
    app.include_router(router, prefix=prefix)
"""
    assert paths(app(source)) == {"GET /a/one": "none", "GET /b/two": "none"}
    dynamic = source.replace('[(one, "/a"), (two, "/b")]', "load()")
    assert paths(app(dynamic)) == {"GET …/one": "? an unresolved include", "GET …/two": "? an unresolved include"}


def test_more_routers_than_a_join_keeps() -> None:
    many = "".join(f"r{n} = APIRouter()\n@r{n}.get('/{n}')\ndef f{n}(): ...\n" for n in range(12))
    listed = ", ".join(f"r{n}" for n in range(12))
    found = app(f"{many}app = FastAPI()\nfor r in [{listed}]:\n    app.include_router(r)\n")
    assert paths(found) == {f"GET /{n}": "none" for n in range(12)}


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ("app.include_router(missing.router)", "? an unresolved include"),
        ("other.include_router(router)", "? an unresolved include"),
    ],
)
def test_an_include_that_is_not_resolved_leaves_its_router_in_doubt(include: str, expected: str) -> None:
    found = app(
        f"import missing\nfrom gone import other\nrouter = APIRouter()\n@router.get('/x')\ndef x(): ...\napp = FastAPI()\n{include}\n"
    )
    assert paths(found) == {"GET …/x": expected}


def test_keywords_handed_on_to_an_inclusion_are_understood_or_unknown() -> None:
    source = (
        "router = APIRouter()\n@router.get('/x')\ndef x(): ...\napp = FastAPI()\napp.include_router(router, **{})\n"
    )
    known = source.replace("{}", "dict_of").replace("app = FastAPI()", "dict_of = {'prefix': '/v2'}\napp = FastAPI()")
    assert paths(app(known)) == {"GET /v2/x": "none"}
    hidden = source.replace("**{}", "**load()")
    assert paths(app("from gone import load\n" + hidden)) == {"GET …/x": "? arguments that are not understood"}


def test_circular_inclusion_ends() -> None:
    source = "a, b = APIRouter(prefix='/a'), APIRouter(prefix='/b')\n@b.get('/x')\ndef x(): ...\na.include_router(b)\nb.include_router(a)\n"
    assert paths(app(source + "app = FastAPI()\napp.include_router(a)\n")) == {"GET /a/b/x": "none"}


def test_decorators_known_own_and_unknown() -> None:
    found = app("""
import functools, weird
from slowapi import Limiter
limiter = Limiter(str)
def traced(f):
    @functools.wraps(f)
    def inner(*a): return f(*a)
    return inner
def guarded(f):
    def inner(request):
        check_rate_limit(request)
        return f(request)
    return inner
app = FastAPI()
@app.get("/own")
@traced
def own(): ...
@app.get("/guarded")
@guarded
def g(): ...
@app.get("/weird")
@weird.thing
def w(): ...
@limiter.limit("1/minute")
@app.get("/wrong-order")
def wrong(request): ...
@app.get("/shared")
@limiter.shared_limit("1/minute", scope="s")
def shared(request): ...
""")
    assert paths(found) == {
        "GET /own": "none",
        "GET /guarded": "main.guarded",
        "GET /weird": "? a decorator that is not understood",
        "GET /wrong-order": "none",
        "GET /shared": "slowapi.Limiter.shared_limit",
    }


SLOWAPI = """
from slowapi import Limiter
from slowapi.middleware import SlowAPIMiddleware
limiter = Limiter(key_func=str{defaults})
app = FastAPI()
{middleware}
@app.get("/x")
def x(): ...
@app.get("/free")
@limiter.exempt
def free(): ...
sub = FastAPI()
@sub.get("/y")
def y(): ...
app.mount("/sub", sub)
"""


@pytest.mark.parametrize(
    ("defaults", "middleware", "limited"),
    [
        (', default_limits=["9/minute"]', "app.add_middleware(SlowAPIMiddleware)", True),
        (', default_limits=["9/minute"]', "", False),  # slowapi's defaults do nothing without the middleware
        ("", "app.add_middleware(SlowAPIMiddleware)", False),  # and the middleware nothing without defaults
        (", default_limits=[]", "app.add_middleware(SlowAPIMiddleware)", False),
    ],
)
def test_slowapi_defaults_need_the_middleware_and_do_not_reach_mounts(
    defaults: str, middleware: str, limited: bool
) -> None:
    found = app(SLOWAPI.format(defaults=defaults, middleware=middleware))
    who = "slowapi.middleware.SlowAPIMiddleware" if limited else "none"
    assert limits(found.limits) == who
    assert paths(found) == {"GET /x": who, "GET /free": "none", "GET /sub/y": "none"}


def test_dependencies_at_every_level_and_through_each_other() -> None:
    found = app("""
from typing import Annotated
from fastapi_limiter.depends import RateLimiter
def low(x=Depends(RateLimiter(times=2, seconds=5))): ...
def user(x=Depends(low)): ...
User = Annotated[str, Depends(user)]
def plain(): ...
class Bucket:
    def __call__(self, request): self.rate_limiter.hit(request)
deep, flat = APIRouter(dependencies=[Depends(user)]), APIRouter()
@deep.get("/deep")
def a(): ...
@flat.get("/alias")
def b(u: User): ...
@flat.get("/param")
def c(u: Annotated[str, Depends(user)]): ...
@flat.get("/route", dependencies=[Depends(RateLimiter(times=1, seconds=1))])
def d(): ...
@flat.get("/object", dependencies=[Depends(Bucket())])
def e(): ...
@flat.get("/none", dependencies=[Depends(plain)])
def f(): ...
@flat.get("/inside")
async def g(request): await check_rate_limit(request)
app = FastAPI()
app.include_router(deep)
app.include_router(flat)
""")
    assert paths(found) == {
        "GET /deep": "main.user",
        "GET /alias": "main.user",
        "GET /param": "main.user",
        "GET /route": "fastapi_limiter.depends.RateLimiter",
        "GET /object": "main.Bucket",
        "GET /none": "none",
        "GET /inside": "main.g",
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app = FastAPI(dependencies=[Depends(limit_rate)])", "main.limit_rate"),
        ("app = FastAPI()\napp.add_middleware(RateLimitMiddleware)", "main.RateLimitMiddleware"),
        ("app = FastAPI()\napp.add_middleware(Quiet)", "main.Quiet"),
        ("app = FastAPI()\napp.add_middleware(CORSMiddleware)", "none"),
        ("app = FastAPI(middleware=[Middleware(Quiet)])", "main.Quiet"),
        ("app = FastAPI()\napp.add_middleware(gone.Thing)", "? a middleware that is not understood"),
        ("app = FastAPI(middleware=gone.load())", "? a middleware that is not understood"),
        ('app = FastAPI()\n@app.middleware("http")\nasync def m(request, call_next): return JSONResponse({}, status_code=429)', "main.m"),
        ('app = FastAPI()\n@app.middleware("http")\nasync def m(request, call_next): return await call_next(request)', "none"),
    ],
)  # fmt: skip
def test_application_wide_guards(code: str, expected: str) -> None:
    found = app(f"""
import gone
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware import Middleware
def limit_rate(request): throttle(request)
class RateLimitMiddleware: ...
class Quiet:
    async def dispatch(self, request, call_next):
        if busy(): return JSONResponse({{}}, status_code=429)
{code}
@app.get("/x")
def x(): ...
""")
    assert limits(found.limits) == expected
    assert paths(found) == {"GET /x": expected}


def test_an_unread_file_forbids_to_say_none_unless_it_is_test_code() -> None:
    source = {"main.py": HEAD + "app = FastAPI()\n@app.get('/x')\ndef x(): ...\n"}
    assert paths(app(source, unread=["broken.py"])) == {"GET /x": "? an unread file"}
    assert paths(app(source, unread=["tests/broken.py"], tests=["tests/broken.py"])) == {"GET /x": "none"}
    assert paths(app(source, unread=["deploy.yaml"])) == {"GET /x": "none"}


def test_a_gateway_limits_everything() -> None:
    source = {"main.py": HEAD + "app = FastAPI()\n@app.get('/x')\ndef x(): ...\n"}
    zone = {"nginx.conf": {"http.limit_req_zone": "a"}}
    assert paths(app(source, entries=zone)) == {"GET /x": "none"}
    entries = {"nginx.conf": {"http.limit_req_zone": "a", "http.server.location.limit_req": "zone=a"}}
    found = app(source, entries=entries)
    assert limits(found.limits) == "nginx limit_req"
    assert paths(found) == {"GET /x": "nginx limit_req"}
    ingress = {"k8s.yaml": {"metadata.annotations.nginx.ingress.kubernetes.io/limit-rps": "5"}}
    assert paths(app(source, entries=ingress)) == {"GET /x": "ingress limit-rps"}


def test_starlette_route_lists_and_class_endpoints() -> None:
    found = app({"main.py": """
        from starlette.applications import Starlette
        from starlette.routing import Mount, Route, WebSocketRoute
        async def home(request): ...
        class Thing:
            async def get(self, request): ...
            async def post(self, request): ...
        inner = [Route("/thing", endpoint=Thing)]
        app = Starlette(routes=[Route("/", home, methods=["POST"]), Mount("/api", routes=inner), WebSocketRoute("/ws", home)])
        """})  # fmt: skip
    assert found.framework == "starlette"
    assert paths(found) == {"POST /": "none", "GET POST /api/thing": "none", "WEBSOCKET /ws": "none"}


def test_test_code_declares_nothing() -> None:
    assert declared(declare, {"tests/app.py": HEAD + "app = FastAPI()\n"}, tests=["tests/app.py"]) == []


def test_an_application_handed_through_functions_and_kept_on_an_object() -> None:
    found = app("""
class Server:
    def __init__(self):
        self.app = FastAPI()
        self.app.include_router(router)
        add(self.app)
router = APIRouter()
@router.get("/a")
def a(): ...
def add(target):
    target.add_api_route("/b", b, methods=["DELETE"])
def b(): ...
""")
    assert found.name == "self.app"
    assert paths(found) == {"GET /a": "none", "DELETE /b": "none"}


def test_an_application_that_is_wrapped_only_where_a_prefix_is_set() -> None:
    source = """
import os
def create():
    app = FastAPI()
    app.add_api_route("/x", x)
    if os.environ.get("PREFIX"):
        outer = FastAPI()
        outer.mount(os.environ["PREFIX"], app)
        return outer
    return app
def x(): ...
"""
    tables = {found.app.name: list(paths(found.app)) for found in declared(declare, {"main.py": HEAD + dedent(source)})}
    assert tables == {"app": ["GET /x"], "outer": []}
    always = source.replace('    if os.environ.get("PREFIX"):\n', "    if True:\n        pass\n    else:\n")
    inside = always.replace('os.environ["PREFIX"]', '"/inside"')
    assert list(paths(app(inside))) == ["GET /inside/x"]


def test_a_router_class_of_the_project_and_the_routes_of_a_router() -> None:
    found = app({
        "shop/__init__.py": "",
        "shop/routers.py": """
            from starlette.routing import Router
            class Routes(Router):
                def __init__(self, prefix=""):
                    self.prefix = prefix
                    super().__init__()
                def post(self, path):
                    def decorator(function):
                        async def wrapped(request):
                            return await function(request)
                        self.add_route(path=self.prefix + path, endpoint=wrapped, methods=["POST"])
                        return function
                    return decorator
                def include_router(self, router, prefix=""):
                    self.mount(path=self.prefix + prefix, app=router)
            """,
        "shop/orders.py": """
            from shop.routers import Routes
            router = Routes()
            @router.post("/orders")
            async def add(request): ...
            """,
        "shop/app.py": """
            from starlette.applications import Starlette
            from shop.orders import router as orders
            from shop.routers import Routes
            def build():
                top = Routes(prefix="/shop")
                top.include_router(orders, prefix="/api")
                return top.routes
            app = Starlette(routes=build())
            """,
    })  # fmt: skip
    assert list(paths(found)) == ["POST /shop/api/orders"]


def test_routes_and_routers_added_by_a_helper_in_a_loop() -> None:
    found = app("""
def add(target, table):
    for path, function in table.items():
        target.add_api_route(f"/{path}", function, methods=["PATCH"])
def one(): ...
def two(): ...
first, second = APIRouter(), APIRouter()
add(first, {"one": one})
add(second, {"two": two})
app = FastAPI()
for name, router in (("first", first), ("second", second)):
    app.include_router(router, prefix=f"/{name}")
""")
    assert list(paths(found)) == ["PATCH /first/one", "PATCH /second/two"]
