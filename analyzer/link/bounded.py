"""An async function → whether everybody who waits for it sets a time limit to that, itself or further up."""

from __future__ import annotations

from collections.abc import Iterator

from . import classes
from .callgraph import Edge, EdgeKind
from .evaluate import Evaluator
from .held import Fate, fate
from .index import ScopeRef, call_at, enclosing_class
from .limits import decorated

_MOST = 60  # functions looked at above one
_OUTSIDE = (EdgeKind.FRAMEWORK, EdgeKind.DECORATOR)


def by_callers(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether every way that is known to a function goes through a time limit."""
    seen, limited = {ref}, False
    for current in (waiting := [ref]):
        if current != ref and decorated(ev, current):
            limited = True
            continue
        edges = tuple(_callers(ev, current))
        if current in ev.handlers or not edges or len(seen) > _MOST:
            return False
        for edge in edges:
            match _fate(ev, edge):
                case Fate.LIMITED:
                    limited = True
                case Fate.LEFT:
                    return False
                case Fate.WAITED:
                    if edge.caller not in seen:
                        seen.add(edge.caller)
                        waiting.append(edge.caller)
    return limited


def _fate(ev: Evaluator, edge: Edge) -> Fate:
    call = call_at(ev.index, edge.site) if edge.site is not None else None
    return Fate.LEFT if call is None or edge.kind in _OUTSIDE else fate(ev, edge.caller, call.at)


def _callers(ev: Evaluator, ref: ScopeRef) -> Iterator[Edge]:
    """The calls of a function, and of the methods that it overrides: where many do, no edge leads to each of them."""
    if ev.graph is None:
        return
    yield from ev.graph.callers.get(ref, ())
    owner = enclosing_class(ev.index, ref)
    name = ev.scope(ref).name
    if owner is None or name.startswith("__"):
        return
    for base in (one for one in classes.bases(ev, owner)[1:] if isinstance(one, ScopeRef)):
        for bound in ev.bindings(base).get(name, ()):
            if bound.number >= 0:
                yield from ev.graph.callers.get(ScopeRef(base.path, bound.number), ())
