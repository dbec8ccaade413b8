"""A name that was compared with a list of allowed values → these values, in place of what it was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model.code import (
    Assert,
    Assign,
    Attribute,
    BoolOp,
    Call,
    Compare,
    Comprehension,
    Expr,
    ExprStmt,
    If,
    IfExp,
    Literal,
    Name,
    Raise,
    Return,
    Simple,
    Stmt,
    UnaryOp,
)  # fmt: skip
from ..model.facts import ScopeKind
from ..model.location import Location, Span
from ..model.project import Origin
from . import containers
from .index import decoded, raw
from .values import Const, Container, Frame, Opaque, Txt, Values, join
from .walk import contains, nodes

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Methods of str that are true only of texts without quotes, blanks and signs.
_PLAIN = frozenset({"isidentifier", "isalnum", "isalpha", "isdigit", "isdecimal", "isnumeric"})
_LEAVING = frozenset({"abort", "exit", "_exit", "fail"})
# What a body says, undecoded, that checks anything: "in" and "not in" in msgpack, and the methods.
_MARKS = (b"\xa2in", b"\xa6not in", b"match", *(name.encode() for name in sorted(_PLAIN)))
# Origins of lists that the client cannot fill.
_OWN = (Origin.ATTRIBUTE, Origin.CALL, Origin.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Check:
    """Where a test holds: inside a span, or behind one. `among` is the list; None for a test on the text itself."""

    among: Expr | None
    at: Span
    inside: Span | None  # None: everywhere behind `at`


def checked(ev: Evaluator, expr: Name, frame: Frame) -> Values | None:
    """The values that a name may still have where it stands, behind a check; None where there is none."""
    if ev.scope(frame.ref).kind is not ScopeKind.FUNCTION:
        return None
    for check in _checks(raw(ev.index, frame.ref)).get(expr.id, ()):
        where = contains(check.inside, expr.at) if check.inside is not None else _after(check.at, expr.at)
        if where and not _bound_between(ev, expr, frame, check):
            allowed = _allowed(ev, expr, frame, check)
            if allowed:
                return allowed
    return None


def _allowed(ev: Evaluator, expr: Name, frame: Frame, check: Check) -> Values:
    stand_in = Const("x", Location(frame.ref.path, expr.at))  # plain text; the name's own would change with the name
    if check.among is None:
        return (stand_in,)
    found: Values = ()
    for value in ev.expr(check.among, frame):
        if isinstance(value, Opaque) and value.origin not in _OWN:
            return ()
        held = containers.items(ev, value) if isinstance(value, Container) else ()
        if any(isinstance(v, Opaque | Txt) for v in held):
            return ()
        found = join(found, held or (stand_in,))
    return found


def _after(first: Span, second: Span) -> bool:
    return (first.end_line, first.end_column) <= (second.line, second.column)


def _bound_between(ev: Evaluator, expr: Name, frame: Frame, check: Check) -> bool:
    bound = ev.bindings(frame.ref).get(expr.id, ())
    return check.inside is None and any(_after(check.at, b.at) and _after(b.at, expr.at) for b in bound)


@lru_cache(maxsize=8192)
def _checks(undecoded: bytes) -> dict[str, tuple[Check, ...]]:
    if not any(mark in undecoded for mark in _MARKS):
        return {}
    found: dict[str, list[Check]] = {}
    for node in nodes(decoded(undecoded)):
        for name, check in _of(node):
            found.setdefault(name, []).append(check)
    return {name: tuple(checks) for name, checks in found.items()}


def _of(node: object) -> Iterator[tuple[str, Check]]:
    match node:
        case If(at=at, test=test, body=body, orelse=orelse):
            yield from _made(_if_true(test), at, _span(body))
            yield from _made(_if_false(test), at, _span(orelse))
            for name, among in _if_false(test):
                if _leaves(body[-1]) or any(_assigns(statement, name) for statement in body):
                    yield name, Check(among, at, None)
        case IfExp(at=at, test=test, body=then, orelse=other):
            yield from _made(_if_true(test), at, then.at)
            yield from _made(_if_false(test), at, other.at)
        case Assert(at=at, test=test):
            yield from ((name, Check(among, at, None)) for name, among in _if_true(test))
        case Comprehension(at=at, clauses=clauses):
            for clause in clauses:
                for condition in clause.conditions:
                    yield from _made(_if_true(condition), at, at)
        case _:
            pass


def _made(facts: Iterator[tuple[str, Expr | None]], at: Span, inside: Span | None) -> Iterator[tuple[str, Check]]:
    if inside is not None:
        yield from ((name, Check(among, at, inside)) for name, among in facts)


def _span(block: tuple[Stmt, ...]) -> Span | None:
    if not block:
        return None
    first, last = block[0].at, block[-1].at
    return Span(first.line, first.column, last.end_line, last.end_column)


def _if_true(test: Expr) -> Iterator[tuple[str, Expr | None]]:
    """Names that are one of a list, or plain text, where the test is true."""
    match test:
        case Compare(left=Name(id=name), ops=("in",), comparators=(among,)):
            yield name, among
        case BoolOp(op="and", values=values):
            for value in values:
                yield from _if_true(value)
        case UnaryOp(op="not", operand=operand):
            yield from _if_false(operand)
        case Call(callee=Attribute(value=Name(id=name), name=method)) if method in _PLAIN:
            yield name, None
        case Call(callee=Attribute(name="fullmatch" | "match"), args=(*_, Name(id=name))) if _anchored(test):
            yield name, None
        case _:
            pass


def _if_false(test: Expr) -> Iterator[tuple[str, Expr | None]]:
    match test:
        case Compare(left=Name(id=name), ops=("not in",), comparators=(among,)):
            yield name, among
        case BoolOp(op="or", values=values):
            for value in values:
                yield from _if_false(value)
        case BoolOp(op="and", values=(Name(id=present), value)):  # `if x and x not in …`: else x is empty
            yield from (pair for pair in _if_false(value) if pair[0] == present)
        case UnaryOp(op="not", operand=operand):
            yield from _if_true(operand)
        case _:
            pass


def _anchored(test: Call) -> bool:
    """Whether a match covers the whole text: `fullmatch`, a pattern that ends in `$`, or a compiled pattern."""
    assert isinstance(test.callee, Attribute)
    first = test.args[0]
    if test.callee.name == "fullmatch" or len(test.args) == 1:
        return True
    return isinstance(first, Literal) and isinstance(first.value, str) and first.value.endswith(("$", r"\Z"))


def _leaves(statement: Stmt) -> bool:
    match statement:
        case Raise() | Return() | Simple(kind="continue" | "break"):
            return True
        case ExprStmt(value=Call(callee=Name(id=word) | Attribute(name=word))):
            return word in _LEAVING
        case _:
            return False


def _assigns(statement: Stmt, name: str) -> bool:
    return isinstance(statement, Assign) and any(isinstance(t, Name) and t.id == name for t in statement.targets)
