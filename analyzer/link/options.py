"""Arguments with a role, and settings → what they list or switch, and whether that is only a default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ..model.answer import Known, Unknown
from ..model.code import AnnAssign, Assign, Expr
from ..model.location import Location
from ..model.options import Option, SettingOption
from ..model.project import Setting
from .calls import KnownCall, arguments, given
from .evaluate import Evaluator
from .flask_settings import CONDITION, DISAGREE, ELSEWHERE
from .index import ScopeRef, body
from .listed import Items, held
from .reach import scope_at
from .settings import REPLACED, replaceable
from .values import Frame
from .walk import statements


def of_calls(ev: Evaluator, calls: tuple[KnownCall, ...], role: str) -> Iterator[Option]:
    """One for each parameter of a known call that has the role: what is given, else the library's default."""
    for known in calls:
        if any(parameter.role == role for parameter in known.operation.parameters.values()):
            for argument in arguments(ev, (known,), role):
                yield Option(argument, *_items(ev, known, role))


def of_call(ev: Evaluator, known: KnownCall, role: str) -> tuple[Items, bool]:
    """What one call gives to its parameter with this role."""
    return _items(ev, known, role)


def _items(ev: Evaluator, known: KnownCall, role: str) -> tuple[Items, bool]:
    items: Items = Unknown("no such parameter")
    for name, parameter in known.operation.parameters.items():
        if parameter.role != role:
            continue
        found = given(ev, known.call, known.frame, name, parameter)
        if found.expr is not None:
            return held(ev, ev.expr(found.expr, found.frame))
        if found.why:
            return Unknown(found.why), False
        if parameter.default is not msgspec.UNSET:
            items = Known(() if parameter.default is None else (parameter.default,))
    return items, False


def of_settings(ev: Evaluator, settings: Sequence[Setting]) -> Iterator[SettingOption]:
    """The items of each definition of a setting; where the environment may set it, those of its fallback."""
    for setting in settings:
        value, (expr, ref) = setting.value, _expression(ev, setting.at)
        if isinstance(value, Known):
            yield SettingOption(setting, Known((value.value,), value.at), False)
        elif setting.fallback is not None:
            yield SettingOption(setting, Known((setting.fallback,)), True)
        elif expr is None or value in (CONDITION, DISAGREE, ELSEWHERE, REPLACED):
            yield SettingOption(setting, value, False)
        elif setting.framework == "django" and replaceable(ev, setting.at.path, setting.at.span):
            yield SettingOption(setting, REPLACED, False)
        else:
            yield SettingOption(setting, *held(ev, ev.expr(expr, Frame(ref))))


def _expression(ev: Evaluator, at: Location) -> tuple[Expr | None, ScopeRef]:
    """What the assignment at a place assigns, with the scope that it stands in."""
    ref = scope_at(ev, at) or ScopeRef(at.path, 0)
    for statement in statements(body(ev.index, ref)):
        if isinstance(statement, Assign | AnnAssign) and statement.at == at.span:
            return statement.value, ref
    return None, ref
