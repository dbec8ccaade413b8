"""Routers, views and ASGI applications that answer GraphQL over HTTP → the switches that each of them was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Const, External, Frame
from ..link.walk import contains, dotted, nodes
from ..model.answer import Known, Unknown
from ..model.code import Attribute, Call, Expr
from ..model.graphql import Flag, Serving
from ..model.location import Location
from .evidence import Evidence, merged, protection, settle
from .graphql_limits import NO_INTROSPECTION, QUERY_LIMIT, explained, formats, speaks
from .guards import Guards
from .sources import Argument, argument, name_place, qualified, read, sites
from .views import class_attribute, functions

_LIBRARIES = {
    "strawberry": ("strawberry.", "strawberry_django."),
    "graphene": (
        "graphene_django.", "flask_graphql.", "graphql_server.", "starlette_graphene3.", "starlette_graphene.",
        "starlette.graphql.", "graphene_file_upload.", "sanic_graphql.", "aiohttp_graphql.",
    ),
    "ariadne": ("ariadne.", "ariadne_django."),
}  # fmt: skip
_SERVING = re.compile(
    r"\.(?:\w*GraphQL(?:Router|(?:Async)?View|App|HTTPConsumer|Handler)|GraphQL|make_graphql_controller|graphql_sync|graphql)$"
)
_WORDS = (
    "GraphQLRouter", "GraphQL", "GraphQLApp", "GraphQLView", "AsyncGraphQLView", "GraphQLAsyncView",
    "FileUploadGraphQLView", "make_graphql_controller", "graphql_sync", "as_view", "as_asgi",
)  # fmt: skip
# What decides by the environment is no constant, whatever it is where we read.
_DECIDED = re.compile(r"debug|env|dev|prod|setting|config|test|local|enable", re.I)
_AT_MOST = "max_operations"
_EXEMPT = "csrf_exempt"
_FORMATTERS = ("format_error", "format_errors", "process_errors", "error_formatter")


@dataclass(frozen=True, slots=True)
class _Call:
    """One call that makes something that serves."""

    what: str
    cls: ScopeRef | None  # the project's class
    call: Call
    frame: Frame
    at: Location


@dataclass(slots=True)
class Served:
    """What serves one schema, and what it brings to it."""

    servings: list[Serving] = field(default_factory=list)
    limits: Evidence = Evidence()
    masks: Evidence = Evidence()


def serving(guards: Guards, library: str, introspects: Flag, batches: Known[int | None] | Unknown) -> Served:
    """Everything of a library that serves; what the schema itself says of introspection and batches comes with it."""
    found = Served()
    for one in _calls(guards.ev, library):
        found.servings.append(_serving(guards.ev, library, one, introspects, batches))
        found.limits = merged([found.limits, _rules(guards.ev, one, QUERY_LIMIT)])
        found.masks = merged([found.masks, _formats(guards.ev, one)])
    return found


def _calls(ev: Evaluator, library: str) -> Iterator[_Call]:
    own = {n for n in ev.index.sites if n.endswith(("GraphQLView", "GraphQL", "GraphQLRouter", "GraphQLApp"))}
    for site in sites(ev, *sorted({*_WORDS, *own})):
        called = read(ev, site)
        if called is None:
            continue
        call, frame = called
        callee = call.callee
        if isinstance(callee, Attribute) and callee.name in ("as_view", "as_asgi"):
            callee = callee.value
        for value in ev.expr(callee, frame):
            cls = value.ref if isinstance(value, ClassRef) else None
            names = [value.name] if isinstance(value, External) else _bases(ev, cls) if cls is not None else []
            what = next((n for n in names if _SERVING.search(n) and n.startswith(_LIBRARIES[library])), "")
            if what:
                yield _Call(what, cls, call, frame, Location(site.path, call.at))
                break


def _bases(ev: Evaluator, ref: ScopeRef) -> list[str]:
    return [base for base in classes.bases(ev, ref) if isinstance(base, str)]


def _given(ev: Evaluator, one: _Call, name: str) -> Argument:
    """A switch in the call, else the class attribute of that name."""
    given = argument(ev, one.call, one.frame, name)
    if given.expr is None and one.cls is not None:
        held = class_attribute(ev, one.cls, name)
        return Argument(held[0], held[1], False) if held is not None else given
    return given


def flag(ev: Evaluator, given: Argument, default: bool, at: Location) -> Flag:
    """A switch: on for any value that is true; unknown where the environment decides."""
    if given.expr is None:
        return Unknown("arguments that are not understood") if given.hidden else Known(default, (at,))
    if any(_DECIDED.search(dotted(node)) for node in nodes(given.expr)):
        return Unknown("a switch that the environment decides")
    values = ev.expr(given.expr, given.frame)
    if len(values) != 1 or not isinstance(values[0], Const):
        return Unknown("a switch that is not understood")
    return Known(bool(values[0].value), (Location(given.frame.ref.path, given.expr.at),))


def tells(ev: Evaluator, closed: Evidence, at: Location) -> Flag:
    """Whether a schema tells what it holds, by what says that it does not."""
    found = settle(ev, closed, NO_INTROSPECTION)
    return Known(not found.value, (at,)) if isinstance(found, Known) else found


def _serving(
    ev: Evaluator, library: str, one: _Call, introspects: Flag, batches: Known[int | None] | Unknown
) -> Serving:
    def on(name: str, default: bool) -> Flag:
        return flag(ev, _given(ev, one, name), default, one.at)

    match library:
        case "strawberry":
            old = argument(ev, one.call, one.frame, "graphiql")
            explorer = flag(ev, old, True, one.at) if old.expr is not None else on("graphql_ide", True)
            gets, forms = on("allow_queries_via_get", True), on("multipart_uploads_enabled", False)
        case "graphene":
            explorer, gets, forms = on("graphiql", False), Known(True, (one.at,)), Known(True, (one.at,))
            batch = on("batch", False)
            batches = Known(None if batch.value else 1, batch.at) if isinstance(batch, Known) else batch
            introspects = tells(ev, _rules(ev, one, NO_INTROSPECTION), one.at)
        case _:
            gets, forms, introspects = (
                on("execute_get_queries", False),
                Known(True, (one.at,)),
                on("introspection", True),
            )
            batches, explorer = Known(1), introspects  # a page to write queries in is empty without
            if _given(ev, one, "explorer").expr is not None:
                explorer = Unknown("an explorer that is not understood")
    exempt, debug = _exempt(ev, one), on("debug", False)
    return Serving(one.at, one.what, explorer, introspects, gets, forms, exempt, debug, batches)


def _exempt(ev: Evaluator, one: _Call) -> bool:
    """`csrf_exempt(GraphQLView.as_view())`, or the same decorator on the view's class."""
    decorators = ev.scope(one.cls).decorators if one.cls is not None else ()
    if any(dotted(node).endswith(_EXEMPT) for decorator in decorators for node in nodes(decorator)):
        return True
    around = (site for site in ev.index.sites.get(_EXEMPT, ()) if site.path == one.at.path)
    return any(contains(ev.index.site(site).at, one.at.span) for site in around)


