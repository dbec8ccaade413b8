"""A route inside what guards its router and application → the endpoint; endpoints → their application."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.answer import Known, Unknown
from ..model.endpoint import App, Endpoint, Serves
from ..model.location import Location
from .audience import audience
from .evidence import IDENTITY, Evidence, asked, inside, merged, settle
from .guards import Guards
from .inputs import inputs
from .purpose import purpose
from .routes import Route


def endpoint(guards: Guards, route: Route, path: str, framework: str, app: str, around: Evidence) -> Endpoint:
    """The endpoint that a route becomes under a prefix, inside what guards its router and application."""
    own = merged([route.handler.evidence, route.evidence])
    evidence = inside(own, around)
    return Endpoint(
        methods=route.methods,
        path=path,
        framework=framework,
        app=app,
        handler=route.handler.name,
        handler_at=route.handler.at,
        registered_at=route.at,
        is_async=route.handler.is_async,
        purpose=purpose(path, route.handler.name),
        limits=settle(guards.ev, evidence),
        authentication=settle(guards.ev, asked(evidence, route.methods), IDENTITY),
        audience=audience(route.methods, path, route.handler.name),
        inputs=inputs(guards.ev, route.handler.ref, route.methods, path, framework),
        response=route.response,
    )


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
    """An application with its endpoints in order and what guards all of them."""
    limits, asks = settle(guards.ev, around), settle(guards.ev, around, IDENTITY)
    return App(key, framework, name, at, tuple(sorted(table, key=order)), limits, asks, whole, serves)


def order(found: Endpoint) -> tuple[str, tuple[str, ...], Location, Location]:
    """The order of endpoints in a table."""
    return (found.path, found.methods, found.registered_at, found.handler_at)
