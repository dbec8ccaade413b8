"""Fields of GraphQL types that come in lists → what their resolvers ask of other services, once for each object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.code import Attribute, Call, Expr, Literal, Name, Return, Try
from ..model.graphql import AskedPerObject, Schema, SchemaField
from ..model.location import Location, Step
from .asking import Asking, below, kind, last_word, remembers, steps
from .evaluate import Evaluator
from .index import ScopeRef, body, call_at
from .reach import function_at
from .values import Frame, Instance
from .walk import contains, nodes, statements

_DEEPEST = 3  # functions between a resolver and what asks
_KINDS = frozenset({"database", "http"})
_ROWS = ("QuerySet", "Manager", "RelatedManager")
# What a relation does that fetches by itself whatever was fetched before: `prefetch_related` serves `all` alone.
_ANEW = frozenset({
    "filter", "exclude", "order_by", "earliest", "latest", "aggregate", "annotate", "distinct", "values_list",
})  # fmt: skip
_FETCHES = ("prefetch_related", "Prefetch", "resolver_hints", "prefetch_related_objects")
_OF_ONE = re.compile(
    r"^(?:first|last|after|before|offset|limit|page|cursor|ids?|pk|slug|key|code)|page|Ids?$", re.IGNORECASE
)
# Decorators that say what the root is to fetch beforehand.
_HINTS = ("hint", "prefetch", "optimi", "cache", "loader", "batch", "memo")


def asked_per_object(asks: Asking, schema: Schema) -> Iterator[AskedPerObject]:
    """Every such field of a schema, once for each resolver."""
    ev, seen = asks.ev, set[ScopeRef]()
    for field in schema.fields:
        ref = function_at(ev, field.at) if field.many and not field.root and not field.is_class else None
        if ref is None or ref in seen or _for_one(field) or remembers(ev, ref) or _hinted(ev, ref):
            continue
        seen.add(ref)
        found = _asked(asks, ref, field) or _related(ev, ref, field)
        if found is not None:
            yield found


def _for_one(field: SchemaField) -> bool:
    """Whether the arguments of a field say that it is asked of one object: a key, or which page of many rows."""
    return any(one.required or _OF_ONE.search(one.name) for one in field.takes)


def _hinted(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a resolver says what is to be fetched beforehand, or looks whether it was."""
    if any(hint in last_word(one).lower() for one in ev.scope(ref).decorators for hint in _HINTS):
        return True
    written = (getattr(node, "name", None) or getattr(node, "value", None) for node in nodes(body(ev.index, ref)))
    return any(isinstance(word, str) and "prefetch" in word and word != "prefetch_related" for word in written)


def _asked(asks: Asking, ref: ScopeRef, field: SchemaField) -> AskedPerObject | None:
    found = below(asks, ref, _DEEPEST)
    if found is None or kind(asks.ev, found[1]) not in _KINDS:
        return None
    way, known = found
    at = Location(way[0].path, asks.ev.index.site(way[0]).at) if way else known.at
    if _last_resort(asks.ev, ref, at):
        return None
    return AskedPerObject(field, at, kind(asks.ev, known), steps(asks.ev, way, known), known.sure)


def _last_resort(ev: Evaluator, ref: ScopeRef, at: Location) -> bool:
    """Whether a place stands where something else has failed: `except AttributeError: return rows.count()`."""
    tried = (one for one in statements(body(ev.index, ref)) if isinstance(one, Try) and at.path == ref.path)
    return any(contains(handler.at, at.span) for one in tried for handler in one.handlers)


def _related(ev: Evaluator, ref: ScopeRef, field: SchemaField) -> AskedPerObject | None:
    """Rows that are given back unread: the library that walks through them asks then."""
    frame, params = Frame(ref), ev.scope(ref).params.items
    owner = params[0].name if params else ""
    for statement in nodes(body(ev.index, ref)):
        call = statement.value if isinstance(statement, Return) else None
        if not isinstance(call, Call) or not owner:
            continue
        words = _chain(call, owner)
        rows = any(isinstance(v, Instance) and str(v.cls).endswith(_ROWS) for v in ev.expr(call, frame))
        if words and _ANEW.isdisjoint(words[1:]) and not (rows and words[0] not in _fetched(ev)):
            continue
        if words or (rows and any(isinstance(node, Name) and node.id == owner for node in nodes(call))):
            at = Location(ref.path, call.at)
            step = Step(at, "the rows are asked for when the answer is written")
            return AskedPerObject(field, at, "database", (step,), rows)
    return None


def _chain(call: Call, owner: str) -> tuple[str, ...]:
    """The words of a chain that starts at an object: `order.items.filter(…).all()` → items, filter, all."""
    words: list[str] = []
    inner: Expr = call
    while True:
        match inner:
            case Call(callee=callee):
                inner = callee
            case Attribute(value=value, name=name):
                words.insert(0, name)
                inner = value
            case Name(id=name) if name == owner and len(words) > 1:
                return tuple(words)
            case _:
                return ()


def _fetched(ev: Evaluator) -> frozenset[str]:
    """The relations that the project fetches beforehand somewhere, by the last part of their paths and each of them."""
    named: set[str] = set()
    for word in _FETCHES:
        for site in ev.index.sites.get(word, ()):
            call = call_at(ev.index, site)
            texts = [node.value for node in nodes(call) if isinstance(node, Literal)] if call is not None else []
            named.update(part for text in texts if isinstance(text, str) for part in text.split("__"))
    return frozenset(named)
