"""The fields of a GraphQL schema's types, as its library declares them → its application and what rules ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.served_schemas import BEHIND
from ..link.values import Const, Frame
from ..link.walk import dotted, nodes
from ..model.answer import Constant, Known, Unknown
from ..model.code import Call, Expr, Lambda, Literal, Name, Param, Subscript
from ..model.endpoint import Endpoint, Guarded, Input, Place, Serves
from ..model.facts import ScopeKind
from ..model.graphql import Schema, SchemaField
from ..model.location import Location
from .clamps import clamped
from .endpoints import application, endpoint
from .evidence import AUTHORISATION, IDENTITY, LIMIT, NONE, Evidence, complete, doubt, merged, settle
from .graphql_serving import Served
from .guards import Guards
from .routes import Handler, Route
from .sources import name_place, qualified
from .type_words import type_words

ROOTS = {"Query": "QUERY", "Mutation": "MUTATION", "Subscription": "SUBSCRIPTION"}
# What is written of a list, or of pages of one, around the name of what it holds.
_LISTING = re.compile(r"list|sequence|iterable|connection|edge|page|paginat|queryset|generator|iterator|many", re.I)
# What does cut a list, as an argument that the client fills or by what holds it.
_PAGES = re.compile(r"connection|pag(?:e|inat)|offset|relay", re.I)
CUTTING = frozenset({"first", "last", "limit", "take", "per_page", "page_size", "count", "size", "top", "pagination"})
_AROUND = merged(doubt(BEHIND, kind) for kind in (IDENTITY, LIMIT))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one type, with what answers it."""

    type: str  # of `ROOTS`, else the class's own name
    name: str  # as the client writes it
    handler: Handler  # its resolver; the class that declares it where it has none
    at: Location  # where it is declared
    inputs: tuple[Input, ...] = ()
    lists: bool = False
    evidence: Evidence = NONE  # what guards it beside what its resolver does
    runs: tuple[ScopeRef, ...] = ()  # the project's functions that run for it
    sure: bool = True  # whether the inputs are all that it takes


@dataclass(frozen=True, slots=True)
class Whole:
    """A schema with all that was found of it."""

    framework: str
    key: str
    name: str
    at: Location
    fields: tuple[Field, ...]
    listed: frozenset[str]  # names of types that come in lists
    hidden: str  # why there may be fields that are not seen
    limits: Evidence
    masks: Evidence
    served: Served


def camel(name: str) -> str:
    """A Python name as both Strawberry and Graphene write it in a schema: "created_at" → "createdAt"."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() if part else "_" for part in rest)


def declared(guards: Guards, whole: Whole) -> Declared:
    """The application of a schema: an endpoint for each field of its root types."""
    ev = guards.ev
    roots = [found for found in whole.fields if found.type in ROOTS]
    table = [_endpoint(guards, whole, found) for found in roots]
    known = complete(ev, whole.hidden)
    app = application(guards, whole.key, whole.framework, whole.name, whole.at, table, _AROUND, known, Serves.GRAPHQL)
    fields = {_field(ev, whole, found): None for found in whole.fields}
    held = tuple(sorted(fields, key=lambda one: (one.type, one.name, one.at)))
    limits, masks = settle(ev, whole.limits, "query-limit"), settle(ev, whole.masks, "masking")
    schema = Schema(whole.key, whole.name, whole.framework, whole.at, limits, masks, held, tuple(whole.served.servings))
    handlers = sorted({ref for found in whole.fields for ref in found.runs})
    return Declared(app, tuple(handlers), schema=schema)


def _endpoint(guards: Guards, whole: Whole, found: Field) -> Endpoint:
    """A root field as an endpoint; what it is for is said by its own name, not by that of its type."""
    asked = merged([found.evidence, _known_to_be(merged([found.handler.evidence, found.evidence]))])
    route = Route((ROOTS[found.type],), "", found.handler, found.at, asked)
    known = Known(True) if found.sure else Unknown("arguments that a library brings")
    made = endpoint(guards, route, f"/{found.name}", whole.framework, whole.key, _AROUND)
    return replace(made, path=f"{found.type}.{found.name}", inputs=found.inputs, all_inputs=known)


def _known_to_be(own: Evidence) -> Evidence:
    """Who is asked what he may is known by then, whoever found out."""
    if any(one.kind == IDENTITY for one in own.found):
        return NONE
    return Evidence(tuple(replace(one, kind=IDENTITY) for one in own.found if one.kind == AUTHORISATION))


def _field(ev: Evaluator, whole: Whole, found: Field) -> SchemaField:
    own = merged([found.handler.evidence, found.evidence])
    asks, may = settle(ev, own, IDENTITY), settle(ev, own, AUTHORISATION)
    held = [one for one in (may, asks) if isinstance(one, Known) and one.value]
    doubts = [one for one in (may, asks) if isinstance(one, Unknown)]
    guards: Guarded = held[0] if held else doubts[0] if doubts else Known(())
    ref = found.handler.ref
    is_class = ref is not None and ev.scope(ref).kind is ScopeKind.CLASS
    root, many = found.type in ROOTS, found.type in whole.listed
    return SchemaField(
        found.type, found.name, found.handler.at, is_class, root, many, found.lists, guards, found.inputs
    )


def of_class(ev: Evaluator, ref: ScopeRef) -> Handler:
    """The handler of a field that nothing of the project's own answers: the class that declares it."""
    return Handler(qualified(ev, ref), name_place(ev, ref), ref, False, NONE)


