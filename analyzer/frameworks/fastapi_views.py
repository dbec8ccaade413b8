"""Starlette's class endpoints → the methods that they answer."""

from __future__ import annotations

from dataclasses import replace

from ..link import classes
from ..link.index import ScopeRef
from ..model.facts import ScopeKind
from .guards import Guards
from .routes import Route

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def of_class(guards: Guards, route: Route) -> list[Route]:
    """One route per class that answers its methods; [] where the handler is no class of the project."""
    ev, ref = guards.ev, route.handler.ref
    if ref is None or ev.scope(ref).kind is not ScopeKind.CLASS or route.methods == ("WEBSOCKET",):
        return []
    found: set[str] = set()
    for base in classes.bases(ev, ref):
        if isinstance(base, ScopeRef):
            found.update(name.upper() for name in _METHODS if name in ev.bindings(base))
    return [replace(route, methods=tuple(sorted(found)))] if found else []
