"""What all frameworks share of a route: the handler behind an expression, and its decorators."""

from __future__ import annotations

from dataclasses import dataclass

from ..link.index import ScopeRef
from ..link.values import ClassRef, Const, External, Frame, Function, Instance
from ..link.walk import dotted
from ..model.answer import Known, Unknown
from ..model.code import Call, Expr, Name, Sequence
from ..model.endpoint import NOBODY_LOOKED
from ..model.location import Location
from .evidence import IDENTITY, NONE, Evidence, doubt, merged, only
from .guards import Guards, handled, of_expr
from .lists import items
from .sources import HOLE, name_place, qualified

_WHY = "a decorator that is not understood"
# Decorators that stand for what they are given: Django's for methods, Falcon's hooks.
_STANDING_FOR = frozenset({"django.utils.decorators.method_decorator", "falcon.before", "falcon.hooks.before"})
MOST_ENDPOINTS = 5_000  # of one application: a guard against routers that include each other in fans


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers a route."""

    name: str  # qualified
    at: Location
    ref: ScopeRef | None  # its function or class in the project
    is_async: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Route:
    """A path and methods with their handler, before any prefix."""

    methods: tuple[str, ...]
    path: str
    handler: Handler
    at: Location
    evidence: Evidence
    response: Known[str] | Unknown = NOBODY_LOOKED  # as in `Endpoint`


def of_function(guards: Guards, ref: ScopeRef, decorators: tuple[Expr, ...], frame: Frame) -> Handler:
    """A function of the project with the decorators that stand between it and its route."""
    ev = guards.ev
    parts = [of_decorators(guards, decorators, frame)]
    scope = ev.scope(ref)
    parts.append(handled(guards, ref, merged(parts)))
    return Handler(qualified(ev, ref), name_place(ev, ref), ref, scope.is_async, merged(parts))


def of_decorators(guards: Guards, decorators: tuple[Expr, ...], frame: Frame) -> Evidence:
    """Decorators as they wrap a handler."""
    return merged(_decorator(guards, one, frame) for one in decorators)


def _decorator(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One decorator; Django's `@method_decorator([a, b], name="dispatch")` is the decorators that it is given."""
    ev, at = guards.ev, Location(frame.ref.path, expr.at)
    if dotted(expr).split(".")[1:2] == ["mapping"]:
        return NONE  # DRF: `@password.mapping.delete` adds a method to another action
    if isinstance(expr, Call) and expr.args and not _STANDING_FOR.isdisjoint(ev.qualified(expr.callee, frame)):
        given = expr.args[0]
        if isinstance(given, Sequence | Name):
            held = items(ev, given, frame)
            if held.found and held.complete:
                return merged(of_expr(guards, one, where, at, _WHY) for one, where in held.found)
        return of_expr(guards, given, frame, at, _WHY)
    return of_expr(guards, expr, frame, at, _WHY)


def of_reference(guards: Guards, expr: Expr, frame: Frame) -> Handler:
    """The handler that an expression names where a route is added by a call."""
    ev, at = guards.ev, Location(frame.ref.path, expr.at)
    for value in ev.expr(expr, frame):
        match value:
            case Function(ref=ref):
                scope = ev.scope(ref)
                return of_function(guards, ref, scope.decorators, Frame(ScopeRef(ref.path, scope.parent)))
            case ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
                asks = only(handled(guards, ref), IDENTITY)
                return Handler(qualified(ev, ref), name_place(ev, ref), ref, False, asks)
            case External(name=name) | Instance(cls=str() as name):
                return Handler(name, at, None, False, doubt("a handler that is not understood"))
            case Const():
                pass
            case _:
                break
    return Handler(dotted(expr) or HOLE, at, None, False, doubt("a handler that is not understood"))
