"""aiohttp, Bottle, Falcon, Quart, Sanic and Tornado: what is not seen is said to be unknown, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import dedent

import pytest
from backends import declared, limits, paths
from marks import source
from test_endpoint_tables import heading

from analyzer import assets
from analyzer.extract.python import read
from analyzer.frameworks import ALL, aiohttp, bottle, falcon, flask, sanic, tornado
from analyzer.libraries import load_libraries
from analyzer.link import LinkedProject, build, link, top_packages
from analyzer.link.callgraph.graph import Context
from analyzer.link.declared import Declared
from analyzer.link.evaluate import Evaluator
from analyzer.model.answer import Unknown
from analyzer.model.facts import Extracted

Declare = Callable[[Evaluator], Iterable[Declared]]
AIOHTTP = "from aiohttp import web\napp = web.Application()\n"
BOTTLE = "import bottle\nfrom bottle import Bottle\napp = Bottle()\n"
FALCON = "import falcon\napp = falcon.App()\nclass R:\n    def on_get(self, req, resp): ...\n"
QUART = "from quart import Blueprint, Quart\napp = Quart(__name__)\n"
SANIC = "from sanic import Blueprint, Sanic\napp = Sanic('x')\n"
TORNADO = "from tornado.web import Application, RequestHandler, url\nclass H(RequestHandler):\n    def get(self): ...\n"


def table(declare: Declare, text: str, **files: str) -> tuple[str, dict[str, str]]:
    """Of the only application: whether it is complete, and "GET /x" → who limits."""
    [found] = declared(declare, {"main.py": dedent(text), **{f"{name}.py": more for name, more in files.items()}})
    return heading(found.app).partition(" ")[2].partition(" ")[2], paths(found.app)


def project(text: str) -> LinkedProject:
    """A backend of one file."""
    found = source("main.py", dedent(text).encode())
    assert found is not None
    index = build([Extracted("main.py", read(found.content))], frozenset())
    return link(index, load_libraries(assets.rules() / "libraries", top_packages(index)), ALL, with_tests=False)


# ---------------------------------------------------------------- loops and helpers

LOOP = "? routes that are added in a loop over something unknown"
SHAPED = [
    (
        aiohttp.declare,
        AIOHTTP + "async def f(request): ...\nfor p in unknown():\n    app.router.add_get(p, f)\n",
        LOOP,
        "GET …",
    ),
    (bottle.declare, BOTTLE + "def f(): ...\nfor p in unknown():\n    app.route(p, callback=f)\n", LOOP, "GET …"),
    (falcon.declare, FALCON + "for p in unknown():\n    app.add_route(p, R())\n", LOOP, "GET …"),
    (
        flask.declare,
        QUART + "async def f(): ...\nfor p in unknown():\n    app.add_url_rule(p, view_func=f)\n",
        LOOP,
        "GET …",
    ),
    (sanic.declare, SANIC + "async def f(request): ...\nfor p in unknown():\n    app.add_route(f, p)\n", LOOP, "GET …"),
    (tornado.declare, TORNADO + "app = Application([(unknown(), H)])\n", "complete", "GET …"),
]


@pytest.mark.parametrize(("declare", "text", "whole", "only"), SHAPED)
def test_paths_that_nobody_knows(declare: Declare, text: str, whole: str, only: str) -> None:
    assert table(declare, text) == (whole, {only: "none"})


@pytest.mark.parametrize(
    ("declare", "text", "expected"),
    [
        (
            aiohttp.declare,
            AIOHTTP
            + """
async def one(request): ...
async def two(request): ...
def add(prefix, handler):
    app.router.add_post(f"/{prefix}/x", handler)
for name, handler in (("a", one), ("b", two)):
    add(name, handler)
