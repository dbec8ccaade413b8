"""Published backends → how each of them makes its application where it is installed: what `endpoints.py` compares with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Backend:
    """How the application of a release is made."""

    version: str
    kind: str
    framework: str  # of surface.py
    makes: str  # the lines that make `apps`: one for each way to configure it
    ours: str  # the file of our application, or of the root list of URLs
    environment: str = ""  # NAME=value NAME=value
    needs: tuple[str, ...] = ()  # installed besides
    paths: tuple[str, ...] = (".",)  # where its packages are


_DJANGO = "import django\ndjango.setup()\napps = [None]"
_KEY = "bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYSE="  # "not-a-secret", as some want it

BACKENDS = {
    # Read while the frameworks' modules were mended.
    "dstack": Backend(
        "0.19.20",
        "FastAPI",
        "starlette",
        "from dstack._internal.server.app import create_app, register_routes\napps = [create_app(), create_app()]\n"
        "register_routes(apps[0])\nregister_routes(apps[1], ui=False)",
        "src/dstack/_internal/server/app.py",
        needs=("dstack[server,gateway]==0.19.20",),
        paths=("src",),
    ),
    "argilla-server": Backend(
        "2.8.0",
        "FastAPI",
        "starlette",
        "from argilla_server._app import create_server_app\napps = [create_server_app()]",
        "src/argilla_server/_app.py",
        "ARGILLA_ENABLE_SHARE_YOUR_PROGRESS=true",
        paths=("src",),
    ),
    "marimo": Backend(  # under which path it answers is an option of the operator's: "…" to us
        "0.14.0",
        "Starlette",
        "starlette",
        "from marimo._server.main import create_starlette_app\napps = [create_starlette_app(base_url='/…')]",
        "marimo/_server/main.py",
    ),
    "privacyidea": Backend(
        "3.14",
        "Flask",
        "flask",
        "from privacyidea.app import create_app\napps = [create_app('testing', silent=True)]",
        "privacyidea/app.py",
    ),
    "zou": Backend(
        "1.0.97",
        "Flask",
        "flask",
        "from zou.app import create_app\nfrom zou import event_stream\napps = [create_app(), event_stream.app]",
        "zou/app/__init__.py",
        "SECRET_KEY=not-a-secret-not-a-secret-not-a-secret ADMIN_TOKEN=not-a-secret",
    ),
    "apache-superset": Backend(
        "6.0.0",
        "Flask-AppBuilder",
        "flask",
        "from superset.app import create_app\napps = [create_app()]",
        "superset/app.py",
        "SUPERSET_SECRET_KEY=not-a-secret",
    ),
    "label-studio": Backend(
        "1.23.2",
        "Django and DRF",
        "django",
        _DJANGO,
        "label_studio/core/urls.py",
        "DJANGO_DB=sqlite DJANGO_SETTINGS_MODULE=core.settings.label_studio",
        paths=(".", "label_studio"),
    ),
    "pretalx": Backend(
        "2026.1.2",
        "Django and DRF",
        "django",
        _DJANGO,
        "src/pretalx/urls.py",
        "DJANGO_SETTINGS_MODULE=pretalx.settings",
        paths=("src",),
    ),
    # Opened when those were done.
    "fittrackee": Backend(
        "1.3.6",
        "Flask",
        "flask",
        "from fittrackee import create_app\napps = [create_app(init_email=False)]",
        "fittrackee/__init__.py",
        "APP_SECRET_KEY=not-a-secret UI_URL=http://localhost DATABASE_URL=sqlite:// "
        "APP_SETTINGS=fittrackee.config.ProductionConfig",
    ),
    "fief-server": Backend(
        "0.30.0",
        "FastAPI",
        "starlette",
        "from fief.app import app\napps = [app]",
        "fief/app.py",
        f"SECRET=not-a-secret FIEF_CLIENT_ID=none FIEF_CLIENT_SECRET=none DATABASE_TYPE=SQLITE ENCRYPTION_KEY={_KEY}",
    ),
    "argus-server": Backend(
        "2.10.2",
        "Django and DRF",
        "django",
        _DJANGO,
        "src/argus/htmx/root_urls.py",
        "DJANGO_SETTINGS_MODULE=argus.site.settings.test_CI SECRET_KEY=not-a-secret DATABASE_URL=sqlite:// "
        "ARGUS_FRONTEND_URL=http://localhost EMAIL_HOST=localhost",
        paths=("src",),
    ),
    "kolibri": Backend(
        "0.18.0",
        "Django and DRF",
        "django",
        _DJANGO,
        "kolibri/deployment/default/urls.py",
        "DJANGO_SETTINGS_MODULE=kolibri.deployment.default.settings.base KOLIBRI_URL_PATH_PREFIX=…",
        paths=(".", "kolibri/dist"),
    ),
    "pulpcore": Backend(
        "3.95.3",
        "Django and DRF",
        "django",
        f"from pathlib import Path\nPath('key').write_text('{_KEY}')\n{_DJANGO}",
        "pulpcore/app/urls.py",
        "DJANGO_SETTINGS_MODULE=pulpcore.app.settings PULP_DB_ENCRYPTION_KEY=key PULP_SECRET_KEY=not-a-secret "
        "PULP_CONTENT_ORIGIN=http://localhost",
        needs=("setuptools<81",),
    ),
}
