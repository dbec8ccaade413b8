"""Tasks and events, which nobody outside asks for by himself → their application, with endpoints that need no guard."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..model.answer import Unknown
from ..model.endpoint import App, Endpoint, Purpose, Serves
from ..model.location import Location
from .endpoints import order
from .evidence import complete
from .routes import Route

INDOORS = Unknown("started by the backend's own queue, clock or cloud")


def indoors(
    ev: Evaluator, framework: str, name: str, at: Location, routes: Iterable[Route], serves: Serves, why: str = ""
) -> Declared:
    """An application that only the backend's own machinery asks; `why` where there may be more than is seen."""
    found, key = list(routes), f"{at.path}:{name}"
    table = dict.fromkeys(_endpoint(route, framework, key) for route in found)
    handlers = dict.fromkeys(route.handler.ref for route in found if route.handler.ref is not None)
    whole = complete(ev, why)
    app = App(key, framework, name, at, tuple(sorted(table, key=order)), INDOORS, INDOORS, whole, serves)
    return Declared(app, tuple(sorted(handlers)))


def _endpoint(route: Route, framework: str, key: str) -> Endpoint:
    return Endpoint(
        methods=route.methods,
        path=route.path,
        framework=framework,
        app=key,
        handler=route.handler.name,
        handler_at=route.handler.at,
        registered_at=route.at,
        is_async=route.handler.is_async,
        purpose=Purpose.OTHER,
        limits=INDOORS,
        authentication=INDOORS,
        authorisation=INDOORS,
        csrf=INDOORS,
    )
