"""Values → pieces of a text: constant strings, and holes that are filled at run time with something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..model.code import Expr
from ..model.location import Location, Step
from ..model.project import Hole, Origin
from . import classes
from .index import ScopeRef, SiteRef, call_at
from .values import MOST, Const, Frame, Instance, Opaque, Txt, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_PIECES = 200
LONGEST = 20_000  # characters of the constant pieces of one text, for `x = x + x` doubles them

Pieces = tuple[str | Hole, ...]


def pieces(ev: Evaluator, value: Value, at: Location, expr: Expr | None, safe: str = "sql") -> Pieces:
    """One value as part of a text."""
    match value:
        case Const(value=constant):
            return (str(constant),)
        case Txt(pieces=inner):
            return inner
        case Instance(cls=str() as cls) if _is_safe(ev, cls, safe):
            return ("0",)
        case Instance(cls=ScopeRef() as ref) if members := classes.enumerated(ev, ref):
            return (str(members[0].value),)
        case Opaque(origin=origin, written=written, trace=trace, at=where):
            name = (dotted(expr) if expr is not None else "") or written
            steps = trace if where == at else (*trace, Step(where, f"`{written or name}` comes from here"))
            return (Hole(at, name, origin, steps[-6:]),)
        case Instance(cls=str() as cls, made=SiteRef() as made) if (call := call_at(ev.index, made)) is not None:
            came = Opaque("", _origin(ev, cls), Location(made.path, call.at), dotted(call.callee))
            return pieces(ev, came, at, expr, safe)
        case _:
            return (Hole(at, dotted(expr) if expr is not None else "", Origin.UNKNOWN),)


def _origin(ev: Evaluator, cls: str) -> Origin:
    """Where what a call of a library makes is from: some give back what the client has sent."""
    model = ev.libraries.classes.get(cls)
    return Origin.REQUEST if model is not None and model.request else Origin.CALL


def _is_safe(ev: Evaluator, cls: str, safe: str) -> bool:
    model = ev.libraries.classes.get(cls)
    return model is not None and safe in model.safe_for


def one(parts: Pieces, at: Location) -> Value:
    """A text; neighbouring constant pieces become one, and a text without holes a constant.

    Of a text that is too long the beginning is kept and at least one hole; a constant that is too long is Opaque.
    """
    merged = _merged(parts)
    if all(isinstance(part, str) for part in merged):
        if sum(len(part) for part in merged if isinstance(part, str)) > LONGEST:
            return Opaque("a text that is too long to follow", Origin.UNKNOWN, at)
        return Const("".join(part for part in merged if isinstance(part, str)), at)
    return Txt(merged, at)


def _merged(parts: Iterable[str | Hole]) -> Pieces:
    """Constant neighbours as one, cut where there are too many pieces or characters."""
    found: list[str | Hole] = []
    constants: list[str] = []
    room = LONGEST + 1  # one more: so it is seen that there was more

    def settle() -> None:
        if constants:
            found.append("".join(constants))
            constants.clear()

    for part in parts:
        if isinstance(part, Hole):
            settle()
            found.append(part)
        elif room > 0:
            constants.append(part[:room])
            room -= len(part)
        if len(found) >= MOST_PIECES:
            break
    settle()
    return tuple(found)


def alternatives(ev: Evaluator, expr: Expr, frame: Frame, at: Location) -> list[Pieces]:
    """The texts that an expression may fill in."""
    return choices(ev, expr, ev.expr(expr, frame), at)


def choices(ev: Evaluator, expr: Expr, values: Values, at: Location) -> list[Pieces]:
    """The texts that an expression's values fill in; many alternatives become one with a hole if any has one."""
    found = [pieces(ev, value, Location(at.path, expr.at), expr) for value in values]
    unique = list(dict.fromkeys(found))
    with_holes = [p for p in unique if any(isinstance(part, Hole) for part in p)]
    if len(unique) > 3:
        return with_holes[:1] or unique[:1]
    return unique or [("",)]


def product(groups: list[list[Pieces]], at: Location) -> Values:
    """Every combination of the groups' alternatives, at most MOST; those with holes first."""
    texts: list[Pieces] = [()]
    for group in groups:
        texts = [_merged((*text, *part)) for text in texts for part in group]
        if len(texts) > MOST:
            texts.sort(key=lambda t: not any(isinstance(p, Hole) for p in t))
            texts = texts[:MOST]
        if all(len(text) >= MOST_PIECES for text in texts):
            break
    return join(tuple(one(text, at) for text in texts))


def is_text(value: Value) -> bool:
    return isinstance(value, Txt) or (isinstance(value, Const) and isinstance(value.value, str))


def plain(value: Value, at: Location) -> Pieces:
    match value:
        case Const(value=constant):
            return (str(constant),)
        case Txt(pieces=inner):
            return inner
        case Opaque(origin=origin, written=written, trace=trace, at=where):
            return (Hole(where, written, origin, trace),)
        case _:
            return (Hole(at, "", Origin.UNKNOWN),)
