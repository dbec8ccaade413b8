"""What `with expr as name` binds: by the call that made it, by its class, or by the project's own `__enter__`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..libraries import method
from ..model.code import Call, Expr
from ..model.location import Location
from . import classes, library_types
from .index import ScopeRef
from .library_types import Asked
from .values import External, Frame, Function, Instance, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator


def entered(ev: Evaluator, expr: Expr, is_async: bool, frame: Frame) -> Values:
    """What `with expr as name`, or `async with`, binds."""
    found: Values = ()
    asked = Asked(Location(frame.ref.path, expr.at), frame)
    if isinstance(expr, Call) and (said := _entered_by_call(ev, expr, asked)):
        return said
    for value in ev.expr(expr, frame):
        if isinstance(value, Instance) and isinstance(value.cls, str):
            found = join(found, _enter_library(ev, value, value.cls, asked))
        elif isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
            found = join(found, _enter_own(ev, value, is_async, asked))
        else:
            found = join(found, (value,))
    return found


def _entered_by_call(ev: Evaluator, call: Call, asked: Asked) -> Values:
    """`with engine.begin() as connection`: what the operations that are called say, if all of them do; else ()."""
    from .calling import operation

    found: Values = ()
    for target in ev.expr(call.callee, asked.frame):
        known = operation(ev, target) if isinstance(target, External) else None
        if not isinstance(target, External) or known is None or not known.enters:
            return ()
        found = join(found, library_types.values(ev, known.enters, replace(asked, receiver=target.receiver)))
    return found


def _enter_library(ev: Evaluator, value: Instance, cls: str, asked: Asked) -> Values:
    """What entering an object of a library gives: by its class, by its `__enter__`, or itself."""
    known = method(ev.libraries, cls, "__enter__") or method(ev.libraries, cls, "__aenter__")
    text = library_types.said(ev, value, "enters") or (known[1].returns if known is not None else "")
    if not text:
        return (value,)
    return library_types.values(ev, text, replace(asked, receiver=value, made=value.made)) or (value,)


def _enter_own(ev: Evaluator, value: Instance, is_async: bool, asked: Asked) -> Values:
    """Nothing, where a class of the project only has the other kind of entrance: then it is another alternative."""
    from .calling import call_function

    assert isinstance(value.cls, ScopeRef)
    own, other = ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__")
    found = classes.member(ev, value.cls, own, value) or ()
    for target in found:
        if isinstance(target, Function):
            return call_function(ev, target, {}, asked.frame, asked.at)
    text = library_types.said(ev, value, "enters")
    if text:
        return library_types.values(ev, text, replace(asked, receiver=value)) or (value,)
    return () if not found and classes.member(ev, value.cls, other, value) else (value,)
