"""A function's body and what one call hands to it → the statements that may run then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.code import Attribute, Body, BoolOp, Compare, Expr, If, Literal, Name, Raise, Return, Stmt, UnaryOp
from .values import ClassRef, Const, Frame, Thunk
from .walk import blocks, statements

if TYPE_CHECKING:
    from .evaluate import Evaluator


def running(ev: Evaluator, body: Body, frame: Frame) -> Iterator[Stmt]:
    """Every statement of a body that may run, nested ones included: not those that constant arguments exclude."""
    return _running(ev, body, frame) if frame.known else statements(body)


def _running(ev: Evaluator, body: Body, frame: Frame) -> Iterator[Stmt]:
    for statement in body:
        yield statement
        if not isinstance(statement, If):
            for block in blocks(statement):
                yield from _running(ev, block, frame)
            continue
        holds = _holds(ev, statement.test, frame)
        for block, other in ((statement.body, False), (statement.orelse, True)):
            if holds is not other:
                yield from _running(ev, block, frame)
        if holds is not None and _leaves(statement.body if holds else statement.orelse):
            return


def _leaves(block: Body) -> bool:
    return bool(block) and isinstance(block[-1], Return | Raise)


def _holds(ev: Evaluator, test: Expr, frame: Frame) -> bool | None:
    """Whether a test of constant arguments holds; None where that is not known."""
    match test:
        case Compare(left=Name() as left, ops=("==" | "!=" as op,), comparators=(Literal(value=value),)):
            values = ev.expr(left, frame) if _constant(frame, left.id) else ()
            if len(values) != 1 or not isinstance(values[0], Const):
                return None
            return (values[0].value == value) is (op == "==")
        case BoolOp(op=op, values=parts):
            held = [_holds(ev, part, frame) for part in parts]
            decisive = op == "or"  # one that holds is enough
            return decisive if decisive in held else None if None in held else not decisive
        case UnaryOp(op="not", operand=operand):
            inner = _holds(ev, operand, frame)
            return None if inner is None else not inner
        case Attribute(value=Name(id=owner)) if _is_class(frame, owner):
            values = ev.expr(test, frame)
            known = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, bool)]
            return known[0] if len(values) == len(known) == 1 else None
        case _:
            return None


def _constant(frame: Frame, name: str) -> bool:
    """Whether a parameter is handed one constant, which is cheap to see."""
    for known, values in frame.known:
        if known == name:
            return isinstance(values, Thunk) or (len(values) == 1 and isinstance(values[0], Const))
    return False


def _is_class(frame: Frame, name: str) -> bool:
    held = next((values for known, values in frame.known if known == name), ())
    return isinstance(held, tuple) and len(held) == 1 and isinstance(held[0], ClassRef)
