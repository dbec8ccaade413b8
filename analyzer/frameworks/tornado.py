"""Tornado: applications, the lists of rules that they are given, handler classes, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..libraries import is_subclass
from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Container, External, Frame, Value
from ..link.walk import dotted
from ..model.code import Attribute, Call, Expr, Name, Sequence
from ..model.location import Location
from .adding import calls, frames
from .body_limits import body_limit
from .evidence import BODY_LIMIT, NONE, Evidence, doubt, merged, protection
from .guards import Guards
from .lists import items
from .objects import Made, meant, objects
from .routes import Handler, Route, of_decorators
from .sources import HOLE, MOST_DEEP, Argument, argument, definition, name_place, qualified, read, sites, text, uses
from .throttles import named
from .tree import Inclusion, Manner, Tree, declared
from .views import METHODS, functions, grouped, of_method

APPS = ("tornado.web.Application",)
_RULE, _SPEC = "tornado.routing.Rule", "tornado.web.URLSpec"
_SOCKETS = "tornado.websocket.WebSocketHandler"
# What the library's own handlers answer (tornado 6.6, tornado/web.py).
_LIBRARY = {
    "tornado.web.StaticFileHandler": ("GET", "HEAD"),
    "tornado.web.RedirectHandler": ("GET",),
    _SOCKETS: ("WEBSOCKET",),
}
_WRAPPING = frozenset({"tornado.routing.PathMatches", "re.compile"})
_ENTRANCES = ("get", "open", "on_message")  # of a WebSocket: a client must pass all of them to be heard
_ADDING = frozenset({"add_handlers", "add_rules"})
_MOST_LISTS = 4  # in each other
_LARGEST = "tornado.httpserver.HTTPServer.max_body_size"
_NO_LIST = "a list of rules that is not understood"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Tornado application with its endpoints, in the order of their places."""
    if not uses(ev, "tornado"):
        return ()
    found = objects(ev, APPS)
    found.parts = frozenset({"wildcard_router", "default_router"})
    tree = Tree(Guards(ev), found)
    for made in found.made.values():
        for given in _given(tree, made):
            _rules(tree, made.site, given)
    for adding in calls(tree, _ADDING):
        given = argument(ev, adding.call, adding.frame, "host_handlers", 1 if adding.word == "add_handlers" else 0)
        for owner in adding.owners:
            _rules(tree, owner, given)
    manner = Manner(APPS, lambda _: "tornado", _joined, lambda *_: "", lambda *_: NONE, _body_limit, on_loop=True)
    return declared(tree, manner)


def _body_limit(tree: Tree, app: Made) -> Evidence:
    """What the servers of an application take at most: 100 MB where nobody says more (tornado 6.6, iostream.py)."""
    ev, parts = tree.guards.ev, []
    for site in sites(ev, "listen", "HTTPServer"):
        called = read(ev, site)
        if called is None:
            continue
        call, frame = called
        listens = isinstance(call.callee, Attribute) and call.callee.name == "listen"
        served = call.callee.value if listens and isinstance(call.callee, Attribute) else None
        served = served or argument(ev, call, frame, "request_callback", 0).expr
        if served is not None and app.site in meant(tree.objects, served, frame).keys:
            parts.append(body_limit(ev, site))
    told = merged(parts)
    return told if told is not NONE else protection(_LARGEST, Location(app.site.path, app.call.at), BODY_LIMIT)


def _joined(_: str, path: str) -> str:
    """Rules inside rules match the whole path (tornado 6.6, tornado/routing.py)."""
    return path


# ---------------------------------------------------------------- lists of rules


def _given(tree: Tree, made: Made) -> Iterator[Argument]:
    """The lists that an application is made with, there or where its class calls the library's constructor."""
    ev = tree.guards.ev
    if made.cls is None:
        yield argument(ev, made.call, made.frame, "handlers", 0)
        return
    inits = set(functions(ev, made.cls, ("__init__",)).values())
    if not inits:
        yield argument(ev, made.call, made.frame, "handlers", 0)
    for site in sites(ev, "__init__"):
        called = read(ev, site)
        if called is None or called[1].ref not in inits or not isinstance(called[0].callee, Attribute):
            continue
        by_name = not isinstance(called[0].callee.value, Call)  # `Application.__init__(self, …)`, not `super()`
        for frame, _ in frames(ev, *called):
            given = argument(ev, called[0], frame, "handlers", 1 if by_name else 0)
            yield from _updated(ev, called[0], frame) or [given] if given.hidden else [given]


def _updated(ev: Evaluator, call: Call, frame: Frame) -> list[Argument]:
    """`settings.update(handlers=rules)` before `super().__init__(**settings)`."""
    passed = {dotted(keyword.value) for keyword in call.keywords if keyword.name is None}
    found = []
    for site in sites(ev, "update"):
        called = read(ev, site)
        if called is not None and called[1].ref == frame.ref and isinstance(called[0].callee, Attribute):
            given = argument(ev, called[0], frame, "handlers")
            if dotted(called[0].callee.value) in passed and given.expr is not None:
                found.append(given)
    return found


def _rules(tree: Tree, owner: SiteRef, given: Argument, depth: int = 0) -> None:
    """The rules of one list of an application; lists may stand in lists."""
    if given.expr is None or depth > _MOST_LISTS:
        tree.hidden = tree.hidden or (_NO_LIST if given.hidden or depth else "")
        return
    held = items(tree.guards.ev, given.expr, given.frame)
    if not held.complete:
        tree.hidden = tree.hidden or _NO_LIST
    for expr, frame in held.found:
        parts = _parts(tree.guards.ev, expr, frame)
        if parts is None:
            tree.hidden = tree.hidden or "a rule that is not understood"
        else:
            _rule(tree, owner, *parts, Location(frame.ref.path, expr.at), depth)