def _rules(ev: Evaluator, one: _Call, kind: str) -> Evidence:
    """What the validation rules of a view do of one kind, or a view of one's own that validates by itself."""
    given = [_given(ev, one, name) for name in ("validation_rules", "query_validator")]
    parts = [explained(ev, held.expr, held.frame, kind) for held in given if held.expr is not None]
    if one.cls is not None and speaks(ev, one.cls, kind):
        parts.append(protection(qualified(ev, one.cls), name_place(ev, one.cls), kind))
    return merged(parts)


def _formats(ev: Evaluator, one: _Call) -> Evidence:
    """What a view's own way to write an error keeps back."""
    parts = []
    for name in ("error_formatter", "format_error"):
        given = _given(ev, one, name)
        if given.expr is not None:
            parts.append(formats(ev, given.expr, given.frame))
    own = functions(ev, one.cls, _FORMATTERS) if one.cls is not None else {}
    for ref in own.values():
        parts.append(formats(ev, None, Frame(ref)))
    return merged(parts)


def at_most(ev: Evaluator, config: Argument) -> Known[int | None] | Unknown:
    """`StrawberryConfig(batching_config={"max_operations": 10})`: how many operations a request may hold."""
    if config.expr is None:
        return Unknown("arguments that are not understood") if config.hidden else Known(1)
    made = maker(ev, config.expr, config.frame)
    if made is None:
        return Unknown("a configuration that is not understood")
    given = argument(ev, *made, "batching_config")
    if given.expr is None:
        return Known(1)
    values = [ev.expr(v, given.frame) for k, v in _pairs(given.expr) if k == _AT_MOST]
    most = values[0][0] if values and len(values[0]) == 1 else None
    at = (Location(given.frame.ref.path, given.expr.at),)
    if isinstance(most, Const) and isinstance(most.value, int):
        return Known(most.value, at)
    none = [v for v in ev.expr(given.expr, given.frame) if isinstance(v, Const) and v.value is None]
    return Known(1) if none else Unknown("batches whose size is not known")


def maker(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[Call, Frame] | None:
    """The call that made what an expression means."""
    for value in ev.expr(expr, frame):
        site = getattr(value, "made", None)
        if isinstance(site, SiteRef) and (found := read(ev, site)) is not None:
            return found
    return (expr, frame) if isinstance(expr, Call) else None


def _pairs(expr: Expr) -> Iterator[tuple[object, Expr]]:
    keys, values = getattr(expr, "keys", ()), getattr(expr, "values", ())
    for key, value in zip(keys, values, strict=False):
        yield getattr(key, "value", None), value
    for keyword in getattr(expr, "keywords", ()):
        yield keyword.name, keyword.value
