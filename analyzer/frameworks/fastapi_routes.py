"""Decorators and calls that add routes to FastAPI and Starlette objects → routes by their object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, enclosing_class
from ..link.values import External, Frame
from ..model.code import Attribute, Call, Expr
from ..model.facts import Scope
from ..model.location import Location
from .adding import frames
from .evidence import NONE, Evidence, merged
from .fastapi_views import of_class, of_owner
from .graphql_routes import mounted
from .guards import Guards, of_dependencies, of_parameters
from .idle_limits import above_route
from .lists import items, strings
from .objects import Objects, meant
from .responses import declared_response
from .routes import Handler, Route, of_function, of_reference
from .sources import Argument, argument, code, read, sites, text_of
from .tree import Tree

FAMILY = {"fastapi.FastAPI": "fastapi", "starlette.applications.Starlette": "starlette"}
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_ADDING = ("add_api_route", "add_route", "add_websocket_route", "add_api_websocket_route")
_WORDS = _VERBS | {"api_route", "route", "websocket", "websocket_route"}
_OWN = _WORDS | {*_ADDING, "include_router", "mount"}
_SOCKET = ("WEBSOCKET",)


def add_routes(tree: Tree) -> None:
    """Every route that the project adds to an object."""
    for path, facts in code(tree.guards.ev):
        for number, scope in enumerate(facts.scopes):
            if scope.decorators:
                _decorated(tree, ScopeRef(path, number), scope)
    for site in sites(tree.guards.ev, *_ADDING):
        _added(tree, site)
    for site in tree.guards.ev.index.sites.get("?", ()):
        if site.path not in tree.guards.ev.index.tests:
            _applied(tree, site)


def _add(tree: Tree, owner: SiteRef, found: Iterable[Route]) -> None:
    for route in found:
        tree.routes[owner].append(route)
        if route.handler.ref is not None:
            tree.functions.setdefault(route.handler.ref)


def _verb(expr: Expr) -> tuple[Call, Attribute] | None:
    """A call that may add a route: `x.get("/")`, `x.api_route("/")`, `x.websocket("/")`."""
    if isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name in _WORDS:
        return expr, expr.callee
    return None


def _decorated(tree: Tree, ref: ScopeRef, scope: Scope) -> None:
    guards, found = tree.guards, tree.objects
    frame = Frame(ScopeRef(ref.path, scope.parent))
    for position, decorator in enumerate(scope.decorators):
        verb = _verb(decorator)
        if verb is None:
            continue
        owners = meant(found, verb[1].value, frame).keys
        if not owners:
            continue
        # A decorator above the route's wraps the function only after the framework has taken it.
        below = tuple(d for d in scope.decorators[position + 1 :] if not _adds_route(found, d, frame))
        above = tuple(d for d in scope.decorators[:position] if not _adds_route(found, d, frame))
        handler = above_route(guards, of_function(guards, ref, below, frame), above, frame)
        for owner in owners:
            _add(tree, owner, [_route(guards, verb[0], verb[1].name, handler, frame)])


def _adds_route(found: Objects, decorator: Expr, frame: Frame) -> bool:
    verb = _verb(decorator)
    return verb is not None and bool(meant(found, verb[1].value, frame).keys)


def _route(guards: Guards, call: Call, verb: str, handler: Handler, frame: Frame) -> Route:
    ev = guards.ev
    path = text_of(ev, argument(ev, call, frame, "path", 0))
    evidence = merged([of_dependencies(guards, call, frame), _parameters(guards, handler)])
    response = declared_response(ev, call, frame, handler.ref)
    return Route(_methods(ev, call, verb, frame), path, handler, Location(frame.ref.path, call.at), evidence, response)


def _parameters(guards: Guards, handler: Handler) -> Evidence:
    if handler.ref is None:
        return NONE
    return merged([of_parameters(guards, handler.ref), of_owner(guards, handler.ref)])


def _methods(ev: Evaluator, call: Call, verb: str, frame: Frame) -> tuple[str, ...]:
    if "websocket" in verb:
        return _SOCKET
    if verb in _VERBS:
        return (verb.upper(),)
    given = argument(ev, call, frame, "methods", 2 if verb == "add_route" else 1 if verb == "route" else None)
    return named_methods(ev, given)


def named_methods(ev: Evaluator, given: Argument) -> tuple[str, ...]:
    """The methods that a list names; GET where there is no list, "*" where it is not known."""
    if given.expr is None and not given.hidden:
        return ("GET",)
    found = strings(ev, given) or _of_enumeration(ev, given)
    return tuple(sorted({name.upper() for name in found})) if found else ("*",)


def _of_enumeration(ev: Evaluator, given: Argument) -> tuple[str, ...]:
    """`[HTTPMethod.GET]`: a library's enumeration of methods has their names."""
    held = items(ev, given.expr, given.frame) if given.expr is not None else None
    values = [v for expr, frame in held.found for v in ev.expr(expr, frame)] if held and held.complete else []
    names = tuple(v.name.rpartition(".")[2] for v in values if isinstance(v, External))
    return names if len(names) == len(values) and {name.lower() for name in names} <= _VERBS else ()


