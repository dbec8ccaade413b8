"""CherryPy: mounted trees of objects with exposed methods → endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Const, External, Frame, Instance, Value
from ..link.walk import dotted
from ..model.code import Call, Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from .cherrypy_config import ASKS, asks, sections
from .endpoints import application, endpoint
from .evidence import IDENTITY, NONE, complete, doubt, merged, protection
from .guards import Guards
from .lists import strings
from .routes import Handler, Route, of_function
from .sources import HOLE, argument, read, sites, text_of, uses
from .views import class_attribute, functions

_MOUNTS = ("cherrypy.quickstart", "cherrypy.tree.mount")
_EXPOSE = "cherrypy.expose"
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_LOST = "a mounted object that is not understood"
_DEEPEST = 8  # objects inside objects


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every mounted tree with the methods that it exposes."""
    if not uses(ev, "cherrypy"):
        return []
    guards = Guards(ev)
    mounts = [site for site in sites(ev, "quickstart", "mount") if _is_mount(ev, site)]
    return [_declared(guards, site) for site in mounts]


def _is_mount(ev: Evaluator, site: SiteRef) -> bool:
    called = read(ev, site)
    written = dotted(called[0].callee) if called is not None else ""
    return called is not None and (
        written in _MOUNTS or bool(set(ev.qualified(called[0].callee, called[1])) & set(_MOUNTS))
    )


def _declared(guards: Guards, site: SiteRef) -> Declared:
    ev, called = guards.ev, read(guards.ev, site)
    assert called is not None
    call, frame = called
    at = Location(site.path, call.at)
    root, prefix = argument(ev, call, frame, "root", 0), text_of(ev, argument(ev, call, frame, "script_name", 1))
    config = argument(ev, call, frame, "config", 2)
    held = sections(ev, config.expr, config.frame) if config.expr is not None else {}
    by_verb = any("request.dispatch" in section for section in held.values())
    routes = [
        route
        for value in (ev.expr(root.expr, root.frame) if root.expr is not None else ())
        for route in _tree(guards, value, prefix.rstrip("/"), by_verb, _added(ev, root.expr, frame), at, 0)
    ]
    key = f"{site.path}:{prefix.strip('/') or 'tree'}"
    table = {endpoint(guards, r, r.path, "cherrypy", key, asks(held, r.path, prefix, at)): None for r in routes}
    whole = complete(ev, _LOST if any(r.handler.ref is None for r in routes) or not routes else "")
    handlers = {r.handler.ref for r in routes if r.handler.ref is not None}
    app = application(guards, key, "cherrypy", prefix or "/", at, table, NONE, whole)
    return Declared(app, tuple(sorted(handlers)))


def _tree(
    guards: Guards, value: Value, prefix: str, by_verb: bool, added: dict[str, Value], at: Location, depth: int
) -> Iterator[Route]:
    """The exposed methods of an object and of the objects that it holds."""
    ev = guards.ev
    if not isinstance(value, Instance) or not isinstance(value.cls, ScopeRef):
        if not isinstance(value, Const):
            yield Route(("*",), f"{prefix}/{HOLE}", Handler(HOLE, at, None, False, doubt(_LOST)), at, NONE)
        return
    yield from _methods(guards, value.cls, prefix, by_verb)
    for name, inner in {**_held(ev, value.cls), **added}.items():
        if isinstance(inner, Instance) and isinstance(inner.cls, ScopeRef) and depth < _DEEPEST:
            yield from _tree(guards, inner, f"{prefix}/{name}", by_verb, {}, at, depth + 1)


