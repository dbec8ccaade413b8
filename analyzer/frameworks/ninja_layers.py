"""`auth=`, `throttle=` and `permissions=` of django-ninja's APIs, routers and routes → what they guard."""

from __future__ import annotations

from dataclasses import dataclass

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, External, Frame, Function, Instance, Lambda, Value
from ..link.walk import dotted, nodes
from ..model.code import Call, Expr, Literal
from ..model.location import Location
from .evidence import IDENTITY, LIMIT, NONE, OPENED, Evidence, doubt, merged, only, protection
from .guards import Guards, of_expr
from .lists import items
from .sources import argument, qualified
from .views import functions

_WHY = "a guard that is not understood"


@dataclass(frozen=True, slots=True)
class Layer:
    """What the arguments of one layer say; where one is not given, what stands around holds."""

    asks: Evidence | None = None
    limits: Evidence | None = None
    besides: Evidence = NONE  # what is asked in addition, whoever else says something


def inner(around: Layer, own: Layer) -> Layer:
    """The nearest word holds: django-ninja asks by one of them, not by all."""
    asks = own.asks if own.asks is not None else around.asks
    limits = own.limits if own.limits is not None else around.limits
    return Layer(asks, limits, merged([own.besides, around.besides]))


def evidence(found: Layer) -> Evidence:
    """What a layer guards in the end."""
    return merged([found.asks or NONE, found.limits or NONE, found.besides])


def layer(guards: Guards, call: Call, frame: Frame) -> Layer:
    """What the arguments of an API, a router, an inclusion or a route guard."""
    asks, limits = _given(guards, call, frame, "auth", IDENTITY), _given(guards, call, frame, "throttle", LIMIT)
    return Layer(asks, limits, _permitted(guards, call, frame))


def _given(guards: Guards, call: Call, frame: Frame, name: str, kind: str) -> Evidence | None:
    given = argument(guards.ev, call, frame, name)
    if given.expr is None:
        return doubt("arguments that are not understood", kind) if given.hidden else None
    at = Location(given.frame.ref.path, given.expr.at)
    if isinstance(given.expr, Literal) and given.expr.value is None:
        return protection("auth=None", at, OPENED) if kind == IDENTITY else NONE
    held = items(guards.ev, given.expr, given.frame)
    each = held.found or ((given.expr, given.frame),)
    return merged(_guard(guards.ev, expr, where, kind) for expr, where in each)


def _guard(ev: Evaluator, expr: Expr, frame: Frame, kind: str) -> Evidence:
    """Whatever it is: where it gives nothing back, django-ninja itself answers 401, or 429."""
    values, at = ev.expr(expr, frame), Location(frame.ref.path, expr.at)
    if kind == IDENTITY and any(_lets_strangers_pass(ev, value) for value in values):
        return doubt("a guard that lets strangers pass", kind)
    names = [name for value in values if (name := _name(ev, value))]
    return protection(names[0], at, kind) if names else doubt(_WHY, kind)


def _lets_strangers_pass(ev: Evaluator, value: Value) -> bool:
    """An authenticator of the project's own that gives back somebody whom nobody knows: `return AnonymousUser()`."""
    match value:
        case Function(ref=ref):
            found = [ref]
        case ClassRef(ref=cls) | Instance(cls=ScopeRef() as cls):
            found = list(functions(ev, cls, ("__call__", "authenticate")).values())
        case _:
            found = []
    words = (getattr(n, "id", "") or getattr(n, "name", "") for ref in found for n in nodes(body(ev.index, ref)))
    return any("Anonymous" in str(word) for word in words)


def _name(ev: Evaluator, value: Value) -> str:
    match value:
        case External(name=name) | Instance(cls=str() as name):
            return name
        case Function(ref=ref) | ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
            return qualified(ev, ref)
        case Lambda():
            return "lambda"
        case _:
            return ""


def _permitted(guards: Guards, call: Call, frame: Frame) -> Evidence:
    """The `permissions=[IsAuthenticated]` of django-ninja-extra."""
    given = argument(guards.ev, call, frame, "permissions")
    held = items(guards.ev, given.expr, given.frame) if given.expr is not None else None
    return merged(
        only(of_expr(guards, expr, where, Location(where.ref.path, expr.at), _WHY), IDENTITY)
        for expr, where in (held.found if held is not None else ())
        if dotted(expr).rpartition(".")[2] != "AllowAny"
    )
