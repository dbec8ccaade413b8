"""Endpoints that ask who is calling and look no further → somebody's objects that they find by the client's key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.access import Loaded
from ..model.answer import Known
from ..model.code import Attribute, Call, Expr, Name
from ..model.endpoint import App, Audience, Endpoint, Purpose
from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes, ownership
from .client_keys import found
from .evaluate import Evaluator
from .index import ScopeRef, body
from .reach import scope_at
from .values import ClassRef, Frame
from .walk import nodes

_GENERIC = "rest_framework.generics.GenericAPIView"
_FINDING = re.compile(r"\.(?:\w*(?:Retrieve|Update|Destroy)\w*|(?:ReadOnly)?ModelViewSet)$")  # views that look a key up
_ACTIONS = {
    "GET": ("get", "retrieve"), "PUT": ("put", "update"), "PATCH": ("patch", "partial_update", "update"),
    "DELETE": ("delete", "destroy"),
}  # fmt: skip
_PARAMETER = re.compile(r"[{<](?:[\w.]+:)?(\w+)(?::[^}>]*)?[}>]")


def loaded(ev: Evaluator, apps: Iterable[App]) -> Iterator[Loaded]:
    """Objects with an owner that an endpoint finds for whoever knows their key."""
    for app in apps:
        for endpoint in app.endpoints:
            if not _looks_no_further(endpoint):
                continue
            yield from _listed(ev, endpoint)
            told: set[Location] = set()
            for one in found(ev, endpoint, _functions(ev, endpoint)):
                at = Location(one.where.path, one.call.at)
                if at not in told:
                    told.add(at)
                    column = ownership.owner(ev, one.model)
                    model = ev.scope(one.model).name
                    yield Loaded(at, endpoint, model, column, one.parameter, one.depth == 0)


def _looks_no_further(endpoint: Endpoint) -> bool:
    """Whether an endpoint is for known users, and neither it nor what it calls looks at who of them is asking."""
    asks, may = endpoint.authentication, endpoint.authorisation
    for_users = endpoint.purpose is Purpose.OTHER and endpoint.audience is Audience.UNSAID
    return for_users and isinstance(asks, Known) and bool(asks.value) and isinstance(may, Known) and not may.value


def _listed(ev: Evaluator, endpoint: Endpoint) -> Iterator[Loaded]:
    """A generic view of DRF that finds its object among all: `queryset = Order.objects.all()`."""
    ref = scope_at(ev, endpoint.handler_at)
    keys, handler = _PARAMETER.findall(endpoint.path), ref
    while ref is not None and ev.scope(ref).kind is not ScopeKind.CLASS:
        ref = ScopeRef(ref.path, ev.scope(ref).parent) if ev.scope(ref).parent > 0 else None
    if ref is None or handler is None or len(keys) != 1 or not classes.derives(ev, ref, _GENERIC):
        return
    if not _finds(ev, ref, [handler] if handler != ref else _own(ev, ref, endpoint)):
        return
    for base in classes.bases(ev, ref):
        for binding in ev.bindings(base).get("queryset", ()) if isinstance(base, ScopeRef) else ():
            made = _rows(ev, base, binding.expr) if isinstance(base, ScopeRef) else None
            if made is not None:
                yield Loaded(made[0], endpoint, ev.scope(made[1]).name, made[2], keys[0], True)
                return


def _own(ev: Evaluator, cls: ScopeRef, endpoint: Endpoint) -> list[ScopeRef]:
    """What the project itself wrote of the methods that answer."""
    words = {word for method in endpoint.methods for word in _ACTIONS.get(method, ())}
    numbers = ev.index.children[cls.path].get(cls.scope, ())
    return [ScopeRef(cls.path, n) for n in numbers if ev.index.python[cls.path].scopes[n].name in words]


def _finds(ev: Evaluator, cls: ScopeRef, own: list[ScopeRef]) -> bool:
    """Whether an object is looked up by its key: by the library's own methods, or by code that asks them to."""
    if own:
        asked = (node for ref in own for node in nodes(body(ev.index, ref)))
        return any(getattr(node, "name", "") == "get_object" or getattr(node, "id", "") == "super" for node in asked)
    return any(isinstance(base, str) and _FINDING.search(base) for base in classes.bases(ev, cls))


def _rows(ev: Evaluator, base: ScopeRef, expr: Expr | None) -> tuple[Location, ScopeRef, str] | None:
    """Where a call gives rows that belong to somebody: the call, their class and its column."""
    for node in nodes(expr) if isinstance(expr, Call) else ():
        for value in ev.expr(node, Frame(base)) if isinstance(node, Name | Attribute) else ():
            if isinstance(value, ClassRef) and expr is not None and (column := ownership.owner(ev, value.ref)):
                return Location(base.path, expr.at), value.ref, column
    return None


def _functions(ev: Evaluator, endpoint: Endpoint) -> tuple[ScopeRef, ...]:
    """The functions that answer: the handler, or the methods of its class."""
    ref = scope_at(ev, endpoint.handler_at)
    if ref is None or ev.scope(ref).kind is ScopeKind.FUNCTION:
        return (ref,) if ref is not None else ()
    words = {method.lower() for method in endpoint.methods}
    numbers = ev.index.children[ref.path].get(ref.scope, ())
    inside = [ScopeRef(ref.path, n) for n in numbers if ev.index.python[ref.path].scopes[n].name in words]
    return tuple(inside)
