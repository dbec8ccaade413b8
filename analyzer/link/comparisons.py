"""`==` and `!=` on what may be a secret → what both sides are made of, and which functions made them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.code import Attribute, Call, Compare, Expr, Literal, Name
from ..model.location import Location
from ..model.provenance import Comparison, Part, Side
from .evaluate import Evaluator
from .index import ScopeRef, body, raw
from .provenance import Walk
from .values import ClassRef, External, Frame
from .vocabulary import holds
from .walk import dotted, nodes

_WORDS = re.compile(rb"(?i)token|secret|signature|digest|hmac|api_?key|_sig\b|passw|credential")
_SIGNED = re.compile(r"(?i)signature|digest|hmac|(?:^|_)sig$")
MOST_PARTS = 40


def comparisons(ev: Evaluator, with_tests: bool) -> Iterator[Comparison]:
    """Every comparison of two values that are no constants, one of which is named as a secret or a signature."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if not _WORDS.search(raw(ev.index, ref)):
                continue
            for node in nodes(body(ev.index, ref)):
                compared = _compared(node) if isinstance(node, Compare) else None
                if compared is not None and not any(_is_column(ev, side, Frame(ref)) for side in compared):
                    left, right = (_side(ev, side, Frame(ref)) for side in compared)
                    yield Comparison(Location(path, node.at), scope.qualname, (left, right))


def _compared(node: Compare) -> tuple[Expr, Expr] | None:
    """Both sides, where neither is a constant and one is named as a secret."""
    match node:
        case Compare(left=left, ops=("==" | "!=",), comparators=(right,)):
            named = [name for side in (left, right) for name in _names(side)]
            secret = any(holds(name) or _SIGNED.search(name) for name in named)
            return (
                (left, right) if secret and not isinstance(left, Literal) and not isinstance(right, Literal) else None
            )
        case _:
            return None


def _names(side: Expr) -> Iterator[str]:
    """The names by which a side of a comparison is called."""
    for node in nodes(side):
        match node:
            case Name() | Attribute():
                yield dotted(node).rpartition(".")[2] or getattr(node, "name", "")
            case Literal(value=str(text)):
                yield text
            case _:
                pass


def _is_column(ev: Evaluator, side: Expr, frame: Frame) -> bool:
    """Whether it is an attribute of a class: the column of a query, which the database compares."""
    return isinstance(side, Attribute) and any(isinstance(v, ClassRef) for v in ev.expr(side.value, frame))


def _side(ev: Evaluator, expr: Expr, frame: Frame) -> Side:
    parts: list[Part] = []
    for part in Walk(ev).parts(expr, frame):
        parts.append(part)
        if len(parts) >= MOST_PARTS:
            break
    return Side(dotted(expr), tuple(parts), tuple(sorted(_makers(ev, expr, frame))))


def _makers(ev: Evaluator, expr: Expr, frame: Frame, again: bool = True) -> set[str]:
    """The library functions that are called to make a value, where it is written or where it got its name."""
    found = {
        value.name
        for node in nodes(expr)
        if isinstance(node, Call)
        for value in ev.expr(node.callee, frame)
        if isinstance(value, External)
    }
    if isinstance(expr, Name) and again:
        for binding in ev.bindings(frame.ref).get(expr.id, ()):
            if binding.expr is not None:
                found |= _makers(ev, binding.expr, frame, again=False)
    return found
