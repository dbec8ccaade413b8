"""The call that makes a guard → whether it tells the guard to let strangers through, or to ask nobody what he may."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Function, Instance, Values
from ..model.code import Call, Literal, Param, Sequence
from ..model.facts import ScopeKind
from .identity import snake

# "optional=True", "optional_auth_user=True", "auto_error=False", "required=False": whoever is not known comes in too.
_OPTIONAL = re.compile(r"(?:^|_)optional(?:_|$)|^allow_anonymous$")
_NEEDED = frozenset({"auto_error", "required", "login_required"})
_ASKED = re.compile(r"(?:^|_)(?:roles?|scopes?|perms?|permissions?|groups?|privileges?|rights?)$")


def lenient(call: Call) -> bool:
    """Whether a call makes a guard that lets strangers through."""
    for keyword in call.keywords:
        if keyword.name is not None and isinstance(keyword.value, Literal):
            if _OPTIONAL.search(keyword.name) and keyword.value.value is True:
                return True
            if keyword.name in _NEEDED and keyword.value.value is False:
                return True
    return False


def asks_nothing(ev: Evaluator, call: Call, makers: Values) -> bool:
    """Whether a guard that takes roles or scopes is given none: `require_auth()` where others say `role=…`."""
    if call.args or any(k.name is None or _ASKED.search(snake(k.name)) for k in call.keywords):
        return False
    taken = [param for value in makers for param in _parameters(ev, value) if _ASKED.search(snake(param.name))]
    return bool(taken) and all(_empty(param) for param in taken)


def _parameters(ev: Evaluator, value: object) -> tuple[Param, ...]:
    """The parameters of the function that makes a guard: itself, or the `__call__` of its class."""
    match value:
        case Function(ref=ref):
            return ev.scope(ref).params.items
        case Instance(cls=ScopeRef() as ref):
            numbers = ev.index.children[ref.path].get(ref.scope, ())
            scopes = [ev.index.python[ref.path].scopes[number] for number in numbers]
            named = [s for s in scopes if s.kind is ScopeKind.FUNCTION and s.name == "__call__"]
            return named[0].params.items if named else ()
        case _:
            return ()


def _empty(param: Param) -> bool:
    """Whether a parameter that is not given asks nothing."""
    match param.default:
        case Literal(value=None) | Sequence(items=()):
            return True
        case _:
            return False