# ------------------------------------------------------------------------ what a type says


def listed(expr: Expr | None) -> Iterator[str]:
    """The names that stand inside a list, or a page of one, in an annotation or in the call that makes a field."""
    for node in nodes(expr) if expr is not None else ():
        match node:
            case Subscript(value=owner, index=inner) if _LISTING.search(dotted(owner).rpartition(".")[2]):
                yield from _named(inner)
            case Call(callee=callee, args=args) if _LISTING.search(dotted(callee).rpartition(".")[2]):
                for arg in args[:1]:
                    yield from _named(arg)
            case _:
                pass


def _named(expr: Expr) -> Iterator[str]:
    inner = expr.body if isinstance(expr, Lambda) else expr
    for node in nodes(inner):
        if isinstance(node, Literal) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)
        elif isinstance(node, Name) or dotted(node):
            yield dotted(node).rpartition(".")[2]


def is_list(words: str) -> bool:
    """Whether a type is a list, or nothing, and no page of one."""
    return bool(re.match(r"(?:typing\.)?(?:list|Iterable|Sequence|set|tuple)\[", words)) and not _PAGES.search(words)


# ---------------------------------------------------------------------- what a resolver takes


def arguments(
    ev: Evaluator, ref: ScopeRef, given: frozenset[str], named: Iterable[tuple[str, str]] = (), plain: bool = False
) -> tuple[Input, ...]:
    """The arguments of a resolver, without those that the library itself gives it; `named` have names of their own."""
    scope, names = ev.scope(ref), dict(named)
    above = Frame(ScopeRef(ref.path, scope.parent))
    found = []
    for param in scope.params.items:
        words = type_words(ev, param.annotation, above)
        if param.kind in ("vararg", "kwarg") or param.name in given or _for_the_library(words):
            continue
        name = names.get(param.name) or (param.name if plain else camel(param.name))
        most = clamped(ev, ref, param.name) if words.startswith("int") else None
        bounds = () if most is None else (("le", most),)
        at = Location(ref.path, param.at)
        found.append(Input(name, Place.BODY, words, param.default is None, bounds, at, _default(ev, param, above)))
    return tuple(found)


def _for_the_library(words: str) -> bool:
    return words.startswith(("strawberry.Info", "strawberry.types", "strawberry.Parent", "graphql.GraphQLResolveInfo"))


def _default(ev: Evaluator, param: Param, frame: Frame) -> Known[Constant] | Unknown:
    values = ev.expr(param.default, frame) if param.default is not None else (Const(None),)
    first = values[0] if len(values) == 1 else None
    return Known(first.value) if isinstance(first, Const) else Unknown("a default that is not understood")
