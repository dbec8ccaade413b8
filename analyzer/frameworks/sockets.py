"""Socket.IO servers and flask-sock: handlers of messages and connections → WebSocket endpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Frame, Instance
from ..model.code import Attribute, Call
from ..model.endpoint import Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import NONE, complete
from .guards import Guards
from .objects import Objects, meant, objects
from .routes import Route, of_function, of_reference
from .sources import HOLE, argument, code, read, sites, text_of, uses, variable

KINDS = {
    "flask_socketio.SocketIO": "socketio", "socketio.Server": "socketio", "socketio.AsyncServer": "socketio",
    "flask_sock.Sock": "flask-sock",
}  # fmt: skip
_SOCKET = ("WEBSOCKET",)
_UNSEEN = "a message handler that is not understood"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every server of sockets with what it answers."""
    if not uses(ev, "flask_socketio", "socketio", "flask_sock"):
        return []
    guards, made = Guards(ev), objects(ev, tuple(KINDS))
    held: dict[SiteRef, list[Route]] = defaultdict(list)
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            if scope.decorators and scope.kind is ScopeKind.FUNCTION:
                _decorated(guards, made, held, ScopeRef(path, number))
    for site in sites(ev, "on_event", "on_namespace", "register_namespace"):
        _registered(guards, made, held, site)
    first: dict[tuple[str, str], SiteRef] = {}
    for owner in sorted(held):  # one that is made in two ways, under one name, is one
        first.setdefault((owner.path, variable(ev, owner)), owner)
    return [_declared(guards, owner, KINDS[made.made[owner].kind], held[owner]) for owner in first.values()]


def _declared(guards: Guards, owner: SiteRef, framework: str, routes: list[Route]) -> Declared:
    ev = guards.ev
    name = variable(ev, owner) or "socketio"
    key, at = f"{owner.path}:{name}", Location(owner.path, ev.index.site(owner).at)
    table = {endpoint(guards, route, route.path, framework, key, NONE): None for route in routes}
    whole = complete(ev, _UNSEEN if any(HOLE in route.path for route in routes) else "")
    app = application(guards, key, framework, name, at, table, NONE, whole, Serves.SOCKETS)
    return Declared(app, tuple(sorted({r.handler.ref for r in routes if r.handler.ref is not None})))


def _decorated(guards: Guards, made: Objects, held: dict[SiteRef, list[Route]], ref: ScopeRef) -> None:
    """`@socketio.on("message", namespace="/chat")`, `@sio.event`, `@sock.route("/echo")`."""
    scope = guards.ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    for position, one in enumerate(scope.decorators):
        callee = one.callee if isinstance(one, Call) else one
        if not isinstance(callee, Attribute) or callee.name not in ("on", "event", "route"):
            continue
        for owner in meant(made, callee.value, frame).keys:
            handler = of_function(guards, ref, scope.decorators[position + 1 :], frame)
            where = _where(guards.ev, callee.name, one if isinstance(one, Call) else None, frame, scope.name)
            held[owner].append(Route(_SOCKET, where, handler, Location(ref.path, one.at), NONE))


def _where(ev: Evaluator, word: str, call: Call | None, frame: Frame, name: str) -> str:
    """The path of a connection, or of a message: its namespace, then its name."""
    if word == "route":
        return text_of(ev, argument(ev, call, frame, "path", 0)) if call is not None else HOLE
    said = text_of(ev, argument(ev, call, frame, "event", 0)) if call is not None and word == "on" else name
    space = text_of(ev, argument(ev, call, frame, "namespace")) if call is not None else ""
    return f"{space.rstrip('/')}/{said}"


def _registered(guards: Guards, made: Objects, held: dict[SiteRef, list[Route]], site: SiteRef) -> None:
    """`socketio.on_event("message", handler)` and `socketio.on_namespace(Chat("/chat"))`."""
    ev, called = guards.ev, read(guards.ev, site)
    if called is None or not isinstance(called[0].callee, Attribute) or not called[0].args:
        return
    call, frame = called
    at = Location(site.path, call.at)
    for owner in meant(made, called[0].callee.value, frame).keys:
        if called[0].callee.name == "on_event" and len(call.args) > 1:
            handler = of_reference(guards, call.args[1], frame)
            held[owner].append(Route(_SOCKET, _where(ev, "on", call, frame, ""), handler, at, NONE))
            continue
        for value in ev.expr(call.args[0], frame):
            cls = value.cls if isinstance(value, Instance) else None
            if isinstance(cls, ScopeRef) and isinstance(value, Instance):
                held[owner] += _of_namespace(guards, cls, _space(ev, value), at)


def _space(ev: Evaluator, value: Instance) -> str:
    """The name that a namespace is made with."""
    called = read(ev, value.made) if value.made is not None else None
    return text_of(ev, argument(ev, *called, "namespace", 0)) if called is not None else HOLE


def _of_namespace(guards: Guards, cls: ScopeRef, space: str, at: Location) -> Iterator[Route]:
    """The `on_…` methods of a namespace."""
    ev = guards.ev
    for base in (one for one in classes.bases(ev, cls) if isinstance(one, ScopeRef)):
        for number in ev.index.children[base.path].get(base.scope, ()):
            scope = ev.index.python[base.path].scopes[number]
            if scope.kind is ScopeKind.FUNCTION and scope.name.startswith("on_"):
                handler = of_function(guards, ScopeRef(base.path, number), scope.decorators, Frame(base))
                yield Route(_SOCKET, f"{space.rstrip('/')}/{scope.name.removeprefix('on_')}", handler, at, NONE)
