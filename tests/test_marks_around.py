"""What else stands around an endpoint: checks against forged requests, caches, limits of a body, middleware by name."""

from __future__ import annotations

from backends import declared, limits, place

from analyzer.frameworks import django, fastapi, flask
from analyzer.model.endpoint import Endpoint

DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n",
    "settings.py": """
        ROOT_URLCONF = "urls"
        MIDDLEWARE = [
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "own.Stamp",
        ]
        """,
    "own.py": "class Stamp:\n    def __init__(self, get_response): ...\n",
    "urls.py": """
        from django.urls import path
        from django.views.decorators.cache import cache_page
        import views
        urlpatterns = [
            path("a/", views.plain),
            path("b/", views.exempt),
            path("c/", cache_page(60)(views.plain)),
        ]
        """,
    "views.py": """
        from django.views.decorators.csrf import csrf_exempt
        def plain(request): ...
        @csrf_exempt
        def exempt(request): ...
        """,
}


def told(found: tuple[Endpoint, ...]) -> dict[str, tuple[str, str, str]]:
    """Path → what is known of forged requests, caches and the size of a body."""
    return {e.path: (limits(e.csrf), limits(e.caching), limits(e.body_limit)) for e in found}


def test_django_by_its_middleware_and_decorators() -> None:
    [found] = declared(django.declare, DJANGO)
    csrf, size = "django.middleware.csrf.CsrfViewMiddleware", "django.conf.settings.DATA_UPLOAD_MAX_MEMORY_SIZE"
    assert told(found.app.endpoints) == {
        "/a/": (csrf, "none", size),
        "/b/": ("none", "none", size),
        "/c/": (csrf, "django.views.decorators.cache.cache_page", size),
    }
    assert [(m.what, place(m.at)) for m in found.app.endpoints[0].middleware] == [
        ("django.middleware.security.SecurityMiddleware", "settings.py:4:4"),
        (csrf, "settings.py:5:4"),
        ("own.Stamp", "settings.py:6:4"),
    ]


def test_a_body_of_any_size_where_the_setting_says_so() -> None:
    files = DJANGO | {"settings.py": 'ROOT_URLCONF = "urls"\nDATA_UPLOAD_MAX_MEMORY_SIZE = None\n'}
    [found] = declared(django.declare, files)
    assert {size for _, _, size in told(found.app.endpoints).values()} == {"none"}


def test_flask_by_its_extensions_and_configuration() -> None:
    source = """
        from flask import Flask
        from flask_wtf.csrf import CSRFProtect
        app = Flask(__name__)
        csrf = CSRFProtect()
        csrf.init_app(app)
        app.config["MAX_CONTENT_LENGTH"] = 1_000_000

        @app.post("/a")
        def a(): ...

        @app.post("/b")
        @csrf.exempt
        def b(): ...
        """
    [found] = declared(flask.declare, {"main.py": source})
    assert told(found.app.endpoints) == {
        "/a": ("flask_wtf.csrf.CSRFProtect", "none", "MAX_CONTENT_LENGTH"),
        "/b": ("none", "none", "MAX_CONTENT_LENGTH"),
    }


def test_a_gateway_and_a_middleware_that_nobody_knows() -> None:
    source = """
        from fastapi import FastAPI
        from somewhere import Strange
        app = FastAPI()
        app.add_middleware(Strange)

        @app.post("/a")
        def a(): ...
        """
    entries = {"nginx.conf": {"http.server.client_max_body_size": "2m"}}
    [found] = declared(fastapi.declare, {"main.py": source}, entries=entries)
    unknown = "? a middleware that is not understood"
    assert told(found.app.endpoints) == {"/a": (unknown, unknown, "nginx client_max_body_size")}
    assert [m.what for m in found.app.endpoints[0].middleware] == ["somewhere.Strange"]
