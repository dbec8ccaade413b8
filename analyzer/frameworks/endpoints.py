"""A route inside what guards its router and application → the endpoint; endpoints → their application."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..model.answer import Known, Unknown
from ..model.endpoint import App, Endpoint, Purpose, Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .audience import audience
from .evidence import (
    AUTHORISATION,
    BODY_LIMIT,
    CACHING,
    CSRF,
    IDENTITY,
    MIDDLEWARE,
    Evidence,
    asked,
    at_path,
    inside,
    merged,
    settle,
)
from .guards import Guards
from .inputs import inputs
from .limiting import IDLE, limited, without
from .middlewares import all_seen
from .pagination import pagination
from .purpose import purpose
from .refusals import only_refuses
from .response_models import model_of
from .routes import Route
from .views import functions


def endpoint(guards: Guards, route: Route, path: str, framework: str, app: str, around: Evidence) -> Endpoint:
    """The endpoint that a route becomes under a prefix, inside what guards its router and application."""
    own = merged([route.handler.evidence, route.evidence])
    held = at_path(inside(own, around), path)
    evidence = asked(limited(without(held, guards.idle), route.methods), route.methods)
    handler = route.handler
    taken, all_of_them = inputs(guards.ev, handler.ref, handler.at, route.methods, path, framework)
    response = model_of(guards.ev, route, framework)
    return Endpoint(
        methods=route.methods,
        path=path,
        framework=framework,
        app=app,
        handler=handler.name,
        handler_at=handler.at,
        registered_at=route.at,
        is_async=handler.is_async,
        purpose=_purpose(guards, route, path),
        limits=settle(guards.ev, evidence),
        authentication=settle(guards.ev, evidence, IDENTITY),
        audience=audience(route.methods, path, handler.name),
        inputs=taken,
        all_inputs=all_of_them,
        authorisation=settle(guards.ev, evidence, AUTHORISATION),
        csrf=settle(guards.ev, evidence, CSRF),
        caching=settle(guards.ev, evidence, CACHING),
        body_limit=settle(guards.ev, evidence, BODY_LIMIT),
        middleware=tuple(p for p in evidence.found if p.kind == MIDDLEWARE),
        all_middleware=all_seen(guards.ev, evidence, framework),
        response=response,
        pagination=pagination(guards.ev, handler.ref, route.methods, taken, response),
        idle_limits=tuple(p for p in evidence.found if p.kind in IDLE),
    )


def _purpose(guards: Guards, route: Route, path: str) -> Purpose:
    """What an endpoint is for, by its words; by its code where that only refuses."""
    ref = route.handler.ref
    if ref is None:
        return purpose(path, route.handler.name)
    is_class = guards.ev.scope(ref).kind is ScopeKind.CLASS
    own = functions(guards.ev, ref, tuple(map(str.lower, route.methods))).values() if is_class else (ref,)
    refused = bool(own) and all(only_refuses(guards.ev, one) for one in own)
    return Purpose.REFUSAL if refused else purpose(path, route.handler.name)


def application(
    guards: Guards,
    key: str,
    framework: str,
    name: str,
    at: Location,
    table: Iterable[Endpoint],
    around: Evidence,
    whole: Known[bool] | Unknown,
    serves: Serves = Serves.HTTP,
) -> App:
    """An application with its endpoints, given in the order in which it tries them, and what guards all of them."""
    turned = (replace(found, turn=turn) for turn, found in enumerate(dict.fromkeys(table)))
    limits, asks = settle(guards.ev, around), settle(guards.ev, around, IDENTITY)
    return App(key, framework, name, at, tuple(sorted(turned, key=order)), limits, asks, whole, serves)


def order(found: Endpoint) -> tuple[str, tuple[str, ...], Location, Location]:
    """The order of endpoints in a table."""
    return (found.path, found.methods, found.registered_at, found.handler_at)
