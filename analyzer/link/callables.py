"""Lambdas, partial functions and `type(x)` → what calling them gives; the parameters that a partial call fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Call, Starred
from ..model.location import Location
from . import parameters
from .index import ScopeRef, SiteRef
from .inner import parameter_name
from .values import ClassRef, External, Frame, Function, Instance, Lambda, Partial, Thunk, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

_PARTIAL = frozenset({"functools.partial", "functools.partialmethod"})
_TYPE = "builtins.type"


def special(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location) -> Values:
    """What `partial(f, …)` and `type(x)` give; () for calls of anything else."""
    if target.name in _PARTIAL and call.args and not isinstance(call.args[0], Starred):
        return tuple(Partial(value, at, call, ev.settled(frame)) for value in ev.expr(call.args[0], frame))
    if target.name == _TYPE and len(call.args) == 1:
        return join(*(class_of(value) for value in ev.expr(call.args[0], frame)))
    return ()


def class_of(value: Value) -> Values:
    """The class of an object; () where it is not known."""
    match value:
        case Instance(cls=ScopeRef() as ref):
            return (ClassRef(ref),)
        case Instance(cls=str(name)):
            return (External(name),)
        case _:
            return ()


def of_lambda(ev: Evaluator, target: Lambda, call: Call, caller: Frame) -> Values:
    """What the body of a lambda is for these arguments."""
    made = target.frame
    given: dict[str, Values | Thunk] = {}
    items = [p for p in target.expr.params.items if p.kind in ("positional", "normal")]
    for param, arg in zip(items, call.args, strict=False):
        if isinstance(arg, Starred):
            break
        given[param.name] = Thunk(arg.at, caller, arg)
    for keyword in call.keywords:
        if keyword.name is not None:
            given[keyword.name] = Thunk(keyword.value.at, caller, keyword.value)
    known = tuple(
        (parameter_name(param.name, target.expr.at), given[param.name])
        for param in target.expr.params.items
        if param.name in given
    )
    frame = ev.frame(made.ref, (*known, *made.known), max(made.depth, caller.depth) + 1, made.outer)
    return ev.expr(target.expr.body, frame)


def of_partial(ev: Evaluator, target: Partial, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    """What calling a partial function gives: its own arguments come first."""
    from .calling import call_function, result_of

    inner = target.target
    if isinstance(inner, Function):
        bound = filled(ev, inner, target, call, frame)
        return call_function(ev, inner, bound, frame, at)
    merged = Call(call.at, target.call.args[0], target.call.args[1:], target.call.keywords, call.site)
    return result_of(ev, (inner,), merged, target.frame, at, made)


def filled(ev: Evaluator, inner: Function, partial: Partial, call: Call, frame: Frame) -> dict[str, Values | Thunk]:
    """The arguments of a partial call of a function by parameter name."""
    has_receiver = inner.receiver is not None
    own = partial.call
    first = Call(own.at, own.args[0], own.args[1:], own.keywords, own.site)
    before = parameters.bind(ev, inner.ref, first, partial.frame, has_receiver=has_receiver)
    # The places that the partial has filled are empty here: what is bound to them is thrown away.
    shifted = Call(call.at, call.callee, (*own.args[1:], *call.args), call.keywords, call.site)
    after = parameters.bind(ev, inner.ref, shifted, frame, has_receiver=has_receiver)
    return {**after, **before, **{k.name: after[k.name] for k in call.keywords if k.name in after and k.name}}
