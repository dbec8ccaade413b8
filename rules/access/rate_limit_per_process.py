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

from analyzer import Confidence, Known, Node, Project, Rule, Severity, Standard, Step, Suspicion

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
_CONFIGURED = ("RATELIMIT_STORAGE_URI", "RATELIMIT_STORAGE_URL")


def detect(project: Project) -> Iterator[Suspicion]:
    if any(project.settings(name) for name in _CONFIGURED) or project.mentions(_CONFIGURED):
        return
    several = [start for start in project.starts() if (n := _WORKERS.search(start.command)) and n[1] not in "01"]
    for option in project.options("limiter-storage"):
        call, items = option.argument.call, option.items
        if (
            not isinstance(items, Known)
            or option.soft
            or not str(next(iter(items.value), "memory")).startswith("memory")
        ):
            continue
        message = f"`{call.name.rpartition('.')[2]}` counts in the memory of each process"
        related = tuple(Step(start.at, "several processes are started here") for start in several)
        sure = None if several and call.sure else Confidence.LOW
        yield Suspicion(RULE.id, call.at, message, "", related=related, confidence=sure)
