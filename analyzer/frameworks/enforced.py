"""A handler → what the project's functions that it calls ask of who may."""

from __future__ import annotations

from typing import NamedTuple

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


class Enforced(NamedTuple):
    """What stands below a handler."""

    by: ScopeRef | None = None  # the nearest function that refuses whoever may not
    looks: bool = False  # whether any looks at who is asking


def enforced(ev: Evaluator, ref: ScopeRef) -> Enforced:
    """What the functions below a handler ask of who may, the nearest first."""
    looks = False
    seen: dict[ScopeRef, int] = {ref: 0}
    for one in (waiting := [ref]):
        if ev.graph is None or seen[one] >= _DEEPEST or len(seen) >= _MOST:
            continue
        for edge in ev.graph.callees.get(one, ()):
            below = edge.callee
            if not isinstance(below, ScopeRef) or below in seen or edge.kind not in _FOLLOWED:
                continue
            scope = ev.scope(below)
            if scope.kind is not ScopeKind.FUNCTION or identifies(scope.name):
                continue
            says = verdict(ev, AUTHORITY, below)
            if says is Says.YES:
                return Enforced(below)
            looks = looks or says is not Says.NO
            seen[below] = seen[one] + 1
            waiting.append(below)
    return Enforced(None, looks)
