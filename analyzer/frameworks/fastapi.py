"""FastAPI and Starlette: applications and routers, what includes what, and the endpoints that come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body
from ..link.values import Instance
from ..link.walk import nodes
from ..model.code import Attribute, Call
from ..model.location import Location
from ..model.project import App
from .evidence import IDENTITY, NONE, Evidence, complete, doubt, merged, settle
from .fastapi_middleware import SLOWAPI, app_wide
from .fastapi_routes import FAMILY, Routes, route_items, routes
from .gateway import gateway
from .guards import Guards, of_dependencies, own
from .objects import Loop, Made, Objects, in_round, meant, meant_by, objects, rounds
from .routes import MOST_ENDPOINTS, Route, endpoint, order
from .sources import HOLE, Argument, argument, read, sites, text, text_of, uses, variable
from .views import functions

APPS = ("fastapi.FastAPI", "starlette.applications.Starlette")
ROUTERS = ("fastapi.APIRouter", "starlette.routing.Router")
UNRESOLVED = "an unresolved include"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One object put under another."""

    child: SiteRef
    prefix: str
    evidence: Evidence
    mounted: bool


@dataclass(slots=True)
class Graph:
    """What a project's objects hold."""

    guards: Guards
    objects: Objects
    routes: Routes
    inclusions: dict[SiteRef, list[Inclusion]] = field(default_factory=lambda: defaultdict(list))
    loose: bool = False  # an inclusion could not be resolved
    hidden: str = ""  # why there may be routes that are not seen


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every FastAPI or Starlette application with its endpoints, in the order of their places."""
    if not uses(ev, "fastapi", "starlette"):
        return
    guards = Guards(ev)
    found = objects(ev, APPS + ROUTERS)
    graph = Graph(guards, found, routes(guards, found))
    for site in sites(ev, "include_router", "mount", "include_routers"):
        _include(graph, site)
    for made in found.made.values():
        _given_routes(graph, made)
    mounted = {i.child for held in graph.inclusions.values() for i in held}
    apps = [m for m in found.made.values() if m.kind in APPS and m.site not in mounted]
    front = gateway(ev)
    included = mounted | {app.site for app in apps}
    lost = [m for m in found.made.values() if m.kind in ROUTERS and m.site not in included] if graph.loose else []
    names: dict[str, int] = {}
    for app in apps:
        yield _declared(graph, app, front, [m for m in lost if _home(apps, m) is app], names)


def _home(apps: list[Made], router: Made) -> Made:
    """The application whose file shares the longest folder with a router that nobody is seen to include."""
    here = router.site.path.split("/")

    def shared(app: Made) -> int:
        there = app.site.path.split("/")
        return next(
            (n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there))
        )

    return max(apps, key=lambda app: (shared(app), -apps.index(app)))


def _declared(graph: Graph, app: Made, front: Evidence, lost: list[Made], names: dict[str, int]) -> Declared:
    guards = graph.guards
    name = variable(guards.ev, app.site) or "app"
    key = f"{app.site.path}:{name}"
    names[key] = names.get(key, 0) + 1
    if names[key] > 1:
        key = f"{key}:{names[key]}"
    around = merged([app_wide(guards, graph.objects, app), front])
    found = [
        (endpoint(guards, route, path, FAMILY[app.kind], key, evidence), route)
        for path, route, evidence in islice(_walk(graph, app.site, "", around, (app.site,)), MOST_ENDPOINTS)
    ]
    for router in lost:
        inner = HOLE + _own_prefix(graph, router)
        under = _walk(graph, router.site, inner, merged([around, doubt(UNRESOLVED)]), (router.site,))
        for path, route, evidence in islice(under, MOST_ENDPOINTS - len(found)):
            found.append((endpoint(guards, route, path, FAMILY[app.kind], key, evidence), route))
    table = tuple(sorted({e: None for e, _ in found}, key=order))
    handlers = {route.handler.ref: None for _, route in found if route.handler.ref is not None}
    handlers |= guards.dependencies
    at = Location(app.site.path, app.call.at)
    answers = (settle(guards.ev, around), settle(guards.ev, around, IDENTITY))
    whole = complete(guards.ev, UNRESOLVED if graph.loose else graph.hidden)
    return Declared(
        App(key, FAMILY[app.kind], name, at, table, *answers, whole),
        tuple(sorted(handlers, key=lambda ref: (ref.path, ref.scope))),
    )


def _walk(
    graph: Graph, key: SiteRef, prefix: str, around: Evidence, trail: tuple[SiteRef, ...]
) -> Iterator[tuple[str, Route, Evidence]]:
    """Every route under an object, with its path and what guards the way to it; circles are cut."""
    for route in graph.routes.by_owner.get(key, ()):
        yield joined(prefix, route.path), route, around
    for inclusion in graph.inclusions.get(key, ()):
        if inclusion.child in trail:
            continue
        child = graph.objects.made[inclusion.child]
        own = _router_evidence(graph, child)
        passing = around
        if inclusion.mounted:
            # slowapi's middleware finds no endpoint behind a mount and lets the request pass (slowapi 0.1.10).
            passing = Evidence(tuple(p for p in around.found if p.what not in SLOWAPI), around.unknown)
        inner = joined(joined(prefix, inclusion.prefix), _own_prefix(graph, child))
        yield from _walk(graph, child.site, inner, merged([inclusion.evidence, own, passing]), (*trail, child.site))


def joined(prefix: str, path: str) -> str:
    """Prefix and path as Starlette puts them together, the leading slash ensured."""
    whole = prefix + path
    return whole if whole.startswith(("/", HOLE)) or not whole else f"/{whole}"


def _own_prefix(graph: Graph, made: Made) -> str:
    if made.kind in APPS:
        return ""
    return text_of(graph.guards.ev, argument(graph.guards.ev, made.call, made.frame, "prefix", None))


def _router_evidence(graph: Graph, made: Made) -> Evidence:
    if made.kind in APPS:
        return app_wide(graph.guards, graph.objects, made)
    parts = [of_dependencies(graph.guards, made.call, made.frame)]
    if made.cls is not None:
        parts.append(_own_class(graph, made.cls, Location(made.site.path, made.call.at)))
    return merged(parts)


def _own_class(graph: Graph, cls: ScopeRef, at: Location) -> Evidence:
    """A subclass of the project's: what its code says, and whether its constructor may add dependencies unseen."""
    ev = graph.guards.ev
    for init in functions(ev, cls, ("__init__",)).values():
        for node in nodes(body(ev.index, init)):
            if "dependencies" in (getattr(node, "name", None), getattr(node, "id", None), getattr(node, "value", None)):
                return doubt("a router class of the project's own")
    return own(graph.guards, cls, at)


