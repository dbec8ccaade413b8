"""An expression → the library's classes that each of its values is or derives from."""

from __future__ import annotations

from ..libraries import lineage
from ..model.code import Attribute, Call, Expr, Literal, Name
from . import classes
from .evaluate import Evaluator
from .values import ClassRef, External, Frame, Value, Values


def class_names(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[str, ...]:
    """Sorted names; () where a value is no class that is understood."""
    found = [_names(ev, value) for value in _values(ev, expr, frame)]
    return tuple(sorted(set.intersection(*found))) if found else ()


def _values(ev: Evaluator, expr: Expr, frame: Frame) -> Values:
    """The values; of `getattr(module, "Name", default)` these of both."""
    match expr:
        case Call(callee=Name(id="getattr"), args=(owner, Literal(value=str() as name), *default)):
            found = ev.expr(Attribute(expr.at, owner, name), frame)
            return (*found, *(value for other in default for value in ev.expr(other, frame)))
        case _:
            return ev.expr(expr, frame)


def _names(ev: Evaluator, value: Value) -> set[str]:
    match value:
        case ClassRef(ref=ref):
            own = {base for base in classes.bases(ev, ref) if isinstance(base, str)}
            return {name for base in own for name in (base, *(owner for owner, _ in lineage(ev.libraries, base)))}
        case External(name=name):
            return {name, *(owner for owner, _ in lineage(ev.libraries, name))}
        case _:
            return set()
