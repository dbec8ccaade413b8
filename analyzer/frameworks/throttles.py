"""DRF's throttle classes, in settings and on views → limits; a class without a rate limits nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, module_path
from ..link.names import member
from ..link.values import ClassRef, Const, External, Frame, Value, Values
from ..model.code import Expr
from ..model.location import Location
from .django_settings import DjangoProject, keyed, rates
from .evidence import NONE, Evidence, doubt, merged, protection
from .guards import Guards
from .lists import items
from .sources import qualified, text
from .views import class_attribute, functions

_SCOPED = "rest_framework.throttling.ScopedRateThrottle"
_SCOPES = {
    "rest_framework.throttling.AnonRateThrottle": "anon",
    "rest_framework.throttling.UserRateThrottle": "user",
}
_WHY = "a throttle that is not understood"


@dataclass(frozen=True, slots=True)
class Throttles:
    """What a project's REST_FRAMEWORK setting says of throttling."""

    classes: tuple[tuple[Value, Location], ...] = ()  # DEFAULT_THROTTLE_CLASSES
    rates: tuple[tuple[str, bool], ...] = ()
    complete: bool = True  # whether all of it was understood


def of_settings(ev: Evaluator, project: DjangoProject) -> Throttles:
    """The throttling that a project sets for every DRF view."""
    found: list[tuple[Value, Location]] = []
    complete = True
    for expr, frame in keyed(ev, project, "REST_FRAMEWORK", "DEFAULT_THROTTLE_CLASSES"):
        held = items(ev, expr, frame)
        complete = complete and held.complete
        for one, where in held.found:
            at = Location(where.ref.path, one.at)
            found += [(value, at) for value in named(ev, ev.expr(one, where), where.ref.path)]
    known, all_rates = rates(ev, project)
    return Throttles(tuple(found), tuple(sorted(known.items())), complete and all_rates)


def named(ev: Evaluator, values: Values, importer: str) -> Values:
    """Values with dotted names replaced by what they name: a class of the project, or one of a library."""
    found: list[Value] = []
    for value in values:
        if not (isinstance(value, Const) and isinstance(value.value, str)):
            found.append(value)
            continue
        module, _, name = value.value.rpartition(".")
        path = module_path(ev.index, module, importer) if module else None
        inside = member(ev, path, name) if path is not None and path in ev.index.python else None
        found += inside if inside is not None else (External(canonical(ev.libraries, value.value)),)
    return tuple(found)


def default(guards: Guards, throttles: Throttles, scope: str) -> Evidence:
    """The evidence of the default throttle classes for a view with this `throttle_scope` ("" for none)."""
    parts = [one(guards, value, at, throttles, scope) for value, at in throttles.classes]
    if not throttles.complete:
        parts.append(doubt(_WHY))
    return merged(parts)


def one(guards: Guards, value: Value, at: Location, throttles: Throttles, scope: str) -> Evidence:
    """The evidence of one throttle class."""
    ev = guards.ev
    rates = dict(throttles.rates)
    if isinstance(value, External):
        if value.name == _SCOPED:
            return _rated(rates, scope, value.name, at, throttles.complete) if scope else NONE
        if value.name in _SCOPES:
            return _rated(rates, _SCOPES[value.name], value.name, at, throttles.complete)
        return protection(value.name, at)
    if isinstance(value, ClassRef):
        ref, name = value.ref, qualified(ev, value.ref)
        own = {"rate", "get_rate", "allow_request", "THROTTLE_RATES"}
        bases = classes.bases(ev, ref)
        if any(isinstance(base, ScopeRef) and own & set(ev.bindings(base)) for base in bases):
            return protection(name, at)
        given = class_attribute(ev, ref, "scope")
        if given is not None:
            return _rated(rates, text(ev.expr(*given)), name, at, throttles.complete)
        base = next((b for b in bases if isinstance(b, str) and (b in _SCOPES or b == _SCOPED)), "")
        return one(guards, External(base), at, throttles, scope) if base else protection(name, at)
    return doubt(_WHY)


def _rated(rates: dict[str, bool], scope: str, what: str, at: Location, complete: bool) -> Evidence:
    """A throttle by its scope: without a rate for it, DRF lets every request pass."""
    if rates.get(scope):
        return protection(what, at)
    return NONE if complete and scope in rates or complete and scope in ("anon", "user") else protection(what, at)


def of_list(guards: Guards, expr: Expr, frame: Frame, throttles: Throttles, scope: str) -> Evidence:
    """The evidence of a `throttle_classes` list."""
    ev = guards.ev
    held = items(ev, expr, frame)
    parts = [] if held.complete else [doubt(_WHY)]
    for item, where in held.found:
        at = Location(where.ref.path, item.at)
        parts += [one(guards, value, at, throttles, scope) for value in ev.expr(item, where)]
    return merged(parts)


def of_view(guards: Guards, ref: ScopeRef, throttles: Throttles) -> Evidence:
    """The throttles of a DRF view class: its own list, else the project's default."""
    ev = guards.ev
    given_scope = class_attribute(ev, ref, "throttle_scope")
    scope = text(ev.expr(*given_scope)) if given_scope is not None else ""
    chosen = functions(ev, ref, ("get_throttles", "check_throttles"))
    if chosen:
        return doubt("throttles chosen at run time")
    own = class_attribute(ev, ref, "throttle_classes")
    return of_list(guards, *own, throttles, scope) if own is not None else default(guards, throttles, scope)
