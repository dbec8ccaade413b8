"""
The description of the whole API is open to everybody, while the API is not.

`/docs`, `/redoc` and `/openapi.json` list every path, parameter and model, the administrators' among them, with a form
to try each. Nobody gets in by that alone; whoever looks for the one endpoint without a check is spared the search.

Leave them on where the API is meant for the public. Else take them out where it is deployed
(`FastAPI(openapi_url=None if production else "/openapi.json")`), or serve them behind the log-in.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer import App, Confidence, Known, Node, Project, Purpose, Rule, Severity, Standard, Suspicion

RULE = Rule(
    id="api-docs-open",
    doc=__doc__,
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    cwe=200,
    standard=Standard.API_DESIGN,
    node=Node.CALL,
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer

        app = FastAPI(dependencies=[Depends(HTTPBearer())])

        @app.get("/orders")
        @app.get("/customers")
        @app.get("/invoices")
        @app.get("/refunds")
        @app.get("/salaries")
        def rows():
            return []
    """,
    good="""
        import os
        from fastapi import FastAPI

        app = FastAPI(openapi_url="/openapi.json" if os.environ.get("DEVELOPMENT") else None)

        @app.get("/orders")
        def orders():
            return []
    """,
)
_OPEN_TO_ALL = frozenset({Purpose.HEALTH, Purpose.DOCS, Purpose.STATIC, Purpose.LOGIN, Purpose.TOKEN, Purpose.SIGN_UP})
_FEW = 5  # endpoints: with fewer, what is behind the log-in is no secret


def detect(project: Project) -> Iterator[Suspicion]:
    apps = {app.at: app for app in project.apps() if app.framework == "fastapi" and app.endpoints}
    closed = {a.call.at.path for a in project.arguments("api-schema-url") if a.assigned}
    for option in project.options("api-schema-url"):
        argument = option.argument
        app = apps.get(argument.call.at)
        if app is None or argument.call.at.path in closed or argument.call.main_guard or option.soft:
            continue
        if isinstance(argument.value, Known) and argument.value.value:
            message = f"anybody may read the description of all {len(app.endpoints)} endpoints of `{app.name}`"
            confidence = None if _is_closed(app) else Confidence.LOW
            yield Suspicion(RULE.id, app.at, message, app.name, confidence=confidence)


def _is_closed(app: App) -> bool:
    """Whether nearly everything else asks who is there."""
    judged = [e for e in app.endpoints if e.purpose not in _OPEN_TO_ALL and isinstance(e.authentication, Known)]
    guarded = [e for e in judged if isinstance(e.authentication, Known) and e.authentication.value]
    return len(judged) >= _FEW and 10 * len(guarded) >= 9 * len(judged) and 2 * len(judged) > len(app.endpoints)
