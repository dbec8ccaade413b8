"""Names of well-known libraries whose decorators, dependencies and middlewares limit nobody's rate.

Library models (`markers: transparent`) say the same of what they describe; here stand the names that a project may
mention in a settings string alone, so that no import makes a model be loaded, and whole families.
"""

from __future__ import annotations

# Read in the libraries' own sources and documentation: none of these bounds how often a client may call.
_FAMILIES = (
    "aiocache.", "allauth.", "asgi_correlation_id.", "asgiref.", "auditlog.",
    "brotli_asgi.", "builtins.", "bugsnag.", "channels.",
    "contextlib.", "corsheaders.", "crum.", "csp.", "dataclasses.", "ddtrace.", "debug_toolbar.",
    "django.", "django_browser_reload.", "django_filters.", "django_guid.", "django_hosts.",
    "django_htmx.", "django_otp.", "django_permissions_policy.", "django_prometheus.", "django_structlog.",
    "django_user_agents.", "djangoql.", "drf_spectacular.", "drf_yasg.", "elasticapm.",
    "fastapi.", "fastapi_cache.", "fastapi_pagination.", "fastapi_users.", "fastapi_utils.", "flasgger.", "flask.", "flask_babel.", "flask_caching.",
    "flask_cors.", "flask_jwt.", "flask_jwt_extended.", "flask_login.", "flask_pydantic.", "flask_restful.", "flask_restx.", "flask_security.", "flask_smorest.",
    "flask_talisman.", "flask_wtf.", "functools.", "guardian.", "impersonate.", "lockdown.", "log_request_id.", "logfire.",
    "maintenance_mode.", "mozilla_django_oidc.", "newrelic.", "oauth2_provider.", "opentelemetry.", "pghistory.",
    "prometheus_client.", "prometheus_fastapi_instrumentator.", "reversion.", "request_id.", "scout_apm.", "sentry_sdk.", "session_security.", "sesame.",
    "silk.", "simple_history.", "social_django.", "sqlalchemy.", "starlette.", "starlette_context.", "starlette_exporter.",
    "starlette_prometheus.", "starlette_csrf.", "structlog.", "strawberry.", "tenacity.", "typing.", "typing_extensions.", "user_sessions.", "uvicorn.",
    "wagtail.", "waffle.", "watchman.", "webargs.", "whitenoise.", "werkzeug.", "hijack.", "djangorestframework_camel_case.", "django_ratelimit.middleware.", "ratelimit.middleware.",
    "axes.", "defender.", "rest_framework.", "rest_framework_simplejwt.", "cachalot.", "health_check.", "django_scopes.", "pyinstrument.", "dependency_injector.", "wrapt.", "deprecated.",
)  # fmt: skip


def harmless(name: str) -> bool:
    """Whether a qualified name belongs to a library that is known not to limit."""
    return name.startswith(_FAMILIES)
