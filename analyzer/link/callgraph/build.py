"""Summaries of all files → the edges between functions: what is called directly, by overriding, by handing over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product

from ...model.facts import ScopeKind
from ...model.location import Location
from ..index import Index, ScopeRef, SiteRef
from .graph import CallGraph, Context, Edge, EdgeKind
from .passing import functions
from .summary import Callee, Place, Summary

MOST_OVERRIDES = 8  # of one method, that a call is taken to mean besides the one that is found
MOST_SUBCLASSES = 400  # looked at for overrides
MOST_GIVEN = 100  # functions that one parameter may be

_KINDS = {
    "decorator": EdgeKind.DECORATOR,
    "registered": EdgeKind.FRAMEWORK,
}


@dataclass(slots=True)
class _Classes:
    """Subclasses by class, and what was already looked up."""

    index: Index
    below: dict[ScopeRef, list[ScopeRef]]
    wrapped: dict[ScopeRef, tuple[ScopeRef, ...]]  # decorated function → what runs in its place when it is called
    found: dict[tuple[ScopeRef, str], tuple[ScopeRef, ...] | None] = field(default_factory=dict)
    uncertain: int = 0


def build(index: Index, summaries: Mapping[str, Summary]) -> CallGraph:
    """The call graph of the project's own code; what frameworks call is not in it yet."""
    layers = {
        ScopeRef(path, number): [tuple(ScopeRef(*one) for one in layer) for layer in found]
        for path, summary in summaries.items()
        for number, found in summary.wrapped
        if found
    }
    classes = _Classes(index, _below(summaries), {ref: found[-1] for ref, found in layers.items()})
    edges = [
        edge
        for path, summary in sorted(summaries.items())
        for place in summary.places
        for edge in _once(_edges(classes, path, place))
    ]
    more = (*_wrapping(index, layers), *_given(classes, summaries))
    return indexed((*edges, *more), classes.uncertain)


def _once(edges: Iterable[Edge]) -> Iterable[Edge]:
    """Of the edges of one place, the first of each kind to each callee."""
    return {(edge.callee, edge.kind, edge.runs): edge for edge in edges}.values()


def _wrapping(index: Index, wrapped: Mapping[ScopeRef, list[tuple[ScopeRef, ...]]]) -> Iterator[Edge]:
    """A wrapper calls what it wraps; since it may wrap much else too, nobody is led from one caller to the others."""
    for ref, layers in sorted(wrapped.items()):
        at = Location(ref.path, index.scope(ref).name_at)
        for inner, outer in pairwise([(ref,), *layers]):
            for wrapper, function in product(outer, inner):
                yield Edge(wrapper, function, at, EdgeKind.DECORATOR, later=True)


def _given(classes: _Classes, summaries: Mapping[str, Summary]) -> Iterator[Edge]:
    """A call of a parameter calls what is given to it, also where that is too much to follow."""
    places = [(path, place) for path, summary in sorted(summaries.items()) for place in summary.places if place.given]
    wanted = {(ScopeRef(one[0], one[1]), one[2]) for _, place in places for one in place.given}
    passed = (one for _, summary in sorted(summaries.items()) for one in summary.passed)
    found = functions(passed, wanted) if wanted else {}
    for path, place in places:
        caller = _caller(classes.index, ScopeRef(path, place.scope))
        for parameter in place.given:
            many = found[ScopeRef(parameter[0], parameter[1]), parameter[2]]
            if len(many) > MOST_GIVEN:
                classes.uncertain += 1
                continue
            for ref in many:
                yield from (
                    Edge(
                        caller,
                        one,
                        Location(path, place.at),
                        EdgeKind.GIVEN,
                        later=place.later,
                        sure=False,
                        single=False,
                    )
                    for one in (ref, *classes.wrapped.get(ref, ()))
                )


