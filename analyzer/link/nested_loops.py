"""Calls that start an event loop → those that are reached on one that runs already, and the way there."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import concurrency
from ..model.code import Attribute, Call, Name
from ..model.location import Location, Step
from .blocking import way_steps, ways
from .callgraph import CallGraph, Context, Edge
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .walk import dotted, nodes

_STARTS = frozenset({
    "asyncio.run", "asyncio.AbstractEventLoop.run_until_complete", "asyncio.AbstractEventLoop.run_forever",
    "asyncio.Runner.run", "uvloop.run", "anyio.run", "asgiref.sync.async_to_sync",
})  # fmt: skip
_CONVERTS = "asgiref.sync.async_to_sync"
# Who asks this first knows that a loop may be running, or makes nesting possible.
_ASKS_FIRST = frozenset(
    {"get_running_loop", "is_running", "_get_running_loop", "nest_asyncio", "current_async_library"}
)


def nested(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.NestedLoop]:
    """Each call that starts a loop on a loop that runs, or that starts one for each task of a queue's worker."""
    sites = ((site, edges) for site, edges in sorted(graph.sites.items()) if with_tests or not _tested(ev, site))
    starts = [edge for site, edges in sites if (edge := _start(ev, site, edges))]
    if not starts or any(site.callee == "nest_asyncio.apply" for f in ev.index.python.values() for site in f.calls):
        return
    found = ways(ev, graph)
    for edge in starts:
        ref = edge.caller
        way = found.get(ref)
        contexts = graph.contexts.get(ref, frozenset())
        if _asked_first(ev, ref):
            continue
        if way is not None and way.sure and Context.LOOP in contexts:
            if not any(_asked_first(ev, ScopeRef(one.path, ev.index.site(one).scope)) for one in way.calls):
                told = (*way_steps(ev, way), Step(edge.at, f"`{edge.callee}` starts a loop"))
                entry = ev.scope(way.entry)
                yield concurrency.NestedLoop(
                    edge.at, str(edge.callee), entry.qualname, Location(way.entry.path, entry.name_at), told, True
                )
        elif contexts == {Context.TASK}:
            scope = ev.scope(ref)
            at = Location(ref.path, scope.name_at)
            yield concurrency.NestedLoop(edge.at, str(edge.callee), scope.qualname, at, (), False)


def _tested(ev: Evaluator, site: SiteRef) -> bool:
    return site.path in ev.index.tests


def _start(ev: Evaluator, site: SiteRef, edges: tuple[Edge, ...]) -> Edge | None:
    """The edge of a call that starts a loop then and there."""
    found = next((e for e in edges if e.callee in _STARTS and e.single and not e.later), None)
    if found is None or found.callee != _CONVERTS:
        return found
    # `async_to_sync(send)` makes a function; calling that starts the loop.
    scope = ScopeRef(site.path, ev.index.site(site).scope)
    made = call_at(ev.index, site)
    called = (n for n in nodes(body(ev.index, scope)) if isinstance(n, Call) and isinstance(n.callee, Call))
    return found if any(made is not None and n.callee.at == made.at for n in called) else None


def _asked_first(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function looks for a running loop: what it starts then stands in the branch without one."""
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Call) and dotted(node.callee).rpartition(".")[2] in _ASKS_FIRST:
            return True
        if isinstance(node, Attribute | Name) and (getattr(node, "id", "") in _ASKS_FIRST):
            return True
    return False
