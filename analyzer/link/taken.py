"""A line of the project → what each expression on it is taken to be, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, Await, Call, Expr, Literal, Name, Subscript
from ..model.location import Location
from ..model.taken import Taken
from .grounds import grounds
from .occurrences import Occurrence, occurrences, values
from .values import Opaque
from .worded import worded

if TYPE_CHECKING:
    from .evaluate import Evaluator

_LONGEST = 60  # of an expression as it is written


def taken(ev: Evaluator, path: str, line: int) -> tuple[Taken, ...]:
    """Every name, attribute, call, subscript and parameter of a line, in the order of reading."""
    found = {o.expr: o for o in occurrences(ev, path) if _place(o.expr)[0] == line}
    ordered = sorted(found.values(), key=lambda o: (_place(o.expr), o.expr.at.end_line, o.expr.at.end_column))
    return tuple(_taken(ev, occurrence) for occurrence in ordered)


def lines_of(ev: Evaluator, path: str) -> tuple[int, ...]:
    """The lines of a file that hold an expression of which something can be said."""
    return tuple(sorted({_place(occurrence.expr)[0] for occurrence in occurrences(ev, path)}))


def _place(expr: Expr) -> tuple[int, int]:
    """Where the last word of an expression stands: in a chain over several lines, each link has its own."""
    match expr:
        case Attribute(at=at, name=name):
            return at.end_line, at.end_column - len(name)
        case Call(callee=inner) | Subscript(value=inner):
            return inner.at.end_line, inner.at.end_column
        case _:
            return expr.at.line, expr.at.column


def _taken(ev: Evaluator, found: Occurrence) -> Taken:
    held = values(ev, found)
    reasons = sorted({value.why for value in held if isinstance(value, Opaque)})
    known = sorted({worded(ev, value) for value in held if not isinstance(value, Opaque)})
    why = "; ".join(reasons) if held else "no value was found"
    at = Location(found.scope.path, found.expr.at)
    return Taken(at, written(found.expr), tuple(known), why, grounds(ev, found, held))


def written(expr: Expr) -> str:
    """An expression as it is written, without the arguments of calls; texts are left out: they may be passwords."""
    text = _written(expr)
    return text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"


def _written(expr: Expr) -> str:
    suffix = ""
    while True:
        match expr:
            case Name(id=name):
                return name + suffix
            case Attribute(value=expr, name=name):
                suffix = f".{name}{suffix}"
            case Call(callee=expr, args=args, keywords=keywords):
                suffix = f"({'…' if args or keywords else ''}){suffix}"
            case Subscript(value=expr, index=Literal(value=int() as key)):
                suffix = f"[{key}]{suffix}"
            case Await(value=value):
                return f"(await {_written(value)}){suffix}"
            case Subscript(value=expr):
                suffix = f"[…]{suffix}"
            case _:
                return f"…{suffix}"
