"""An argument that bounds a wait → its seconds: numbers, tuples, time-out objects, connection strings."""

from __future__ import annotations

import re

import msgspec

from ..model.answer import Known, Unknown
from ..model.code import Call
from ..model.library import Operation, Parameter
from ..model.location import Location
from . import calling
from .calls import Given, given
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .pins import defaults
from .values import Const, Container, External, Frame, Instance, Opaque, Txt, Value

Seconds = Known[float | None] | Unknown
_DEEPEST = 4  # a timeout object in a timeout object
_STATEMENT_TIMEOUT = re.compile(r"statement_timeout\s*=\s*'?(\d+)")


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
            return Known(scaled(number, parameter))
        case Const(value=str() as text):
            bound = _STATEMENT_TIMEOUT.search(text)
            return Known(int(bound[1]) / 1000 or None) if bound else Unknown("not a number of seconds")
        case Container(expr=expr, frame=frame):
            parts = [
                _seconds(ev, v, parameter, depth) for item in getattr(expr, "items", ()) for v in ev.expr(item, frame)
            ]
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
        if operation is not None and any(p.role == "timeout" for p in operation.parameters.values()):
            return together(ev, call, frame, operation, depth + 1)
    return Unknown("an object that is not understood")


def together(ev: Evaluator, call: Call, frame: Frame, operation: Operation, depth: int = 0) -> Seconds:
    """What all the time limits of one call come to: it is bounded as soon as one of them is."""
    doubts: list[Unknown] = []
    limits: list[float] = []
    bounding = [(name, p) for name, p in operation.parameters.items() if p.role == "timeout"]
    said = [name for name, p in bounding if _says(ev, call, frame, name, p) or p.default is not msgspec.UNSET]
    for name, _ in bounding:
        if said and name not in said:
            continue  # a part that another one stands for: `Timeout(None, connect=5)` says nothing of reading
        seconds = one(ev, call, frame, operation, name, depth)
        if isinstance(seconds, Unknown):
            doubts.append(seconds)
        elif seconds.value is not None:
            limits.append(seconds.value)
    if limits:
        return Known(min(limits), ())
    return doubts[0] if doubts else Known(None, ())


def _says(ev: Evaluator, call: Call, frame: Frame, name: str, parameter: Parameter) -> bool:
    found = given(ev, call, frame, name, parameter)
    return found.expr is not None or bool(found.why)


def one(ev: Evaluator, call: Call, frame: Frame, operation: Operation, name: str, depth: int = 0) -> Seconds:
    """What one time limit of a call comes to, its default included."""
    parameter = operation.parameters[name]
    found = given(ev, call, frame, name, parameter)
    seconds = read(ev, found, parameter, depth) if found.expr is not None or found.why else None
    if seconds is not None:
        return seconds
    carried = _carried(ev, call, frame, operation, name) if parameter.carrier else None
    return carried or default(ev, parameter)


def _carried(ev: Evaluator, call: Call, frame: Frame, operation: Operation, name: str) -> Seconds | None:
    """A limit in the connection string; None where the string is known to hold none."""
    parameter = operation.parameters[name]
    carrier = operation.parameters.get(parameter.carrier, Parameter(role="url", position=0))
    found = given(ev, call, frame, parameter.carrier, carrier)
    if found.expr is None:
        return Unknown(found.why) if found.why else None
    for value in ev.expr(found.expr, found.frame):
        match value:
            case Const(value=str() as text):
                pieces: tuple[object, ...] = (text,)
            case Const(value=None):
                continue
            case Txt(pieces=parts) if isinstance(parts[0], str):
                pieces = parts
            case _:
                return Unknown("a connection string that is not known")
        wanted = re.compile(rf"(?:^|[\s?&;]){re.escape(name)}\s*=\s*'?(\d*)", re.IGNORECASE)
        match = next((m for piece in pieces if isinstance(piece, str) and (m := wanted.search(piece))), None)
        if match:
            return Known(scaled(float(match[1]), parameter) if match[1] else None)
    return None


def default(ev: Evaluator, parameter: Parameter) -> Seconds:
    """The library's own limit: None for none, Unknown where something else in the project sets it."""
    if parameter.unless and any(_called(ev, site, parameter.unless) for site in _sites(ev, parameter.unless)):
        return Unknown("a limit for the whole process may be set")
    possible = [scaled(one, parameter) for one in defaults(ev, parameter) if one is not msgspec.UNSET]
    if not possible:
        return Unknown("a time limit with parts that are not given")
    if None in possible and len(possible) > 1:
        return Unknown("releases with and without a time limit of their own are allowed")
    return Known(min((one for one in possible if one is not None), default=None))


def _sites(ev: Evaluator, name: str) -> list[SiteRef]:
    return [site for site in ev.index.sites.get(name.rpartition(".")[2], ()) if site.path not in ev.index.tests]


def _called(ev: Evaluator, site: SiteRef, name: str) -> bool:
    call = call_at(ev.index, site)
    return call is not None and name in ev.qualified(call.callee, Frame(ScopeRef(site.path, ev.index.site(site).scope)))


def scaled(value: object, parameter: Parameter) -> float | None:
    """A number in the parameter's unit as seconds; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if parameter.unit == "ms" else float(value)
