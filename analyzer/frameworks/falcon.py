"""Falcon: applications, their resources and sinks, middleware and hooks, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import ClassRef, Frame, Instance
from ..model.code import Expr, Literal, Name
from ..model.location import Location
from .adding import Adding, calls
from .answering import of_expression
from .evidence import KINDS, MIDDLEWARE, NONE, Evidence, doubt, merged, protection
from .guards import Guards, own
from .lists import items
from .middlewares import HIDDEN, named, standing, unseen
from .objects import Made, objects
from .routes import Handler, Route, of_decorators
from .sources import HOLE, Argument, argument, text_of, uses
from .tree import Manner, Tree, declared
from .views import METHODS, class_attribute, functions, grouped

APPS = ("falcon.App", "falcon.API")  # the latter is the name before 3.0; falcon.asgi.App is beneath them
_SOCKET = "websocket"
_NAMES = (*METHODS, _SOCKET)
# What a component's functions are called that run first; no HTTP one does for a WebSocket (falcon 4.4, asgi/app.py).
_BEFORE = ("process_request", "process_resource", "process_request_async", "process_resource_async")
_BEFORE_SOCKETS = ("process_request_ws", "process_resource_ws")
_WHY = "a middleware that is not understood"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Falcon application with its endpoints, in the order of their places."""
    if not uses(ev, "falcon"):
        return ()
    tree = Tree(Guards(ev), objects(ev, APPS))
    for adding in calls(tree, frozenset({"add_route"})):
        _added(tree, adding)
    for adding in calls(tree, frozenset({"add_sink"})):
        _sink(tree, adding)
    around = {made.site: _middleware(tree, made, _BEFORE) for made in tree.objects.made.values()}
    for made in tree.objects.made.values():
        heard = merged([Evidence(exempt=KINDS), _middleware(tree, made, _BEFORE_SOCKETS)])
        for number, route in enumerate(tree.routes[made.site]):
            if route.methods == (_SOCKET.upper(),):
                tree.routes[made.site][number] = replace(route, evidence=heard)
    manner = Manner(
        APPS, lambda _: "falcon", str.__add__, lambda *_: "", lambda *_: NONE, lambda _, app: around[app.site],
        requests=("falcon.Request", "falcon.asgi.Request"),
    )  # fmt: skip
    return declared(tree, manner)


def _added(tree: Tree, adding: Adding) -> None:
    """`app.add_route("/orders/{id}", Orders(), suffix="one")`: `on_get_one`, `on_post_one`, … answer."""
    ev = tree.guards.ev
    path = text_of(ev, argument(ev, adding.call, adding.frame, "uri_template", 0))
    given = argument(ev, adding.call, adding.frame, "resource", 1)
    suffix = text_of(ev, argument(ev, adding.call, adding.frame, "suffix"))
    answers = _resource(tree, given, suffix)
    if not answers:
        why = doubt("a handler that is not understood")
        answers = [(("*",), Handler(HOLE, adding.at, None, False, why))]
    for methods, handler in answers:
        for owner in adding.owners:
            tree.routes[owner].append(Route(methods, path, handler, adding.at, NONE))


def _resource(tree: Tree, given: Argument, suffix: str) -> list[tuple[tuple[str, ...], Handler]]:
    ev = tree.guards.ev
    for value in ev.expr(given.expr, given.frame) if given.expr is not None else ():
        if not isinstance(value, ClassRef | Instance):
            continue
        ref = value.ref if isinstance(value, ClassRef) else value.cls
        if not isinstance(ref, ScopeRef):
            continue
        found = _responders(ev, ref, f"_{suffix}" if suffix else "")
        tree.functions.update(dict.fromkeys(found.values()))
        scope = ev.scope(ref)
        around = of_decorators(tree.guards, scope.decorators, Frame(ScopeRef(ref.path, scope.parent)))
        spoken = {name: one for name, one in found.items() if name != _SOCKET}
        heard = {name: one for name, one in found.items() if name == _SOCKET}
        return [answer for part in (spoken, heard) for answer in grouped(tree.guards, ref, part, around)]
    return []


def _responders(ev: Evaluator, ref: ScopeRef, end: str) -> dict[str, ScopeRef]:
    """The methods of a resource by what they answer; `on_head = on_get` is one too."""
    names = {f"on_{name}{end}": name for name in _NAMES}
    held = functions(ev, ref, tuple(names))
    for method in (one for one in names if one not in held):
        same = class_attribute(ev, ref, method)
        if same is not None and isinstance(same[0], Name):
            held.update((method, one) for one in functions(ev, ref, (same[0].id,)).values())
    return {name: held[method] for method, name in names.items() if method in held}


def _sink(tree: Tree, adding: Adding) -> None:
    """`app.add_sink(f, prefix="/proxy")` takes whatever no route takes."""
    ev = tree.guards.ev
    given = argument(ev, adding.call, adding.frame, "sink", 0)
    if given.expr is None:
        return
    said = argument(ev, adding.call, adding.frame, "prefix", 1)
    path = text_of(ev, said) if said.expr is not None or said.hidden else "/"
    for _, handler in of_expression(tree, given.expr, given.frame):
        for owner in adding.owners:
            tree.routes[owner].append(Route(("*",), path, handler, adding.at, NONE))


# ------------------------------------------------------------------- middleware


def _middleware(tree: Tree, app: Made, before: tuple[str, ...]) -> Evidence:
    """What the middleware of an application does before a request is handled."""
    ev, given = tree.guards.ev, argument(tree.guards.ev, app.call, app.frame, "middleware", 3)
    lists = [(given.expr, given.frame)] if given.expr is not None else []
    parts = [unseen(HIDDEN)] if given.hidden else []
    for adding in calls(tree, frozenset({"add_middleware"})):
        later = argument(ev, adding.call, adding.frame, "middleware", 0)
        if app.site in adding.owners and later.expr is not None:
            lists.append((later.expr, later.frame))
    cors = argument(ev, app.call, app.frame, "cors_enable")
    if isinstance(cors.expr, Literal) and cors.expr.value is True:
        parts.append(protection("falcon.CORSMiddleware", Location(app.site.path, cors.expr.at), MIDDLEWARE))
    for expr, frame in lists:
        held = items(ev, expr, frame)
        single = not held.found
        parts += [] if held.complete or single else [unseen(_WHY)]
        parts += [_component(tree, one, where, before) for one, where in ([(expr, frame)] if single else held.found)]
    return merged(parts)


def _component(tree: Tree, expr: Expr, frame: Frame, before: tuple[str, ...]) -> Evidence:
    """One component: a class of the project guards by what runs before a resource's method."""
    at = Location(frame.ref.path, expr.at)
    for value in tree.guards.ev.expr(expr, frame):
        ref = value.cls if isinstance(value, Instance) else None
        if isinstance(ref, ScopeRef):
            entered = functions(tree.guards.ev, ref, before)
            guarding = (own(tree.guards, one, at) for one in entered.values())
            return merged([named(tree.guards.ev, expr, frame, at), *guarding])
    return standing(tree.guards, expr, frame, _WHY)
