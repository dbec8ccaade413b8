"""CherryPy's configurations by section → which dispatcher is used, and which tools ask who it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.values import Const, Container, Frame, Values
from ..model.code import Dict, Expr
from ..model.location import Location
from .evidence import IDENTITY, NONE, Evidence, doubt, merged, protection
from .sources import text

ASKS = re.compile(r"tools\.\w*auth\w*\.on")
_SWITCHED = "a tool that a setting may turn off"
Sections = dict[str, dict[str, Values]]  # path → what is set for it and what is below


def sections(ev: Evaluator, expr: Expr, frame: Frame) -> Sections:
    """A configuration by the path of its sections."""
    return {
        section: _section(ev, value, where)
        for mapping, where in _dicts(ev, expr, frame)
        for key, value in zip(mapping.keys, mapping.values, strict=True)
        if key is not None and (section := text(ev.expr(key, where)))
    }


def _section(ev: Evaluator, expr: Expr, frame: Frame) -> dict[str, Values]:
    return {
        text(ev.expr(key, where)): ev.expr(value, where)
        for mapping, where in _dicts(ev, expr, frame)
        for key, value in zip(mapping.keys, mapping.values, strict=True)
        if key is not None
    }


def _dicts(ev: Evaluator, expr: Expr, frame: Frame) -> Iterator[tuple[Dict, Frame]]:
    if isinstance(expr, Dict):
        yield expr, frame
        return
    for value in ev.expr(expr, frame):
        if isinstance(value, Container) and isinstance(value.expr, Dict):
            yield value.expr, value.frame


def asks(given: Sections, path: str, prefix: str, at: Location) -> Evidence:
    """`tools.auth_basic.on` in the nearest section above a path that speaks of it."""
    nearest: dict[str, Values] = {}
    for section in sorted(given, key=len):
        if f"{path}/".startswith(f"{prefix.rstrip('/')}/{section.strip('/')}".rstrip("/") + "/"):
            nearest |= {name: values for name, values in given[section].items() if ASKS.fullmatch(name)}
    return merged(_asks(name.removesuffix(".on"), values, at) for name, values in nearest.items())


def _asks(tool: str, values: Values, at: Location) -> Evidence:
    off = [isinstance(value, Const) and not value.value for value in values]
    if all(off):
        return NONE
    sure = all(isinstance(value, Const) and value.value is True for value in values)
    return protection(tool, at, IDENTITY) if sure else doubt(_SWITCHED, IDENTITY)
