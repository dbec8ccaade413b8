"""Who asks who is calling: what the frameworks say of each endpoint, and whom an endpoint is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from backends import declared, limits

from analyzer.frameworks import django, fastapi, flask
from analyzer.frameworks.audience import audience
from analyzer.link import build
from analyzer.link.declared import Declared
from analyzer.link.deployment import probes, starts
from analyzer.link.evaluate import Evaluator
from analyzer.link.index import Index
from analyzer.model.answer import Known
from analyzer.model.endpoint import App
from analyzer.model.facts import Entry, Extracted, TextFacts
from analyzer.model.location import Span

FASTAPI = (
    "from fastapi import Depends, FastAPI, HTTPException\nfrom fastapi.security import HTTPBearer\napp = FastAPI()\n"
)
FLASK = "from flask import Flask, abort, g, redirect, session, url_for\napp = Flask(__name__)\n"
DJANGO = {"shop/__init__.py": "", "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n'}


def asked(app: App) -> dict[str, str]:
    """ "POST /orders" → who asks."""
    return {f"{' '.join(e.methods)} {e.path}": limits(e.authentication) for e in app.endpoints}


def only(declare: Callable[[Evaluator], Iterable[Declared]], files: Mapping[str, str], **more: Any) -> App:
    """The only application of a backend."""
    [found] = declared(declare, files, **more)
    app: App = found.app
    return app


# ------------------------------------------------------------------ FastAPI

SCHEMES = {
    "depends=[Depends(HTTPBearer())]": "fastapi.security.HTTPBearer",
    "depends=[Depends(HTTPBearer(auto_error=False))]": "none",
    "depends=[Depends(own)]": "main.own",
    "depends=[Depends(through)]": "main.through",
    "depends=[Depends(connection)]": "none",
    "depends=[Depends(get_current_user)]": "? a guard that is not seen to turn anybody away",
    "depends=[Depends(audit_user)]": "none",
    "depends=[Depends(csrf_check)]": "none",
    "depends=unknown()": "? a dependency that is not understood",
}
OWN = """
from outside import unknown
def own(token: str):
    if token != "x":
        raise HTTPException(401)
def through(user=Depends(own)): ...
def connection(): ...
def get_current_user(): ...
def audit_user(request):
    log(request.user)
def csrf_check():
    raise HTTPException(401)
