"""Type annotations → instances of the classes they name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..libraries import canonical
from ..model.code import Attribute, BinOp, Expr, Literal, LiteralKind, Name, Sequence, Subscript
from ..model.location import Span
from .values import ClassRef, External, Frame, Instance, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Wrappers whose first argument is the type of the value itself (typing documentation).
_TRANSPARENT = frozenset(
    {"Annotated", "Optional", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Awaitable"}
)
_NO_CLASS = frozenset({"typing.Any", "typing.NoReturn", "typing.Never", "builtins.object", "builtins.None"})
_YIELDING = frozenset({"AsyncIterator", "AsyncGenerator", "Iterator", "Generator", "Iterable", "AsyncIterable"})


def instances(ev: Evaluator, annotation: Expr, frame: Frame) -> Values:
    """Instances of the classes that an annotation names; () where it names none that is known."""
    match annotation:
        case Literal(kind=LiteralKind.STR, value=str(text), at=at):
            parsed = _parse(text, at)
            return instances(ev, parsed, frame) if parsed is not None else ()
        case BinOp(op="|", left=left, right=right):
            return join(instances(ev, left, frame), instances(ev, right, frame))
        case Subscript(value=value, index=index):
            return _subscripted(ev, value, index, frame)
        case Name() | Attribute():
            return of_class(ev, ev.expr(annotation, frame))
        case _:
            return ()


def of_class(ev: Evaluator, values: Values) -> Values:
    """Instances of those of the values that are classes; a base of `Exception` or a protocol is one like any other."""
    found: list[Instance] = []
    for value in values:
        if isinstance(value, ClassRef):
            found.append(Instance(value.ref))
        elif isinstance(value, External) and value.name not in _NO_CLASS:
            found.append(Instance(canonical(ev.libraries, value.name)))
    return tuple(found)


def _word(expr: Expr) -> str:
    return expr.id if isinstance(expr, Name) else expr.name if isinstance(expr, Attribute) else ""


def _subscripted(ev: Evaluator, value: Expr, index: Expr, frame: Frame) -> Values:
    word = _word(value)
    first = index.items[0] if isinstance(index, Sequence) and index.items else index
    if word in _TRANSPARENT or word in _YIELDING:
        return instances(ev, first, frame)
    if word == "Union":
        parts = index.items if isinstance(index, Sequence) else (index,)
        return join(*(instances(ev, part, frame) for part in parts))
    return instances(ev, value, frame)


def element(ev: Evaluator, annotation: Expr, frame: Frame) -> Values:
    """Instances of the items of `list[T]`, `Sequence[T]` and the like."""
    match annotation:
        case Literal(kind=LiteralKind.STR, value=str(text), at=at):
            parsed = _parse(text, at)
            return element(ev, parsed, frame) if parsed is not None else ()
        case BinOp(op="|", left=left, right=right):
            return join(element(ev, left, frame), element(ev, right, frame))
        case Subscript(value=value, index=index):
            if _word(value) in _TRANSPARENT:
                return element(ev, index.items[0] if isinstance(index, Sequence) and index.items else index, frame)
            if _word(value).lower() in ("dict", "mapping", "mutablemapping", "defaultdict", "tuple"):
                return ()
            return instances(ev, index, frame)
        case _:
            return ()


def _parse(text: str, at: Span) -> Expr | None:
    """A quoted annotation; every node carries the place of the string."""
    if len(text) > 200:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _lower(tree.body, at)


def _lower(node: ast.expr, at: Span) -> Expr | None:
    match node:
        case ast.Name(id=name):
            return Name(at, name)
        case ast.Attribute(value=value, attr=name):
            inner = _lower(value, at)
            return Attribute(at, inner, name) if inner is not None else None
        case ast.Subscript(value=value, slice=index):
            outer, inside = _lower(value, at), _lower(index, at)
            return Subscript(at, outer, inside) if outer is not None and inside is not None else None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            a, b = _lower(left, at), _lower(right, at)
            return BinOp(at, a, "|", b) if a is not None and b is not None else a or b
        case ast.Tuple(elts=items):
            return Sequence(at, "tuple", tuple(part for item in items if (part := _lower(item, at)) is not None))
        case ast.Constant(value=None):
            return Literal(at, LiteralKind.NONE, None)
        case ast.Constant(value=str(text)):
            return Literal(at, LiteralKind.STR, text)
        case _:
            return None
