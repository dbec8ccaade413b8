"""DRF's throttle classes, in settings and on views → limits; a class without a rate limits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, module_path
from ..link.names import member
from ..link.values import ClassRef, Const, External, Frame, Value, Values
from ..model.code import Expr
from ..model.endpoint import Idle, Protection
from ..model.location import Location
from .django_settings import DjangoProject, keyed, rates
from .evidence import NONE, Evidence, doubt, merged, protection
from .guards import Guards
from .lists import items
from .sources import code, qualified, text
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
    alone: Location | None = None  # DEFAULT_THROTTLE_RATES, where nothing of the project throttles by them


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
    whole = complete and all_rates
    alone = _alone(ev, project) if whole and not found and any(known.values()) else None
    return Throttles(tuple(found), tuple(sorted(known.items())), whole, alone)


def _alone(ev: Evaluator, project: DjangoProject) -> Location | None:
    """The place of the rates, where no view of the project chooses throttles for itself."""
    if _named(ev, "throttle_classes", "get_throttles", "check_throttles", "allow_request"):
        return None
    given = keyed(ev, project, "REST_FRAMEWORK", "DEFAULT_THROTTLE_RATES")
    return min((Location(frame.ref.path, expr.at) for expr, frame in given), default=None)


def _named(ev: Evaluator, *words: str) -> bool:
    """Whether code that is no test has one of these names."""
    return any(not {*facts.names, *facts.attributes}.isdisjoint(words) for _, facts in code(ev))


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
    if throttles.alone is not None:
        parts.append(protection("DEFAULT_THROTTLE_RATES", throttles.alone, Idle.RATES_ALONE))
    if not throttles.complete:
        parts.append(doubt(_WHY))
    return merged(parts)


def one(guards: Guards, value: Value, at: Location, throttles: Throttles, scope: str) -> Evidence:
    """The evidence of one throttle class."""
    ev = guards.ev
    rates = dict(throttles.rates)
    if isinstance(value, External):
        if value.name == _SCOPED:
            return _rated(rates, scope, value.name, at, throttles.complete) if scope else _unscoped(ev, at, throttles)
        if value.name in _SCOPES:
            return _rated(rates, _SCOPES[value.name], value.name, at, throttles.complete)
        return protection(value.name, at)
    if isinstance(value, ClassRef):
        ref, name = value.ref, qualified(ev, value.ref)
        own = {"rate", "get_rate", "allow_request", "THROTTLE_RATES"}
        bases = classes.bases(ev, ref)
        if _SCOPED in bases and not scope and not _defined(ev, bases, {"allow_request", "scope_attr", "__init__"}):
            return protection(name, _scope_at(ev, ref) or at, Idle.WITHOUT_SCOPE)
        if _defined(ev, bases, own):
            return protection(name, at)
        given = class_attribute(ev, ref, "scope")
        if given is not None:
            return _rated(rates, text(ev.expr(*given)), name, at, throttles.complete)
        base = next((b for b in bases if isinstance(b, str) and (b in _SCOPES or b == _SCOPED)), "")
        found = one(guards, External(base), at, throttles, scope) if base else protection(name, at)
        return replace(found, found=tuple(Protection(p.kind, name, p.at) for p in found.found))
    return doubt(_WHY)


def _defined(ev: Evaluator, bases: Sequence[str | ScopeRef], names: set[str]) -> bool:
    """Whether the project's own classes among some define one of these names."""
    return any(isinstance(base, ScopeRef) and names & set(ev.bindings(base)) for base in bases)


def _scope_at(ev: Evaluator, ref: ScopeRef) -> Location | None:
    """Where a subclass of the scoped throttle gives a scope of its own, which that overwrites with the view's."""
    given = class_attribute(ev, ref, "scope")
    return Location(given[1].ref.path, given[0].at) if given is not None else None


def _unscoped(ev: Evaluator, at: Location, throttles: Throttles) -> Evidence:
    """The throttle for views that name a scope, on one that does not: idle where none of the project does."""
    of_library = {"dj_rest_auth"} & dict(throttles.rates).keys()
    lost = not (of_library or _named(ev, "throttle_scope", "scope_attr"))
    return protection(_SCOPED, at, Idle.WITHOUT_SCOPE) if lost and throttles.complete else NONE


def _rated(rates: dict[str, bool], scope: str, what: str, at: Location, complete: bool) -> Evidence:
    """A throttle by its scope: without a rate for it, DRF lets every request pass."""
    if rates.get(scope):
        return protection(what, at)
    if complete and (scope in rates or (not rates and scope in _SCOPES.values())):
        return protection(what, at, Idle.WITHOUT_RATE)
    # A scope that the rates do not hold is an error at the first request, and no silence.
    return NONE if complete and scope in _SCOPES.values() else protection(what, at)


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
    parts = [of_list(guards, *own, throttles, scope) if own is not None else default(guards, throttles, scope)]
    if given_scope is not None and scope and _nobody_asks(guards, own, throttles):
        at = Location(given_scope[1].ref.path, given_scope[0].at)
        parts.append(protection(_SCOPED, at, Idle.SCOPE_ALONE))
    return merged(parts)


def _nobody_asks(guards: Guards, own: tuple[Expr, Frame] | None, throttles: Throttles) -> bool:
    """Whether none of a view's throttles looks at its `throttle_scope`; one of the project's own may."""
    if own is None:
        return throttles.complete and all(_ignores_scopes(value) for value, _ in throttles.classes)
    held = items(guards.ev, *own)
    return held.complete and all(
        bool(values := guards.ev.expr(one, where)) and all(map(_ignores_scopes, values)) for one, where in held.found
    )


def _ignores_scopes(value: Value) -> bool:
    return isinstance(value, External) and value.name in _SCOPES
