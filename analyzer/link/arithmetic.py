"""Arithmetic on constant numbers, so that `60 * 5` is a known number of seconds."""

from __future__ import annotations

from ..model.location import Location
from .values import Const, Instance, Value, Values, join


def arithmetic(op: str, left: Values, right: Values, at: Location) -> Values:
    found: list[Value] = []
    for a in left:
        for b in right:
            if isinstance(a, Const) and isinstance(b, Const):
                x, y = a.value, b.value
                if isinstance(x, int | float) and isinstance(y, int | float):
                    done = _compute(op, x, y)
                    found.append(Const(done, at) if done is not None else Instance("builtins.int"))
                    continue
            if all(
                isinstance(v, Instance)
                and v.cls in ("builtins.int", "builtins.float")
                or isinstance(v, Const)
                and isinstance(v.value, int | float)
                for v in (a, b)
            ):
                found.append(
                    Instance("builtins.float" if op == "/" or _is_float(a) or _is_float(b) else "builtins.int")
                )
                continue
            return ()
    return join(tuple(found))


def _is_float(value: Value) -> bool:
    return isinstance(value.value, float) if isinstance(value, Const) else value == Instance("builtins.float")


def _compute(op: str, x: float, y: float) -> int | float | None:
    try:
        match op:
            case "+":
                return x + y
            case "-":
                return x - y
            case "*" if abs(x) < 1e9 and abs(y) < 1e9:
                return x * y
            case "/" if y:
                return x / y
            case "//" if y:
                return x // y
            case _:
                return None
    except OverflowError:
        return None