def _methods(guards: Guards, cls: ScopeRef, prefix: str, by_verb: bool) -> Iterator[Route]:
    ev = guards.ev
    if by_verb and _exposed_class(ev, cls):
        found = functions(ev, cls, _VERBS)
        for name, ref in found.items():
            yield Route((name,), prefix or "/", _handler(guards, ref), _place(ev, ref), NONE)
        return
    for base in (one for one in classes.bases(ev, cls) if isinstance(one, ScopeRef)):
        for number in ev.index.children[base.path].get(base.scope, ()):
            ref, scope = ScopeRef(base.path, number), ev.index.python[base.path].scopes[number]
            if scope.kind is ScopeKind.FUNCTION and _exposed(ev, ref, base):
                word = {"index": "", "default": f"/{HOLE}", "__call__": ""}.get(scope.name, f"/{scope.name}")
                yield Route(_allowed(ev, ref), f"{prefix}{word}" or "/", _handler(guards, ref), _place(ev, ref), NONE)


def _handler(guards: Guards, ref: ScopeRef) -> Handler:
    scope = guards.ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    below = tuple(d for d in scope.decorators if not _of_cherrypy(guards.ev, d, frame))
    handler = of_function(guards, ref, below, frame)
    asking = [d for d in scope.decorators if ASKS.fullmatch(f"{dotted(_callee(d)).removeprefix('cherrypy.')}.on")]
    parts = [protection(dotted(_callee(d)), Location(ref.path, d.at), IDENTITY) for d in asking]
    return Handler(handler.name, handler.at, ref, handler.is_async, merged([handler.evidence, *parts]))


def _place(ev: Evaluator, ref: ScopeRef) -> Location:
    return Location(ref.path, ev.scope(ref).name_at)


def _callee(decorator: Expr) -> Expr:
    return decorator.callee if isinstance(decorator, Call) else decorator


def _of_cherrypy(ev: Evaluator, decorator: Expr, frame: Frame) -> bool:
    return any(isinstance(v, External) and v.name.startswith("cherrypy.") for v in ev.expr(_callee(decorator), frame))


def _exposed(ev: Evaluator, ref: ScopeRef, cls: ScopeRef) -> bool:
    """`@cherrypy.expose`, or `show.exposed = True` in the class."""
    scope = ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    if any(_EXPOSE in ev.qualified(_callee(one), frame) for one in scope.decorators):
        return True
    return f"{scope.name}.exposed" in ev.bindings(cls)


def _exposed_class(ev: Evaluator, cls: ScopeRef) -> bool:
    frame = Frame(ScopeRef(cls.path, ev.scope(cls).parent))
    marked = any(_EXPOSE in ev.qualified(_callee(one), frame) for one in ev.scope(cls).decorators)
    return marked or class_attribute(ev, cls, "exposed") is not None


def _allowed(ev: Evaluator, ref: ScopeRef) -> tuple[str, ...]:
    """`@cherrypy.tools.allow(methods=["POST"])`; without it a method answers all."""
    frame = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    for one in ev.scope(ref).decorators:
        if isinstance(one, Call) and dotted(one.callee).endswith("tools.allow"):
            found = strings(ev, argument(ev, one, frame, "methods", 0))
            return tuple(sorted(name.upper() for name in found)) if found else ("*",)
    return ("*",)


def _held(ev: Evaluator, cls: ScopeRef) -> dict[str, Value]:
    """The objects that a class holds: in its body, or from its constructor on."""
    found: dict[str, Value] = {}
    for base in (one for one in classes.bases(ev, cls) if isinstance(one, ScopeRef)):
        for name in sorted({*ev.bindings(base), *classes.self_assignments(ev, base)}):
            if name.isidentifier() and not name.startswith("_"):
                for value in classes.member(ev, cls, name, Instance(cls)) or ():
                    found.setdefault(name, value)
    return found


def _added(ev: Evaluator, root: Expr | None, frame: Frame) -> dict[str, Value]:
    """`root.users = Users()`, where the root has a name."""
    written = dotted(root) if root is not None else ""
    found: dict[str, Value] = {}
    for ref in dict.fromkeys((frame.ref, ScopeRef(frame.ref.path, 0))) if written.isidentifier() else ():
        for name, bound in sorted(ev.bindings(ref).items()):
            owner, _, attribute = name.partition(".")
            if owner == written and attribute.isidentifier() and bound[-1].expr is not None:
                for value in ev.expr(bound[-1].expr, Frame(ref)):
                    found.setdefault(attribute, value)
    return found
