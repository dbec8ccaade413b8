"""A handler → the nearest function of the project that it calls and that refuses whoever may not."""

from __future__ import annotations

from ..link.callgraph import EdgeKind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..model.facts import ScopeKind
from .authority import identifies
from .languages import AUTHORITY, verdict
from .speech import Says

_DEEPEST = 3  # calls one below another
_MOST = 80  # functions looked at
_FOLLOWED = (EdgeKind.DIRECT, EdgeKind.VIRTUAL)


def enforced(ev: Evaluator, ref: ScopeRef) -> ScopeRef | None:
    """The nearest function below a handler that asks what somebody may; None where none is seen to."""
    if ev.graph is None:
        return None
    seen: dict[ScopeRef, int] = {ref: 0}
    for one in (waiting := [ref]):
        if seen[one] >= _DEEPEST or len(seen) >= _MOST:
            continue
        for edge in ev.graph.callees.get(one, ()):
            below = edge.callee
            if not isinstance(below, ScopeRef) or below in seen or edge.kind not in _FOLLOWED:
                continue
            scope = ev.scope(below)
            if scope.kind is not ScopeKind.FUNCTION or identifies(scope.name):
                continue
            if verdict(ev, AUTHORITY, below) is Says.YES:
                return below
            seen[below] = seen[one] + 1
            waiting.append(below)
    return None