add("c", one)
""",
            {"POST /a/x", "POST /b/x", "POST /c/x"},
        ),
        (
            aiohttp.declare,
            AIOHTTP + "async def f(r): ...\nfor name in ('A', 'B'):\n    name = name.lower()\n    app.router.add_get(name, f)\n",
            {"GET …"},  # the loop's own value is gone
        ),
        (
            bottle.declare,
            BOTTLE + "class Pages:\n    def __init__(self):\n        self.app = Bottle()\n        self.app.post('/x', callback=self.x)\n"
            "    def x(self): ...\nPages()\n",
            {"POST /x"},
        ),
        (
            sanic.declare,
            SANIC + "bp = Blueprint('b', url_prefix='/b')\nfor n in (1, 2):\n    @bp.get(f'/x{n}')\n    async def f(request): ...\napp.blueprint(bp)\n",
            {"GET /b/x1", "GET /b/x2"},
        ),
        (
            falcon.declare,
            FALCON + "def routes():\n    return [('/a', R()), ('/b', R())]\nfor path, resource in routes():\n    app.add_route(path, resource)\n",
            {"GET /a", "GET /b"},
        ),
    ],
)  # fmt: skip
def test_each_round_and_each_caller_adds_its_own(declare: Declare, text: str, expected: set[str]) -> None:
    found = [one for app in declared(declare, {"main.py": text}) for one in paths(app.app)]
    assert set(found) == expected


@pytest.mark.parametrize(
    ("loop", "whole", "expected"),
    [
        ("for name in ('a', 'b'):", "complete", {"GET /a", "GET /b"}),
        ("for name in unknown():", "? a list of rules that is not understood", {"GET /…"}),
        ("for name in rules:", "? a list of rules that is not understood", {"GET /…"}),
    ],
)
def test_rules_that_a_function_collects(loop: str, whole: str, expected: set[str]) -> None:
    text = f"def made():\n    rules = []\n    {loop}\n        rules.append((f'/{{name}}', H))\n    return rules\n"
    complete, found = table(tornado.declare, TORNADO + text + "app = Application(made())\n")
    assert (complete, set(found)) == (whole, expected)


# ------------------------------------------------------------------------ includes

LOST = "? an unresolved include"


@pytest.mark.parametrize(
    ("declare", "text", "whole", "expected"),
    [
        (aiohttp.declare, AIOHTTP + "from gone import routes\napp.add_routes(routes)\n", LOST, set()),
        (aiohttp.declare, AIOHTTP + "from gone import sub\napp.add_subapp('/x', sub)\n", LOST, set()),
        (sanic.declare, SANIC + "from gone import bp\napp.blueprint(bp)\n", LOST, set()),
        (sanic.declare, SANIC + "class Channel:\n    def blueprint(self): ...\n"
         "def put(channel: Channel):\n    app.blueprint(channel.blueprint())\n"
         "hook = Blueprint('hook', '/hook')\n@hook.post('/x')\ndef x(request): ...\n", LOST, {"POST …/hook/x"}),
        (bottle.declare, BOTTLE + "from gone import other\napp.mount('/x/', other)\n", LOST, set()),
        (tornado.declare, TORNADO + "from gone import rules\napp = Application(rules + [(r'/x', H)])\n",
         "? a list of rules that is not understood", {"GET /x"}),
        (flask.declare, QUART + "from gone import bp\napp.register_blueprint(bp)\n", LOST, set()),
    ],
)  # fmt: skip
def test_an_include_that_does_not_exist(declare: Declare, text: str, whole: str, expected: set[str]) -> None:
    complete, found = table(declare, text)
    assert (complete, set(found)) == (whole, expected)


@pytest.mark.parametrize(
    ("declare", "text", "expected"),
    [
        (aiohttp.declare, AIOHTTP + "sub = web.Application()\nsub.router.add_get('/y', f)\napp.add_subapp('/s', sub)\nsub.add_subapp('/a', app)\n",
         set()),  # each hangs in the other: nobody serves them
        (sanic.declare, SANIC + "a = Blueprint.group(url_prefix='/a')\nb = Blueprint.group(a, url_prefix='/b')\na.append(b)\napp.blueprint(b)\n"
         "p = Blueprint('p', '/p')\na.append(p)\n@p.get('/x')\ndef x(request): ...\n", {"GET /b/a/p/x"}),
        (tornado.declare, TORNADO + "rules = [(r'/x', H)]\nrules.append(('/y', rules))\napp = Application(rules)\n", {"GET /x"}),
    ],
)  # fmt: skip
def test_circles_end(declare: Declare, text: str, expected: set[str]) -> None:
    found = {one for app in declared(declare, {"main.py": text}) for one in paths(app.app)}
    assert found == expected


def test_two_applications_in_one_repository() -> None:
    apps = declared(
        sanic.declare,
        {
            "shop/main.py": "from sanic import Sanic\nfrom shared import bp\napp = Sanic('shop')\napp.blueprint(bp)\n",
            "back/main.py": "from sanic import Sanic\nfrom shared import bp\napp = Sanic('back')\napp.blueprint(bp, url_prefix='/b')\n",
            "shared.py": "from sanic import Blueprint\nbp = Blueprint('s', '/s')\n@bp.get('/x')\ndef x(request): ...\n",
        },
    )
    assert [(found.app.key, list(paths(found.app))) for found in apps] == [
        ("back/main.py:app", ["GET /b/x"]),
        ("shop/main.py:app", ["GET /s/x"]),
    ]


# ----------------------------------------------------------------- what guards them


def test_an_aiohttp_middleware_that_is_not_understood() -> None:
    text = (
        AIOHTTP
        + "from gone import guard\napp.middlewares.append(guard)\nasync def f(r): ...\napp.router.add_get('/x', f)\n"
    )
    [found] = declared(aiohttp.declare, {"main.py": text})
    assert isinstance(found.app.endpoints[0].authentication, Unknown)
    assert isinstance(found.app.limits, Unknown)


def test_a_bottle_application_keeps_its_plugins_and_loses_its_hooks_where_it_is_mounted() -> None:
    text = (
        BOTTLE
        + """
