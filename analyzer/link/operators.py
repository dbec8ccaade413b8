"""`a + b` → what the method that a class of the project has for it returns, else what texts and numbers give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import BinOp
from ..model.location import Location
from . import classes, texts
from .index import ScopeRef
from .values import Frame, Function, Instance, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

_METHODS = {
    "+": "add", "-": "sub", "*": "mul", "@": "matmul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "<<": "lshift", ">>": "rshift", "&": "and", "|": "or", "^": "xor",
}  # fmt: skip


def applied(ev: Evaluator, expr: BinOp, frame: Frame) -> Values:
    """What a binary operation gives."""
    if isinstance(expr.left, BinOp) or expr.op not in _METHODS:  # a long sum is one of texts or numbers
        return texts.operated(ev, expr, frame)
    word = _METHODS[expr.op]
    found: Values = ()
    for value in ev.expr(expr.left, frame):
        more = _own(ev, value, f"__{word}__", expr, frame)
        if not more:
            return texts.operated(ev, expr, frame)
        found = join(found, more)
    return found


def _own(ev: Evaluator, value: Value, method: str, expr: BinOp, frame: Frame) -> Values:
    from .calling import call_function

    if not isinstance(value, Instance) or not isinstance(value.cls, ScopeRef):
        return ()
    at = Location(frame.ref.path, expr.at)
    targets = classes.member(ev, value.cls, method, value) or ()
    return join(*(call_function(ev, t, {}, frame, at) for t in targets if isinstance(t, Function)))
