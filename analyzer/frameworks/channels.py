"""Django Channels: `URLRouter` lists of consumers → WebSocket endpoints, with what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body
from ..link.values import ClassRef, Frame
from ..link.walk import contains, dotted, nodes
from ..model.code import Attribute, Call, Expr
from ..model.endpoint import Serves
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import IDENTITY, NONE, Evidence, complete, doubt, merged, protection
from .guards import Guards, of_expr
from .languages import LANGUAGES, verdict
from .lists import items
from .routes import Handler, Route
from .sources import HOLE, MOST_DEEP, argument, definition, name_place, qualified, read, sites, text_of, uses, variable
from .speech import Says
from .views import functions

_PATHS = ("path", "re_path", "url")
_WHY = "a middleware that is not understood"
_LOST = "a consumer that is not understood"
_SOCKET = ("WEBSOCKET",)
_OPENING = ("connect", "websocket_connect")
_RUN = (
    *_OPENING, "receive", "receive_json", "receive_content", "disconnect", "websocket_receive", "websocket_disconnect",
    "dispatch",
)  # fmt: skip


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every outermost list of consumers with its endpoints."""
    if not uses(ev, "channels"):
        return []
    guards = Guards(ev)
    routers = [site for site in sites(ev, "URLRouter") if (called := read(ev, site)) is not None and called[0].args]
    return [found for site in routers if not _inner(ev, site, routers) for found in _declared(guards, site)]


def _inner(ev: Evaluator, site: SiteRef, routers: list[SiteRef]) -> bool:
    """Whether a list stands in a `path` of another one."""
    at = ev.index.site(site).at
    around = (s for s in sites(ev, *_PATHS) if s.path == site.path and contains(ev.index.site(s).at, at))
    return any(True for _ in around)


def _declared(guards: Guards, site: SiteRef) -> Iterator[Declared]:
    ev = guards.ev
    called = read(ev, site)
    assert called is not None
    outer = _outermost(ev, site)
    key = f"{site.path}:{variable(ev, outer) or 'websocket'}"
    around = merged(_wrapping(guards, outer, site))
    seen: dict[ScopeRef, None] = {}
    routes = list(_listed(guards, called[0].args[0], called[1], "", seen))
    if routes:
        table = {endpoint(guards, route, route.path, "channels", key, around): None for route in routes}
        whole = complete(ev, _LOST if any(HOLE in route.path for route in routes) else "")
        at, name = Location(site.path, called[0].at), key.rpartition(":")[2]
        app = application(guards, key, "channels", name, at, table, around, whole, Serves.SOCKETS)
        yield Declared(app, tuple(sorted(seen)))


def _outermost(ev: Evaluator, site: SiteRef) -> SiteRef:
    """The call around a list that nothing else stands around: `ProtocolTypeRouter({"websocket": …})`."""
    at = ev.index.site(site).at
    around = [SiteRef(site.path, n) for n, s in enumerate(ev.index.python[site.path].calls) if contains(s.at, at)]
    return max(around, key=lambda one: (_size(ev, one), -one.site), default=site)


def _size(ev: Evaluator, site: SiteRef) -> tuple[int, int]:
    at = ev.index.site(site).at
    return at.end_line - at.line, at.end_column - at.column


def _wrapping(guards: Guards, outer: SiteRef, site: SiteRef) -> Iterator[Evidence]:
    """The middlewares between the outermost call and the list."""
    ev = guards.ev
    at = ev.index.site(site).at
    for number, one in enumerate(ev.index.python[site.path].calls):
        if number == site.site or SiteRef(site.path, number) == outer or not contains(one.at, at):
            continue
        called = read(ev, SiteRef(site.path, number))
        if called is not None and dotted(called[0].callee).rpartition(".")[2] != "ProtocolTypeRouter":
            yield of_expr(guards, called[0].callee, called[1], Location(site.path, called[0].at), _WHY)


# ---------------------------------------------------------------------------- the lists


