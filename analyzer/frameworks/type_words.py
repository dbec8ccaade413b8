"""A type annotation → the same type in words, with the project's and libraries' classes by their qualified names."""

from __future__ import annotations

from ..link.evaluate import Evaluator
from ..link.quoted import parsed
from ..link.values import Alias, ClassRef, Frame
from ..link.walk import dotted
from ..model.code import Attribute, BinOp, Expr, Literal, LiteralKind, Name, Sequence, Subscript
from .sources import HOLE, qualified

_MOST_DEEP = 6
_TRANSPARENT = frozenset({"Annotated", "Required", "NotRequired", "Final"})
_PLAIN = ("builtins.", "typing.", "typing_extensions.")


def type_words(ev: Evaluator, expr: Expr | None, frame: Frame, depth: int = 0) -> str:
    """The words of an annotation: "int", "list[shop.schemas.Order]", "str | None"; "" where there is none."""
    if expr is None:
        return ""
    if depth > _MOST_DEEP:
        return HOLE
    match expr:
        case Literal(kind=LiteralKind.STR, value=str(text), at=at):
            inner = parsed(text, at)
            return type_words(ev, inner, frame, depth + 1) if inner is not None else text
        case Literal(value=value):
            return str(value)
        case Name() | Attribute():
            return _named(ev, expr, frame, depth)
        case BinOp(op="|", left=left, right=right):
            return " | ".join(dict.fromkeys(type_words(ev, side, frame, depth + 1) for side in (left, right)))
        case Subscript(value=owner, index=index):
            return _subscript(ev, owner, index, frame, depth)
        case _:
            return HOLE


def _named(ev: Evaluator, expr: Name | Attribute, frame: Frame, depth: int) -> str:
    for value in ev.expr(expr, frame):
        if isinstance(value, ClassRef):
            return qualified(ev, value.ref)
        if isinstance(value, Alias) and value.expr is not expr:
            return type_words(ev, value.expr, value.frame, depth + 1)
    name = next(iter(ev.qualified(expr, frame)), "") or dotted(expr)
    return next((name.removeprefix(start) for start in _PLAIN if name.startswith(start)), name)


def _subscript(ev: Evaluator, owner: Expr, index: Expr, frame: Frame, depth: int) -> str:
    word = dotted(owner).rpartition(".")[2]
    parts = index.items if isinstance(index, Sequence) and index.kind == "tuple" else (index,)
    if word in _TRANSPARENT:
        return type_words(ev, parts[0], frame, depth + 1)
    if word == "Literal":
        return f"Literal[{', '.join(repr(p.value) if isinstance(p, Literal) else HOLE for p in parts)}]"
    inner = [type_words(ev, part, frame, depth + 1) for part in parts]
    if word == "Optional":
        return f"{inner[0]} | None"
    if word == "Union":
        return " | ".join(dict.fromkeys(inner))
    return f"{type_words(ev, owner, frame, depth + 1).lower() if word in _GENERIC else word}[{', '.join(inner)}]"


_GENERIC = frozenset({"List", "Dict", "Set", "FrozenSet", "Tuple", "Type", "list", "dict", "set", "tuple"})
