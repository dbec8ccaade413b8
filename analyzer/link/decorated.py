"""A function of the project that a library's decorator turns into an object of its own → what that object has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Call
from . import classes
from .index import ScopeRef
from .values import External, Frame, Function, Instance, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator


def member(ev: Evaluator, function: Function, name: str) -> Values:
    """`send.delay` of a task: the library's method with the function as its receiver; () where it is none."""
    found: Values = ()
    for made in made_into(ev, function.ref):
        known = classes.of_library(ev, str(made.cls), name, made) if isinstance(made, Instance) else None
        found = join(found, tuple(_of(value, function) for value in known or ()))
    return found


def _of(value: object, function: Function) -> External | Instance:
    assert isinstance(value, External | Instance)
    return External(value.name, function) if isinstance(value, External) else value


def made_into(ev: Evaluator, ref: ScopeRef) -> Values:
    """Instances of the library classes that a function's decorators make of it."""
    scope = ev.scope(ref)
    if not scope.decorators:
        return ()
    return ev.remember(("decorated", ref), lambda: _made_into(ev, ref), lambda: ())


def _made_into(ev: Evaluator, ref: ScopeRef) -> Values:
    from .calling import operation

    scope = ev.scope(ref)
    above = Frame(ScopeRef(ref.path, scope.parent))
    found: Values = ()
    for decorator in scope.decorators:
        callee = decorator.callee if isinstance(decorator, Call) else decorator
        for target in ev.expr(callee, above):
            known = operation(ev, target) if isinstance(target, External) else None
            if known is not None and known.decorates:
                found = join(found, (Instance(known.decorates),))
    return found
