"""The call graph from `async def` downwards → library calls that block the event loop, also through sync helpers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..model import project as answers
from ..model.location import Location, Step
from .caches import DJANGO, in_process
from .callgraph import CallGraph, Context, Edge, EdgeKind
from .callgraph.contexts import inherits
from .calls import KnownCall, describe
from .datagrams import never_waits
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef
from .loop import alone, on_the_spot, plain

DEEPEST = 8  # sync helpers one below another


def blocking_calls(ev: Evaluator, graph: CallGraph, calls: tuple[KnownCall, ...]) -> Iterator[answers.BlockingCall]:
    """Each blocking call that runs on the loop, with the shortest way down to it; one answer per blocking call."""
    blocking = [known for known in calls if _blocks(ev, known) and Context.LOOP in _contexts(graph, known)]
    if in_process(ev):
        blocking = [known for known in blocking if not known.target.name.startswith(DJANGO)]
    if not blocking:
        return
    found = ways(ev, graph)
    for known in blocking:
        if (way := found.get(known.frame.ref)) is not None:
            yield _answer(ev, graph, known, way)


def _blocks(ev: Evaluator, known: KnownCall) -> bool:
    operation = known.operation
    if not operation.blocks or operation.is_async or operation.refuses_loop or never_waits(ev, known):
        return False
    spot = on_the_spot(ev, known.frame.ref)
    return known.call.at not in spot.elsewhere | spot.awaited  # what is awaited is not what it was taken for


def _contexts(graph: CallGraph, known: KnownCall) -> frozenset[Context]:
    return graph.contexts.get(known.frame.ref, frozenset())


@dataclass(frozen=True, slots=True)
class Way:
    """How a function comes to run on the loop."""

    entry: ScopeRef  # the async function above it
    calls: tuple[SiteRef, ...]  # from there down
    sure: bool  # none of them may mean something else


Ways = dict[ScopeRef, Way]


def ways(ev: Evaluator, graph: CallGraph) -> Ways:
    """The shortest way to every function that runs on the loop, by preference from where others wait for it too."""
    found: Ways = {}
    starts: dict[bool, list[ScopeRef]] = defaultdict(list)
    asked = {entry.ref for entry in graph.entries if entry.runs is Context.LOOP}  # also `def` handlers of some servers
    for ref, contexts in sorted(graph.contexts.items()):
        if Context.LOOP in contexts and (ev.scope(ref).is_async or ref in asked):
            starts[alone(ev, ref)].append(ref)
    for lonely in (False, True):
        found.update({ref: Way(ref, (), True) for ref in starts[lonely] if ref not in found})
        for doubtful in (False, True):
            _spread(ev, graph, found, doubtful)
    return found


def _spread(ev: Evaluator, graph: CallGraph, found: Ways, doubtful: bool) -> None:
    """Go down from everything that is found; by calls that may mean something else only where no other way leads."""
    waiting = list(found)
    for ref in waiting:
        way = found[ref]
        if len(way.calls) >= DEEPEST:
            continue
        for edge in graph.callees.get(ref, ()):
            callee = edge.callee
            if not isinstance(callee, ScopeRef) or callee in found or not edge.site or _twin(ev, graph, edge):
                continue
            if _on_the_spot(ev, edge, callee):
                sure = way.sure and edge.kind is not EdgeKind.VIRTUAL and edge.sure and _alone_there(ev, graph, edge)
                if sure or doubtful:
                    found[callee] = Way(way.entry, (*way.calls, edge.site), sure)
                    waiting.append(callee)


def _alone_there(ev: Evaluator, graph: CallGraph, edge: Edge) -> bool:
    """Whether nothing else can be meant: who does not await the call does not mean an async twin."""
    others = [other for other in graph.sites.get(edge.site, ()) if other.callee != edge.callee] if edge.site else []
    return edge.single or all(isinstance(o.callee, ScopeRef) and ev.scope(o.callee).is_async for o in others)


def _twin(ev: Evaluator, graph: CallGraph, edge: Edge) -> bool:
    """Whether the call is awaited and may be of an async function: of a client and its async twin, that is meant."""
    others = graph.sites.get(edge.site, ()) if edge.awaited and edge.site else ()
    return any(isinstance(other.callee, ScopeRef) and ev.scope(other.callee).is_async for other in others)


def _on_the_spot(ev: Evaluator, edge: Edge, callee: ScopeRef) -> bool:
    """Whether the callee's body runs then and there, on the caller's thread.

    A decorator may have made a coroutine of it: `@sync_to_async def load(): …`.
    """
    return inherits(edge) and not ev.scope(callee).is_async and (plain(ev, callee) or not edge.awaited)


_PRIVATE = frozenset({Context.TASK, Context.PROCESS})
_MOST = 200  # async functions looked at above one


def _own_loop(ev: Evaluator, graph: CallGraph, entry: ScopeRef) -> bool:
    """Whether a task worker runs a loop of its own for nothing but this: `asyncio.run(send(…))` in a task."""
    seen, started = {entry}, False
    for ref in (waiting := [entry]):
        edges = graph.callers.get(ref, ())
        if ref in ev.handlers or not edges or len(seen) > _MOST:
            return False
        for edge in edges:
            if ev.scope(edge.caller).is_async:
                if edge.caller not in seen:
                    seen.add(edge.caller)
                    waiting.append(edge.caller)
            elif not (runs := graph.contexts.get(edge.caller, frozenset())) or not runs <= _PRIVATE:
                return False
            else:
                started = True
    return started


def _answer(ev: Evaluator, graph: CallGraph, known: KnownCall, way: Way) -> answers.BlockingCall:
    scope = ev.scope(way.entry)
    steps = [*way_steps(ev, way), Step(known.at, f"`{known.target.name}` blocks")]
    call = describe(ev, known)
    return answers.BlockingCall(
        replace(call, sure=call.sure and way.sure),
        known.operation.blocks,
        scope.qualname,
        Location(way.entry.path, scope.name_at),
        tuple(steps),
        alone(ev, way.entry) or _own_loop(ev, graph, way.entry),
    )


def way_steps(ev: Evaluator, way: Way) -> tuple[Step, ...]:
    """The calls on a way down, as an explanation."""
    return tuple(_step(ev, site) for site in way.calls)


def _step(ev: Evaluator, site: SiteRef) -> Step:
    outline = ev.index.site(site)
    caller = ev.scope(ScopeRef(site.path, outline.scope)).qualname
    return Step(Location(site.path, outline.at), f"`{caller}` calls `{outline.callee}`")