inner = Bottle()
def plugin(f):
    def inner(*args):
        bottle.abort(401)
    return inner
@inner.hook("before_request")
def check():
    bottle.abort(401)
@inner.get("/x")
def x(): ...
app.get("/own", callback=x)
app.install(plugin)
app.mount("/in/", inner)
"""
    )
    [found] = declared(bottle.declare, {"main.py": text})
    asked = {one.path: limits(one.authentication) for one in found.app.endpoints}
    assert asked == {"/own": "main.plugin", "/in/x": "none"}


def test_no_http_middleware_of_falcon_guards_a_websocket() -> None:
    guard = "class G:\n    def process_request(self, req, resp):\n        raise falcon.HTTPUnauthorized()\n"
    text = (
        "import falcon\n"
        + guard
        + """
class R:
    async def on_get(self, req, resp): ...
    async def on_websocket(self, req, ws): ...
app = falcon.asgi.App(middleware=[G()])
app.add_route("/x", R())
"""
    )
    [found] = declared(falcon.declare, {"main.py": "import falcon.asgi\n" + text})
    asked = {one.methods: limits(one.authentication) for one in found.app.endpoints}
    assert asked == {("GET",): "main.G.process_request", ("WEBSOCKET",): "none"}


# ------------------------------------------------------------------- where they run


@pytest.mark.parametrize(
    ("text", "name", "runs"),
    [
        (TORNADO + "app = Application([('/x', H)])\n", "H.get", Context.LOOP),
        (SANIC + "@app.get('/x')\ndef f(request): ...\n", "f", Context.LOOP),
        (AIOHTTP + "def f(request): ...\napp.router.add_get('/x', f)\n", "f", Context.LOOP),
        (BOTTLE + "@app.get('/x')\ndef f(): ...\n", "f", Context.THREAD),
        (QUART + "@app.get('/x')\ndef f(): ...\n", "f", Context.THREAD),
        (FALCON + "app.add_route('/x', R())\n", "R.on_get", Context.THREAD),
    ],
)
def test_where_a_handler_runs_that_is_no_coroutine(text: str, name: str, runs: Context) -> None:
    found = project(text)
    contexts = {found.ev.index.scope(ref).qualname: held for ref, held in found.call_graph().contexts.items()}
    assert contexts[name] == {runs}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (AIOHTTP + "async def f(request): ...\napp.router.add_get('/x', f)\n", "aiohttp.web.Request"),
        (SANIC + "@app.get('/x')\ndef f(request): ...\n", "sanic.Request"),
        (FALCON + "app.add_route('/x', R())\n", "falcon.Request"),
    ],
)
def test_what_a_handler_is_given(text: str, given: str) -> None:
    [found] = [one for declare in ALL for one in declared(declare, {"main.py": text})]
    assert list(found.given.values()) == [given]
