"""A call graph and what calls it from outside → on what each function is known to run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ...model.facts import ScopeKind
from ...model.location import Location
from ..index import Index, ScopeRef
from .build import indexed
from .graph import CallGraph, Context, Edge, EdgeKind, Entry

# What a callee does not take over from its caller.
_ELSEWHERE = (EdgeKind.DEFERRED, EdgeKind.FRAMEWORK, EdgeKind.GIVEN)


def with_frameworks(
    graph: CallGraph,
    index: Index,
    handlers: Mapping[ScopeRef, str],
    inward: Mapping[ScopeRef, str],
    injected: Mapping[ScopeRef, tuple[ScopeRef, ...]],
    on_loop: Collection[ScopeRef] = (),
) -> CallGraph:
    """The graph with what web frameworks call, and where everything runs.

    `handlers` are the functions that answer requests, with their framework; `inward` are the tasks of queues and what
    a cloud's events start; `injected` are the dependencies that a framework calls, with those that they are given to;
    `on_loop` are the handlers that run on the event loop, coroutines or not.
    """
    edges = list(graph.edges)
    for dependency, users in sorted(injected.items()):
        at = Location(dependency.path, index.scope(dependency).name_at)
        runs = _of(index, dependency)
        edges.extend(Edge(user, dependency, at, EdgeKind.FRAMEWORK, runs) for user in users if user != dependency)
    complete = indexed(tuple(edges), graph.uncertain)
    entries = [
        Entry(ref, Context.LOOP if ref in on_loop else _of(index, ref), f"an endpoint of {framework}")
        for ref, framework in sorted(handlers.items())
    ]
    entries += [
        Entry(ref, _of_task(complete, index, ref), f"a task of {framework}")
        for ref, framework in sorted(inward.items())
    ]
    return replace(complete, entries=tuple(entries), contexts=_contexts(complete, index, entries))


def _of(index: Index, ref: ScopeRef) -> Context:
    """Servers run an `async def` on the loop, and anything else in a thread of their own."""
    return Context.LOOP if index.scope(ref).is_async else Context.THREAD


def _of_task(graph: CallGraph, index: Index, ref: ScopeRef) -> Context | None:
    """A worker, unless the call that hands the function over already says where it runs."""
    if any(edge.runs is not None for edge in graph.callers.get(ref, ())):
        return None
    return Context.LOOP if index.scope(ref).is_async else Context.TASK


def _contexts(graph: CallGraph, index: Index, entries: Iterable[Entry]) -> dict[ScopeRef, frozenset[Context]]:
    """Every context that reaches a function along the edges; no function runs only where nobody calls it."""
    found: dict[ScopeRef, set[Context]] = defaultdict(set)
    for path, facts in index.python.items():
        if path in index.tests:
            continue
        found[ScopeRef(path, 0)].add(Context.IMPORT)
        for number, scope in enumerate(facts.scopes):
            if scope.kind is ScopeKind.FUNCTION and scope.is_async:
                found[ScopeRef(path, number)].add(Context.LOOP)
    for entry in entries:
        if entry.runs is not None:
            found[entry.ref].add(entry.runs)
    for edge in graph.edges:
        if edge.runs is not None and isinstance(edge.callee, ScopeRef) and not index.scope(edge.callee).is_async:
            found[edge.callee].add(edge.runs)
    waiting = list(found)
    while waiting:
        caller = waiting.pop()
        for edge in graph.callees.get(caller, ()):
            if inherits(edge) and isinstance(edge.callee, ScopeRef) and not index.scope(edge.callee).is_async:
                before = len(found[edge.callee])
                found[edge.callee] |= found[caller]
                if len(found[edge.callee]) > before:
                    waiting.append(edge.callee)
    return {ref: frozenset(contexts) for ref, contexts in found.items() if contexts}


def inherits(edge: Edge) -> bool:
    """Whether a sync callee runs where its caller does, before the caller goes on."""
    return edge.kind not in _ELSEWHERE and edge.runs is None and not edge.later
