"""A body → where it is known that something is None, is not, or is an instance of a class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..model.code import (
    Assert,
    Assign,
    Attribute,
    Body,
    BoolOp,
    Call,
    Compare,
    Expr,
    ExprStmt,
    For,
    If,
    IfExp,
    Literal,
    LiteralKind,
    Name,
    NamedExpr,
    Raise,
    Return,
    Simple,
    Stmt,
    UnaryOp,
    While,
)  # fmt: skip
from ..model.location import Span
from .walk import blocks, dotted, nodes

_LEAVING = frozenset({"abort", "exit", "_exit"})


class Asked(StrEnum):
    """What a test asks."""

    NONE = "none"  # `x is None`
    TRUTH = "truth"  # `x`
    CLASS = "class"  # `isinstance(x, C)`


@dataclass(frozen=True, slots=True)
class Answer:
    """What a test says of a name ("x", "self.x") when it comes out one way."""

    name: str
    asked: Asked
    positive: bool
    classes: Expr | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Where such an answer holds."""

    asked: Asked
    positive: bool
    inside: Span
    classes: Expr | None = None
    assigned: Expr | None = None  # it holds behind `if x is None: x = assigned`, unless that is None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of a body, by name in source order, and its loops."""

    by_name: dict[str, tuple[Fact, ...]]
    loops: tuple[Span, ...]


SILENT = Facts({}, ())  # of a body that asks nothing


def facts_of(body: Body) -> Facts:
    """Every test of a class or of None in a body, with where its answer holds."""
    found: dict[str, list[Fact]] = defaultdict(list)
    loops: list[Span] = []
    for name, fact in _of_block(body):
        found[name].append(fact)
    for node in nodes(body):
        if isinstance(node, For | While):
            loops.append(node.at)
        for name, fact in _of_expression(node):
            found[name].append(fact)
    ordered = {name: tuple(sorted(facts, key=lambda f: f.inside)) for name, facts in found.items()}
    return Facts(ordered, tuple(loops))


def answers(test: Expr, truth: bool) -> Iterator[Answer]:
    """What is known where a test came out true, or false."""
    match test:
        case UnaryOp(op="not", operand=operand):
            yield from answers(operand, not truth)
        case BoolOp(op=op, values=values):
            if (op == "and") == truth:
                for value in values:
                    yield from answers(value, truth)
        case Call(callee=Name(id="isinstance"), args=(asked, classes)):
            if name := _name(asked):
                yield Answer(name, Asked.CLASS, truth, classes)
        case Compare(left=left, ops=("is" | "is not" | "==" | "!=" as op,), comparators=(Literal(kind=kind),)):
            if kind is LiteralKind.NONE and (name := _name(left)):
                yield Answer(name, Asked.NONE, (op in ("is", "==")) == truth)
        case Name() | Attribute() | NamedExpr() if truth:
            if name := _name(test):
                yield Answer(name, Asked.TRUTH, True)
        case _:
            pass


def _name(expr: Expr) -> str:
    return expr.target if isinstance(expr, NamedExpr) else dotted(expr)


def _placed(test: Expr, truth: bool, inside: Span | None) -> Iterator[tuple[str, Fact]]:
    if inside is not None:
        for answer in answers(test, truth):
            yield answer.name, Fact(answer.asked, answer.positive, inside, answer.classes)


def _of_block(body: Body) -> Iterator[tuple[str, Fact]]:
    for position, statement in enumerate(body):
        behind = _behind(statement.at, body[-1].at) if position + 1 < len(body) else None
        match statement:
            case If(test=test, body=then, orelse=orelse):
                yield from _placed(test, True, _span(then))
                yield from _placed(test, False, _span(orelse))
                if _leaves(then[-1]):
                    yield from _placed(test, False, behind)
                elif not orelse and behind is not None:
                    yield from _assigned(test, then, behind)
                if orelse and _leaves(orelse[-1]):
                    yield from _placed(test, True, behind)
            case While(test=test, body=inner):
                yield from _placed(test, True, _span(inner))
            case Assert(test=test):
                yield from _placed(test, True, behind)
            case _:
                pass
        for block in blocks(statement):
            yield from _of_block(block)


def _assigned(test: Expr, then: Body, behind: Span) -> Iterator[tuple[str, Fact]]:
    """`if x is None: x = made()`: behind it, x is None only where that is."""
    for answer in answers(test, False):
        for statement in then if answer.asked is not Asked.CLASS else ():
            if isinstance(statement, Assign) and any(dotted(target) == answer.name for target in statement.targets):
                yield answer.name, Fact(answer.asked, answer.positive, behind, None, statement.value)


def _of_expression(node: object) -> Iterator[tuple[str, Fact]]:
    match node:
        case IfExp(test=test, body=then, orelse=orelse):
            yield from _placed(test, True, then.at)
            yield from _placed(test, False, orelse.at)
        case BoolOp(op=op, values=(*first, last)):
            for position, value in enumerate(first):
                following = (*first, last)[position + 1].at
                inside = Span(following.line, following.column, last.at.end_line, last.at.end_column)
                yield from _placed(value, op == "and", inside)
        case _:
            pass


def _span(block: Body) -> Span | None:
    if not block:
        return None
    return Span(block[0].at.line, block[0].at.column, block[-1].at.end_line, block[-1].at.end_column)


def _behind(at: Span, last: Span) -> Span:
    return Span(at.end_line, at.end_column, last.end_line, last.end_column)


def _leaves(statement: Stmt) -> bool:
    match statement:
        case Raise() | Return() | Simple(kind="continue" | "break"):
            return True
        case ExprStmt(value=Call(callee=Name(id=word) | Attribute(name=word))):
            return word in _LEAVING
        case If(body=then, orelse=orelse) if orelse:
            return _leaves(then[-1]) and _leaves(orelse[-1])
        case _:
            return False
