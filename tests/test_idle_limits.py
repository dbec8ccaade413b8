"""Limits for some methods, and limits that a release of a library leaves without effect."""

from __future__ import annotations

import pytest
from backends import declared, limits, paths

from analyzer.frameworks.fastapi import declare as fastapi
from analyzer.frameworks.flask import declare as flask
from analyzer.model.endpoint import App, Idle

FLASK = """
from flask import Flask
from flask.views import MethodView
from flask_limiter import Limiter
app = Flask(__name__)
limiter = Limiter(str, app=app)
"""
SLOWAPI = """
from fastapi import APIRouter, FastAPI
from slowapi import Limiter
from slowapi.middleware import SlowAPIMiddleware
app = FastAPI()
app.state.limiter = Limiter(key_func=str, default_limits=["9/minute"])
app.add_middleware(SlowAPIMiddleware)
router = APIRouter()
@app.get("/direct")
def direct(): ...
@router.get("/included")
def included(): ...
app.include_router(router)
"""


def test_a_limit_for_one_method_of_a_class_leaves_the_others_without() -> None:
    [found] = declared(
        flask,
        {
            "main.py": FLASK
            + """
class Orders(MethodView):
    decorators = [limiter.limit("5/minute", methods=["post"])]
    def get(self): ...
    def post(self): ...
app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
"""
        },
    )
    assert paths(found.app) == {"GET /orders": "none", "POST /orders": "flask_limiter.Limiter.limit"}


@pytest.mark.parametrize(
    ("route", "limited", "expected"),
    [
        ('"GET", "POST"', '["POST"]', "flask_limiter.Limiter.limit"),  # the form itself may be asked for
        ('"GET", "POST"', '["GET"]', "none"),
        ('"GET"', '["GET"]', "flask_limiter.Limiter.limit"),
        ('"GET"', '["POST"]', "none"),
        ('"PUT", "POST"', '["POST"]', "none"),
        ('"PUT", "POST"', "CHOSEN", "flask_limiter.Limiter.limit"),  # which ones is not known
    ],
)
def test_a_limit_for_some_methods_of_a_function(route: str, limited: str, expected: str) -> None:
    code = f"""
@app.route("/x", methods=[{route}])
@limiter.limit("5/minute", methods={limited})
def x(): ...
"""
    [found] = declared(flask, {"main.py": FLASK + code})
    assert [limits(endpoint.limits) for endpoint in found.app.endpoints] == [expected]


@pytest.mark.parametrize(
    ("pin", "idle"),
    [
        ("==0.165.0", Idle.INCLUDED),
        (">=0.137,<1", Idle.INCLUDED),
        ("~=0.137.2", Idle.INCLUDED),
        (">=0.100", Idle.INCLUDED_NEWER),
        ("", Idle.INCLUDED_NEWER),
        ("<0.137", None),
        ("==0.136.9", None),
        ("~=0.136.0", None),
    ],
)
def test_what_a_release_of_fastapi_does_to_included_routers(pin: str, idle: Idle | None) -> None:
    app = _slowapi("requirements.txt", "fastapi", pin)
    direct, included = sorted(app.endpoints, key=lambda endpoint: endpoint.path)
    assert (direct.idle_limits, limits(direct.limits)) == ((), "slowapi.middleware.SlowAPIMiddleware")
    assert [found.kind for found in included.idle_limits] == ([idle] if idle else [])
    assert (limits(included.limits) == "none") == (idle is Idle.INCLUDED)


def test_poetry_keeps_a_release_before_1_below_the_next_minor_one() -> None:
    for pin, idle in (("^0.136.1", []), ("^0.137", [Idle.INCLUDED])):
        app = _slowapi("pyproject.toml", "tool.poetry.dependencies.fastapi", pin)
        assert [p.kind for e in app.endpoints if e.path == "/included" for p in e.idle_limits] == idle


def _slowapi(path: str, key: str, pin: str) -> App:
    [found] = declared(fastapi, {"main.py": SLOWAPI}, entries={path: {key: pin}})
    return found.app
