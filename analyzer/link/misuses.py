"""A function's body → what becomes of the results of its calls, as far as the code around them tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache

from ..model.code import (
    AnnAssign,
    Assert,
    Assign,
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Clause,
    Compare,
    Comprehension,
    Expr,
    ExprStmt,
    Field,
    For,
    If,
    IfExp,
    Name,
    Subscript,
    UnaryOp,
    While,
)  # fmt: skip
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, body, decoded, raw
from .walk import nodes

# What may be asked of a coroutine itself, or of the task that holds it.
_OF_COROUTINES = frozenset({"close", "send", "throw", "cr_frame", "cr_await", "cr_running", "cr_code", "__await__"})


class Misuse(StrEnum):
    """What becomes of a value that has to be awaited, where nothing awaits it."""

    DROPPED = "dropped"
    UNUSED = "unused"  # it has a name that nobody reads
    TESTED = "tested"  # for truth
    COMPARED = "compared"
    FORMATTED = "formatted"
    ITERATED = "iterated"
    USED = "used"  # as the result that it would only give when awaited


def misuses(ev: Evaluator, ref: ScopeRef) -> dict[Span, Misuse]:
    """What becomes of calls and names of a body; one that is handed on, returned or awaited is not among them."""
    return _misuses(raw(ev.index, ref))


def named(ev: Evaluator, ref: ScopeRef) -> dict[Span, Name]:
    """The calls of a body whose results get a plain name, with the name."""
    return _named(raw(ev.index, ref))


def misuse_of_name(ev: Evaluator, ref: ScopeRef, name: Name) -> Misuse | None:
    """What becomes of the one value that a local name ever has: UNUSED, or the first of its uses if all are told."""
    if len(ev.bindings(ref).get(name.id, ())) != 1 or name.id in ev.outer_names(ref):
        return None
    if ev.scope(ref).kind != "function" or _in_inner(ev, ref, name.id):
        return None
    uses = [n.at for n in nodes(body(ev.index, ref)) if isinstance(n, Name) and n.id == name.id and n.at != name.at]
    told = misuses(ev, ref)
    if not uses:
        return Misuse.UNUSED
    return told[uses[0]] if all(use in told for use in uses) else None


def _in_inner(ev: Evaluator, ref: ScopeRef, name: str) -> bool:
    for number in ev.index.children[ref.path].get(ref.scope, ()):
        inner = ScopeRef(ref.path, number)
        if any(isinstance(n, Name) and n.id == name for n in nodes(body(ev.index, inner))) or _in_inner(
            ev, inner, name
        ):
            return True
    return False


@lru_cache(maxsize=1024)
def _named(undecoded: bytes) -> dict[Span, Name]:
    found: dict[Span, Name] = {}
    for node in nodes(decoded(undecoded)):
        match node:
            case Assign(targets=(Name() as name,), value=Call() as call):
                found[call.at] = name
            case AnnAssign(target=Name() as name, value=Call() as call):
                found[call.at] = name
            case _:
                pass
    return found


@lru_cache(maxsize=1024)
def _misuses(undecoded: bytes) -> dict[Span, Misuse]:
    found: dict[Span, Misuse] = {}
    for node in nodes(decoded(undecoded)):
        for expr, misuse in _told(node):
            if isinstance(expr, Call | Name):
                found.setdefault(expr.at, misuse)
    return found


def _told(node: object) -> Iterable[tuple[Expr, Misuse]]:
    match node:
        case ExprStmt(value=value):
            return ((expr, Misuse.DROPPED) for expr in _last(value))
        case If(test=test) | While(test=test) | IfExp(test=test) | Assert(test=test):
            return ((expr, Misuse.TESTED) for expr in _tested(test))
        case Clause(conditions=conditions, iterable=iterable, is_async=is_async):
            tested = [(expr, Misuse.TESTED) for condition in conditions for expr in _tested(condition)]
            return tested if is_async else (*tested, (iterable, Misuse.ITERATED))
        case For(iterable=iterable, is_async=False):
            return ((iterable, Misuse.ITERATED),)
        case UnaryOp(op="not", operand=operand):
            return ((expr, Misuse.TESTED) for expr in _tested(operand))
        case Compare(left=left, comparators=comparators):
            return ((expr, Misuse.COMPARED) for expr in (left, *comparators))
        case Field(value=value):
            return ((value, Misuse.FORMATTED),)
        case BinOp(left=left, right=right):
            return ((left, Misuse.USED), (right, Misuse.USED))
        case Subscript(value=value) | Attribute(value=value):
            own = isinstance(node, Attribute) and node.name in _OF_COROUTINES
            return () if own else ((value, Misuse.USED),)
        case _:
            return ()


def _last(value: Expr) -> Iterator[Expr]:
    """What a statement that is an expression drops: `ready and start()`, `[send(to) for to in all]`."""
    match value:
        case BoolOp(values=(*_, last)):
            yield from _last(last)
        case IfExp(body=then, orelse=other):
            yield from _last(then)
            yield from _last(other)
        case Comprehension(kind="list" | "set", element=element):
            yield from _last(element)
        case Await():
            return
        case _:
            yield value


def _tested(test: Expr) -> Iterator[Expr]:
    """What decides whether a condition is true."""
    match test:
        case BoolOp(values=values):
            for value in values:
                yield from _tested(value)
        case UnaryOp(op="not", operand=operand):
            yield from _tested(operand)
        case _:
            yield test
