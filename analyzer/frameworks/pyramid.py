"""Pyramid: named routes under the prefixes of their includes, and the views that are given those names → endpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import IDENTITY, NONE, OPENED, Evidence, complete, doubt, inside, merged, protection
from .gateway import gateway
from .guards import Guards
from .objects import Made, in_round, objects, rounds
from .pyramid_includes import Includes, includes, prefixes
from .pyramid_tweens import tweens
from .pyramid_views import NO_PERMISSION, View, views
from .routes import Handler, Route
from .sources import HOLE, argument, read, sites, text, text_of, uses, variable

CONFIGURATOR = "pyramid.config.Configurator"
_LOST = "a view of a route that is not found"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Pyramid application with its endpoints; what is included nowhere belongs to the nearest one."""
    if not uses(ev, "pyramid"):
        return []
    made = list(objects(ev, (CONFIGURATOR,)).made.values())
    if not made:
        return []
    guards, known = Guards(ev), includes(ev)
    named = _routes(ev, known)
    groups: dict[int, list[Route]] = defaultdict(list)
    answered: set[str] = set()
    for view in views(guards):
        answered.add(view.route)
        for route in _answering(view, named):
            groups[_nearest(made, route.at.path)].append(route)
    for name, places in sorted(named.items()):
        if name not in answered:  # by traversal, or by a view that is not understood
            for path, methods, at in places:
                lost = Handler(name, at, None, False, doubt(_LOST))
                groups[_nearest(made, at.path)].append(Route(methods, path, lost, at, NONE))
    return [_declared(guards, app, groups[number]) for number, app in enumerate(made) if groups[number]]


def joined(prefix: str, pattern: str) -> str:
    """A prefix and a pattern as Pyramid puts them together: one slash between."""
    return f"{prefix.rstrip('/')}/{pattern.lstrip('/')}"


Named = dict[str, list[tuple[str, tuple[str, ...], Location]]]  # name of a route → where it is, and its methods


def _routes(ev: Evaluator, known: Includes) -> Named:
    """`config.add_route("order", "/orders/{id}", request_method="GET")`, with every prefix and in every loop."""
    found: Named = defaultdict(list)
    for site in sites(ev, "add_route"):
        called = read(ev, site)
        if called is None or not (called[0].args or called[0].keywords):
            continue
        call, frame = called
        name, pattern = argument(ev, call, frame, "name", 0), argument(ev, call, frame, "pattern", 1)
        pattern = pattern if pattern.expr is not None else argument(ev, call, frame, "path")
        method = text_of(ev, argument(ev, call, frame, "request_method"))
        methods = (method.upper(),) if method and HOLE not in method else ("*",)
        for turn in rounds(ev, call, frame) or [{}]:
            names = text(in_round(ev, name.expr, name.frame, turn)[0]) if name.expr is not None else HOLE
            path = text(in_round(ev, pattern.expr, pattern.frame, turn)[0]) if pattern.expr is not None else HOLE
            for prefix in prefixes(ev, known, frame.ref, call.at):
                found[names].append((joined(prefix, path), methods, Location(site.path, call.at)))
    return found


def _answering(view: View, named: Named) -> Iterator[Route]:
    """The routes that a view answers; a view without a route is found by traversal, whose paths are not known."""
    if not view.route:
        path = f"{HOLE}/{view.name}" if view.name else HOLE
        yield Route(view.methods, path, view.handler, view.at, view.evidence)
    for path, methods, _ in named.get(view.route, ()):
        both = view.methods if methods == ("*",) else methods
        yield Route(both, path, view.handler, view.at, view.evidence)


def _nearest(made: list[Made], path: str) -> int:
    """The application whose file shares most of a path."""

    def shared(number: int) -> tuple[int, int]:
        there = made[number].site.path.split("/")
        return sum(a == b for a, b in zip(path.split("/"), there, strict=False)), -number

    return max(range(len(made)), key=shared)


def _declared(guards: Guards, app: Made, routes: list[Route]) -> Declared:
    ev = guards.ev
    name = variable(ev, app.site) or "config"
    key, at = f"{app.site.path}:{name}", Location(app.site.path, app.call.at)
    around = merged([_default(ev), gateway(ev), tweens(guards)])
    table = {endpoint(guards, route, route.path, "pyramid", key, _around(route, around)): None for route in routes}
    why = _LOST if any(route.handler.ref is None for route in routes) else ""
    handlers = {r.handler.ref for r in routes if r.handler.ref is not None}
    made = application(guards, key, "pyramid", name, at, table, around, complete(ev, why))
    return Declared(made, tuple(sorted(handlers)))


def _around(route: Route, around: Evidence) -> Evidence:
    """A view's own permission takes the place of the default."""
    own = any(p.kind in (IDENTITY, OPENED) for p in route.evidence.found)
    return inside(Evidence(exempt=(IDENTITY,)), around) if own else around


def _default(ev: Evaluator) -> Evidence:
    """`config.set_default_permission("view")`, or the same given to the configurator."""
    parts = []
    for word, position in (("set_default_permission", 0), ("Configurator", None)):
        for site in sites(ev, word):
            called = read(ev, site)
            name = "permission" if position == 0 else "default_permission"
            given = argument(ev, *called, name, position) if called is not None else None
            if given is not None and given.expr is not None and called is not None:
                what = text(ev.expr(given.expr, given.frame))
                if what not in ("", NO_PERMISSION):
                    parts.append(protection(f"permission {what}", Location(site.path, called[0].at), IDENTITY))
    return merged(parts)
