"""What stands around the endpoints of an application, as it is written → by its name, and what it guards against."""

from __future__ import annotations

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import ClassRef, External, Frame, Function, Instance, Lambda, Partial, Value, Values
from ..link.walk import dotted
from ..model.answer import Known, Unknown
from ..model.code import Call, Expr
from ..model.endpoint import NOBODY_LOOKED
from ..model.location import Location
from .evidence import MIDDLEWARE, Evidence, doubt, merged, protection, settle
from .guards import Guards, of_expr, own
from .lists import items
from .sources import HOLE, Argument, qualified

WHY = "a middleware that is not understood"
HIDDEN = "arguments that are not understood"
# Frameworks whose module tells of everything that stands around.
_TOLD = frozenset({
    "fastapi", "starlette", "flask", "quart", "django", "aiohttp", "sanic", "litestar", "falcon", "tornado", "bottle",
    "pyramid", "connexion", "grpc",
})  # fmt: skip


def standing(guards: Guards, expr: Expr, frame: Frame, why: str = WHY, at: Location | None = None) -> Evidence:
    """One middleware: itself, and what it guards against."""
    place = at or Location(frame.ref.path, expr.at)
    return merged([named(guards.ev, expr, frame, place), of_expr(guards, expr, frame, place, why)])


def function(guards: Guards, ref: ScopeRef, at: Location) -> Evidence:
    """A function of the project that a decorator makes a middleware."""
    return merged([protection(qualified(guards.ev, ref), at, MIDDLEWARE), own(guards, ref, at)])


def listed(guards: Guards, given: Argument, why: str = WHY) -> Evidence:
    """The middlewares of a list that is given to an application."""
    if given.expr is None:
        return unseen(HIDDEN) if given.hidden else Evidence()
    held = items(guards.ev, given.expr, given.frame)
    parts = [] if held.complete else [unseen(why)]
    return merged([*parts, *(standing(guards, one, frame, why) for one, frame in held.found)])


def unseen(why: str) -> Evidence:
    """There may be middlewares that are not seen, and they may guard against anything."""
    return merged([doubt(why), doubt(why, MIDDLEWARE)])


def named(ev: Evaluator, expr: Expr, frame: Frame, at: Location) -> Evidence:
    """Something as such, by its name or its maker's, whatever it does; as it is written where it is not understood."""
    maker = expr.callee if isinstance(expr, Call) else expr
    for each in dict.fromkeys((expr, maker)):
        found = of_values(ev, ev.expr(each, frame), at)
        if found.found:
            return found
    return protection(dotted(maker) or HOLE, at, MIDDLEWARE)


def of_values(ev: Evaluator, values: Values, at: Location) -> Evidence:
    """The same by what it is known to be."""
    return merged(protection(name, at, MIDDLEWARE) for value in values if (name := _name(ev, value)))


def _name(ev: Evaluator, value: Value) -> str:
    match value:
        case External(name=name) | Instance(cls=str() as name):
            return canonical(ev.libraries, name)
        case ClassRef(ref=ref) | Function(ref=ref) | Instance(cls=ScopeRef() as ref):
            return qualified(ev, ref)
        case Partial(target=target):
            return _name(ev, target)
        case Lambda():
            return "lambda"
        case _:
            return ""


def all_seen(ev: Evaluator, evidence: Evidence, framework: str) -> Known[bool] | Unknown:
    """Whether the middlewares that are told are all that there are."""
    if framework not in _TOLD:
        return NOBODY_LOOKED
    why = next((d.why for d in evidence.unknown if d.kind == MIDDLEWARE), "")
    whole = settle(ev, Evidence(), MIDDLEWARE)
    return Unknown(why) if why else whole if isinstance(whole, Unknown) else Known(True)
