"""`@view_config(…)`, `@view_defaults(…)` and `config.add_view(…)` → the views of an application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.loaded import loaded
from ..link.values import ClassRef, Const, External, Frame, Function
from ..model.code import Call, Expr, Literal
from ..model.facts import ScopeKind
from ..model.location import Location
from .evidence import IDENTITY, NONE, OPENED, Evidence, protection
from .fastapi_routes import named_methods
from .guards import Guards
from .routes import Handler, of_function, of_reference
from .sources import Argument, argument, code, read, sites, text
from .views import functions

NO_PERMISSION = "__no_permission_required__"
_CONFIG = ("pyramid.view.view_config",)
_DEFAULTS = ("pyramid.view.view_defaults",)
_OPTIONS = ("route_name", "request_method", "permission", "name", "context", "attr", "is_authenticated")
_FAILURES = ("Error", "Exception", "HTTPNotFound", "HTTPForbidden")

Options = Mapping[str, tuple[Argument, Location]]


@dataclass(frozen=True, slots=True)
class View:
    """What answers a route, or a name that is found by traversal."""

    route: str  # "" where none is named
    name: str
    methods: tuple[str, ...]
    handler: Handler
    at: Location
    evidence: Evidence


def views(guards: Guards) -> Iterator[View]:
    """Every view outside of tests, decorated ones first."""
    for path, facts in code(guards.ev):
        for number, scope in enumerate(facts.scopes):
            if scope.decorators:
                yield from _decorated(guards, ScopeRef(path, number))
    for site in sites(guards.ev, "add_view"):
        called = read(guards.ev, site)
        if called is not None:
            yield from _added(guards, *called, Location(site.path, called[0].at))


def _decorated(guards: Guards, ref: ScopeRef) -> Iterator[View]:
    ev = guards.ev
    scope = ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    owner = ev.index.python[ref.path].scopes[scope.parent] if scope.parent > 0 else None
    defaults: Options = {}
    if owner is not None and owner.kind is ScopeKind.CLASS:
        above = Frame(ScopeRef(ref.path, owner.parent))
        for one in owner.decorators:
            if isinstance(one, Call) and _is(ev, one, above, _DEFAULTS):
                defaults = _options(ev, one, above)
    for position, one in enumerate(scope.decorators):
        if not isinstance(one, Call) or not _is(ev, one, frame, _CONFIG):
            continue
        below = tuple(d for d in scope.decorators[position + 1 :] if not _is(ev, d, frame, _CONFIG))
        handler = _handler(guards, ref, below, frame, {**defaults, **_options(ev, one, frame)})
        yield from _view(ev, {**defaults, **_options(ev, one, frame)}, handler, Location(ref.path, one.at))


def _handler(guards: Guards, ref: ScopeRef, below: tuple[Expr, ...], frame: Frame, options: Options) -> Handler:
    """The function of a view; of a class that is a view, the method that `attr` names, else what is called."""
    ev = guards.ev
    if ev.scope(ref).kind is ScopeKind.FUNCTION:
        return of_function(guards, ref, below, frame)
    name = _text(ev, options, "attr") or "__call__"
    method = functions(ev, ref, (name,)).get(name)
    return of_function(guards, method or ref, below, frame)


def _is(ev: Evaluator, expr: Expr, frame: Frame, names: tuple[str, ...]) -> bool:
    callee = expr.callee if isinstance(expr, Call) else expr
    return any(isinstance(v, External) and v.name in names for v in ev.expr(callee, frame))


def _options(ev: Evaluator, call: Call, frame: Frame) -> Options:
    found = {name: argument(ev, call, frame, name) for name in _OPTIONS}
    at = Location(frame.ref.path, call.at)
    return {name: (given, at) for name, given in found.items() if given.expr is not None}


def _text(ev: Evaluator, options: Options, name: str) -> str:
    given = options[name][0] if name in options else None
    return text(ev.expr(given.expr, given.frame)) if given is not None and given.expr is not None else ""


def _view(ev: Evaluator, options: Options, handler: Handler, at: Location) -> Iterator[View]:
    """A view, unless it only answers errors."""
    context = options["context"][0] if "context" in options else None
    for value in ev.expr(context.expr, context.frame) if context is not None and context.expr is not None else ():
        name = value.name if isinstance(value, External) else ""
        name = ev.scope(value.ref).name if isinstance(value, ClassRef) else name
        if name.endswith(_FAILURES):
            return
    yield View(
        _text(ev, options, "route_name"), _text(ev, options, "name"), _methods(ev, options), handler, at,
        _permission(ev, options),
    )  # fmt: skip


def _methods(ev: Evaluator, options: Options) -> tuple[str, ...]:
    if "request_method" not in options:
        return ("*",)
    given = options["request_method"][0]
    single = _text(ev, options, "request_method")
    return (single.upper(),) if single.isalpha() else named_methods(ev, given)


def _permission(ev: Evaluator, options: Options) -> Evidence:
    """`permission="edit"`: an ACL decides, which asks who it is."""
    if "is_authenticated" in options and isinstance((flag := options["is_authenticated"])[0].expr, Literal):
        return protection("is_authenticated", flag[1], IDENTITY)  # for anybody else there is no such view
    if "permission" not in options:
        return NONE
    given, at = options["permission"]
    values = ev.expr(given.expr, given.frame) if given.expr is not None else ()
    opened = any(isinstance(v, External) and v.name.endswith("NO_PERMISSION_REQUIRED") for v in values)
    if opened or text(values) in ("", NO_PERMISSION):
        return protection("NO_PERMISSION_REQUIRED", at, OPENED)
    return protection(f"permission {text(values)}", at, IDENTITY)


def _added(guards: Guards, call: Call, frame: Frame, at: Location) -> Iterator[View]:
    """`config.add_view(show, route_name="order")`."""
    ev = guards.ev
    given = argument(ev, call, frame, "view", 0)
    options = _options(ev, call, frame)
    if given.expr is None or not ({"route_name", "name", "context"} & set(options)):
        return
    values = ev.expr(given.expr, given.frame)
    for value in loaded(ev, given.expr, given.frame) or values if any(isinstance(v, Const) for v in values) else values:
        if isinstance(value, Function):
            scope = ev.scope(value.ref)
            handler = of_function(guards, value.ref, scope.decorators, Frame(ScopeRef(value.ref.path, scope.parent)))
        elif isinstance(value, ClassRef):
            handler = _handler(guards, value.ref, (), frame, options)
        else:
            handler = of_reference(guards, given.expr, given.frame)
        yield from _view(ev, options, handler, at)
