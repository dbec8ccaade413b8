"""A function's body → its loops over items, innermost first, and whether the data decide how often each runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..model.code import (
    Attribute,
    Body,
    Call,
    Comprehension,
    Dict,
    Expr,
    For,
    Literal,
    Name,
    Return,
    Sequence,
    Simple,
    Starred,
    Stmt,
    Subscript,
    Try,
    While,
)  # fmt: skip
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, decoded, raw
from .values import ClassRef, Const, Container, Frame, Value
from .walk import blocks, dotted, nodes

# How a For and a Comprehension begin in msgpack: an array with the tag and a span of four; without them, no loop.
_TAGS = (b"\x97\x34\x94", b"\x96\x10\x94")
# Words of loops that ask once for many items, or try again.
_PORTIONS = re.compile(
    r"chunk|batch|paginat|partition|window|(^|_)bulk|attempt|retr(y|ies)|(^|_)tries|(^|_)trial", re.IGNORECASE
)
# What is iterated over and gives what comes, nobody knows when.
_COMING = re.compile(r"(\w+_)?(consumer|subscription|stream|queue|listener|pubsub|listen|subscribe|consume|poll|watch)")
_SENT = re.compile(r"message|msg|event|line|tick", re.IGNORECASE)
_ENDING = frozenset({"any", "all", "next"})  # what asks a generator only until it knows
_FOREVER = frozenset({"count", "cycle", "repeat", "iter", "as_completed"})
_SAME_LENGTH = frozenset({"enumerate", "sorted", "reversed", "list", "tuple", "set", "zip", "items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class Loop:
    """One `for`, or the clauses of one comprehension."""

    at: Span  # of the statement or the comprehension
    target: Expr
    iterable: Expr
    each: tuple[Span, ...]  # what runs once for each item
    failing: tuple[Span, ...]  # `except` clauses in it
    searching: bool  # may end early
    single: bool  # ends in its first round
    is_async: bool
    gathered: bool  # a comprehension whose items run side by side


def loops(ev: Evaluator, ref: ScopeRef) -> tuple[Loop, ...]:
    """The loops of a function's body, inner ones before those around them."""
    undecoded = raw(ev.index, ref)
    return _loops(undecoded) if any(tag in undecoded for tag in _TAGS) else ()


@lru_cache(maxsize=1024)
def _loops(undecoded: bytes) -> tuple[Loop, ...]:
    found: list[Loop] = []
    together: set[Span] = set()
    ending: set[Span] = set()
    for node in nodes(decoded(undecoded)):
        if isinstance(node, For):
            found.append(_of_statement(node))
        elif isinstance(node, Call) and dotted(node.callee).rpartition(".")[2] in ("gather", "wait", "as_completed"):
            together.update(_inner(arg).at for arg in node.args)
        elif isinstance(node, Call) and isinstance(node.callee, Name) and node.callee.id in _ENDING:
            ending.update(arg.at for arg in node.args[:1] if isinstance(arg, Comprehension) and arg.kind == "generator")
        elif isinstance(node, Comprehension):
            found += _of_comprehension(node, gathered=node.at in together, searching=node.at in ending)
    return tuple(reversed(found))


def _inner(arg: Expr) -> Expr:
    return arg.value if isinstance(arg, Starred) else arg


def _of_statement(node: For) -> Loop:
    failing = [h.at for n in _statements(node.body) if isinstance(n, Try) for h in n.handlers]
    leaving = list(_leaving(node.body, inside=False))
    last = node.body[-1]
    single = isinstance(last, Return) or (isinstance(last, Simple) and last.kind == "break")
    each = tuple(statement.at for statement in node.body)
    early = any(not any(_holds(f, at) for f in failing) for at in leaving)
    return Loop(node.at, node.target, node.iterable, each, tuple(failing), early, single, node.is_async, False)


def _of_comprehension(node: Comprehension, *, gathered: bool, searching: bool) -> Iterator[Loop]:
    """The element and conditions run once for each item, and so do the iterables of later clauses."""
    parts = [node.element, *([node.value] if node.value is not None else [])]
    for number, clause in enumerate(node.clauses):
        later = [part for c in node.clauses[number + 1 :] for part in (c.iterable, *c.conditions)]
        each = tuple(part.at for part in (*parts, *clause.conditions, *later))
        yield Loop(node.at, clause.target, clause.iterable, each, (), searching, False, clause.is_async, gathered)


