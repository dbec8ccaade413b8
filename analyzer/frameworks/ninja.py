"""django-ninja: APIs and routers, what is added to what, and the routes that stand behind `api.urls`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..link.index import ScopeRef, SiteRef, module_path
from ..link.names import member
from ..link.values import ClassRef, Frame
from ..link.walk import dotted
from ..model.answer import Known
from ..model.code import Attribute, Call, Expr, Sequence
from ..model.facts import Scope, ScopeKind
from ..model.location import Location
from .evidence import NONE, doubt
from .fastapi_routes import named_methods
from .guards import Guards
from .lists import items
from .ninja_controllers import of_controller
from .ninja_layers import Layer, evidence, inner, layer
from .objects import Objects, in_round, meant, meant_by, objects, rounds
from .response_models import of_argument
from .routes import Handler, Route, of_function
from .sources import HOLE, argument, code, read, sites, text, text_of

KINDS = ("ninja.NinjaAPI", "ninja.Router", "ninja_extra.NinjaExtraAPI")
_VERBS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True, slots=True)
class Added:
    """`parent.add_router(prefix, child, auth=…)`; `child` is None where it is not known."""

    child: SiteRef | None
    prefix: str
    layer: Layer
    at: Location
    written: str = HOLE


@dataclass(slots=True)
class Ninja:
    """What a project's APIs and routers hold."""

    guards: Guards
    objects: Objects
    routes: dict[SiteRef, list[tuple[Route, Layer]]] = field(default_factory=lambda: defaultdict(list))
    added: dict[SiteRef, list[Added]] = field(default_factory=lambda: defaultdict(list))


def ninja(guards: Guards) -> Ninja:
    """Everything that a project adds to its APIs and routers."""
    found = Ninja(guards, objects(guards.ev, KINDS))
    if found.objects.made:
        for path, facts in code(guards.ev):
            for number, scope in enumerate(facts.scopes):
                if scope.decorators and scope.kind is ScopeKind.FUNCTION:
                    _decorated(found, ScopeRef(path, number), scope)
        for site in sites(guards.ev, "add_router"):
            _added(found, site)
        for site in sites(guards.ev, "register_controllers"):
            _controllers(found, site)
    return found


def joined(prefix: str, path: str) -> str:
    """Prefix and path as django-ninja puts them together: one slash between, parameters in Django's brackets."""
    whole = re.sub("//+", "/", "/".join(part for part in (prefix, path) if part)).lstrip("/")
    return whole.replace("{", "<").replace("}", ">")


def behind(found: Ninja, key: SiteRef) -> Iterator[Route]:
    """The routes behind an API's `urls`, without the prefix of the URL list that includes it."""
    yield from _walk(found, key, "", Layer(), None, (key,))


def _walk(
    found: Ninja, key: SiteRef, prefix: str, around: Layer, given: Layer | None, trail: tuple[SiteRef, ...]
) -> Iterator[Route]:
    """The routes of an object and of what is added to it; circles are cut."""
    made = found.objects.made[key]
    here = inner(around, layer(found.guards, made.call, made.frame))
    here = here if given is None else inner(here, given)  # what is given with a router takes the place of its own
    for route, own in found.routes.get(key, ()):
        yield replace(route, path=joined(prefix, route.path), evidence=evidence(inner(here, own)))
    for one in found.added.get(key, ()):
        if one.child is None:
            lost = Handler(one.written, one.at, None, False, doubt("an unresolved include"))
            yield Route(("*",), joined(joined(prefix, one.prefix), HOLE), lost, one.at, NONE)
        elif one.child not in trail:
            yield from _walk(found, one.child, joined(prefix, one.prefix), here, one.layer, (*trail, one.child))


# ------------------------------------------------------------------------ what is added


def _decorated(found: Ninja, ref: ScopeRef, scope: Scope) -> None:
    """`@api.get("/x")` and `@router.api_operation(["GET", "POST"], "/x")`."""
    ev, frame = found.guards.ev, Frame(ScopeRef(ref.path, scope.parent))
    verbs = [(n, one) for n, one in enumerate(scope.decorators) if isinstance(one, Call) and _word(one)]
    for position, one in verbs:
        assert isinstance(one.callee, Attribute)
        owners = meant(found.objects, one.callee.value, frame).keys
        if not owners:
            continue
        several = one.callee.name == "api_operation"
        methods = named_methods(ev, argument(ev, one, frame, "methods", 0)) if several else (one.callee.name.upper(),)
        path = text_of(ev, argument(ev, one, frame, "path", 1 if several else 0))
        below = tuple(d for n, d in enumerate(scope.decorators) if n > position and n not in dict(verbs))
        handler = of_function(found.guards, ref, below, frame)
        response = of_argument(ev, one, frame, "response") or Known("")
        route = Route(methods, path, handler, Location(ref.path, one.at), NONE, response)
        for owner in owners:
            found.routes[owner].append((route, layer(found.guards, one, frame)))


def _word(call: Call) -> bool:
    return isinstance(call.callee, Attribute) and (call.callee.name in _VERBS or call.callee.name == "api_operation")


def _added(found: Ninja, site: SiteRef) -> None:
    """`api.add_router("/users", router)` or its dotted name, in every round of a loop around it."""
    ev = found.guards.ev
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute):
        return
    call, frame = called
    at = Location(site.path, call.at)
    prefix, child = argument(ev, call, frame, "prefix", 0), argument(ev, call, frame, "router", 1)
    for owner in meant(found.objects, called[0].callee.value, frame).keys:
        turns = rounds(ev, call, frame)
        for turn in turns or [{}]:
            path = text(in_round(ev, prefix.expr, prefix.frame, turn)[0]) if prefix.expr is not None else HOLE
            expr, where = in_round(ev, child.expr, child.frame, turn)[1:] if child.expr is not None else (None, frame)
            keys = _keys(found, expr, where) if expr is not None else ()
            written = (dotted(expr) or text(ev.expr(expr, where))) if expr is not None else HOLE
            for key in keys or (None,):
                found.added[owner].append(Added(key, path, layer(found.guards, call, frame), at, written))


def _keys(found: Ninja, expr: Expr, frame: Frame) -> tuple[SiteRef, ...]:
    """The routers that an expression, or the dotted name that it is, may mean."""
    ev = found.guards.ev
    values = ev.expr(expr, frame)
    keys = meant_by(found.objects, values, expr, frame).keys
    owner, _, name = text(values).rpartition(".")
    path = module_path(ev.index, owner, frame.ref.path) if owner else None
    named = member(ev, path, name) if path in ev.index.python else None
    return keys or meant_by(found.objects, named or (), expr, frame).keys


def _controllers(found: Ninja, site: SiteRef) -> None:
    """django-ninja-extra's `api.register_controllers(Users, Orders)`."""
    ev = found.guards.ev
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute):
        return
    call, frame = called
    owners = meant(found.objects, called[0].callee.value, frame).keys
    given = items(ev, Sequence(call.at, "tuple", call.args), frame)
    values = [value for one, where in given.found for value in ev.expr(one, where)]
    for value in values if given.complete else [*values, None]:
        for owner in owners:
            if isinstance(value, ClassRef):
                found.routes[owner] += of_controller(found.guards, value.ref)
            else:
                found.added[owner].append(Added(None, "", Layer(), Location(site.path, call.at)))
