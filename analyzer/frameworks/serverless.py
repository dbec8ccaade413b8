"""Functions that a cloud starts: what templates deploy, and what decorators of Google's framework mark."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.names import member
from ..link.values import External, Frame, Function, Instance
from ..link.walk import nodes
from ..model.code import Call
from ..model.endpoint import Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import NONE, complete, doubt
from .guards import Guards
from .indoors import indoors
from .routes import Handler, Route, of_function
from .sources import HOLE, code, uses
from .templates import Trigger, templates

EVENT = ("EVENT",)
# What hands every request on to an application of another framework, which has the routes.
_ADAPTERS = ("mangum.", "apig_wsgi.", "serverless_wsgi.", "awsgi.", "aws_wsgi.")
_PLUGINS = ("wsgi_handler.handler", "wsgi.handler")
_HTTP = ("functions_framework.http", "functions_framework.typed")
_CLOUD_EVENT = "functions_framework.cloud_event"
_LOST = "a handler that is not understood"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every deployed function, by the file that deploys it: what HTTP starts, and what something else does."""
    found, google = list(templates(ev)), uses(ev, "functions_framework")
    if not found and not google:
        return
    guards = Guards(ev)
    for path, triggers in found:
        routes = [(one.is_http, _route(guards, one)) for one in triggers if not _adapts(ev, one)]
        yield from _both(guards, "aws-lambda", path, routes)
    marked = list(_marked(guards)) if google else []
    if marked:
        yield from _both(guards, "functions-framework", min(route.at for _, route in marked).path, marked)


def _both(guards: Guards, framework: str, path: str, found: list[tuple[bool, Route]]) -> Iterator[Declared]:
    http, other = [r for is_http, r in found if is_http], [r for is_http, r in found if not is_http]
    if http:
        key, at = f"{path}:http", min(route.at for route in http)
        table = {endpoint(guards, route, route.path, framework, key, NONE): None for route in http}
        why = HOLE if any(route.handler.ref is None for route in http) else ""
        whole = complete(guards.ev, _LOST if why else "")
        handlers = sorted({r.handler.ref for r in http if r.handler.ref is not None} | set(guards.dependencies))
        yield Declared(application(guards, key, framework, "http", at, table, NONE, whole), tuple(handlers))
    if other:
        yield indoors(guards.ev, framework, "events", min(r.at for r in other), other, Serves.EVENTS)


# ------------------------------------------------------------------------------ templates


def _route(guards: Guards, found: Trigger) -> Route:
    handler = _handler(guards, found.handler, found.named)
    if found.is_http:
        return Route((found.method,), found.path, handler, found.at, found.evidence)
    return Route(EVENT, f"{found.function}/{found.kind}", handler, found.at, NONE)


def _handler(guards: Guards, written: str, at: Location) -> Handler:
    """The function that a template names by its file and its name."""
    ev = guards.ev
    for value in _values(ev, written):
        if isinstance(value, Function):
            scope = ev.scope(value.ref)
            return of_function(guards, value.ref, scope.decorators, Frame(ScopeRef(value.ref.path, scope.parent)))
    return Handler(written.replace("/", "."), at, None, False, doubt(_LOST))


def _values(ev: Evaluator, written: str) -> tuple[object, ...]:
    path, name = _file(written), written.rpartition(".")[2]
    return tuple(member(ev, path, name) or ()) if path in ev.index.python else ()


def _file(written: str) -> str:
    return posixpath.normpath(written.rpartition(".")[0].replace(".", "/")).lstrip("/") + ".py"


def _adapts(ev: Evaluator, found: Trigger) -> bool:
    """Whether a handler hands everything on to a web application, whose own routes say more."""
    names = [
        v.name if isinstance(v, External) else str(v.cls)
        for v in _values(ev, found.handler)
        if isinstance(v, External | Instance)
    ]
    resolves = any(_resolves(ev, v.ref) for v in _values(ev, found.handler) if isinstance(v, Function))
    tested = _file(found.handler) in ev.index.tests
    handed = found.handler.endswith(_PLUGINS) or resolves or any(n.startswith(_ADAPTERS) for n in names)
    return tested or (found.is_http and handed)


def _resolves(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function hands what it gets to a resolver with routes: `return app.resolve(event, context)`."""
    calls = (ev.expr(n.callee, Frame(ref)) for n in nodes(body(ev.index, ref)) if isinstance(n, Call))
    return any(isinstance(v, External) and v.name.endswith("Resolver.resolve") for values in calls for v in values)


# -------------------------------------------------------------- Google's functions framework


def _marked(guards: Guards) -> Iterator[tuple[bool, Route]]:
    """`@functions_framework.http` and `.cloud_event`: each function is deployed under its name."""
    ev = guards.ev
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            frame = Frame(ScopeRef(path, scope.parent))
            for position, one in enumerate(scope.decorators if scope.kind is ScopeKind.FUNCTION else ()):
                names = set(ev.qualified(one.callee if isinstance(one, Call) else one, frame))
                at, below = Location(path, one.at), scope.decorators[position + 1 :]
                if names & {*_HTTP, _CLOUD_EVENT}:
                    handler = of_function(guards, ScopeRef(path, number), below, frame)
                    http = _CLOUD_EVENT not in names
                    where = f"/{scope.name}" if http else f"{scope.name}/cloud-event"
                    yield http, Route(("*",) if http else EVENT, where, handler, at, NONE)