def _statements(block: Body) -> Iterator[Stmt]:
    for statement in block:
        yield statement
        for inner in blocks(statement):
            yield from _statements(inner)


def _leaving(block: Body, *, inside: bool) -> Iterator[Span]:
    """Where a loop's body ends the loop: `return`, and `break` outside of inner loops."""
    for statement in block:
        if isinstance(statement, Return) or (
            isinstance(statement, Simple) and statement.kind == "break" and not inside
        ):
            yield statement.at
        for inner in blocks(statement):
            yield from _leaving(inner, inside=inside or isinstance(statement, For | While))


def _holds(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) <= (outer.end_line, outer.end_column)


def by_data(ev: Evaluator, loop: Loop, frame: Frame) -> bool:
    """Whether a loop runs once for each item of something whose length the code does not say."""
    over = [*_names(loop.iterable), *_origins(ev, loop.iterable, frame)]
    words = [*_names(loop.target), *over]
    pages = "range" in over and any("page" in word for word in words)
    if loop.single or pages or any(_PORTIONS.search(word) for word in words):
        return False
    if any(_COMING.fullmatch(word) or (loop.is_async and _SENT.search(word)) for word in over):
        return False
    return not _counted(ev, loop.iterable, frame)


def _origins(ev: Evaluator, iterable: Expr, frame: Frame) -> Iterator[str]:
    """What gave a local name its value, by the last word of what was called: "paginate"."""
    for binding in ev.bindings(frame.ref).get(dotted(iterable), ()) if isinstance(iterable, Name) else ():
        if isinstance(binding.expr, Call):
            yield getattr(binding.expr.callee, "name", "") or dotted(binding.expr.callee)


def _names(expr: Expr) -> Iterator[str]:
    for node in nodes(expr):
        if isinstance(node, Name):
            yield node.id
        elif isinstance(node, Attribute):
            yield node.name


def _counted(ev: Evaluator, iterable: Expr, frame: Frame, above: frozenset[Span] = frozenset()) -> bool:
    """Whether the code itself says how often a loop runs, or that it runs until something else ends it."""
    match iterable:
        case Sequence(items=items):
            return not any(isinstance(item, Starred) for item in items)
        case Dict(keys=keys):
            return None not in keys
        case Call(callee=callee, args=args):
            return _counted_call(ev, callee, args, frame)
        case Attribute(name="__members__"):
            return True  # of an enumeration
        case Comprehension(clauses=clauses):
            return all(_counted(ev, clause.iterable, frame, above | {iterable.at}) for clause in clauses)
        case Name() | Attribute() | Subscript():
            values = [v for v in ev.expr(iterable, frame) if not (isinstance(v, Container) and v.expr.at in above)]
            return bool(values) and all(_fixed(ev, value, above) for value in values)
        case _:
            return isinstance(iterable, Literal)


def _counted_call(ev: Evaluator, callee: Expr, args: tuple[Expr, ...], frame: Frame) -> bool:
    word = callee.id if isinstance(callee, Name) else getattr(callee, "name", "")
    if word in _FOREVER:
        return True
    if word == "range":
        stop = args[1] if len(args) == 2 else args[0] if args else None
        return len(args) > 2 or stop is None or _all_constant(ev, stop, frame)
    if word in _SAME_LENGTH:
        parts = args or ((callee.value,) if isinstance(callee, Attribute) else ())
        return any(_counted(ev, part, frame) for part in parts)
    return False


def _all_constant(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    return all(isinstance(value, Const) for value in ev.expr(expr, frame))


def _fixed(ev: Evaluator, value: Value, above: frozenset[Span]) -> bool:
    """A constant, a class (enumerations, sets of choices), or a literal that is not empty: an empty one is filled.

    A list made of a fixed one, item for item, is as long: `queries = [q.filter(…) for q in queries]`.

    Nobody iterates over None: it stands for something that was not seen to be put in its place.
    """
    if isinstance(value, ClassRef):
        return True
    if isinstance(value, Container):
        if isinstance(value.expr, Comprehension):
            return _counted(ev, value.expr, value.frame, above)
        if isinstance(value.expr, Dict):
            return bool(value.expr.keys) and None not in value.expr.keys
        return (
            isinstance(value.expr, Sequence)
            and bool(value.expr.items)
            and not any(isinstance(item, Starred) for item in value.expr.items)
        )
    return isinstance(value, Const) and value.value is not None
