"""A place in the code → whether it stands in a function that nothing in the project is seen to use."""

from __future__ import annotations

from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes
from .callgraph import CallGraph
from .evaluate import Evaluator
from .index import ScopeRef, enclosing_class
from .loop import plain
from .reach import function_at


def unused(ev: Evaluator, graph: CallGraph, at: Location) -> bool:
    """Whether no call, framework, decorator, base class or mention of its name leads to a function, tests aside."""
    ref = function_at(ev, at) if graph.entries else None  # without any, the project is used by others whom nobody sees
    while ref is not None and (above := _within(ev, ref)) is not None:
        ref = above
    if ref is None or graph.callers.get(ref) or any(entry.ref == ref for entry in graph.entries) or not plain(ev, ref):
        return False
    return not _of_base(ev, ref) and not _mentioned(ev, ref)


def _within(ev: Evaluator, ref: ScopeRef) -> ScopeRef | None:
    """The function that defines this one inside it."""
    above = ScopeRef(ref.path, ev.scope(ref).parent)
    return above if above.scope > 0 and ev.scope(above).kind is ScopeKind.FUNCTION else None


def _of_base(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a base class may call a method: one of a library, one that is not understood, or one that has it too."""
    owner, name = enclosing_class(ev.index, ref), ev.scope(ref).name
    if owner is None:
        return False
    if name.startswith("__") or not classes.understood(ev, owner):
        return True
    above = classes.bases(ev, owner)[1:]
    return any(name in ev.bindings(b) if isinstance(b, ScopeRef) else b != "builtins.object" for b in above)


def _mentioned(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether its name is said anywhere but in its definition: also in a deployment file, or in `__all__`."""
    name = ev.scope(ref).name
    for path, facts in ev.index.python.items():
        said = name in facts.attributes or name in facts.names or any(item.name == name for item in facts.imports)
        if said and path not in ev.index.tests:
            return True
    return any(entry.value.endswith((f":{name}", f".{name}")) for f in ev.index.text.values() for entry in f.entries)