def _added(tree: Tree, site: SiteRef) -> None:
    """`router.add_api_route("/x", f, methods=[…])`, each time that it runs."""
    guards, ev = tree.guards, tree.guards.ev
    found = read(ev, site)
    if found is None or not isinstance(found[0].callee, Attribute) or overriding(ev, found[1].ref):
        return
    call, verb = found[0], found[0].callee.name
    for frame, _ in frames(ev, *found):
        owners = meant(tree.objects, found[0].callee.value, frame).keys
        target = argument(ev, call, frame, "endpoint" if "api" in verb else "route", 1)
        if owners and target.expr is not None:
            path = text_of(ev, argument(ev, call, frame, "path", 0))
            if [owner for owner in owners if mounted(tree, owner, path, target.expr, target.frame)]:
                continue
            route = _route(guards, call, verb, of_reference(guards, target.expr, target.frame), frame)
            for owner in owners:
                _add(tree, owner, _with_class(guards, route))


def overriding(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a place is inside a router class's own version of a method that adds routes: it hands others' on."""
    while ref.scope:
        scope = ev.scope(ref)
        if enclosing_class(ev.index, ref) is not None and scope.name in _OWN:
            return True
        ref = ScopeRef(ref.path, scope.parent)
    return False


def _applied(tree: Tree, site: SiteRef) -> None:
    """`router.get("/x")(f)`."""
    guards = tree.guards
    called = read(guards.ev, site)
    verb = _verb(called[0].callee) if called is not None else None
    if called is None or verb is None or not called[0].args:
        return
    owners = meant(tree.objects, verb[1].value, called[1]).keys
    if owners and not overriding(guards.ev, called[1].ref):
        handler = of_reference(guards, called[0].args[0], called[1])
        for owner in owners:
            _add(tree, owner, [_route(guards, verb[0], verb[1].name, handler, called[1])])


def _with_class(guards: Guards, route: Route) -> list[Route]:
    """A route to a class of Starlette's answers the methods that the class defines."""
    return of_class(guards, route) or [route]


def route_items(
    tree: Tree, owner: SiteRef, expr: Expr, frame: Frame, prefix: str = ""
) -> Iterator[tuple[str, tuple[Expr, Frame]]]:
    """Adds the `Route(…)` and `WebSocketRoute(…)` of a list to an object; gives back what `Mount(…)` mounts."""
    guards, ev = tree.guards, tree.guards.ev
    for item, where in items(ev, expr, frame).found:
        if not isinstance(item, Call):
            continue
        names = set(ev.qualified(item.callee, where))
        path = prefix + text_of(ev, argument(ev, item, where, "path", 0))
        target = argument(ev, item, where, "app" if "starlette.routing.Mount" in names else "endpoint", 1)
        if "starlette.routing.Mount" in names:
            inner = argument(ev, item, where, "routes", 2)
            if inner.expr is not None:
                yield from route_items(tree, owner, inner.expr, inner.frame, path.rstrip("/"))
            elif target.expr is not None:
                yield path.rstrip("/"), (target.expr, target.frame)
        elif names & {"starlette.routing.Route", "starlette.routing.WebSocketRoute", "fastapi.routing.APIRoute"}:
            if target.expr is None:
                continue
            handler = of_reference(guards, target.expr, target.frame)
            socket = "starlette.routing.WebSocketRoute" in names
            methods = _SOCKET if socket else named_methods(ev, argument(ev, item, where, "methods"))
            evidence = merged([of_dependencies(guards, item, where), _parameters(guards, handler)])
            found = Route(methods, path, handler, Location(where.ref.path, item.at), evidence)
            _add(tree, owner, _with_class(guards, found))
