"""Classes around FastAPI's and Starlette's handlers → the methods that they answer, and what they depend on."""

from __future__ import annotations

from dataclasses import replace

from ..link import classes
from ..link.index import ScopeRef, body, enclosing_class
from ..link.values import Frame
from ..model.code import AnnAssign, Assign, Call, Param
from ..model.facts import ScopeKind
from .evidence import Evidence, merged
from .guards import Guards, of_param, of_parameters
from .routes import Route
from .views import functions

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


def of_owner(guards: Guards, ref: ScopeRef) -> Evidence:
    """What the class around a handler declares for all of its methods: `user: User = Depends(current_user)`.

    fastapi-utils' `@cbv(router)` and its like turn such a class's attributes into parameters of every handler.
    """
    ev = guards.ev
    cls = enclosing_class(ev.index, ref)
    parts = []
    for base in classes.bases(ev, cls) if cls is not None else ():
        if not isinstance(base, ScopeRef):
            continue
        above = Frame(ScopeRef(base.path, ev.scope(base).parent))
        for statement in body(ev.index, base):
            match statement:
                case Assign(value=Call() as call):
                    parts.append(of_param(guards, Param(statement.at, "", "normal", None, call), above))
                case AnnAssign(annotation=annotation, value=value):
                    parts.append(of_param(guards, Param(statement.at, "", "normal", annotation, value), above))
                case _:
                    pass
        parts += [of_parameters(guards, init) for init in functions(ev, base, ("__init__",)).values()]
    return merged(parts)
