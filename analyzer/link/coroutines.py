"""Calls that give a coroutine, by the call graph and the library models → those that nothing awaits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..libraries import gathers
from ..model import concurrency
from ..model.code import Call
from ..model.location import Location
from . import calling
from .asking import last_word
from .callgraph import CallGraph, Edge, EdgeKind
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .loop import plain_decorator
from .misuses import misuse_of_name, misuses, named
from .values import External, Frame, Function, Instance
from .walk import nodes

# What they give is a future: the work is under way, awaited or not.
_FUTURES = ("asyncio.gather", "asyncio.shield", "asyncio.AbstractEventLoop.run_in_executor")
_FUTURE_LIBRARIES = ("motor", "tornado")
# Decorators of libraries after which a coroutine function still is one.
_KEEPING = ("tenacity.retry", "backoff.on_exception", "backoff.on_predicate", "functools.wraps")
_ASKS = re.compile(r"coroutine|awaitable")
_RETURNING = frozenset({"fastapi", "aiohttp", "sanic", "quart", "starlette"})  # their decorators register and return


def lost(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.LostCoroutine]:
    """Each coroutine that is made and never awaited, by what becomes of it instead."""
    for ref, sites in sorted(_by_scope(ev, graph, with_tests).items()):
        told, names = misuses(ev, ref), named(ev, ref)
        for site, edges in sites:
            at = ev.index.site(site).at
            misuse = told.get(at)
            if misuse is None and at in names:
                misuse = misuse_of_name(ev, ref, names[at])
            if misuse is None or _told_apart(ev, ref) or _collected(ev, site):
                continue
            if name := coroutine(ev, edges):
                yield concurrency.LostCoroutine(Location(ref.path, at), name, misuse.value, ev.scope(ref).qualname)


def _by_scope(
    ev: Evaluator, graph: CallGraph, with_tests: bool
) -> dict[ScopeRef, list[tuple[SiteRef, tuple[Edge, ...]]]]:
    """The calls that nothing is seen to await and that may give a coroutine, by the body that they stand in."""
    found: dict[ScopeRef, list[tuple[SiteRef, tuple[Edge, ...]]]] = defaultdict(list)
    for site, edges in sorted(graph.sites.items()):
        if edges[0].awaited or edges[0].later or (site.path in ev.index.tests and not with_tests):
            continue
        if any(_may_wait(ev, edge) for edge in edges):
            found[ScopeRef(site.path, ev.index.site(site).scope)].append((site, edges))
    return found


def _told_apart(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function asks first what it calls: `if inspect.iscoroutinefunction(step): await step()`."""
    return any(isinstance(n, Call) and _ASKS.search(last_word(n.callee)) for n in nodes(body(ev.index, ref)))


def _collected(ev: Evaluator, site: SiteRef) -> bool:
    """Whether the receiver only collects what is asked of it: a pipeline, whose `execute` is what has to be awaited."""
    call = call_at(ev.index, site)
    frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
    targets = ev.expr(call.callee, frame) if call is not None else ()
    return any(
        isinstance(target, External)
        and isinstance(target.receiver, Instance)
        and isinstance(target.receiver.cls, str)
        and gathers(ev.libraries, target.receiver.cls, target.name)
        for target in targets
    )


def _may_wait(ev: Evaluator, edge: Edge) -> bool:
    if isinstance(edge.callee, ScopeRef):
        return ev.scope(edge.callee).is_async
    operation = calling.operation(ev, External(edge.callee))
    return operation is not None and operation.is_async


def coroutine(ev: Evaluator, edges: Iterable[Edge]) -> str:
    """The name of what a call makes a coroutine of; "" unless everything that it may call does so."""
    meant = [edge for edge in edges if edge.kind in (EdgeKind.DIRECT, EdgeKind.VIRTUAL)]
    sure = meant and all(edge.sure and gives_coroutine(ev, edge.callee) for edge in meant)
    if not sure:
        return ""
    first = meant[0].callee
    return ev.scope(first).qualname if isinstance(first, ScopeRef) else first


def gives_coroutine(ev: Evaluator, callee: ScopeRef | str) -> bool:
    """Whether calling something gives a coroutine, which does nothing until it is awaited."""
    if isinstance(callee, str):
        operation = calling.operation(ev, External(callee))
        future = callee in _FUTURES or callee.partition(".")[0] in _FUTURE_LIBRARIES
        return operation is not None and operation.is_async and not future
    scope = ev.scope(callee)
    return scope.is_async and not scope.is_generator and _stays_async(ev, callee)


def _stays_async(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether the decorators leave a coroutine function one; what the project's own put in its place is asked too."""
    if ev.handlers.get(ref) in _RETURNING:
        return True
    above = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    for decorator in ev.scope(ref).decorators:
        if plain_decorator(decorator):
            continue
        inner = decorator.callee if isinstance(decorator, Call) else decorator
        values = ev.expr(decorator, above)
        own = bool(values) and all(isinstance(value, Function) for value in values)
        if not own and not any(name in _KEEPING for name in ev.qualified(inner, above)):
            return False
    return True
