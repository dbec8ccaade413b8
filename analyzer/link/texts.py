"""Strings built at run time → texts: constant pieces with holes where something else is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import method
from ..model.code import BinOp, Call, Expr, Field, Format, Literal
from ..model.location import Location
from ..model.project import Hole, Origin
from . import containers, grown
from .arithmetic import arithmetic
from .filling import braces, percent
from .pieces import MOST_PIECES, Pieces, alternatives, choices, is_text, one, pieces, plain, product
from .values import Const, Container, External, Frame, Instance, Opaque, Txt, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Methods of str that give the same text, as far as holes are concerned.
KEEPING = frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "replace", "expandtabs", "zfill", "ljust",
    "rjust", "center", "removeprefix", "removesuffix", "format_map", "casefold", "swapcase", "translate", "encode",
    "decode", "partition", "split", "rsplit", "splitlines", "rpartition",
})  # fmt: skip
_TRUTH = frozenset(
    {"startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace", "isidentifier", "islower", "isupper"}
)


def formatted(ev: Evaluator, expr: Format, frame: Frame) -> Values:
    """An f-string; a t-string is no text (its fields are not filled in)."""
    at = Location(frame.ref.path, expr.at)
    if expr.template:
        return (Instance("string.templatelib.Template"),)
    groups: list[list[Pieces]] = []
    for part in expr.parts[:MOST_PIECES]:
        if isinstance(part, Literal):
            groups.append([(str(part.value),)])
        elif isinstance(part, Field):
            number = isinstance(part.spec, Format) and any(
                isinstance(p, Literal) and str(p.value)[-1:] in tuple("dfeg") for p in part.spec.parts
            )
            groups.append([("0",)] if number else alternatives(ev, part.value, frame, at))
    return product(groups, at)


def operated(ev: Evaluator, expr: BinOp, frame: Frame) -> Values:
    """`a + b` and `a % b` on texts; arithmetic on constants; anything else is not understood."""
    left, at = ev.expr(expr.left, frame), Location(frame.ref.path, expr.at)
    if expr.op == "%" and any(map(is_text, left)):
        return join(*(percent(ev, value, expr.right, frame, at) for value in left if is_text(value)))
    right = ev.expr(expr.right, frame)
    if expr.op == "+" and (any(map(is_text, left)) or any(map(is_text, right))):
        groups = [choices(ev, expr.left, left, at), choices(ev, expr.right, right, at)]
        return product(groups, at)
    if expr.op == "+" and any(isinstance(v, Container) for v in left):
        return join(left, right)
    repeated = tuple(v for v in (*left, *right) if is_text(v) or isinstance(v, Container)) if expr.op == "*" else ()
    if repeated:
        return repeated
    if expr.op == "/" and (paths := tuple(v for v in left if _leads_on(ev, v))):
        return paths
    numbers = arithmetic(expr.op, left, right, at)
    return numbers or ev.opaque("an operation that is not followed", frame, expr.at, "", _worst(left, right))


def _leads_on(ev: Evaluator, value: Value) -> bool:
    """Whether `value / "part"` is of value's own class, as of a path."""
    known = (
        method(ev.libraries, value.cls, "__truediv__")
        if isinstance(value, Instance) and isinstance(value.cls, str)
        else None
    )
    return known is not None and known[1].self_typed


def _worst(*groups: Values) -> Origin:
    origins = [v.origin for group in groups for v in group if isinstance(v, Opaque)]
    return next((o for o in Origin if o in origins), Origin.UNKNOWN)


def added(before: Values, more: Values, at: Location) -> Values:
    """`text += more`."""
    if not any(map(is_text, before)):
        return join(before, more) if before else more
    kept = [v for v in before if is_text(v)] + [v for v in before if isinstance(v, Opaque)]
    found: list[Value] = []
    for value in kept[:4]:
        for addition in more[:4]:
            found.append(one((*plain(value, at), *plain(addition, at)), at))
    return join(tuple(sorted(found, key=lambda v: not isinstance(v, Txt))))


def string_method(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location) -> Values | None:
    """The result of a method of str on a known text, or of str() itself; None for anything else."""
    if target.name == "builtins.str" and call.args:
        return join(tuple(one(pieces(ev, v, at, call.args[0]), at) for v in ev.expr(call.args[0], frame)))
    if not target.name.startswith("builtins.str.") or target.receiver is None or not is_text(target.receiver):
        return None
    name = target.name.removeprefix("builtins.str.")
    if name == "format":
        return braces(ev, target.receiver, call, frame, at)
    if name == "join" and call.args:
        return _joined(ev, target.receiver, call.args[0], frame, at)
    if name in _TRUTH:
        return (Instance("builtins.bool"),)
    if name == "replace" and len(call.args) > 1:
        filled = [p for p in alternatives(ev, call.args[1], frame, at)]
        return product([[plain(target.receiver, at)], [tuple(x for x in f if isinstance(x, Hole)) for f in filled]], at)
    return (target.receiver,) if name in KEEPING else (Instance("builtins.int"),)


def _joined(ev: Evaluator, separator: Value, parts: Expr, frame: Frame, at: Location) -> Values:
    """`separator.join(parts)`: the parts that hold something unknown are what matters."""
    found: list[Pieces] = []
    for value in ev.expr(parts, frame):
        if isinstance(value, Container):
            later = (v for more in grown.added(ev, value) for v in more)
            held = [pieces(ev, v, value.at, None) for v in (*containers.items(ev, value), *later)]
            found += [p for p in held if any(isinstance(x, Hole) for x in p)] or held[:1]
        elif isinstance(value, Const | Txt) and is_text(value):
            found.append(plain(value, at))
        else:
            found.append(pieces(ev, value, Location(at.path, parts.at), parts))
    glue = plain(separator, at)
    text: list[str | Hole] = []
    for part in found:
        text += [*(glue if text else ()), *part]
    return (one(tuple(text), at),) if text else (Const("", at),)
