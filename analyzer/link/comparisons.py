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
                match node:
                    case Compare(left=left, ops=("==" | "!=",), comparators=(right,)):
                        if _may_be_secret(left, right) and not any(_is_column(ev, s, Frame(ref)) for s in (left, right)):
                            sides = (_side(ev, left, Frame(ref)), _side(ev, right, Frame(ref)))
                            yield Comparison(Location(path, node.at), scope.qualname, sides)
                    case _:
                        pass


def _may_be_secret(left: Expr, right: Expr) -> bool:
    if isinstance(left, Literal) or isinstance(right, Literal):
        return False
    return any(holds(name) or _SIGNED.search(name) for side in (left, right) for name in _names(side))


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
