"""connexion: applications and the OpenAPI documents that they are given → the functions that answer each operation."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, module_path
from ..link.names import member
from ..link.values import Frame, Function
from ..model.answer import Known
from ..model.code import Attribute, Call
from ..model.location import Location, Span
from .body_limits import configured
from .endpoints import application, endpoint
from .evidence import IDENTITY, NONE, OPENED, Evidence, complete, doubt, merged, protection
from .gateway import gateway
from .guards import Guards
from .middlewares import listed, standing
from .objects import Made, Objects, in_round, meant, objects, rounds
from .routes import Handler, Route, of_function
from .sources import HOLE, argument, read, sites, text, text_of, uses, variable

KINDS = ("connexion.FlaskApp", "connexion.AsyncApp", "connexion.App", "connexion.AioHttpApp")
_OPERATION = re.compile(r"paths\.(/.*?)\.(get|put|post|delete|options|head|patch|trace)(?:\.|$)")
_SECURITY = re.compile(r"security\.(\d+)\.([^.]+)")
_SUCCESS = re.compile(r"responses\.2\w\w\.(?:content\..+?\.)?schema\.(items\.)?\$ref")
_CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
_LOST, _ABSENT = "a handler that is not understood", "an OpenAPI document that is not found"
_START = Span(1, 0, 1, 0)


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document: its entries by key."""

    path: str
    values: dict[str, str]
    places: dict[str, Span]


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every connexion application with the operations of its documents."""
    if not uses(ev, "connexion"):
        return []
    guards, made = Guards(ev), objects(ev, KINDS)
    return [_declared(guards, made, app) for app in made.made.values()]


def _declared(guards: Guards, made: Objects, app: Made) -> Declared:
    ev = guards.ev
    name = variable(ev, app.site) or "app"
    key, front = f"{app.site.path}:{name}", merged([_app_wide(guards, made, app), gateway(ev)])
    routes = [route for site in sites(ev, "add_api") for route in _of_site(guards, made, app, site)]
    table = {endpoint(guards, route, route.path, "connexion", key, front): None for route in routes}
    why = _ABSENT if any(HOLE in route.path for route in routes) else ""
    at = Location(app.site.path, app.call.at)
    whole = complete(ev, why)
    handlers = {r.handler.ref for r in routes if r.handler.ref is not None} | set(guards.dependencies)
    return Declared(application(guards, key, "connexion", name, at, table, front, whole), tuple(sorted(handlers)))


def _app_wide(guards: Guards, made: Objects, app: Made) -> Evidence:
    """`App(middlewares=[…])`, `app.add_middleware(Cls)`, and the size that Flask below it is told."""
    ev, parts = guards.ev, []
    for site in sites(ev, "add_middleware"):
        called = read(ev, site)
        if called is None or not isinstance(called[0].callee, Attribute) or not called[0].args:
            continue
        if app.site in meant(made, called[0].callee.value, called[1]).keys:
            parts.append(standing(guards, called[0].args[0], called[1]))
    given = argument(ev, app.call, app.frame, "middlewares")
    return merged([*parts, listed(guards, given), configured(ev, "MAX_CONTENT_LENGTH")])


def _of_site(guards: Guards, made: Objects, app: Made, site: SiteRef) -> Iterator[Route]:
    """`app.add_api("openapi.yaml", base_path="/v1", resolver=RestyResolver("api"))`, in every round of a loop."""
    ev = guards.ev
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute):
        return
    call, frame = called
    if app.site not in meant(made, called[0].callee.value, frame).keys:
        return
    at, given = Location(site.path, call.at), argument(ev, call, frame, "specification", 0)
    for turn in (rounds(ev, call, frame) or [{}]) if given.expr is not None else ():
        written = text(in_round(ev, given.expr, given.frame, turn)[0]) if given.expr is not None else HOLE
        document = _document(ev, app, written)
        based = argument(ev, call, frame, "base_path")
        if document is None:
            lost = Handler(written, at, None, False, doubt(_ABSENT))
            yield Route(("*",), f"{text_of(ev, based)}/{HOLE}", lost, at, NONE)
        else:
            base = text_of(ev, based) if based.expr is not None else _base(document)
            yield from _operations(guards, document, base.rstrip("/"), _resty(ev, call, frame))


def _document(ev: Evaluator, app: Made, written: str) -> Document | None:
    """The file that an application is given: beside it, in its folder of documents, or the only one of that name."""
    folder = posixpath.dirname(app.site.path)
    within = text_of(ev, argument(ev, app.call, app.frame, "specification_dir"))
    name = written.lstrip("…/")
    candidates = [posixpath.normpath(posixpath.join(folder, one, name)) for one in (within, "") if HOLE not in one]
    same = [path for path in sorted(ev.index.text) if posixpath.basename(path) == posixpath.basename(name)]
    path = next((one for one in candidates if one in ev.index.text), same[0] if len(same) == 1 and name else None)
    if path is None:
        return None
    entries = ev.index.text[path].entries
    return Document(path, {e.key: e.value for e in entries}, {e.key: e.at for e in entries})


def _base(document: Document) -> str:
    """Where a document says that it is served: `basePath`, or the path of the first server."""
    url = document.values.get("basePath") or document.values.get("servers.0.url", "")
    return re.sub(r"^[a-z]+://[^/]*", "", url)


def _resty(ev: Evaluator, call: Call, frame: Frame) -> str | None:
    """The module of a `RestyResolver`, which finds functions by paths; None for any other resolver."""
    given = argument(ev, call, frame, "resolver")
    if isinstance(given.expr, Call) and "connexion.resolver.RestyResolver" in ev.qualified(given.expr.callee, frame):
        return text_of(ev, argument(ev, given.expr, given.frame, "default_module_name", 0))
    return None


# -------------------------------------------------------------------------- operations


def _operations(guards: Guards, document: Document, base: str, resty: str | None) -> Iterator[Route]:
    seen: dict[tuple[str, str], str] = {}
    for key in document.values:
        found = _OPERATION.match(key)
        if found is not None:
            seen.setdefault((found[1], found[2]), key)
    for (path, method), key in seen.items():
        prefix = f"paths.{path}.{method}"
        at = Location(document.path, document.places.get(f"{prefix}.operationId", document.places.get(key, _START)))
        handler = _handler(guards, document, _named(document, path, method, resty), at)
        response = _response(document, prefix)
        yield Route((method.upper(),), f"{base}{path}", handler, at, _security(document, prefix), response)


def _named(document: Document, path: str, method: str, resty: str | None) -> str:
    """The dotted name of the function that answers an operation."""
    values, prefix = document.values, f"paths.{path}.{method}"
    places = (f"{prefix}.", f"paths.{path}.", "")
    controller = next((values[p + c] for p in places for c in _CONTROLLERS if p + c in values), "")
    named = values.get(f"{prefix}.operationId", "")
    if named or resty is None:
        return f"{controller}.{named}" if controller and named else named
    parts = [part for part in path.split("/") if part]
    resource = ".".join(p for p in parts if not p.startswith("{")).replace("-", "_")
    collection = method == "get" and bool(parts) and not parts[-1].startswith("{")
    return ".".join(filter(None, (controller or f"{resty}.{resource}".strip("."), "search" if collection else method)))


def _handler(guards: Guards, document: Document, named: str, at: Location) -> Handler:
    ev = guards.ev
    owner, _, name = named.rpartition(".")
    path = module_path(ev.index, owner, document.path) if owner else None
    for value in (member(ev, path, name) or ()) if path in ev.index.python else ():
        if isinstance(value, Function):
            scope = ev.scope(value.ref)
            return of_function(guards, value.ref, scope.decorators, Frame(ScopeRef(value.ref.path, scope.parent)))
    return Handler(named or HOLE, at, None, False, doubt(_LOST))


def _response(document: Document, prefix: str) -> Known[str]:
    """The schema that the document gives an operation's success: the name of what it refers to, else its type."""
    for key, value in document.values.items():
        found = _SUCCESS.fullmatch(key.removeprefix(f"{prefix}.")) if key.startswith(prefix) else None
        if found is not None:
            name = value.rpartition("/")[2]
            at = Location(document.path, document.places[key])
            return Known(f"list[{name}]" if found[1] else name, (at,))
    return Known("")


def _security(document: Document, prefix: str) -> Evidence:
    """What the operation asks for, else the document; nothing where nothing at all is among what is accepted."""
    own = next((key for key in document.values if key.startswith(f"{prefix}.security")), "")
    start = f"{prefix}." if own else ""
    held = {k.removeprefix(start): k for k in document.values if k.startswith(f"{start}security")}
    if any(document.values[key] == "{}" for short, key in held.items() if re.fullmatch(r"security\.\d+", short)):
        return NONE
    if own and document.values[own] == "[]" and own == f"{prefix}.security":
        return protection("security: []", Location(document.path, document.places[own]), OPENED)
    found = [(m[2], key) for short, key in held.items() if (m := _SECURITY.match(short))]
    return merged(
        protection(f"security {name}", Location(document.path, document.places[key]), IDENTITY) for name, key in found
    )
