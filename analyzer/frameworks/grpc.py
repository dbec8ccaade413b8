"""gRPC: servicers and the servers that they are added to → the remote procedures that a backend answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Frame, Instance, Value
from ..model.code import Expr
from ..model.endpoint import Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import NONE, Evidence, complete, doubt, merged
from .guards import Guards, of_expr
from .lists import items
from .protocols import Service, described, route, services
from .routes import Route, of_function
from .sources import argument, code, name_place, read, uses, variable
from .views import functions

_ADDS = re.compile(r"add_(\w+)Servicer_to_server")
_SERVICER = re.compile(r"(?:^|\.)(\w+)Servicer$")
_GENERATED = "_pb2_grpc"
_RPC = ("RPC",)
_PARAMETERS = 3  # of a method that answers: itself, the request, the context
_LOOSE = "a servicer that is not seen to be added to a server"
_DYNAMIC = "a servicer that is not understood"


@dataclass(frozen=True, slots=True)
class Served:
    """A class of the project that answers for a service."""

    cls: ScopeRef
    service: str
    server: SiteRef | None
    at: Location


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every gRPC server with its procedures; servicers that no server is seen to take are one application more."""
    if not uses(ev, "grpc"):
        return []
    guards, known = Guards(ev), services(ev)
    added, loose = _added(ev)
    taken = {one.cls for one in added}
    added += [one for one in _loose(ev) if one.cls not in taken and not _below(ev, one.cls, taken)]
    groups: dict[SiteRef | None, list[Served]] = defaultdict(list)
    for one in added:
        groups[one.server].append(one)
    return [_declared(guards, known, server, groups[server], loose) for server in sorted(groups, key=str)]


def _declared(
    guards: Guards, known: tuple[Service, ...], server: SiteRef | None, served: list[Served], loose: bool
) -> Declared:
    ev = guards.ev
    at = min(one.at for one in served) if server is None else Location(server.path, ev.index.site(server).at)
    name = (variable(ev, server) if server is not None else "") or "grpc"
    key, around = f"{at.path}:{name}", _intercepted(guards, server) if server is not None else NONE
    routes = [found for one in served for found in _routes(guards, known, one)]
    table = {endpoint(guards, found, found.path, "grpc", key, around): None for found in routes}
    whole = complete(ev, _DYNAMIC if loose else _LOOSE if server is None else "")
    handlers = tuple(sorted({r.handler.ref for r in routes if r.handler.ref is not None}))
    return Declared(application(guards, key, "grpc", name, at, table, around, whole, Serves.RPC), handlers)


# --------------------------------------------------------------------------- servicers


def _added(ev: Evaluator) -> tuple[list[Served], bool]:
    """`add_OrdersServicer_to_server(Orders(), server)`, and whether one of them is not understood."""
    found: list[Served] = []
    loose = False
    for word in sorted(word for word in ev.index.sites if _ADDS.fullmatch(word)):
        for site in (site for site in ev.index.sites[word] if site.path not in ev.index.tests):
            called = read(ev, site)
            if called is None or len(called[0].args) < 1:
                continue
            call, frame = called
            given, target = argument(ev, call, frame, "servicer", 0), argument(ev, call, frame, "server", 1)
            held = [cls for value in _values(ev, given.expr, frame) if (cls := _class(value)) is not None]
            server = next((made for v in _values(ev, target.expr, frame) if (made := _server(v)) is not None), None)
            matched = _ADDS.fullmatch(word)
            loose |= not held
            found += [Served(cls, matched[1], server, Location(site.path, call.at)) for cls in held if matched]
    return found, loose


def _values(ev: Evaluator, expr: Expr | None, frame: Frame) -> tuple[Value, ...]:
    return ev.expr(expr, frame) if expr is not None else ()


def _class(value: Value) -> ScopeRef | None:
    match value:
        case Instance(cls=ScopeRef() as ref) | ClassRef(ref=ref):
            return ref
        case _:
            return None


def _server(value: Value) -> SiteRef | None:
    return value.made if isinstance(value, Instance) and value.cls in ("grpc.Server", "grpc.aio.Server") else None


def _loose(ev: Evaluator) -> Iterator[Served]:
    """Classes that derive from a generated servicer."""
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is ScopeKind.CLASS and scope.bases and not path.endswith(f"{_GENERATED}.py"):
                for _, service in _generated(ev, ref):
                    yield Served(ref, service, None, name_place(ev, ref))


def _generated(ev: Evaluator, ref: ScopeRef) -> list[tuple[str, str]]:
    """The generated modules and services among the bases of a class."""
    found = []
    for base in classes.bases(ev, ref)[1:]:
        path = base.path.removesuffix(".py").replace("/", ".") if isinstance(base, ScopeRef) else ""
        name = f"{path}.{ev.scope(base).name}" if isinstance(base, ScopeRef) else base
        matched = _SERVICER.search(name)
        if matched is not None and _GENERATED in name:
            found.append((name.rpartition(".")[0], matched[1]))
    return found


def _below(ev: Evaluator, cls: ScopeRef, taken: set[ScopeRef]) -> bool:
    """Whether a class that is served derives from this one."""
    return any(cls in classes.bases(ev, other) for other in taken)


# -------------------------------------------------------------------------- procedures


def _routes(guards: Guards, known: tuple[Service, ...], one: Served) -> Iterator[Route]:
    """The methods of a servicer that its service has; where none describes it, those that look like procedures."""
    ev = guards.ev
    module = next((module for module, name in _generated(ev, one.cls) if name == one.service), "")
    service = described(known, module, one.service)
    names = service.methods if service is not None else tuple(_public(ev, one.cls))
    for name, ref in functions(ev, one.cls, names).items():
        scope = ev.scope(ref)
        if _GENERATED not in ref.path and len(scope.params.items) >= _PARAMETERS:
            handler = of_function(guards, ref, scope.decorators, Frame(ScopeRef(ref.path, scope.parent)))
            yield Route(_RPC, route(service, one.service, name), handler, one.at, NONE)


def _public(ev: Evaluator, cls: ScopeRef) -> Iterator[str]:
    for base in (one for one in classes.bases(ev, cls) if isinstance(one, ScopeRef)):
        for number in ev.index.children[base.path].get(base.scope, ()):
            name = ev.index.python[base.path].scopes[number].name
            if not name.startswith("_") and name[:1].isupper():
                yield name


def _intercepted(guards: Guards, server: SiteRef) -> Evidence:
    """What the interceptors of a server guard."""
    called = read(guards.ev, server)
    given = argument(guards.ev, *called, "interceptors") if called is not None else None
    if given is None or given.expr is None:
        return NONE
    held = items(guards.ev, given.expr, given.frame)
    why = "an interceptor that is not understood"
    parts = [] if held.complete else [doubt(why)]
    return merged(
        [*parts, *(of_expr(guards, e, where, Location(where.ref.path, e.at), why) for e, where in held.found)]
    )
