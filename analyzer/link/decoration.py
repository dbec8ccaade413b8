"""A function of the project with decorators of the project → what calling it gives then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Call, Name
from ..model.location import Location
from .index import ScopeRef, SiteRef
from .values import ClassRef, Const, Frame, Function, Instance, Lambda, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

_NOT_CALLED = frozenset({"property", "staticmethod", "classmethod", "overload", "abstractmethod"})


def seen_through(ev: Evaluator, target: Function, given: Values, at: Location) -> Values:
    """What a call gives whose function alone gives `given`: what its wrapper makes of that, where that is known.

    A wrapper that gives what the function gives is seen through, since `given` knows the arguments.
    """
    if target.bare or not ev.scope(target.ref).decorators:
        return given
    wrappers = ev.remember(("wrapped", target.ref), lambda: _wrapped(ev, target.ref), lambda: ())
    if not wrappers:
        return given
    wrapped = ev.remember(("through", target.ref), lambda: _called(ev, target.ref, wrappers, at), lambda: ())
    if not wrapped or any(isinstance(v, Opaque) for v in wrapped):
        return given
    kinds = {_kind(v) for v in wrapped}
    return given if kinds & {_kind(v) for v in given} else wrapped


def _kind(value: Value) -> object:
    match value:
        case Instance(cls=cls):
            return cls
        case Const(value=constant):
            return f"builtins.{type(constant).__name__}"
        case Function(ref=ref):
            return ref
        case _:
            return type(value)


def _wrapped(ev: Evaluator, ref: ScopeRef) -> Values:
    """What the project's decorators make of a function, the nearest one first; () where none of them is known."""
    from .calling import last_word

    scope = ev.scope(ref)
    above = Frame(ScopeRef(ref.path, scope.parent))
    own: Values = (Function(ref, bare=True),)
    current = own
    for decorator in reversed(scope.decorators):
        if last_word(decorator) in _NOT_CALLED:
            continue
        made: Values = ()
        for value in ev.expr(decorator, above):
            made = join(made, _applied(ev, value, current, above))
        current = made or current
    return () if current == own else current


def _applied(ev: Evaluator, decorator: Value, function: Values, frame: Frame) -> Values:
    """What calling a decorator of the project with a function gives, as far as that can be called itself."""
    from .calling import call_function

    match decorator:
        case Function(ref=ref) if items := ev.scope(ref).params.items:
            first = items[1] if decorator.receiver is not None and len(items) > 1 else items[0]
            at = Location(ref.path, ev.scope(ref).name_at)
            found = call_function(ev, decorator, {first.name: function}, frame, at)
            return tuple(v for v in found if isinstance(v, Function | Lambda | Instance) and v not in function)
        case ClassRef(ref=ref):
            return (Instance(ref),)
        case _:
            return ()


def _called(ev: Evaluator, ref: ScopeRef, wrappers: Values, at: Location) -> Values:
    from .calling import result_of

    above = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    call = Call(at.span, Name(at.span, ev.scope(ref).name), (), (), -1)
    return result_of(ev, wrappers, call, above, at, SiteRef(ref.path, -1))
