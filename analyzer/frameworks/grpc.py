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
from ..link.values import ClassRef, Const, Frame, Instance, Value
from ..model.answer import Known, Unknown
from ..model.code import Call, Expr, Sequence
from ..model.endpoint import Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import BODY_LIMIT, MIDDLEWARE, NONE, Evidence, complete, doubt, merged, protection
from .guards import Guards
from .lists import items
from .middlewares import listed
from .protocols import Service, described, route, services
from .responses import annotated
from .routes import Route, of_function
from .sources import argument, code, name_place, read, text, uses, variable
from .views import functions

_ADDS = re.compile(r"add_(\w+)Servicer_to_server")
_SERVICER = re.compile(r"(?:^|\.)(\w+)Servicer$")
_GENERATED = "_pb2_grpc"
_RPC = ("RPC",)
_PARAMETERS = 3  # of a method that answers: itself, the request, the context
_LARGEST = "grpc.max_receive_message_length"
_LOOSE = "a servicer that is not seen to be added to a server"
_UNSEEN = merged(doubt(_LOOSE, kind) for kind in (MIDDLEWARE, BODY_LIMIT))
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
    key, around = f"{at.path}:{name}", _intercepted(guards, server) if server is not None else _UNSEEN
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
            reply = dict(zip(service.methods, service.replies, strict=True)).get(name) if service is not None else None
            response = Known(reply) if reply else _annotated(ev, ref)
            yield Route(_RPC, route(service, one.service, name), handler, one.at, NONE, response)


def _annotated(ev: Evaluator, ref: ScopeRef) -> Known[str] | Unknown:
    """What a method says that it answers with, where no file describes its service."""
    said = annotated(ev, ref)
    return said if isinstance(said, Known) and said.value else Unknown("a service whose description is not found")


def _public(ev: Evaluator, cls: ScopeRef) -> Iterator[str]:
    for base in (one for one in classes.bases(ev, cls) if isinstance(one, ScopeRef)):
        for number in ev.index.children[base.path].get(base.scope, ()):
            name = ev.index.python[base.path].scopes[number].name
            if not name.startswith("_") and name[:1].isupper():
                yield name


def _intercepted(guards: Guards, server: SiteRef) -> Evidence:
    """The interceptors of a server, what they guard, and how large a message it takes."""
    called = read(guards.ev, server)
    given = argument(guards.ev, *called, "interceptors") if called is not None else None
    if given is None or called is None:
        return NONE
    return merged([listed(guards, given, "an interceptor that is not understood"), _largest(guards.ev, *called)])


def _largest(ev: Evaluator, call: Call, frame: Frame) -> Evidence:
    """`options=[("grpc.max_receive_message_length", n)]`; -1 is no limit; 4 MiB where it is not told."""
    given = argument(ev, call, frame, "options")
    held = items(ev, given.expr, given.frame) if given.expr is not None else None
    for expr, where in held.found if held is not None else ():
        match expr:
            case Sequence(items=(key, size)) if text(ev.expr(key, where)) == _LARGEST:
                none = any(isinstance(v, Const) and v.value == -1 for v in ev.expr(size, where))
                return NONE if none else protection(_LARGEST, Location(where.ref.path, expr.at), BODY_LIMIT)
            case _:
                pass
    if given.hidden or (held is not None and not held.complete):
        return doubt("arguments that are not understood", BODY_LIMIT)
    return protection(_LARGEST, Location(frame.ref.path, call.at), BODY_LIMIT)
