"""A call in a function's body → whether what it gives is stored where it outlives the function."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from ..model.code import AnnAssign, Assign, Attribute, Body, Call, Expr, Name, Stmt, Subscript
from ..model.location import Span
from .asking import last_word
from .evaluate import Evaluator
from .index import ScopeRef, body
from .walk import blocks, contains, nodes, statements

# What keeps what it is given.
_KEEPING = frozenset({"setdefault", "set", "append", "add", "put", "insert", "update", "set_default", "register"})


def outlives(ev: Evaluator, ref: ScopeRef, at: Span) -> bool:
    """Whether what a call gives is stored where it outlives the function: a global, an attribute, an item."""
    for statement in _around(body(ev.index, ref), at):
        if any(isinstance(n, Call) and n.at != at and contains(n.at, at) and _stores(n, at) for n in nodes(statement)):
            return True
        for target in _targets(statement, at):
            if _lasting(ev, ref, target):
                return True
            if isinstance(target, Name) and _stored_later(ev, ref, target.id):
                return True
    return False


def _around(block: Body, at: Span) -> Iterator[Stmt]:
    """The statements that a place stands in, outer ones first; by bisection, since a body may have thousands."""
    before = bisect_right(block, (at.line, at.column), key=lambda statement: (statement.at.line, statement.at.column))
    if before and contains(block[before - 1].at, at):
        yield block[before - 1]
        for inner in blocks(block[before - 1]):
            yield from _around(inner, at)


def _stores(call: Call, at: Span) -> bool:
    return last_word(call.callee) in _KEEPING and any(contains(arg.at, at) for arg in call.args)


def _targets(statement: Stmt, at: Span) -> tuple[Expr, ...]:
    match statement:
        case Assign(targets=targets, value=value) if contains(value.at, at):
            return targets
        case AnnAssign(target=target, value=value) if value is not None and contains(value.at, at):
            return (target,)
        case _:
            return ()


def _lasting(ev: Evaluator, ref: ScopeRef, target: Expr) -> bool:
    """Whether a target is more than a local name; `self.x` in `__init__` lives as long as the object."""
    if isinstance(target, Name):
        return target.id in ev.outer_names(ref)
    if isinstance(target, Attribute):
        scope = ev.scope(ref)
        own = scope.params.items[0].name if scope.params.items else ""
        return not (scope.name == "__init__" and isinstance(target.value, Name) and target.value.id == own)
    return isinstance(target, Subscript)


def _stored_later(ev: Evaluator, ref: ScopeRef, name: str) -> bool:
    for statement in statements(body(ev.index, ref)):
        if isinstance(statement, Assign) and any(isinstance(n, Name) and n.id == name for n in nodes(statement.value)):
            direct = isinstance(statement.value, Name)
            if direct and any(_lasting(ev, ref, target) for target in statement.targets):
                return True
        for node in nodes(getattr(statement, "value", None)):
            if isinstance(node, Call) and last_word(node.callee) in _KEEPING and name in _plain(node.args):
                return True
    return False


def _plain(args: tuple[Expr, ...]) -> set[str]:
    return {arg.id for arg in args if isinstance(arg, Name)}
