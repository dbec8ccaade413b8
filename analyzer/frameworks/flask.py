"""Flask: applications, blueprints, flask-restful and flask-restx APIs, and the endpoints that come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import SiteRef
from ..link.values import Const, Frame
from ..model.code import Attribute, Call
from ..model.location import Location
from ..model.project import App
from .evidence import IDENTITY, NONE, Evidence, complete, doubt, inside, merged, settle
from .flask_limits import app_wide, applied, hooks
from .flask_routes import Routes, routes
from .gateway import gateway
from .guards import Guards
from .objects import Loop, Made, Objects, in_round, meant, meant_by, objects, rounds
from .routes import MOST_ENDPOINTS, Route, endpoint, order
from .sources import HOLE, Argument, argument, read, sites, text, text_of, uses, variable

APPS = ("flask.Flask", "apiflask.APIFlask")
BLUEPRINTS = ("flask.Blueprint", "apiflask.APIBlueprint", "flask_smorest.Blueprint")
APIS = ("flask_restful.Api", "flask_restx.Api", "flask_smorest.Api")
NAMESPACES = ("flask_restx.Namespace",)
UNRESOLVED = "an unresolved include"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One object put under another; `prefix` is None where the child's own holds."""

    child: SiteRef
    prefix: str | None


@dataclass(slots=True)
class Graph:
    """What a project's objects hold."""

    guards: Guards
    objects: Objects
    routes: Routes
    applied: dict[SiteRef, Evidence]
    inclusions: dict[SiteRef, list[Inclusion]] = field(default_factory=lambda: defaultdict(list))
    loose: bool = False  # a registration could not be resolved


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Flask application with its endpoints, in the order of their places."""
    if not uses(ev, "flask", "apiflask", "flask_restx", "flask_restful"):
        return
    guards = Guards(ev)
    found = objects(ev, APPS + BLUEPRINTS + APIS + NAMESPACES)
    graph = Graph(guards, found, routes(guards, found), applied(guards, found))
    for site in sites(ev, "register_blueprint", "add_namespace", "init_app"):
        _registered(graph, site)
    for made in found.made.values():
        if made.kind in APIS:
            _api(graph, made)
    reached: set[SiteRef] = set()
    apps = [made for made in found.made.values() if made.kind in APPS]
    for app in apps:
        _reach(graph, app.site, reached)
    lost = [m for m in found.made.values() if m.kind not in APPS and m.site not in reached] if graph.loose else []
    lost = [m for m in lost if not any(i.child == m.site for held in graph.inclusions.values() for i in held)]
    front, names = gateway(ev), dict[str, int]()
    for number, app in enumerate(apps):
        yield _declared(graph, app, front, lost if number == 0 else [], names)


def _reach(graph: Graph, key: SiteRef, reached: set[SiteRef]) -> None:
    if key not in reached:
        reached.add(key)
        for inclusion in graph.inclusions.get(key, ()):
            _reach(graph, inclusion.child, reached)


def _declared(graph: Graph, app: Made, front: Evidence, lost: list[Made], names: dict[str, int]) -> Declared:
    guards = graph.guards
    name = variable(guards.ev, app.site) or "app"
    key = f"{app.site.path}:{name}"
    names[key] = names.get(key, 0) + 1
    key = key if names[key] == 1 else f"{key}:{names[key]}"
    around = merged([app_wide(guards, graph.objects, app), front])
    found = list(islice(_walk(graph, app.site, "", around, (app.site,)), MOST_ENDPOINTS))
    for made in lost:
        doubtful = merged([around, doubt(UNRESOLVED)])
        under = _walk(graph, made.site, joined(HOLE, _own_prefix(graph, made)), doubtful, (made.site,))
        found += islice(under, MOST_ENDPOINTS - len(found))
    table = {endpoint(guards, route, path, "flask", key, evidence): None for path, route, evidence in found}
    return Declared(
        App(
            key,
            "flask",
            name,
            Location(app.site.path, app.call.at),
            tuple(sorted(table, key=order)),
            settle(guards.ev, around),
            settle(guards.ev, around, IDENTITY),
            complete(guards.ev, UNRESOLVED if graph.loose else ""),
        ),
        tuple(sorted(graph.routes.functions, key=lambda ref: (ref.path, ref.scope))),
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
        own = merged(
            [graph.applied.get(child.site, NONE), hooks(graph.guards, graph.objects, child.site, ("before_request",))]
        )
        inner = joined(prefix, _own_prefix(graph, child) if inclusion.prefix is None else inclusion.prefix)
        passing = inside(own, around)
        yield from _walk(graph, child.site, inner, passing, (*trail, child.site))


def joined(prefix: str, path: str) -> str:
    """Prefix and rule as Flask puts them together: one slash between them."""
    if not prefix:
        return path if path.startswith(("/", HOLE)) or not path else f"/{path}"
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if path else prefix


def _own_prefix(graph: Graph, made: Made) -> str:
    ev = graph.guards.ev
    if made.kind in NAMESPACES:
        path = argument(ev, made.call, made.frame, "path", 2)
        named = text_of(ev, argument(ev, made.call, made.frame, "name", 0))
        return text_of(ev, path) if path.expr is not None else f"/{named}"
    if made.kind in APIS:
        return text_of(ev, argument(ev, made.call, made.frame, "prefix", 1 if made.kind == APIS[0] else None))
    prefix = text_of(ev, argument(ev, made.call, made.frame, "url_prefix", 5))
    return prefix if not prefix or prefix.startswith(("/", HOLE)) else f"/{prefix}"


# ------------------------------------------------------------------ registrations


def _registered(graph: Graph, site: SiteRef) -> None:
    """`app.register_blueprint(bp)`, `api.add_namespace(ns)`, `api.init_app(app)`, in every round of a loop."""
    ev = graph.guards.ev
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute) or not (called[0].args or called[0].keywords):
        return
    call, frame = called
    word = called[0].callee.name
    owners = meant(graph.objects, called[0].callee.value, frame).keys
    if word == "init_app":
        _initialised(graph, call, owners, frame)
        return
    child = argument(ev, call, frame, "ns" if word == "add_namespace" else "blueprint", 0)
    turns = rounds(ev, call, frame)
    if not owners or child.expr is None or turns is None:
        graph.loose = True
        return
    for turn in turns:
        _one(graph, call, owners, child, turn)


def _initialised(graph: Graph, call: Call, owners: tuple[SiteRef, ...], frame: Frame) -> None:
    """`api = Api(); api.init_app(app)`."""
    for owner in owners:
        if graph.objects.made[owner].kind in APIS and call.args:
            for parent in meant(graph.objects, call.args[0], frame).keys:
                graph.inclusions[parent].append(Inclusion(owner, None))


def _one(graph: Graph, call: Call, owners: tuple[SiteRef, ...], child: Argument, turn: Loop) -> None:
    ev = graph.guards.ev
    assert child.expr is not None
    values, expr, where = in_round(ev, child.expr, child.frame, turn)
    children = meant_by(graph.objects, values, expr, where).keys
    if not children:
        graph.loose = True
        return
    namespace = graph.objects.made[children[0]].kind in NAMESPACES
    given = argument(ev, call, child.frame, "path" if namespace else "url_prefix", 1 if namespace else None)
    prefix: str | None = HOLE if given.hidden else None
    if given.expr is not None:
        held = in_round(ev, given.expr, given.frame, turn)[0]
        prefix = None if all(isinstance(v, Const) and v.value is None for v in held) else text(held)
    for parent in owners:
        for key in children:
            if key != parent:
                graph.inclusions[parent].append(Inclusion(key, prefix))


def _api(graph: Graph, made: Made) -> None:
    """`Api(app_or_blueprint)`."""
    given = argument(graph.guards.ev, made.call, made.frame, "app", 0)
    if given.expr is not None:
        for parent in meant(graph.objects, given.expr, given.frame).keys:
            if parent != made.site:
                graph.inclusions[parent].append(Inclusion(made.site, None))
