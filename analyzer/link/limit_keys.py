"""Limiters, a library's or the project's own → what they count by, where whoever sends a request writes it himself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..libraries import canonical
from ..model.access import LimitKey
from ..model.answer import Known
from ..model.endpoint import App, Purpose
from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes
from .callgraph import CallGraph
from .calls import KnownCall, given
from .client_addresses import HEADERS, Told, given_back, of_lambda, read_in
from .evaluate import Evaluator
from .index import ScopeRef, raw
from .mentions import mentions
from .unused import unused
from .values import Const, External, Frame, Function, Lambda, Value

_ROLE, _MARK = "limit-key", "client-key"
_REST = "rest_framework.throttling."
# Asked before it is known who is asking.
_BEFORE = frozenset({Purpose.LOGIN, Purpose.PASSWORD_RESET, Purpose.OTP, Purpose.SIGN_UP, Purpose.TOKEN})
_NAMED = re.compile(
    r"rate_?limit|throttl|limiter|brute_?force|too_?many|lock_?out|(?:login|failed|auth)_?attempts", re.IGNORECASE
)
_READS = (b"orwarded", b"ORWARDED", b"eal-i", b"eal-I", b"REAL_IP", b"onnecting-", b"_ip", b"ip_", b"ddr")


def limit_keys(ev: Evaluator, graph: CallGraph, calls: Iterable[KnownCall], apps: Iterable[App]) -> Iterator[LimitKey]:
    """Everything that limiters count by and that a client writes, one for each place that reads it."""
    marked = frozenset(ev.libraries.markers.get(_MARK, ()))
    found: dict[Location, tuple[Told, list[Location]]] = {}
    for told, at in (*_of_libraries(ev, calls, marked), *_of_own(ev, graph, marked)):
        found.setdefault(told.at, (told, []))[1].append(at)
    for at, (told, places) in found.items():
        others = tuple(place for place in sorted(set(places)) if place != at)
        yield LimitKey(at, told.header, ev.scope(told.within).qualname, told.beside, others)
    yield from _of_rest(ev, apps)


# ------------------------------------------------------------------------- of libraries


def _of_libraries(ev: Evaluator, calls: Iterable[KnownCall], marked: frozenset[str]) -> Iterator[tuple[Told, Location]]:
    """What each limiter of a library is told to count by, or counts by where nobody tells it."""
    for known in calls:
        for name, parameter in known.operation.parameters.items():
            if parameter.role != _ROLE:
                continue
            told = given(ev, known.call, known.frame, name, parameter)
            if told.expr is None and not told.why and parameter.default in marked:
                yield Told("x-forwarded-for", known.at, known.frame.ref, False), known.at
            for value in ev.expr(told.expr, told.frame) if told.expr is not None else ():
                at = Location(told.frame.ref.path, told.expr.at) if told.expr is not None else known.at
                if (key := _key(ev, value, at, told.frame, marked)) is not None:
                    yield key, known.at


def _key(ev: Evaluator, value: Value, at: Location, frame: Frame, marked: frozenset[str]) -> Told | None:
    match value:
        case Function(ref=ref):
            return given_back(ev, ref, marked)
        case Lambda(expr=made, frame=around):
            return of_lambda(ev, made, around, marked)
        case External(name=name) if canonical(ev.libraries, name) in marked:
            return Told("x-forwarded-for", at, frame.ref, False)
        case Const(value=str() as written) if written.lower().startswith("header:"):
            header = written.lower().removeprefix("header:").replace("_", "-")
            return Told(header, at, frame.ref, False) if header in HEADERS else None
        case _:
            return None


# ---------------------------------------------------------------------- of the project


def _of_own(ev: Evaluator, graph: CallGraph, marked: frozenset[str]) -> Iterator[tuple[Told, Location]]:
    """The project's own functions that limit by their name, or their class's, and read a header to do so."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is ScopeKind.FUNCTION and _NAMED.search(scope.qualname) and _may_read(ev, ref):
                told = read_in(ev, ref, marked)
                at = Location(path, scope.name_at)
                if told is not None and not unused(ev, graph, at):
                    yield told, at


def _may_read(ev: Evaluator, ref: ScopeRef) -> bool:
    held = raw(ev.index, ref)
    return any(word in held for word in _READS)


# ------------------------------------------------------------------ Django REST framework


def _of_rest(ev: Evaluator, apps: Iterable[App]) -> Iterator[LimitKey]:
    """Throttles by address, which take all of `X-Forwarded-For` for it unless NUM_PROXIES says how much to trust."""
    if any(True for _ in mentions(ev.index, ("NUM_PROXIES",))):
        return
    for app in apps:
        open_, places = False, []
        for endpoint in app.endpoints:
            limits = endpoint.limits.value if isinstance(endpoint.limits, Known) else ()
            asks = endpoint.authentication
            before = endpoint.purpose in _BEFORE
            if isinstance(asks, Known) and asks.value and not before:
                continue  # whoever is logged in is counted by himself
            held = [p.at for p in limits if p.what.startswith(_REST) or _derives(ev, p.what)]
            places += held
            open_ = open_ or (bool(held) and (before or isinstance(asks, Known)))
        if places:
            first, *others = sorted(set(places))
            yield LimitKey(first, "x-forwarded-for", "", not open_, tuple(others), "NUM_PROXIES")


def _derives(ev: Evaluator, name: str) -> bool:
    """Whether a class of the project is a throttle that leaves it to DRF to tell addresses."""
    last = name.rpartition(".")[2]
    for path, facts in sorted(ev.index.python.items()) if "." in name else ():
        held = (n for n, scope in enumerate(facts.scopes) if scope.name == last and scope.kind is ScopeKind.CLASS)
        if any(_asks_rest(ev, ScopeRef(path, number)) for number in held):
            return True
    return False


def _asks_rest(ev: Evaluator, ref: ScopeRef) -> bool:
    bases = classes.bases(ev, ref)
    own = any(isinstance(base, ScopeRef) and "get_ident" in ev.bindings(base) for base in bases)
    return not own and any(isinstance(base, str) and base.startswith(_REST) for base in bases)
