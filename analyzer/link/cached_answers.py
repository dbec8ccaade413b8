"""Endpoints behind a cache whose key knows no caller → those that answer one person with what another asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.access import CachedAnswer
from ..model.answer import Known
from ..model.code import Attribute, Call, Expr, Keyword, Literal, Name
from ..model.endpoint import App, Endpoint, Protection
from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes
from .evaluate import Evaluator
from .header_uses import idle
from .index import ScopeRef, body
from .pins import all_from
from .reach import scope_at
from .walk import contains, dotted, nodes

# Django's decorator asks the answer for `Vary` before the session's middleware has written `Cookie` into it
# (django/middleware/cache.py); Flask-Caching's key is the path (flask_caching/__init__.py, `key_prefix`).
_CACHES = ("django.views.decorators.cache.cache_page", "flask_caching.Cache.cached")
# Since this release Django's key holds `Authorization`, and a session's cookie no more than before.
_WITH_AUTHORIZATION = "django>=5.2.15"
# What beside the cache makes its key somebody's, or keeps his answers out of it.
_VARIES = re.compile(r"vary|never_cache|per_user|by_user|no_store")
_KEYED = frozenset({"make_cache_key", "unless", "response_filter", "forced_update"})
_CALLER = frozenset({"current_user", "get_jwt_identity", "get_current_user", "current_identity"})
_OF_REQUEST = frozenset({"user", "auth", "session"})
_KNOWN = frozenset({"is_authenticated", "is_anonymous"})  # of everybody who comes so far, the same
# The methods of a class view that make what it answers.
_ANSWERING = frozenset({
    "get", "list", "retrieve", "get_queryset", "get_object", "get_context_data", "dispatch", "filter_queryset",
    "get_serializer_class",
})  # fmt: skip


def cached_answers(ev: Evaluator, apps: Iterable[App]) -> Iterator[CachedAnswer]:
    """Every endpoint for known callers whose answers are kept under a key that none of them is part of."""
    for app in apps:
        for endpoint in app.endpoints:
            asks, kept = endpoint.authentication, endpoint.caching
            if not (isinstance(asks, Known) and isinstance(kept, Known)) or {"GET", "*"}.isdisjoint(endpoint.methods):
                continue
            for cache in kept.value if asks.value else ():
                if cache.what in _CACHES and not _varies(ev, endpoint, cache.at):
                    told = next(_told(ev, endpoint), None)
                    before = _before(ev, endpoint, cache.at, asks.value)
                    if told is not None or before:
                        token = all(guard.what.startswith("rest_framework.") for guard in asks.value)
                        safe = token and all_from(ev, _WITH_AUTHORIZATION)
                        yield CachedAnswer(cache.at, cache.what, endpoint, told, before, not safe)


def _decorators(ev: Evaluator, ref: ScopeRef | None) -> tuple[Expr, ...]:
    return ev.scope(ref).decorators if ref is not None else ()


def _owner(ev: Evaluator, at: Location) -> ScopeRef | None:
    """The function or class that a decorator stands on; None for a call around a view, as in a list of URLs."""
    for number, scope in enumerate(ev.index.python[at.path].scopes):
        if any(contains(decorator.at, at.span) for decorator in scope.decorators):
            return ScopeRef(at.path, number)
    return None


def _varies(ev: Evaluator, endpoint: Endpoint, at: Location) -> bool:
    """Whether something beside the cache tells callers apart, or its own key does."""
    handler, owner = scope_at(ev, endpoint.handler_at), _owner(ev, at)
    around = {ref: None for one in (handler, owner) if one is not None for ref in (one, _class(ev, one)) if ref}
    given = [expr for ref in around for expr in _decorators(ev, ref)]
    for node in nodes(tuple(given)):
        match node:
            case Call(callee=callee, keywords=keywords) if "cache" in dotted(callee) and any(map(_keyed, keywords)):
                return True
            case Call(callee=callee, args=(Literal(value=0),)) if dotted(callee).endswith("cache_page"):
                return True  # it keeps nothing
            case Name(id=word) | Attribute(name=word) if _VARIES.search(word.lower()):
                return True
            case _:
                pass
    return False


def _keyed(keyword: Keyword) -> bool:
    """`private=True`, `make_cache_key=…`, a prefix that is made for each request."""
    constant = isinstance(keyword.value, Literal)
    return (
        keyword.name in _KEYED
        or keyword.name in ("private", "no_store")
        or (keyword.name == "key_prefix" and not constant)
    )


def _class(ev: Evaluator, ref: ScopeRef) -> ScopeRef | None:
    """The class that a scope is, or is a method of."""
    if ev.scope(ref).kind is ScopeKind.CLASS:
        return ref
    parent = ev.scope(ref).parent
    above = ScopeRef(ref.path, parent)
    return above if parent > 0 and ev.scope(above).kind is ScopeKind.CLASS else None


def _told(ev: Evaluator, endpoint: Endpoint) -> Iterator[Location]:
    """Where the code that makes an answer looks at who is asking."""
    handler = scope_at(ev, endpoint.handler_at)
    for ref in _makers(ev, handler) if handler is not None else ():
        every = tuple(nodes(body(ev.index, ref)))
        known = [n.at for n in every if isinstance(n, Attribute) and n.name in _KNOWN]
        aside = [*idle(body(ev.index, ref)), *known]
        for node in every:
            if _is_caller(node) and not any(contains(span, node.at) for span in aside):
                yield Location(ref.path, node.at)


def _is_caller(node: object) -> bool:
    match node:
        case Attribute(value=holder, name=word) if word in _OF_REQUEST:
            return dotted(holder).rpartition(".")[2] == "request" or dotted(node) == "g.user"
        case Name(id=word):
            return word in _CALLER
        case _:
            return False


def _makers(ev: Evaluator, handler: ScopeRef) -> Iterator[ScopeRef]:
    """The handler, and the methods that a class view makes its answer with."""
    view = _class(ev, handler)
    if ev.scope(handler).kind is ScopeKind.FUNCTION:
        yield handler
    for base in classes.bases(ev, view) if view is not None else ():
        if isinstance(base, ScopeRef):
            for number in ev.index.children[base.path].get(base.scope, ()):
                if ev.index.python[base.path].scopes[number].name in _ANSWERING:
                    yield ScopeRef(base.path, number)


def _before(ev: Evaluator, endpoint: Endpoint, at: Location, guards: tuple[Protection, ...]) -> bool:
    """Whether a kept answer is given before anybody asks who is there."""
    owner = _owner(ev, at)
    if owner is None:
        return all(_behind(ev, None, at, guard) for guard in guards)
    decorators = _decorators(ev, owner)
    made = next((d for d in decorators if dotted(d.callee if isinstance(d, Call) else d).endswith("api_view")), None)
    if made is not None:  # Django REST framework's: what stands below it runs when it has asked
        return (at.span.line, at.span.column) < (made.at.line, made.at.column)
    if _class(ev, owner) is not None and not _whole(ev, owner, at):
        return False
    return all(_behind(ev, owner, at, guard) for guard in guards)


def _whole(ev: Evaluator, owner: ScopeRef, at: Location) -> bool:
    """Whether a decorator stands around all that a class view does: on `dispatch`, where the class itself asks."""
    if ev.scope(owner).kind is ScopeKind.FUNCTION:
        return ev.scope(owner).name == "dispatch"
    around = (d for d in _decorators(ev, owner) if contains(d.at, at.span) and isinstance(d, Call))
    named = [k.value for d in around for k in d.keywords if k.name == "name"]
    return any(isinstance(value, Literal) and value.value == "dispatch" for value in named)


def _behind(ev: Evaluator, owner: ScopeRef | None, at: Location, guard: Protection) -> bool:
    """Whether a guard asks only where the cache had no answer: no middleware, no decorator or call further out."""
    if guard.what.endswith("Middleware"):
        return False
    here, there = (at.span.line, at.span.column), (guard.at.span.line, guard.at.span.column)
    if guard.at.path != at.path:
        return True
    outer = any(contains(d.at, guard.at.span) for d in _decorators(ev, owner))
    return not (there < here and (outer or owner is None))
