"""
An endpoint changes something for whoever asks.

Whoever finds the path may create, change or delete what it reaches, and no log tells who it was.

Ask where nobody can forget it: `dependencies=[Depends(current_user)]` on the router or application, `before_request` on
the blueprint, `DEFAULT_PERMISSION_CLASSES` in Django REST framework, `LoginRequiredMiddleware` in Django; then open
what is for everybody. Where a gateway asks, say so: `authentication = "gateway"` under `[tool.backend-audit.assume]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from analyzer import (  # isort: skip
    App, Audience, Confidence, Endpoint, Known, Location, Node, Norm, Project, Purpose, Rule, SchemaField, Severity,
    Standard, Step, Suspicion, Unjudged,
)  # fmt: skip

RULE = Rule(
    id="endpoint-without-authentication",
    doc=__doc__,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    cwe=306,
    standard=Standard.SECURITY,
    node=Node.FUNCTION,
    assume="authentication",
    since="0.1",
    bad="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer
        app = FastAPI()

        @app.get("/orders/{order_id}", dependencies=[Depends(HTTPBearer())])
        def order(order_id: int): ...

        @app.delete("/orders/{order_id}")
        def cancel(order_id: int): ...
    """,
    good="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer
        app = FastAPI(dependencies=[Depends(HTTPBearer())])

        @app.delete("/orders/{order_id}")
        def cancel(order_id: int): ...
    """,
)
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "*"})  # "*": a view that does not say; most of them read
_KEEPING = frozenset({"PUT", "PATCH", "DELETE"})  # there is something that belongs to somebody
_MOSTLY = 0.8  # of the endpoints ask: then one that is read without being asked stands out
_MOST = 10  # routes named in the one finding of an application


def detect(project: Project) -> Iterator[Suspicion | Unjudged]:
    named, told = list[Endpoint](), set[Location]()
    norms = {e: norm for norm in project.norms() if norm.kind == "authentication" for e in norm.strangers}
    asking = {e for s in project.schemas() if any(map(_guarded, s.fields)) for e in project.serving_endpoints(s)}
    for app in project.apps():
        judged = [endpoint for endpoint in app.endpoints if _for_somebody(endpoint) and endpoint not in asking]
        for endpoint in judged:
            if not isinstance(endpoint.authentication, Known):
                yield Unjudged(RULE.id, endpoint.authentication.why, endpoint.handler_at)
        sure = [(e, e.authentication.value) for e in judged if isinstance(e.authentication, Known)]
        bare = sorted((e for e, who in sure if not who), key=_worst_first)
        writing = [e for e in bare if _writes(e)]
        guarded = len(sure) - len(bare)
        if guarded and 2 * guarded >= len(writing):
            reading = [e for e in bare if not _writes(e) and e not in norms]  # those are said as one group
            named += writing + (reading if guarded >= _MOSTLY * len(sure) else [])
        elif not (writing and isinstance(app.authentication, Known) and 2 * len(sure) >= len(judged)):
            continue
        elif not told.issuperset(e.handler_at for e in writing):  # routes that two applications share are one cause
            told.update(e.handler_at for e in writing)
            yield _unasked_together(app, bare, len(sure), whole=len(sure) == len(judged))
    for _, same in groupby(sorted(named, key=lambda e: e.handler_at), key=lambda e: e.handler_at):
        worst = min(same, key=_worst_first)
        yield _unasked(worst, norms.get(worst))


def _for_somebody(endpoint: Endpoint) -> bool:
    known = endpoint.path != "…" and "WEBSOCKET" not in endpoint.methods
    return known and endpoint.purpose is Purpose.OTHER and endpoint.audience is not Audience.ANYBODY


def _guarded(field: SchemaField) -> bool:
    return isinstance(field.guards, Known) and bool(field.guards.value)


def _writes(endpoint: Endpoint) -> bool:
    return not _READING.issuperset(endpoint.methods)


def _worst_first(endpoint: Endpoint) -> tuple[bool, bool, bool, str, tuple[str, ...]]:
    operators = endpoint.audience is Audience.OPERATORS
    return not _writes(endpoint), not operators, _KEEPING.isdisjoint(endpoint.methods), endpoint.path, endpoint.methods


def _unasked(endpoint: Endpoint, norm: Norm | None) -> Suspicion:
    """Others ask who is calling, this one does not; where somebody wrote so, it may be meant."""
    opened = isinstance(endpoint.authentication, Known) and endpoint.authentication.at
    operators, name = endpoint.audience is Audience.OPERATORS, f"{','.join(endpoint.methods)} {endpoint.path}"
    others = f"{norm.followed} of {norm.total} beside it" if norm else "other endpoints"
    message = f"`{name}` asks nobody who is calling, while {others} do"
    sure = Confidence.LOW if opened or not _writes(endpoint) else None
    severity = None if _writes(endpoint) or operators else Severity.MEDIUM
    return Suspicion(RULE.id, endpoint.handler_at, message, name, (), (), sure, severity)


def _unasked_together(app: App, bare: Sequence[Endpoint], count: int, *, whole: bool) -> Suspicion:
    """Hardly anything asks: one cause, where the application is made."""
    how_many, verb = ("none", "asks") if len(bare) == count else (f"{len(bare)}", "do not ask")
    certain = whole and not _KEEPING.isdisjoint(method for endpoint in bare for method in endpoint.methods)
    routes = [Step(e.handler_at, f"`{','.join(e.methods)} {e.path}`") for e in bare[:_MOST]]
    message = f"{how_many} of {count} endpoints of `{app.name}` {verb} who is calling; worst: {routes[0].message}"
    node = Node.ASSIGNMENT if app.framework == "django" else Node.EXPRESSION  # the URL list, or where it is made
    sure = None if certain else Confidence.LOW
    return Suspicion(RULE.id, app.at, message, app.name, (), tuple(routes), sure, None, node)
