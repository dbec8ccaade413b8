"""Permission classes and extensions of GraphQL fields → who must say who he is, and whether he is asked what he may."""

from __future__ import annotations

import re

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, Frame, Instance, Value
from ..link.walk import nodes
from ..model.code import Attribute, Expr, Literal, Name
from ..model.location import Location
from . import authority
from .evidence import AUTHORISATION, IDENTITY, Evidence, doubt, merged, protection
from .guards import Guards, of_value
from .lists import items
from .sources import qualified
from .views import functions

_WHY = "a permission that is not understood"
# What a permission looks at that asks about the caller, and not about the state of the backend.
_CALLER = re.compile(
    r"user|auth|identity|token|session|account|member|role|admin|permission|perms|principal|log_?ged|login|scope|viewer"
    r"|owner|staff|customer|tenant|request|actor|credential|claims",
    re.I,
)
_DECIDES = ("has_permission", "resolve_permission", "resolve", "resolve_async")
_BASES = ("strawberry.permission.BasePermission", "strawberry.BasePermission")


def of_list(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """All that a list of permission classes, or of a field's extensions, asks."""
    held = items(guards.ev, expr, frame)
    parts = [] if held.complete else [_unsure()]
    for one, where in held.found:
        at = Location(where.ref.path, one.at)
        parts += [_permission(guards, value, at) for value in guards.ev.expr(one, where)]
    return merged(parts)


def _permission(guards: Guards, value: Value, at: Location) -> Evidence:
    """One permission: a class of the project's own asks what its deciding method looks at."""
    ev = guards.ev
    ref = value.ref if isinstance(value, ClassRef) else value.cls if isinstance(value, Instance) else None
    if not isinstance(ref, ScopeRef):
        return of_value(guards, value, at, _WHY)
    decided = list(functions(ev, ref, _DECIDES).values())
    if not decided:
        above = [base for base in classes.bases(ev, ref) if isinstance(base, str)]
        return _unsure() if any(base not in (*_BASES, "abc.ABC", "builtins.object") for base in above) else Evidence()
    if not any(about_caller(ev, one) for one in decided):
        return Evidence()
    parts = [protection(qualified(ev, ref), at, IDENTITY)]
    if any(authority.decides_rights(ev, one) for one in decided):
        parts.append(protection(qualified(ev, ref), at, AUTHORISATION))
    return merged(parts)


def about_caller(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function's code speaks of who is asking."""
    for node in nodes(body(ev.index, ref)):
        match node:
            case Name(id=word) | Attribute(name=word) | Literal(value=str(word)) if _CALLER.search(word):
                return True
            case _:
                pass
    return False


def _unsure() -> Evidence:
    return merged([doubt(_WHY, IDENTITY), doubt(_WHY, AUTHORISATION)])
