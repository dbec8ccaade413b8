"""Calls that wait for somebody else → how long they may wait, by argument, client or library default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ..model import project as answers
from ..model.library import Parameter
from ..model.location import Location
from ..model.project import Known, Unknown
from . import calling
from .calls import Given, KnownCall, describe, given
from .classes import bases
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .values import Const, Container, External, Frame, Instance, Opaque, Value

Seconds = Known[float | None] | Unknown
_DEEPEST = 4  # a timeout object in a timeout object


def deadlines(ev: Evaluator, calls: tuple[KnownCall, ...], kind: str) -> Iterator[answers.Deadline]:
    """Every call of a kind that can wait."""
    overridden = _overridden(ev, calls)
    for known in calls:
        if known.operation.waits != kind:
            continue
        for name, parameter in known.operation.parameters.items():
            if parameter.role == "timeout":
                yield _deadline(ev, known, name, parameter, kind, overridden)
                break


def endless(found: Iterable[answers.Deadline]) -> Iterator[answers.Endless]:
    """Calls that may wait for ever, one answer per place that is to be mended."""
    groups: dict[Location, list[answers.Deadline]] = {}
    for deadline in found:
        if isinstance(deadline.seconds, Known) and deadline.seconds.value is None:
            groups.setdefault(deadline.cause or deadline.call.at, []).append(deadline)
    for at, (first, *rest) in sorted(groups.items()):
        others = tuple(deadline.call for deadline in rest)
        yield answers.Endless(first.kind, at, first.call, first.parameter, first.note, others)


def _overridden(ev: Evaluator, calls: tuple[KnownCall, ...]) -> frozenset[SiteRef]:
    """Clients on which something was called that may set their timeout: a mounted adapter, an event hook."""
    found: set[SiteRef] = set()
    for known in calls:
        if "timeout" in known.operation.overrides and isinstance(known.target.receiver, Instance):
            if known.target.receiver.made is not None:
                found.add(known.target.receiver.made)
    return frozenset(found)


def _deadline(
    ev: Evaluator, known: KnownCall, name: str, parameter: Parameter, kind: str, overridden: frozenset[SiteRef]
) -> answers.Deadline:
    receiver = known.target.receiver
    client = receiver.made if isinstance(receiver, Instance) else None
    client_at = Location(client.path, ev.index.site(client).at) if client is not None else None
    found = given(ev, known.call, known.frame, name, parameter)
    set_at, cause = "call", None
    if found.expr is not None or found.why:
        seconds = read(ev, found, parameter)
        if seconds is None and parameter.none == "inherits":
            seconds, set_at, cause = _inherited(ev, receiver, client_at)
        elif seconds is None:
            seconds = Known(_scaled(parameter.default, parameter))
    elif parameter.inherits:
        seconds, set_at, cause = _inherited(ev, receiver, client_at)
    else:
        set_at = "default"
        seconds = Known(_scaled(parameter.default, parameter), (known.at,))
    if isinstance(seconds, Known) and seconds.value is None:
        seconds = _doubted(ev, receiver, client, overridden) or seconds
    return answers.Deadline(kind, describe(ev, known), seconds, set_at, name, known.operation.note, client_at, cause)


def _doubted(ev: Evaluator, receiver: Value | None, client: SiteRef | None, overridden: frozenset[SiteRef]) -> Unknown | None:
    """Why a client without a visible timeout may have one all the same."""
    if client is not None and client in overridden:
        return Unknown("an adapter mounted on the client may set a timeout")
    if isinstance(receiver, Instance) and isinstance(receiver.cls, ScopeRef):
        for base in bases(ev, receiver.cls):
            if isinstance(base, ScopeRef) and {"send", "request", "__init__"} & set(ev.bindings(base)):
                return Unknown("a subclass of the client may set a timeout")
    return None


def _inherited(ev: Evaluator, receiver: Value | None, client_at: Location | None) -> tuple[Seconds, str, Location | None]:
    """The client's own timeout: by its constructor's argument or default."""
    if not isinstance(receiver, Instance) or receiver.made is None:
        return Unknown("a client made elsewhere"), "client", None
    call = call_at(ev.index, receiver.made)
    if call is None:
        return Unknown("a client made elsewhere"), "client", None
    frame = Frame(ScopeRef(receiver.made.path, ev.index.site(receiver.made).scope))
    for target in ev.expr(call.callee, frame):
        operation = calling.operation(ev, target) if isinstance(target, External) else None
        for name, parameter in (operation.parameters if operation else {}).items():
            if parameter.role == "timeout":
                found = given(ev, call, frame, name, parameter)
                if found.expr is None and not found.why:
                    return Known(_scaled(parameter.default, parameter)), "default", client_at
                seconds = read(ev, found, parameter)
                return (seconds or Known(_scaled(parameter.default, parameter))), "client", client_at
    return Unknown("a client made elsewhere"), "client", None


def read(ev: Evaluator, found: Given, parameter: Parameter, depth: int = 0) -> Seconds | None:
    """The seconds that an argument stands for; None where it means "as if not given"."""
    if found.expr is None:
        return Unknown(found.why)
    known: list[float | None] = []
    for value in ev.expr(found.expr, found.frame):
        one = _seconds(ev, value, parameter, depth)
        if not isinstance(one, Known):
            return one
        known.append(one.value)
    if not known:
        return Unknown("not a constant")
    longest = None if None in known else max(v for v in known if v is not None)
    if longest is None and len(set(known)) > 1:
        return Unknown("one of several values")
    return Known(longest, (Location(found.frame.ref.path, found.expr.at),))


def _seconds(ev: Evaluator, value: Value, parameter: Parameter, depth: int) -> Seconds | None:
    match value:
        case Const(value=None):
            return Known(None) if parameter.none == "unbounded" else None
        case Const(value=bool()):
            return Unknown("not a number of seconds")
        case Const(value=int() | float() as number):
            return Known(_scaled(number, parameter))
        case Container(expr=expr, frame=frame):
            parts = [_seconds(ev, v, parameter, depth) for item in getattr(expr, "items", ()) for v in ev.expr(item, frame)]
            known = [p.value for p in parts if isinstance(p, Known)]
            if not parts or len(known) != len(parts):
                return Unknown("not a constant")
            return Known(None if None in known else max(v for v in known if v is not None))
        case Instance(cls=str(), made=SiteRef() as made) if depth < _DEEPEST:
            return _timeout_object(ev, made, depth)
        case Opaque(why=why):
            return Unknown(why)
        case _:
            return Unknown("not a constant")


def _timeout_object(ev: Evaluator, made: SiteRef, depth: int) -> Seconds:
    """`httpx.Timeout(10)`, `aiohttp.ClientTimeout(total=None)`: the object's own bound."""
    call = call_at(ev.index, made)
    if call is None:
        return Unknown("not a constant")
    frame = Frame(ScopeRef(made.path, ev.index.site(made).scope))
    for target in ev.expr(call.callee, frame):
        operation = calling.operation(ev, target) if isinstance(target, External) else None
        for name, parameter in (operation.parameters if operation else {}).items():
            if parameter.role == "timeout":
                found = given(ev, call, frame, name, parameter)
                if found.expr is None and not found.why:
                    if parameter.default is msgspec.UNSET or call.args or call.keywords:
                        return Unknown("a timeout object with several parts")
                    return Known(_scaled(parameter.default, parameter))
                return read(ev, found, parameter, depth + 1) or Unknown("not a constant")
    return Unknown("an object that is not understood")


def _scaled(value: object, parameter: Parameter) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if parameter.unit == "ms" else float(value)
