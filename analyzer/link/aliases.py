"""Types written as expressions (`Annotated[Session, Depends(f)]`, `A | None`, `Repository[User]`) → what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, BinOp, Literal, LiteralKind, Name, Subscript
from ..model.location import Location
from . import classes
from .values import Alias, ClassRef, External, Frame, Value, Values

if TYPE_CHECKING:
    from .evaluate import Evaluator

_FORMS = ("typing.", "typing_extensions.", "collections.")
_GENERIC = frozenset({
    "builtins.list", "builtins.dict", "builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.type",
})  # fmt: skip


def subscripted(ev: Evaluator, expr: Subscript, frame: Frame) -> Values:
    """A generic class of the project as itself, a form of typing as an alias; () for an item of anything else."""
    if not isinstance(expr.value, Name | Attribute):
        return ()
    owners = ev.expr(expr.value, frame)
    if any(isinstance(v, External) and _is_form(v.name) for v in owners):
        return (Alias(Location(frame.ref.path, expr.at), expr, ev.settled(frame)),)
    if owners and all(isinstance(v, ClassRef) for v in owners):
        return tuple(v for v in owners if isinstance(v, ClassRef) and not _is_enum(ev, v))
    return ()


def united(ev: Evaluator, expr: BinOp, frame: Frame) -> Values:
    """`A | B`, `A | None` of classes as an alias; () for any other `|`."""
    if expr.op != "|":
        return ()
    left, right = ev.expr(expr.left, frame), ev.expr(expr.right, frame)
    none = any(isinstance(e, Literal) and e.kind is LiteralKind.NONE for e in (expr.left, expr.right))
    if any(map(_is_type, left)) and (none or any(map(_is_type, right))) or (none and any(map(_is_type, right))):
        return (Alias(Location(frame.ref.path, expr.at), expr, ev.settled(frame)),)
    return ()


def _is_form(name: str) -> bool:
    return name in _GENERIC or name.startswith(_FORMS)


def _is_enum(ev: Evaluator, value: ClassRef) -> bool:
    return bool(classes.enumerated(ev, value.ref))


def _is_type(value: Value) -> bool:
    match value:
        case ClassRef() | Alias():
            return True
        case External(name=name, receiver=None):
            last = name.rpartition(".")[2]
            return name.startswith(("builtins.", *_FORMS)) or (last[:1].isupper() and not last.isupper())
        case _:
            return False