def _listed(
    guards: Guards, expr: Expr, frame: Frame, prefix: str, seen: dict[ScopeRef, None], depth: int = 0
) -> Iterator[Route]:
    """The consumers of a list and of the lists inside it."""
    held = items(guards.ev, expr, frame)
    for one, where in held.found if depth < MOST_DEEP else ():
        yield from _item(guards, one, where, prefix, seen, depth)
    if not held.complete:
        at = Location(frame.ref.path, expr.at)
        yield Route(_SOCKET, f"{prefix}{HOLE}", Handler(HOLE, at, None, False, doubt(_LOST)), at, NONE)


def _item(
    guards: Guards, one: Expr, frame: Frame, prefix: str, seen: dict[ScopeRef, None], depth: int
) -> Iterator[Route]:
    ev, at = guards.ev, Location(frame.ref.path, one.at)
    word = dotted(one.callee).rpartition(".")[2] if isinstance(one, Call) else ""
    if not isinstance(one, Call) or word not in _PATHS:
        yield Route(_SOCKET, f"{prefix}{HOLE}", Handler(HOLE, at, None, False, doubt(_LOST)), at, NONE)
        return
    written = text_of(ev, argument(ev, one, frame, "route", 0))
    path = f"{prefix or '/'}{written if word == 'path' else written.removeprefix('^').removesuffix('$')}"
    view = argument(ev, one, frame, "view", 1)
    nested = _nested(ev, view.expr, view.frame) if view.expr is not None else None
    if nested is not None:
        yield from _listed(guards, *nested, path, seen, depth + 1)
    else:
        handler = _consumer(guards, view.expr, view.frame, at, seen)
        yield Route(_SOCKET, "/" + path.lstrip("/"), handler, at, NONE)


def _nested(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[Expr, Frame] | None:
    """The list of a `URLRouter` that stands where a consumer may."""
    found = definition(ev, expr, frame) or (expr, frame)
    call = found[0]
    inside = isinstance(call, Call) and call.args and dotted(call.callee).rpartition(".")[2] == "URLRouter"
    return (call.args[0], found[1]) if isinstance(call, Call) and inside else None


def _consumer(guards: Guards, expr: Expr | None, frame: Frame, at: Location, seen: dict[ScopeRef, None]) -> Handler:
    """`Chat.as_asgi()`, and a middleware around it."""
    ev = guards.ev
    if isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name == "as_asgi":
        expr = expr.callee.value
    elif isinstance(expr, Call) and expr.args:
        inner = _consumer(guards, expr.args[0], frame, at, seen)
        around = of_expr(guards, expr.callee, frame, Location(frame.ref.path, expr.at), _WHY)
        return replace(inner, evidence=merged([inner.evidence, around]))
    for value in ev.expr(expr, frame) if expr is not None else ():
        if isinstance(value, ClassRef):
            run = functions(ev, value.ref, _RUN)
            seen.update(dict.fromkeys(run.values()))
            sync = all(not ev.scope(ref).is_async for ref in run.values())
            evidence = _connecting(guards, [run[name] for name in _OPENING if name in run])
            return Handler(qualified(ev, value.ref), name_place(ev, value.ref), value.ref, not sync, evidence)
    return Handler(dotted(expr) if expr is not None else HOLE, at, None, False, doubt(_LOST))


def _connecting(guards: Guards, opening: list[ScopeRef]) -> Evidence:
    """What a consumer does when somebody connects: it closes, or denies, where it does not know who asks."""
    ev, parts = guards.ev, []
    for ref in opening:
        says = max(verdict(ev, language, ref) for language in LANGUAGES if language.kind == IDENTITY)
        words = {getattr(n, "name", "") or getattr(n, "id", "") for n in nodes(body(ev.index, ref))}
        if says is Says.YES or (says is not Says.NO and words & {"close", "DenyConnection", "deny"}):
            parts.append(protection(qualified(ev, ref), name_place(ev, ref), IDENTITY))
        elif says is not Says.NO:
            parts.append(doubt("a handler that looks at who is asking", IDENTITY))
    return merged(parts)
