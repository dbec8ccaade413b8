"""Calls that ask a cache → those whose failure nothing catches on the way up to an endpoint that could do without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..model.code import Call, Handler, Literal, Name, Try, With
from ..model.failing import CacheOutage
from ..model.location import Location, Span, Step
from .asking import Asking, Way, kind, last_word, step
from .caches import DJANGO
from .calls import KnownCall, describe
from .index import ScopeRef, body, call_at
from .parameters import callers
from .settings import is_settings_module
from .values import Instance
from .walk import contains, nodes

DEEPEST = 6  # functions between an endpoint and the cache
MOST = 80  # functions looked at above one call
_READS = frozenset({"get", "mget", "hget", "hgetall", "get_many", "get_multi", "gets"})
_WRITES = frozenset({"set", "setex", "psetex", "mset", "hset", "hmset", "set_many", "set_multi"})
_CACHE = re.compile(r"cache(?!_?control)", re.IGNORECASE)
# What is kept in the same server and is no cache: without it the answer would be wrong.
_STORED = re.compile(
    r"session|token|lock|queue|limit|throttl|nonce|state|otp|code|count|task|job|verif|password|lease|revok|black|deny"
    r"|presence|cursor|flag|idempot|pending|challenge|event|stream|health|ready|ping",
    re.IGNORECASE,
)
_GUARDS = re.compile(r"safe|ignore|suppress|catch|swallow|tolera|fallback|guard|retry", re.IGNORECASE)
_REMOTE = re.compile(r"redis|memcache", re.IGNORECASE)
_IGNORING = frozenset({"ignore_exc", "IGNORE_EXCEPTIONS"})


def cache_outages(asks: Asking) -> Iterator[CacheOutage]:
    """One for each function that lets its cache's failure pass up to an endpoint; of Django's, whose settings decide
    for all of them, one in all.
    """
    django = _django_fails(asks)
    found: list[CacheOutage] = []
    by_settings: list[CacheOutage] = []
    for ref, calls in sorted(asks.by_scope.items()):
        if ref.path not in asks.ev.index.tests and (outage := _in_function(asks, ref, calls, django=django)):
            (by_settings if outage.call.name.startswith(DJANGO) else found).append(outage)
    if by_settings:
        first, *rest = sorted(by_settings, key=lambda one: (len(one.path), one.call.at))
        others = tuple(
            Step(one.call.at, f"`{one.entry}` asks it here") for one in sorted(rest, key=lambda o: o.call.at)
        )
        found.append(replace(first, others=others))
    yield from sorted(found, key=lambda one: one.call.at)


def _in_function(asks: Asking, ref: ScopeRef, calls: tuple[KnownCall, ...], *, django: bool) -> CacheOutage | None:
    for known in calls:
        if kind(asks.ev, known) == "cache" and _is_cache(asks, ref, calls, known, django=django):
            found = None if _guarded(asks, ref, known.call.at) else _endpoint(asks, ref)
            if found is not None:
                return _answer(asks, known, *found)
    return None


def _is_cache(asks: Asking, ref: ScopeRef, calls: tuple[KnownCall, ...], known: KnownCall, *, django: bool) -> bool:
    """Whether what is asked is a copy of something: it is looked up, and written where it was not there."""
    word = known.target.name.rpartition(".")[2]
    if word not in _READS | _WRITES:
        return False
    name = asks.ev.scope(ref).qualname
    if known.target.name.startswith(DJANGO):
        return django and not _STORED.search(f"{name} {_key(known)}")
    words = {k.target.name.rpartition(".")[2] for k in calls if kind(asks.ev, k) == "cache"}
    pair = bool(words & _READS) and bool(words & _WRITES)
    told = f"{name} {_key(known)} {asks.ev.index.site(known.site).callee}"
    return pair and bool(_CACHE.search(f"{told} {ref.path}")) and not _STORED.search(told) and not _ignores(asks, known)


def _key(known: KnownCall) -> str:
    """The words of the key that is asked for, as far as they are written."""
    parts = nodes(known.call.args[:1])
    return " ".join(
        str(getattr(part, "value", "")) if isinstance(part, Literal) else last_word(part)
        for part in parts
        if isinstance(part, Literal | Name)
    )


def _ignores(asks: Asking, known: KnownCall) -> bool:
    """Whether the client takes a failure for a value that is not there."""
    client = known.target.receiver
    made = call_at(asks.ev.index, client.made) if isinstance(client, Instance) and client.made is not None else None
    return made is not None and any(keyword.name in _IGNORING for keyword in made.keywords)


def _django_fails(asks: Asking) -> bool:
    """Whether settings name a cache on another machine, and nothing that ignores its failures."""
    remote = False
    for path in sorted(asks.ev.index.python):
        if path in asks.ev.index.tests or not is_settings_module(asks.ev, path):
            continue
        for node in nodes(body(asks.ev.index, ScopeRef(path, 0))):
            word = node.value if isinstance(node, Literal) else node.id if isinstance(node, Name) else ""
            if isinstance(word, str) and "IGNORE_EXCEPTIONS" in word:
                return False
            remote = remote or (isinstance(word, str) and "cache" in word.lower() and bool(_REMOTE.search(word)))
    return remote


def _guarded(asks: Asking, ref: ScopeRef, at: Span) -> bool:
    """Whether a clause, `suppress`, or a decorator stands between a place and the function's callers."""
    if any(_GUARDS.search(last_word(decorator)) for decorator in asks.ev.scope(ref).decorators):
        return True
    for node in nodes(body(asks.ev.index, ref)):
        match node:
            case Try(body=tried, handlers=(Handler(), *_)) if any(contains(s.at, at) for s in tried):
                return True
            case With(items=items, body=inner) if any(contains(s.at, at) for s in inner):
                if any(isinstance(i.value, Call) and _GUARDS.search(last_word(i.value)) for i in items):
                    return True
            case _:
                pass
    return False


def _endpoint(asks: Asking, start: ScopeRef) -> tuple[ScopeRef, Way] | None:
    """The nearest handler above a function on a way on which nothing is caught."""
    ev = asks.ev
    seen = {start}
    waiting: list[tuple[Way, ScopeRef]] = [((), start)]
    for way, ref in waiting:
        if ref in ev.handlers:
            return ref, way
        if len(way) >= DEEPEST or len(seen) > MOST:
            continue
        for site in callers(ev, ref):
            above = ScopeRef(site.path, ev.index.site(site).scope)
            if above not in seen and above.scope and not _guarded(asks, above, ev.index.site(site).at):
                seen.add(above)
                waiting.append(((site, *way), above))
    return None


def _answer(asks: Asking, known: KnownCall, entry: ScopeRef, way: Way) -> CacheOutage:
    return CacheOutage(
        call=describe(asks.ev, known),
        entry=asks.ev.scope(entry).qualname,
        entry_at=Location(entry.path, asks.ev.scope(entry).name_at),
        path=tuple(step(asks.ev, site) for site in way),
    )
