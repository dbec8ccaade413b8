"""A place in the code → the endpoints whose handlers reach it through the project's own calls."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from ..model.facts import ScopeKind
from ..model.location import Location, Span
from .evaluate import Evaluator
from .index import ScopeRef
from .parameters import callers
from .walk import contains

DEEPEST = 6  # callers one above another
MOST = 60  # functions looked at


def functions_above(
    ev: Evaluator, at: Location, injected: Mapping[ScopeRef, tuple[ScopeRef, ...]] = {}
) -> tuple[ScopeRef, ...]:
    """The function around a place and the project's functions that call it, directly or not, nearest first.

    `injected` says to which functions a framework gives what a dependency returns: these count as its callers.
    """
    start = function_at(ev, at)
    if start is None:
        return ()
    seen: dict[ScopeRef, int] = {start: 0}
    for ref in (waiting := [start]):
        if seen[ref] >= DEEPEST or len(seen) >= MOST:
            continue
        sites = () if ref in ev.handlers else callers(ev, ref)  # whom a framework calls is called by it alone
        calling = [ScopeRef(site.path, ev.index.site(site).scope) for site in sites]
        for above in (*calling, *injected.get(ref, ())):
            if above not in seen and ev.scope(above).kind is ScopeKind.FUNCTION:
                seen[above] = seen[ref] + 1
                waiting.append(above)
    return tuple(seen)


def function_at(ev: Evaluator, at: Location) -> ScopeRef | None:
    """The innermost function around a place; a function's own header counts as within."""
    facts = ev.index.python.get(at.path)
    if facts is None:
        return None
    # A scope's parent has a smaller index and starts no later, so the last one to start before the place is in all
    # that are around it.
    number = bisect_right(facts.scopes, _start(at.span), lo=1, key=lambda scope: _start(scope.at)) - 1
    while number > 0:
        scope = facts.scopes[number]
        if scope.kind is ScopeKind.FUNCTION and contains(scope.at, at.span):
            return ScopeRef(at.path, number)
        number = scope.parent
    return None


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column
