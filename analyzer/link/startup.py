"""A place of the code → whether it runs when the backend starts: on import, or where an application is made."""

from __future__ import annotations

from collections.abc import Container

from ..model.location import Location
from .callgraph import CallGraph
from .calls import in_main_guard
from .evaluate import Evaluator
from .index import ScopeRef, call_at
from .reach import functions_above
from .scripts import is_script


def runs_at_start(ev: Evaluator, graph: CallGraph, at: Location, makers: Container[ScopeRef]) -> bool:
    """Whether a module, or one of the functions that make applications, comes to the function around the place.

    What only a script calls is no part of a start.
    """
    return any(ref in makers or _on_import(ev, graph, ref) for ref in functions_above(ev, graph, at))


def _on_import(ev: Evaluator, graph: CallGraph, ref: ScopeRef) -> bool:
    for edge in graph.callers.get(ref, ()):
        if edge.caller.scope == 0 and not is_script(ev, edge.caller.path):
            call = call_at(ev.index, edge.site) if edge.site is not None else None
            if call is None or not in_main_guard(ev, edge.caller.path, call):
                return True
    return False
