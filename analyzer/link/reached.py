"""The functions that run for an endpoint → what they use outside of the process, and transactions that they open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..libraries import canonical
from ..model.location import Location
from ..model.reached import Reached
from . import asking
from .callgraph import CallGraph, Edge, EdgeKind
from .calls import KnownCall
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef

DEEPEST = 8  # functions one below another
MOST = 400  # functions looked at
TRANSACTION = "transaction"
_APART = (EdgeKind.DECORATOR, EdgeKind.GIVEN)


@dataclass(frozen=True, slots=True)
class Outside:
    """What each function calls of libraries, and which of these calls the models know."""

    ev: Evaluator
    graph: CallGraph
    edges: Mapping[ScopeRef, tuple[Edge, ...]]
    known: Mapping[SiteRef, KnownCall]


def outside(ev: Evaluator, graph: CallGraph, calls: Iterable[KnownCall]) -> Outside:
    """What a call graph and the known calls say of who leaves the process where."""
    found: dict[ScopeRef, list[Edge]] = {}
    for edge in graph.edges:
        if isinstance(edge.callee, str):
            found.setdefault(edge.caller, []).append(edge)
    return Outside(ev, graph, {ref: tuple(held) for ref, held in found.items()}, {call.site: call for call in calls})


def reached(out: Outside, start: Iterable[ScopeRef]) -> tuple[Reached, ...]:
    """What these functions come to, nearest first; each place once."""
    depths = dict.fromkeys(sorted(start, key=lambda ref: (ref.path, ref.scope)), 0)
    found: dict[tuple[str, Location], Reached] = {}
    for ref in (waiting := list(depths)):
        for one in _here(out, ref, depths[ref]):
            found.setdefault((one.kind, one.at), one)
        if depths[ref] >= DEEPEST or len(depths) >= MOST:
            continue
        for edge in out.graph.callees.get(ref, ()):
            below = edge.callee
            if isinstance(below, ScopeRef) and below not in depths and edge.kind not in _APART:
                depths[below] = depths[ref] + 1
                waiting.append(below)
    return tuple(sorted(found.values(), key=lambda one: (one.depth, one.at, one.kind)))


def _here(out: Outside, ref: ScopeRef, depth: int) -> Iterator[Reached]:
    ev = out.ev
    for edge in out.edges.get(ref, ()):
        name = canonical(ev.libraries, str(edge.callee))
        call = out.known.get(edge.site) if edge.site is not None else None
        kind = asking.kind(ev, call) or call.operation.waits if call is not None else ""
        if not kind and name in ev.libraries.markers.get(TRANSACTION, ()):
            kind = TRANSACTION
        if kind:
            yield Reached(kind, name, edge.at, depth)
