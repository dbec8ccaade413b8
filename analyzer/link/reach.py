"""A place in the code → the endpoints whose handlers reach it through the project's own calls."""

from __future__ import annotations

from bisect import bisect_right

from ..model.facts import ScopeKind
from ..model.location import Location, Span
from .callgraph import CallGraph, EdgeKind
from .evaluate import Evaluator
from .index import ScopeRef
from .walk import contains

DEEPEST = 6  # callers one above another
MOST = 60  # functions looked at
# What leads from a function to others than those that run it.
_APART = (EdgeKind.DECORATOR, EdgeKind.GIVEN)


def functions_above(ev: Evaluator, graph: CallGraph, at: Location) -> tuple[ScopeRef, ...]:
    """The function around a place and the project's functions that run it, directly or not, nearest first."""
    start = function_at(ev, at)
    if start is None:
        return ()
    seen: dict[ScopeRef, int] = {start: 0}
    for ref in (waiting := [start]):
        if seen[ref] >= DEEPEST or len(seen) >= MOST:
            continue
        edges = graph.callers.get(ref, ())
        if ref in ev.handlers:  # whom a framework calls is called by it alone
            edges = tuple(edge for edge in edges if edge.kind is EdgeKind.FRAMEWORK)
        for edge in edges:
            above = edge.caller
            if above not in seen and ev.scope(above).kind is ScopeKind.FUNCTION and edge.kind not in _APART:
                seen[above] = seen[ref] + 1
                waiting.append(above)
    return tuple(seen)


def function_at(ev: Evaluator, at: Location) -> ScopeRef | None:
    """The innermost function around a place; a function's own header counts as within."""
    ref = scope_at(ev, at)
    while ref is not None and ev.scope(ref).kind is not ScopeKind.FUNCTION:
        parent = ev.scope(ref).parent
        ref = ScopeRef(at.path, parent) if parent > 0 else None
    return ref


def scope_at(ev: Evaluator, at: Location) -> ScopeRef | None:
    """The innermost function or class around a place; its own header counts as within."""
    facts = ev.index.python.get(at.path)
    if facts is None:
        return None
    # A scope's parent has a smaller index and starts no later, so the last one to start before the place is in all
    # that are around it.
    number = bisect_right(facts.scopes, _start(at.span), lo=1, key=lambda scope: _start(scope.at)) - 1
    while number > 0 and not contains(facts.scopes[number].at, at.span):
        number = facts.scopes[number].parent
    return ScopeRef(at.path, number) if number > 0 else None


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column
