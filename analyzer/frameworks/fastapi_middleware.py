"""Constructor arguments, `add_middleware`, `@app.middleware` → what guards a FastAPI or Starlette application."""

from __future__ import annotations

from collections.abc import Iterator

from ..libraries import canonical
from ..link.index import ScopeRef
from ..link.values import External, Frame, Instance
from ..model.code import Attribute, Call, Expr
from ..model.location import Location
from .body_limits import body_limit
from .evidence import Evidence, merged
from .extensions import extensions
from .guards import Guards, of_dependencies
from .idle_limits import SLOWAPI, slowapi_defaults, without_middleware
from .lists import items
from .middlewares import HIDDEN, function, named, standing, unseen
from .objects import Made, Objects, meant
from .sources import argument, code, read, sites
from .tree import Tree

_WHY = "a middleware that is not understood"


def app_wide(tree: Tree, app: Made) -> Evidence:
    """The evidence of an application's dependencies and middlewares."""
    guards, found = tree.guards, tree.objects
    ev = guards.ev
    parts = [of_dependencies(guards, app.call, app.frame), without_middleware(ev)]
    parts += [extensions(ev, found, app), body_limit(ev, app.site)]
    given = argument(ev, app.call, app.frame, "middleware", 2 if app.kind.startswith("starlette") else None)
    if given.expr is not None:
        held = items(ev, given.expr, given.frame)
        parts += [] if held.complete else [unseen(_WHY)]
        parts += [_listed(guards, expr, frame) for expr, frame in held.found]
    elif given.hidden:
        parts.append(unseen(HIDDEN))
    # Each that is added stands around those before it, and around what the constructor was given.
    return merged([*(one for _, one in sorted(_added(guards, found, app), key=_place, reverse=True)), *parts])


def _place(added: tuple[Location, Evidence]) -> Location:
    return added[0]


def _added(guards: Guards, found: Objects, app: Made) -> Iterator[tuple[Location, Evidence]]:
    """`app.add_middleware(Cls, …)` and `@app.middleware("http")`, each with its place."""
    for site in sites(guards.ev, "add_middleware"):
        called = read(guards.ev, site)
        if called is None or not isinstance(called[0].callee, Attribute):
            continue
        if app.site in meant(found, called[0].callee.value, called[1]).keys and called[0].args:
            yield Location(site.path, called[0].at), _middleware(guards, called[0].args[0], called[1])
    yield from _functions(guards, found, app)


def _listed(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One `Middleware(cls, …)` of a list."""
    for value in guards.ev.expr(expr, frame):
        if isinstance(value, Instance) and value.made and str(value.cls).endswith(".Middleware"):
            called = read(guards.ev, value.made)
            if called is not None and called[0].args:
                return _middleware(guards, called[0].args[0], called[1])
    return unseen(_WHY)


def _middleware(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    names = {canonical(guards.ev.libraries, v.name) for v in guards.ev.expr(expr, frame) if isinstance(v, External)}
    if names & set(SLOWAPI) and not slowapi_defaults(guards.ev)[0]:
        return named(guards.ev, expr, frame, Location(frame.ref.path, expr.at))
    return standing(guards, expr, frame, _WHY)


def _functions(guards: Guards, found: Objects, app: Made) -> Iterator[tuple[Location, Evidence]]:
    """`@app.middleware("http")`."""
    for path, facts in code(guards.ev):
        if "middleware" not in facts.attributes:
            continue
        for number, scope in enumerate(facts.scopes):
            for one in scope.decorators:
                if isinstance(one, Call) and isinstance(one.callee, Attribute) and one.callee.name == "middleware":
                    above = Frame(ScopeRef(path, scope.parent))
                    if app.site in meant(found, one.callee.value, above).keys:
                        at = Location(path, one.at)
                        yield at, function(guards, ScopeRef(path, number), at)
