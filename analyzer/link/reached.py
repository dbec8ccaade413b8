"""The functions that run for an endpoint → what they use outside of the process, and transactions that they open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..libraries import canonical
from ..model.answer import Known, Unknown
from ..model.endpoint import Endpoint
from ..model.location import Location, Span
from ..model.reached import Reach, Reached
from . import asking
from .callgraph import CallGraph, Edge, EdgeKind
from .calls import KnownCall
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .query_subjects import subject
from .values import Frame, Opaque

DEEPEST = 8  # functions one below another
MOST = 400  # functions looked at
TRANSACTION = "transaction"
_DATABASE = "database"
_NOBODY = "a handler that is not understood"
_DEEP, _MANY = f"more than {DEEPEST} calls one below another", f"more than {MOST} functions"
_APART = (EdgeKind.DECORATOR, EdgeKind.GIVEN)


@dataclass(frozen=True, slots=True)
class Outside:
    """What each function calls of libraries, and which of these calls the models know."""

    ev: Evaluator
    graph: CallGraph
    edges: Mapping[ScopeRef, tuple[Edge, ...]]
    known: Mapping[SiteRef, KnownCall]
    places: Mapping[Location, SiteRef]  # of these


def outside(ev: Evaluator, graph: CallGraph, calls: Iterable[KnownCall]) -> Outside:
    """What a call graph and the known calls say of who leaves the process where."""
    found: dict[ScopeRef, list[Edge]] = {}
    for edge in graph.edges:
        if isinstance(edge.callee, str):
            found.setdefault(edge.caller, []).append(edge)
    known = {call.site: call for call in calls}
    places = {edge.at: edge.site for held in found.values() for edge in held if edge.site in known and edge.site}
    return Outside(ev, graph, {ref: tuple(held) for ref, held in found.items()}, known, places)


def serving(ev: Evaluator, endpoint: Endpoint, served: Mapping[ScopeRef, tuple[str, ...]]) -> tuple[ScopeRef, ...]:
    """The functions that run for an endpoint; where two applications answer one path, those at its handler's place."""
    names = {f"{method} {endpoint.path}" for method in endpoint.methods}
    found = sorted(ref for ref, paths in served.items() if not names.isdisjoint(paths))
    at = endpoint.handler_at
    here = [ref for ref in found if ref.path == at.path and at.span in _named(ev, ref)]
    return tuple(here or found)


def _named(ev: Evaluator, ref: ScopeRef) -> tuple[Span, ...]:
    """The name of a function, and of the class that it stands in."""
    scope = ev.scope(ref)
    return (scope.name_at, ev.scope(ScopeRef(ref.path, scope.parent)).name_at)


def reached(out: Outside, start: Iterable[ScopeRef]) -> tuple[Reached, ...]:
    """What these functions come to, nearest first; each place once."""
    return _found(out, _walked(out, start)[0])


def reach(out: Outside, start: Iterable[ScopeRef]) -> Reach:
    """The same with the tables of queries, and how far the way was followed."""
    depths, cut = _walked(out, start)
    found = tuple(_asking(out, one) for one in _found(out, depths))
    unfollowed = sum(_unfollowed(out, ref) for ref in depths)
    whole = Unknown(cut) if cut else Known(True) if depths else Unknown(_NOBODY)
    return Reach(found, len(depths), unfollowed, whole)


def _unfollowed(out: Outside, ref: ScopeRef) -> int:
    """How many calls of a function nobody knows: neither the call graph nor, by its values, what is called."""
    count = 0
    for number, site in enumerate(out.ev.index.python[ref.path].calls):
        if site.scope != ref.scope or SiteRef(ref.path, number) in out.graph.sites:
            continue
        call = call_at(out.ev.index, SiteRef(ref.path, number))
        values = out.ev.expr(call.callee, Frame(ref)) if call is not None else ()
        count += all(isinstance(value, Opaque) for value in values)
    return count


def _asking(out: Outside, one: Reached) -> Reached:
    """A query with what it does, and to which tables."""
    site = out.places.get(one.at) if one.kind == _DATABASE else None
    if site is None:
        return one
    does, tables = subject(out.ev, out.known[site])
    return replace(one, does=does, tables=tables)


def _walked(out: Outside, start: Iterable[ScopeRef]) -> tuple[dict[ScopeRef, int], str]:
    """How deep below the handler each function stands, the nearest first; and at which bound the way ended."""
    depths = dict.fromkeys(sorted(start, key=lambda ref: (ref.path, ref.scope)), 0)
    cut = ""
    for ref in (waiting := list(depths)):
        below = [
            edge.callee
            for edge in out.graph.callees.get(ref, ())
            if isinstance(edge.callee, ScopeRef) and edge.callee not in depths and edge.kind not in _APART
        ]
        if below and (depths[ref] >= DEEPEST or len(depths) >= MOST):
            cut = _DEEP if depths[ref] >= DEEPEST else _MANY
            continue
        for one in dict.fromkeys(below):
            depths[one] = depths[ref] + 1
            waiting.append(one)
    return depths, cut


def _found(out: Outside, depths: Mapping[ScopeRef, int]) -> tuple[Reached, ...]:
    found: dict[tuple[str, Location], Reached] = {}
    for ref, depth in depths.items():
        for one in _here(out, ref, depth):
            found.setdefault((one.kind, one.at), one)
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