# --------------------------------------------------------------------- inclusions


def _include(graph: Graph, site: SiteRef) -> None:
    """`parent.include_router(child, …)` or `parent.mount(path, child)`, in every round of a loop around it."""
    ev = graph.guards.ev
    found = read(ev, site)
    if found is None or not isinstance(found[0].callee, Attribute):
        return
    call, frame = found
    mounts = ev.index.site(site).callee.endswith("mount")
    parents = meant(graph.objects, found[0].callee.value, frame)
    if not parents.keys:
        graph.loose |= not mounts
        graph.hidden = "an unresolved mount"
        return
    child = argument(ev, call, frame, "app" if mounts else "router", 1 if mounts else 0)
    turns = rounds(ev, call, frame)
    if child.expr is None or turns is None:
        graph.loose |= not mounts
        graph.hidden = "an unresolved mount"
        return
    for turn in turns:
        _one(graph, call, parents.keys, child, turn, mounts)


def _one(graph: Graph, call: Call, parents: tuple[SiteRef, ...], child: Argument, turn: Loop, mounts: bool) -> None:
    ev, frame = graph.guards.ev, child.frame
    assert child.expr is not None
    values, expr, where = in_round(ev, child.expr, frame, turn)
    children = meant_by(graph.objects, values, expr, where)
    if not children.keys:
        files = all(isinstance(v, Instance) and str(v.cls).startswith("starlette.staticfiles") for v in values)
        graph.loose |= not (mounts or files)
        graph.hidden = graph.hidden or ("" if files else "an unresolved mount")
        return
    given = argument(ev, call, frame, "path" if mounts else "prefix", 0 if mounts else None)
    prefix = text_of(ev, given) if given.expr is None else text(in_round(ev, given.expr, given.frame, turn)[0])
    evidence = NONE if mounts else of_dependencies(graph.guards, call, frame)
    for parent in parents:
        for key in children.keys:
            if key == parent:
                continue
            graph.inclusions[parent].append(Inclusion(key, prefix.rstrip("/") if mounts else prefix, evidence, mounts))


def _given_routes(graph: Graph, made: Made) -> None:
    """`Starlette(routes=[Route(…), Mount(…)])`."""
    ev = graph.guards.ev
    given = argument(ev, made.call, made.frame, "routes", 1 if made.kind == APPS[1] else None)
    if given.expr is None:
        return
    for path, child in route_items(graph.guards, graph.routes, made.site, given.expr, given.frame):
        for key in meant(graph.objects, child[0], child[1]).keys:
            graph.inclusions[made.site].append(Inclusion(key, path, NONE, True))
