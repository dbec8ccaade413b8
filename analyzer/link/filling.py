"""`template % values` and `template.format(values)` → texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from ..model.code import Call, Dict, Expr, Literal, Sequence
from ..model.location import Location
from ..model.project import Hole, Origin
from .pieces import Pieces, alternatives, plain, product
from .values import Container, Frame, Value, Values
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)
_BRACE = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)[^{}]*\}")
_NUMBER = "diouxXeEfFgG"


def _filled(
    template: Value, fields: re.Pattern[str], at: Location, fill: Callable[[re.Match[str]], list[Pieces]]
) -> Values:
    """A template with each of its fields replaced by the texts that it may hold."""
    groups: list[list[Pieces]] = []
    for part in plain(template, at):
        if isinstance(part, Hole):
            groups.append([(part,)])
            continue
        last = 0
        for match in fields.finditer(part):
            groups += [[(part[last : match.start()],)], fill(match)]
            last = match.end()
        groups.append([(part[last:],)])
    return product(groups, at)


def percent(ev: Evaluator, template: Value, right: Expr, frame: Frame, at: Location) -> Values:
    """`template % right`."""
    values, turns = _operands(ev, right, frame), count()

    def fill(match: re.Match[str]) -> list[Pieces]:
        if match["kind"] == "%":
            return [("%",)]
        position = next(turns) if match["key"] is None else 0
        return [("0",)] if match["kind"] in _NUMBER else _operand(ev, values, right, match["key"], position, frame, at)

    return _filled(template, _PERCENT, at, fill)


def _operands(ev: Evaluator, right: Expr, frame: Frame) -> list[Expr] | None:
    """The expressions of a literal tuple, [the expression] for a single one, None where it is a mapping or unknown."""
    if isinstance(right, Sequence) and right.kind == "tuple":
        return list(right.items)
    return None if isinstance(right, Dict) else [right]


def _operand(
    ev: Evaluator, values: list[Expr] | None, right: Expr, key: str | None, position: int, frame: Frame, at: Location
) -> list[Pieces]:
    if key is not None:
        return keyed(ev, right, key, frame, at)
    if values is not None and position < len(values):
        held = ev.expr(values[position], frame)
        inner = [v for v in held if isinstance(v, Container) and isinstance(v.expr, Sequence)]
        if len(values) == 1 and inner and isinstance(inner[0].expr, Sequence) and position < len(inner[0].expr.items):
            return alternatives(ev, inner[0].expr.items[position], inner[0].frame, at)
        return alternatives(ev, values[position], frame, at)
    if values is not None and len(values) == 1:
        for value in ev.expr(values[0], frame):
            if isinstance(value, Container) and isinstance(value.expr, Sequence) and position < len(value.expr.items):
                return alternatives(ev, value.expr.items[position], value.frame, at)
    return [(Hole(Location(at.path, right.at), dotted(right), Origin.UNKNOWN),)]


def keyed(ev: Evaluator, mapping: Expr, key: str, frame: Frame, at: Location) -> list[Pieces]:
    for value in ev.expr(mapping, frame):
        if isinstance(value, Container) and isinstance(value.expr, Dict):
            for name, item in zip(value.expr.keys, value.expr.values, strict=True):
                if isinstance(name, Literal) and name.value == key:
                    return alternatives(ev, item, value.frame, at)
    return [(Hole(Location(at.path, mapping.at), dotted(mapping), Origin.UNKNOWN),)]


def braces(ev: Evaluator, template: Value, call: Call, frame: Frame, at: Location) -> Values:
    """`template.format(…)`."""
    turns = count()

    def fill(match: re.Match[str]) -> list[Pieces]:
        if match["field"] is None:
            return [(match[0][0],)]  # a brace that stands for itself
        name = re.split(r"[.\[]", match["field"], maxsplit=1)[0]
        position = next(turns) if not name else int(name) if name.isdecimal() and len(name) < 4 else None
        return _argument(ev, call, name, position, match["field"], frame, at)

    return _filled(template, _BRACE, at, fill)


def _argument(
    ev: Evaluator, call: Call, name: str, position: int | None, written: str, frame: Frame, at: Location
) -> list[Pieces]:
    if position is not None and position < len(call.args):
        return alternatives(ev, call.args[position], frame, at)
    for keyword in call.keywords:
        if keyword.name == name and written == name:
            return alternatives(ev, keyword.value, frame, at)
    for keyword in call.keywords:
        if keyword.name is None:
            return keyed(ev, keyword.value, name, frame, at)
    return [(Hole(at, written, Origin.UNKNOWN),)]
