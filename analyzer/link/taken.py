"""A line of the project → what each expression on it is taken to be, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Expr, Literal, Name, Subscript
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
    """Every name, attribute, call, subscript and parameter that begins on a line, by place, the shortest first."""
    found = {occurrence.expr: occurrence for occurrence in occurrences(ev, path) if occurrence.expr.at.line == line}
    ordered = sorted(found.values(), key=lambda o: (o.expr.at.column, o.expr.at.end_line, o.expr.at.end_column))
    return tuple(_taken(ev, occurrence) for occurrence in ordered)


def lines_of(ev: Evaluator, path: str) -> tuple[int, ...]:
    """The lines of a file on which an expression begins that something can be said of."""
    return tuple(sorted({occurrence.expr.at.line for occurrence in occurrences(ev, path)}))


def _taken(ev: Evaluator, found: Occurrence) -> Taken:
    held = values(ev, found)
    reasons = sorted({value.why for value in held if isinstance(value, Opaque)})
    known = tuple(dict.fromkeys(worded(ev, value) for value in held if not isinstance(value, Opaque)))
    at = Location(found.scope.path, found.expr.at)
    return Taken(at, written(found.expr), tuple(sorted(known)), "; ".join(reasons), grounds(ev, found, held))


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
            case Subscript(value=expr):
                suffix = f"[…]{suffix}"
            case _:
                return f"…{suffix}"