def indexed(edges: tuple[Edge, ...], uncertain: int) -> CallGraph:
    """The graph of some edges, with its look-up tables."""
    callers: dict[ScopeRef, list[Edge]] = defaultdict(list)
    callees: dict[ScopeRef, list[Edge]] = defaultdict(list)
    sites: dict[SiteRef, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.site is not None:
            sites[edge.site].append(edge)
        if isinstance(edge.callee, ScopeRef):
            callers[edge.callee].append(edge)
            callees[edge.caller].append(edge)
    return CallGraph(
        edges,
        {ref: tuple(found) for ref, found in callers.items()},
        {ref: tuple(found) for ref, found in callees.items()},
        {site: tuple(found) for site, found in sites.items()},
        uncertain=uncertain,
    )


def _below(summaries: Mapping[str, Summary]) -> dict[ScopeRef, list[ScopeRef]]:
    found: dict[ScopeRef, list[ScopeRef]] = defaultdict(list)
    for path, summary in sorted(summaries.items()):
        for number, bases in summary.bases:
            for above in bases:
                found[ScopeRef(*above)].append(ScopeRef(path, number))
    return found


def _edges(classes: _Classes, path: str, place: Place) -> Iterator[Edge]:
    caller = _caller(classes.index, ScopeRef(path, place.scope))
    at = Location(path, place.at)
    site = SiteRef(path, place.site) if place.site >= 0 else None
    how = (site, place.awaited, place.later, place.sure, place.single)
    for name in place.names:
        yield Edge(caller, name, at, EdgeKind.DIRECT, None, *how)
    for callee in place.callees:
        ref = ScopeRef(callee.path, callee.scope)
        kind, runs = _kind(callee)
        for one in (ref, *(classes.wrapped.get(ref, ()) if kind is not EdgeKind.DECORATOR else ())):
            yield Edge(caller, one, at, kind, runs, *how)
        if callee.owner is not None:
            name = classes.index.scope(ref).name
            for other in _overrides(classes, ScopeRef(*callee.owner), name):
                if other != ref:
                    virtual = EdgeKind.VIRTUAL if kind is EdgeKind.DIRECT else kind
                    yield Edge(caller, other, at, virtual, runs, *how)
    for owner in place.wanted:
        for other in _overrides(classes, ScopeRef(*owner), _method(classes.index, path, place)):
            yield Edge(caller, other, at, EdgeKind.VIRTUAL, None, *how)


def _method(index: Index, path: str, place: Place) -> str:
    return index.python[path].calls[place.site].callee.rpartition(".")[2]


def _kind(callee: Callee) -> tuple[EdgeKind, Context | None]:
    if callee.how in _KINDS:
        return _KINDS[callee.how], _context(callee.runs)
    if callee.how != "callback":
        return EdgeKind.DIRECT, None
    if callee.runs == "here":
        return EdgeKind.CALLBACK, None
    return EdgeKind.DEFERRED, _context(callee.runs)


def _context(runs: str) -> Context | None:
    return Context(runs) if runs not in ("", "here", "later") else None


def _caller(index: Index, ref: ScopeRef) -> ScopeRef:
    """The function or module that runs a scope's code: a class body runs where the class is defined."""
    scopes = index.python[ref.path].scopes
    number = ref.scope
    while scopes[number].kind is ScopeKind.CLASS:
        number = scopes[number].parent
    return ScopeRef(ref.path, number)


def _overrides(classes: _Classes, owner: ScopeRef, name: str) -> tuple[ScopeRef, ...]:
    """The functions that known subclasses of a class define under a name; none where they are too many to tell."""
    key = (owner, name)
    if key not in classes.found:
        classes.found[key] = _looked_up(classes, owner, name)
    found = classes.found[key]
    if found is None:
        classes.uncertain += 1
    return found or ()


def _looked_up(classes: _Classes, owner: ScopeRef, name: str) -> tuple[ScopeRef, ...] | None:
    found: dict[ScopeRef, None] = {}
    seen = {owner}
    for current in (waiting := [owner]):
        for below in classes.below.get(current, ()):
            if below not in seen:
                seen.add(below)
                waiting.append(below)
                found.update(dict.fromkeys(_defined(classes.index, below, name)))
        if len(seen) > MOST_SUBCLASSES or len(found) > MOST_OVERRIDES:
            return None
    return tuple(sorted(found))


def _defined(index: Index, cls: ScopeRef, name: str) -> Iterable[ScopeRef]:
    scopes = index.python[cls.path].scopes
    for number in index.children[cls.path].get(cls.scope, ()):
        if scopes[number].name == name and scopes[number].kind is ScopeKind.FUNCTION:
            yield ScopeRef(cls.path, number)
