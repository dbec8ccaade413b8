"""A function with decorators of the project's own → the functions that run in its place when it is called."""

from __future__ import annotations

from ...model.location import Location
from ..calling import call_function
from ..evaluate import Evaluator
from ..index import ScopeRef
from ..values import ClassRef, Frame, Function, Instance, Value, Values, join
from .targets import method_of


def wrappers(ev: Evaluator, ref: ScopeRef, frame: Frame) -> tuple[tuple[ScopeRef, ...], ...]:
    """What each decorator puts in the place of what it is given, the one nearest to the function first."""
    values: Values = (Function(ref),)
    scope = ev.scope(ref)
    layers: list[tuple[ScopeRef, ...]] = []
    for decorator in reversed(scope.decorators):
        at = Location(ref.path, decorator.at)
        found: Values = ()
        for target in ev.expr(decorator, frame):
            found = join(found, _applied(ev, target, values, frame, at))
        values = found or values
        refs = dict.fromkeys(one for value in values for one in _runs(ev, value) if one != ref)
        if refs and (not layers or tuple(refs) != layers[-1]):
            layers.append(tuple(refs))
    return tuple(layers)


def _applied(ev: Evaluator, decorator: Value, values: Values, frame: Frame, at: Location) -> Values:
    match decorator:
        case Function(ref=ref):
            params = [p for p in ev.scope(ref).params.items if p.kind in ("positional", "normal")]
            params = params[1:] if decorator.receiver is not None else params
            return call_function(ev, decorator, {params[0].name: values}, frame, at) if params else ()
        case ClassRef(ref=ref):
            return (Instance(ref),)
        case Instance(cls=ScopeRef() as cls):  # `@log_with(logger)`, a class with `__call__(self, function)`
            method = method_of(ev, cls, "__call__")
            return _applied(ev, Function(method, decorator), values, frame, at) if method is not None else ()
        case _:
            return ()


def _runs(ev: Evaluator, value: Value) -> tuple[ScopeRef, ...]:
    match value:
        case Function(ref=ref):
            return (ref,)
        case Instance(cls=ScopeRef() as cls):
            found = method_of(ev, cls, "__call__")
            return (found,) if found is not None else ()
        case _:
            return ()
