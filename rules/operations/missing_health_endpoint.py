"""
Nothing can ask the backend whether it is well.

A process that hangs looks like one that works: the port is open, the container is "up", and the balancer goes on
sending requests to it. Only a path that answers when the backend can work, and fails when it cannot, lets Docker or
Kubernetes restart it and lets the balancer take it out; without one, people find out first. A probe that asks for a
path which no route answers is worse: it fails for ever, and healthy containers are killed again and again.

Answer `/healthz` with nothing but "I am alive", and `/readyz` with a short look at what every request needs, such as
the database; then name them in `HEALTHCHECK`, `healthcheck:` or `livenessProbe:`. Where something else answers for the
backend, say so once: `health = "sidecar"` under `[tool.backend-audit.assume]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer import (  # isort: skip
    App, Confidence, Endpoint, Known, Node, Probe, Project, Rule, Severity, Standard, Start, Step, Suspicion, Unjudged
)  # fmt: skip

RULE = Rule(
    id="missing-health-endpoint",
    doc=__doc__,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    cwe=None,
    standard=Standard.OPERATIONS,
    node=Node.CALL,
    assume="health",
    since="0.1",
    bad={
        "Dockerfile": """
            FROM python:3.13
            COPY app.py .
            CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]
        """,
        "app.py": """
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/orders")
            def orders(): ...
        """,
    },
    good={
        "Dockerfile": """
            FROM python:3.13
            COPY app.py .
            HEALTHCHECK CMD curl --fail http://localhost:8000/healthz
            CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]
        """,
        "app.py": """
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/orders")
            def orders(): ...

            @app.get("/healthz")
            def alive(): ...
        """,
    },
)
# As they are written in paths, names and the packages that bring such an endpoint.
_WORDS = ("health", "livez", "liveness", "readyz", "readiness", "heartbeat", "/ping", "/alive")
_WELL = re.compile(r"health|live|ready|readiness|heartbeat|watchman|\bping\b|alive|status|\bup\b|probe", re.IGNORECASE)
_BROUGHT = ("/docs", "/redoc", "/openapi.json", "/static")  # answered without a route of the project's
_PARAMETER = re.compile(r"\\\{[^}]*:path\\\}|<path:[^>]*>|…|\\\{[^}]*\\\}|<[^>]*>")


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    starts, probes = project.starts(), project.probes()
    apps = [app for app in project.apps() if app.endpoints]
    for app in apps:
        start = next((start for start in starts if _serves(start, app, len(apps))), None)
        if start is None:
            continue
        if not isinstance(app.complete, Known):
            yield Unjudged(RULE.id, app.complete.why, app.at)
            continue
        lost = [p for p in probes if p.path not in ("", "/") and not _answers(app, p.path)] if len(apps) == 1 else []
        if lost:
            what = f"`{lost[0].what}` asks for `{lost[0].path}`"
            yield _suspicion(app, f"{what}, which no route of `{app.name}` answers", lost[0])
        elif not probes and not any(map(_is_health, app.endpoints)) and not project.mentions(_WORDS):
            yield _suspicion(app, f"no route of `{app.name}` says whether it is well", start)


def _serves(start: Start, app: App, count: int) -> bool:
    """Whether a command starts this application: it names its module, or there is no other one."""
    home = app.at.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    named = [module for module, _ in start.targets]
    return count == 1 or any(home == module or home.endswith(f".{module}") for module in named)


def _is_health(endpoint: Endpoint) -> bool:
    return bool(_WELL.search(endpoint.path)) or bool(_WELL.search(endpoint.handler.rpartition(".")[2]))


def _answers(app: App, path: str) -> bool:
    """Whether a route may answer a path, with or without a prefix that a proxy takes away."""
    if path.startswith(_BROUGHT):
        return True
    asked = path.rstrip("/")
    for endpoint in app.endpoints:
        written = re.escape(endpoint.path.strip("/^$"))
        pattern = _PARAMETER.sub(lambda held: ".*" if "path" in held[0] or held[0] == "…" else "[^/]+", written)
        if pattern and re.search(f"(?:^|/){pattern}$", asked):
            return True
    return False


def _suspicion(app: App, message: str, cause: Start | Probe) -> Suspicion:
    words = "started here" if isinstance(cause, Start) else "asked here"
    node = Node.ASSIGNMENT if app.framework == "django" else Node.EXPRESSION  # the root URL list, or where it is made
    return Suspicion(RULE.id, app.at, message, app.name, related=(Step(cause.at, words),), node=node)