"""


@pytest.mark.parametrize(("written", "who"), SCHEMES.items())
def test_fastapi_dependencies(written: str, who: str) -> None:
    given = written.removeprefix("depends=")
    source = f'{FASTAPI}{OWN}\n@app.post("/x", dependencies={given})\ndef x(): ...\n'
    assert asked(only(fastapi.declare, {"main.py": source})) == {"POST /x": who}


def test_a_handler_that_turns_strangers_away_asks() -> None:
    source = f'{FASTAPI}@app.post("/x")\ndef x(request):\n    if not request.headers.get("Authorization"):\n        raise HTTPException(status_code=401)\n'
    assert asked(only(fastapi.declare, {"main.py": source})) == {"POST /x": "main.x"}


def test_an_error_translated_into_401_is_no_refusal_by_itself() -> None:
    source = f"{FASTAPI}from shop import buy, Refused\n@app.post('/x')\ndef x():\n    try:\n        buy()\n    except Refused:\n        raise HTTPException(401)\n"
    assert asked(only(fastapi.declare, {"main.py": source})) == {"POST /x": "? a handler that looks at who is asking"}


# -------------------------------------------------------------------- Flask

DECORATORS = {
    "from flask_login import login_required as guard": "flask_login.login_required",
    "from flask_jwt_extended import jwt_required\nguard = jwt_required()": "flask_jwt_extended.jwt_required",
    "from flask_jwt_extended import jwt_required\nguard = jwt_required(optional=True)": "none",
    "from flask_httpauth import HTTPBasicAuth\nauth = HTTPBasicAuth()\nguard = auth.login_required": "login_required",
    "from flask_caching import Cache\ncache = Cache()\nguard = cache.cached(60)": "none",
    "from elsewhere import guard": "? a decorator that is not understood",
}


@pytest.mark.parametrize(("head", "who"), DECORATORS.items())
def test_flask_decorators(head: str, who: str) -> None:
    source = f'{FLASK}{head}\n@app.post("/x")\n@guard\ndef x(): ...\n'
    [found] = asked(only(flask.declare, {"main.py": source})).values()
    assert found == who or found.endswith(f".{who}")


@pytest.mark.parametrize(
    ("body", "who"),
    {
        'if "user" not in session: return redirect(url_for("login"))': "main.before",
        'g.user = session.get("user")': "none",
        "check_token(session)": "? a guard that is not seen to turn anybody away",
        "abort(403)": "? a guard that is not seen to turn anybody away",
        "if g.auth_user:\n        if g.auth_user.disabled: raise Forbidden": "? a guard that is not seen to turn anybody away",
    }.items(),
)
def test_flask_hooks(body: str, who: str) -> None:
    source = f'{FLASK}from tokens import check_token\n@app.before_request\ndef before():\n    {body}\n@app.post("/x")\ndef x(): ...\n'
    found = only(flask.declare, {"main.py": source})
    assert asked(found) == {"POST /x": who}
    assert limits(found.authentication) == who


HOOKED = {
    "@app.before_request\n@login_required\ndef known(): ...": "main.known",
    "app.before_request(lambda: count())": "none",
    "app.before_request(lambda: check_token())": "check_token",
}


@pytest.mark.parametrize(("hook", "who"), HOOKED.items())
def test_what_a_hook_is_made_of(hook: str, who: str) -> None:
    source = f"{FLASK}from flask_login import login_required\n{hook}\n@app.post('/x')\ndef x(): ...\n"
    assert asked(only(flask.declare, {"main.py": source})) == {"POST /x": who}


GIVEN = {"": "main.asks", "optional_user=True": "none", "optional_user=False": "main.asks", "required=False": "none"}


@pytest.mark.parametrize(("given", "who"), GIVEN.items())
def test_a_guard_that_is_told_to_let_strangers_through(given: str, who: str) -> None:
    guard = "def asks(optional_user=False, required=True):\n    def inner(f):\n        if not g.user: abort(401)\n        return f\n    return inner\n"
    source = f"{FLASK}{guard}@app.post('/x')\n@asks({given})\ndef x(): ...\n"
    assert asked(only(flask.declare, {"main.py": source})) == {"POST /x": who}


def test_a_helper_that_refuses_asks_for_the_handler() -> None:
    helper = "def assert_user():\n    if not g.user: abort(401)\n"
    source = f"{FLASK}{helper}@app.post('/x')\ndef x():\n    user = assert_user()\n    return user.name\n"
    assert asked(only(flask.declare, {"main.py": source})) == {"POST /x": "main.assert_user"}


# ------------------------------------------------------------------- Django

VIEWS = {
    "from django.contrib.auth.decorators import login_required\n@login_required\ndef view(request): ...": (
        "django.contrib.auth.decorators.login_required"
    ),
    "def view(request):\n    if not request.user.is_authenticated: return redirect('/login/')": "shop.views.view",
    "def view(request): return request.user": "? a handler that looks at who is asking",
    "def view(request): ...": "none",
}


@pytest.mark.parametrize(("source", "who"), VIEWS.items())
def test_django_views(source: str, who: str) -> None:
    urls = "from django.urls import path\nfrom .views import view\nurlpatterns = [path('x', view)]"
    files = DJANGO | {"shop/urls.py": urls, "shop/views.py": source}
    assert asked(only(django.declare, files)) == {"* /x": who}


def test_the_login_middleware_and_its_exemption() -> None:
    settings = 'ROOT_URLCONF = "shop.urls"\nMIDDLEWARE = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]\n'
    urls = "from django.urls import path\nfrom .views import shut, open_\nurlpatterns = [path('a', shut), path('b', open_)]"
    views = "from django.contrib.auth.decorators import login_not_required\ndef shut(request): ...\n@login_not_required\ndef open_(request): ...\n"
    app = only(django.declare, DJANGO | {"shop/settings.py": settings, "shop/urls.py": urls, "shop/views.py": views})
    assert asked(app) == {"* /a": "django.contrib.auth.middleware.LoginRequiredMiddleware", "* /b": "none"}
    opened = app.endpoints[1].authentication
    assert isinstance(opened, Known) and opened.at[0].path == "shop/views.py"  # somebody wrote so


def test_who_may_read_and_who_may_write() -> None:
    settings = 'ROOT_URLCONF = "shop.urls"\nREST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"]}\n'
    urls = "from django.urls import path\nfrom .views import Reads, Writes\nurlpatterns = [path('a', Reads.as_view()), path('b', Writes.as_view())]"
    views = "from rest_framework import generics\nclass Reads(generics.ListAPIView): ...\nclass Writes(generics.DestroyAPIView): ...\n"
    found = asked(
        only(django.declare, DJANGO | {"shop/settings.py": settings, "shop/urls.py": urls, "shop/views.py": views})
    )
    assert found == {"GET /a": "none", "DELETE /b": "rest_framework.permissions.IsAuthenticatedOrReadOnly"}


# --------------------------------------------------------- audience, deployment

AUDIENCES = {
    ("DELETE", "/users/{user}", "users.remove"): "unsaid",
    ("POST", "/users", "users.add"): "anybody",  # who signs up
    ("POST", "/admin/users", "users.add"): "operators",
    ("POST", "/invoices/{token}", "invoices.pay"): "anybody",
    ("POST", "/auth/email", "auth.change"): "anybody",
    ("POST", "/contact", "contact"): "anybody",
    ("POST", "/administer", "x"): "unsaid",
}


@pytest.mark.parametrize(("endpoint", "whom"), AUDIENCES.items())
def test_audience(endpoint: tuple[str, str, str], whom: str) -> None:
    method, path, handler = endpoint
    assert audience((method,), path, handler) == whom


def index(entries: Mapping[str, Mapping[str, str]]) -> Index:
    """The index of some deployment files."""
    files = []
    for path, values in entries.items():
        lines = tuple(Entry(key, value, Span(n, 0, n, 1)) for n, (key, value) in enumerate(values.items(), 1))
        files.append(Extracted(path, TextFacts(lines, (), len(lines))))
    return build(files, ())


def test_what_starts_and_what_asks() -> None:
    found = index({
        "Dockerfile": {"from": "python:3", "healthcheck": "CMD wget -qO- http://127.0.0.1:8000/livez || exit 1", "cmd": '["fastapi", "run", "main.py"]'},
        "compose.yml": {
            "services.api.build": ".",
            "services.api.command": "gunicorn shop.wsgi:application",
            "services.api.healthcheck.test.0": "CMD",
            "services.api.healthcheck.test.1": "curl http://localhost/ready?full=1",
            "services.db.image": "postgres",
            "services.db.healthcheck.test": "curl http://localhost/db",
        },
        "worker/Dockerfile": {"from": "python:3", "cmd": "celery worker"},
    })  # fmt: skip
    assert [(s.at.path, s.targets) for s in starts(found)] == [
        ("Dockerfile", ()), ("compose.yml", (("shop.wsgi", "application"),)),
    ]  # fmt: skip
    assert [(p.what, p.path) for p in probes(found)] == [
        ("HEALTHCHECK", "/livez"), ("healthcheck", "/ready"),
    ]  # fmt: skip
