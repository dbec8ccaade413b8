"""The text of a quoted annotation → the expression that it stands for."""

from __future__ import annotations

import ast

from ..model.code import Attribute, BinOp, Expr, Literal, LiteralKind, Name, Sequence, Subscript
from ..model.location import Span

_LONGEST = 200  # characters of an annotation that is read


def parsed(text: str, at: Span) -> Expr | None:
    """A quoted annotation whose text begins behind the quote at `at`; None for what is no type."""
    if len(text) > _LONGEST:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _lower(tree.body, at)


def _lower(node: ast.expr, start: Span) -> Expr | None:
    # No two parts share a place, since answers are remembered by it.
    first, last = start.column + 1 + node.col_offset, start.column + 1 + (node.end_col_offset or 0)
    at = Span(start.line, first, start.line, last)
    match node:
        case ast.Name(id=name):
            return Name(at, name)
        case ast.Attribute(value=value, attr=name):
            inner = _lower(value, start)
            return Attribute(at, inner, name) if inner is not None else None
        case ast.Subscript(value=value, slice=index):
            outer, inside = _lower(value, start), _lower(index, start)
            return Subscript(at, outer, inside) if outer is not None and inside is not None else None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            a, b = _lower(left, start), _lower(right, start)
            return BinOp(at, a, "|", b) if a is not None and b is not None else a or b
        case ast.Tuple(elts=items):
            return Sequence(at, "tuple", tuple(part for item in items if (part := _lower(item, start)) is not None))
        case ast.Constant(value=None):
            return Literal(at, LiteralKind.NONE, None)
        case ast.Constant(value=str(text)):
            return Literal(at, LiteralKind.STR, text)
        case _:
            return None