def _parts(ev: Evaluator, expr: Expr, frame: Frame, hops: int = 0) -> tuple[Argument, Argument] | None:
    """Pattern and target of a rule: a tuple, `URLSpec(…)`, or a name for one of them."""
    match expr:
        case Sequence(items=(first, second, *_)):
            return Argument(first, frame, False), Argument(second, frame, False)
        case Call(callee=callee) if _is_one(ev, callee, frame, _RULE):
            spec = _is_one(ev, callee, frame, _SPEC)
            matcher = argument(ev, expr, frame, "pattern" if spec else "matcher", 0)
            return matcher, argument(ev, expr, frame, "handler" if spec else "target", 1)
        case Name() | Attribute() if hops < MOST_DEEP and (defined := definition(ev, expr, frame)) is not None:
            return _parts(ev, *defined, hops + 1)
        case Call() if hops < MOST_DEEP:
            made = [v for v in ev.expr(expr, frame) if isinstance(v, Container)]
            return _parts(ev, made[0].expr, made[0].frame, hops + 1) if made else None
        case _:
            return None


def _is_one(ev: Evaluator, callee: Expr, frame: Frame, cls: str) -> bool:
    return any(is_subclass(ev.libraries, name, cls) for name in ev.qualified(callee, frame))


def _rule(tree: Tree, owner: SiteRef, matcher: Argument, target: Argument, at: Location, depth: int) -> None:
    ev = tree.guards.ev
    if target.expr is None:
        tree.hidden = tree.hidden or "a rule that is not understood"
        return
    values = named(ev, ev.expr(target.expr, target.frame), target.frame.ref.path)
    for key in meant(tree.objects, target.expr, target.frame).keys:
        if key != owner:
            tree.inclusions[owner].append(Inclusion(key, None, NONE, True))
        return
    if not any(isinstance(v, ClassRef | External) for v in values) and items(ev, target.expr, target.frame).found:
        _rules(tree, owner, target, depth + 1)  # `(HostMatches("…"), [rules])`
        return
    path = _path(ev, matcher)
    for methods, handler in _answers(tree, values, target):
        tree.routes[owner].append(Route(methods, path, handler, at, NONE))


def _path(ev: Evaluator, matcher: Argument) -> str:
    """The pattern as written, without the marks of its beginning and end: Tornado matches whole paths."""
    if matcher.expr is None:
        return HOLE
    expr, frame = matcher.expr, matcher.frame
    if isinstance(expr, Call) and set(ev.qualified(expr.callee, frame)) & _WRAPPING:
        return _path(ev, argument(ev, expr, frame, "path_pattern", 0))
    return text(ev.expr(expr, frame)).removeprefix("^").removesuffix("$")


# ---------------------------------------------------------------- handler classes


def _answers(tree: Tree, values: Iterable[Value], target: Argument) -> list[tuple[tuple[str, ...], Handler]]:
    ev, found = tree.guards.ev, []
    assert target.expr is not None
    at = Location(target.frame.ref.path, target.expr.at)
    for value in values:
        match value:
            case ClassRef(ref=ref):
                found += _class(tree, ref)
            case External(name=name):
                methods = next((m for cls, m in _LIBRARY.items() if is_subclass(ev.libraries, name, cls)), ("*",))
                found.append((methods, Handler(name, at, None, False, doubt("a handler that is not understood"))))
            case _:
                pass
    unknown = Handler(HOLE, at, None, False, doubt("a handler that is not understood"))
    return found or [(("*",), unknown)]


def _class(tree: Tree, ref: ScopeRef) -> list[tuple[tuple[str, ...], Handler]]:
    """The methods that a handler class answers, each with what guards it; a WebSocket is opened by a GET."""
    ev = tree.guards.ev
    around = _around(tree.guards, ref)
    found = functions(ev, ref, METHODS)
    sockets = functions(ev, ref, ("open", "on_message", "on_close"))
    if classes.derives(ev, ref, _SOCKETS):
        tree.functions.update(dict.fromkeys(sockets.values()))
        opening = [of_method(tree.guards, one) for name, one in sorted((sockets | found).items()) if name in _ENTRANCES]
        is_async = any(ev.scope(one).is_async for one in sockets.values())
        handler = Handler(qualified(ev, ref), name_place(ev, ref), ref, is_async, merged([around, *opening]))
        return [(("WEBSOCKET",), handler)]
    tree.functions.update(dict.fromkeys(found.values()))
    extra = next((m for cls, m in _LIBRARY.items() if classes.derives(ev, ref, cls)), ())
    left = tuple(name.lower() for name in extra if name.lower() not in found)
    return grouped(tree.guards, ref, found, around, left)


def _around(guards: Guards, ref: ScopeRef) -> Evidence:
    """What runs before each method of a class: its decorators, and every `prepare` of it and its bases."""
    ev = guards.ev
    own = ev.scope(ref)
    parts = [of_decorators(guards, own.decorators, Frame(ScopeRef(ref.path, own.parent)))]
    before = [functions(ev, base, ("prepare",)) for base in classes.bases(ev, ref) if isinstance(base, ScopeRef)]
    first = dict.fromkeys(one for held in before for one in held.values())
    return merged([*parts, *(of_method(guards, one) for one in first)])
