"""Constructor arguments, `add_middleware`, `@app.middleware` → what guards a FastAPI or Starlette application."""

from __future__ import annotations

from ..libraries import canonical
from ..link.index import ScopeRef
from ..link.values import External, Frame, Instance
from ..model.code import Attribute, Call, Expr
from ..model.location import Location
from .evidence import Evidence, doubt, merged
from .guards import Guards, of_dependencies, of_expr, own
from .lists import items
from .marks import standing
from .objects import Made, Objects, meant
from .sources import argument, code, read, sites
from .tree import Tree

SLOWAPI = ("slowapi.middleware.SlowAPIMiddleware", "slowapi.middleware.SlowAPIASGIMiddleware")
_WHY = "a middleware that is not understood"


def app_wide(tree: Tree, app: Made) -> Evidence:
    """The evidence of an application's dependencies and middlewares."""
    guards, found = tree.guards, tree.objects
    ev = guards.ev
    parts = [of_dependencies(guards, app.call, app.frame)]
    given = argument(ev, app.call, app.frame, "middleware", 2 if app.kind.startswith("starlette") else None)
    if given.expr is not None:
        held = items(ev, given.expr, given.frame)
        parts += [] if held.complete else [doubt(_WHY)]
        parts += [_listed(guards, expr, frame) for expr, frame in held.found]
    elif given.hidden:
        parts.append(doubt("arguments that are not understood"))
    for site in sites(ev, "add_middleware"):
        called = read(ev, site)
        if called is None or not isinstance(called[0].callee, Attribute):
            continue
        if app.site in meant(found, called[0].callee.value, called[1]).keys and called[0].args:
            parts.append(_middleware(guards, called[0].args[0], called[1]))
    parts += _functions(guards, found, app)
    return merged(parts)


def _listed(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One `Middleware(cls, …)` of a list."""
    for value in guards.ev.expr(expr, frame):
        if isinstance(value, Instance) and value.made and str(value.cls).endswith(".Middleware"):
            called = read(guards.ev, value.made)
            if called is not None and called[0].args:
                return _middleware(guards, called[0].args[0], called[1])
    return doubt(_WHY)


def _middleware(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    names = {canonical(guards.ev.libraries, v.name) for v in guards.ev.expr(expr, frame) if isinstance(v, External)}
    if names & set(SLOWAPI) and not _slowapi_defaults(guards):
        return Evidence()
    at = Location(frame.ref.path, expr.at)
    return merged([standing(guards.ev, guards.ev.expr(expr, frame), at), of_expr(guards, expr, frame, at, _WHY)])


def _slowapi_defaults(guards: Guards) -> bool:
    """Whether a slowapi limiter of the project has default limits; without them its middleware limits nothing."""
    ev = guards.ev
    for site in sites(ev, "Limiter"):
        called = read(ev, site)
        if called is None or "slowapi.Limiter" not in ev.qualified(called[0].callee, called[1]):
            continue
        for name, position in (("default_limits", 1), ("application_limits", 2)):
            given = argument(ev, *called, name, position)
            if given.hidden:
                return True
            if given.expr is not None:
                held = items(ev, given.expr, given.frame)
                if held.found or not held.complete:
                    return True
    return False


def _functions(guards: Guards, found: Objects, app: Made) -> list[Evidence]:
    """`@app.middleware("http")`."""
    parts = []
    for path, facts in code(guards.ev):
        if "middleware" not in facts.attributes:
            continue
        for number, scope in enumerate(facts.scopes):
            for one in scope.decorators:
                if isinstance(one, Call) and isinstance(one.callee, Attribute) and one.callee.name == "middleware":
                    above = Frame(ScopeRef(path, scope.parent))
                    if app.site in meant(found, one.callee.value, above).keys:
                        parts.append(own(guards, ScopeRef(path, number), Location(path, one.at)))
    return parts
