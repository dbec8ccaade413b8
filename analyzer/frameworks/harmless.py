"""Names of well-known libraries whose decorators, dependencies and middlewares limit nobody's rate.

Library models (`markers: transparent`) say the same of what they describe; here stand the names that a project may
mention in a settings string alone, so that no import makes a model be loaded, and whole families.
"""

from __future__ import annotations

# A list by general knowledge of what these packages are for, not by reading each release: none of them exists to bound
# how often a client may call. allauth stands with its middleware alone: its views do limit log-ins.
_FAMILIES = (
    "aiocache.", "allauth.account.middleware.", "asgi_correlation_id.", "ariadne.", "ariadne_django.", "asgiref.",
    "auditlog.", "axes.", "brotli_asgi.", "bugsnag.", "builtins.", "cachalot.", "channels.", "contextlib.",
    "corsheaders.", "crum.", "csp.", "dataclasses.", "ddtrace.", "debug_toolbar.", "defender.",
    "dependency_injector.", "deprecated.", "django.", "django_browser_reload.", "django_filters.", "django_guid.",
    "django_hosts.", "django_htmx.", "django_otp.", "django_permissions_policy.", "django_prometheus.",
    "django_ratelimit.middleware.", "django_scopes.", "django_structlog.", "django_user_agents.", "djangoql.",
    "djangorestframework_camel_case.", "drf_spectacular.", "drf_yasg.", "elasticapm.", "fastapi.", "fastapi_cache.",
    "fastapi_pagination.", "fastapi_users.", "fastapi_utils.", "flasgger.", "flask.", "flask_babel.",
    "flask_caching.", "flask_cors.", "flask_jwt.", "flask_jwt_extended.", "flask_login.", "flask_pydantic.",
    "flask_restful.", "flask_restx.", "flask_security.", "flask_smorest.", "flask_talisman.", "flask_wtf.",
    "functools.", "graphene.", "graphene_django.", "guardian.", "health_check.", "hijack.", "impersonate.",
    "lockdown.", "log_request_id.", "logfire.", "maintenance_mode.", "mozilla_django_oidc.", "newrelic.",
    "oauth2_provider.", "opentelemetry.", "pghistory.", "prometheus_client.", "prometheus_fastapi_instrumentator.",
    "pyinstrument.", "ratelimit.middleware.", "request_id.", "rest_framework.", "rest_framework_simplejwt.",
    "reversion.", "scout_apm.", "sentry_sdk.", "sesame.", "session_security.", "silk.", "simple_history.",
    "social_django.", "sqlalchemy.", "starlette.", "starlette_context.", "starlette_csrf.", "starlette_exporter.",
    "starlette_prometheus.", "strawberry.", "structlog.", "tenacity.", "typing.", "typing_extensions.",
    "user_sessions.", "uvicorn.", "waffle.", "wagtail.", "watchman.", "webargs.", "werkzeug.", "whitenoise.",
    "wrapt.",
)  # fmt: skip


def harmless(name: str) -> bool:
    """Whether a qualified name belongs to a library that is known not to limit."""
    return name.startswith(_FAMILIES)
