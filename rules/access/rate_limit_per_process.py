"""
Each process counts the requests of a client for itself.

Flask-Limiter and slowapi keep their counters in memory unless they are told where else. With four workers "5 per
minute" is twenty, with ten instances two hundred, and each deployment starts again at zero: the limit on log-ins is
then as high as the service is large.

Give the limiter a store that all processes share: `storage_uri="redis://…"`, or `RATELIMIT_STORAGE_URI`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import Confidence, Known, Node, Option, Project, Rule, Severity, Standard, Step, Suspicion

RULE = Rule(
    id="rate-limit-per-process",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    cwe=770,
    standard=Standard.API_DESIGN,
    node=Node.CALL,
    since="0.1",
    bad={
        "shop.py": """
            from flask import Flask
            from flask_limiter import Limiter
            from flask_limiter.util import get_remote_address

            app = Flask("shop")
            limiter = Limiter(get_remote_address, app=app, default_limits=["60/minute"])
        """,
        "Dockerfile": """
            FROM python:3.13-slim
            CMD ["gunicorn", "--workers", "4", "shop:app"]
        """,
    },
    good={
        "shop.py": """
            from flask import Flask
            from flask_limiter import Limiter
            from flask_limiter.util import get_remote_address

            app = Flask("shop")
            limiter = Limiter(get_remote_address, app=app, default_limits=["60/minute"], storage_uri="redis://redis:6379/0")
        """,
        "Dockerfile": """
            FROM python:3.13-slim
            CMD ["gunicorn", "--workers", "4", "shop:app"]
        """,
    },
)
_WORKERS = re.compile(r"(?:--workers|--processes|(?:^|\s)-w)[= ]*(\d+|\$)")
# Flask's own keys, also where code takes them from the library: `app.config[flask_limiter.extension.C.STORAGE_URI]`.
_SETTINGS = ("RATELIMIT_STORAGE_URI", "RATELIMIT_STORAGE_URL")
_CONFIGURED = (*_SETTINGS, "STORAGE_URI", "STORAGE_URL")


def detect(project: Project) -> Iterator[Suspicion]:
    if any(project.settings(name) for name in _SETTINGS) or project.mentions(_CONFIGURED):
        return
    several = [start for start in project.starts() if (n := _WORKERS.search(start.command)) and n[1] not in "01"]
    kept = [option.argument.call for option in project.options("limiter-storage") if _in_memory(option)]
    if not kept:
        return
    first, *others = sorted(kept, key=lambda call: (not call.sure, call.at))  # one cause: nothing says where to count
    message = f"`{first.name.rpartition('.')[2]}` counts in the memory of each process"
    related = (
        *(Step(start.at, "several processes are started here") for start in several),
        *(Step(call.at, "and so does this one") for call in others),
    )
    sure = None if several and first.sure else Confidence.LOW
    yield Suspicion(RULE.id, first.at, message, "", related=related, confidence=sure)


def _in_memory(option: Option) -> bool:
    if not isinstance(option.items, Known) or option.soft:
        return False
    return str(next(iter(option.items.value), "memory")).startswith("memory")
