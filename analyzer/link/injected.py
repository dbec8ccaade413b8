"""Functions that a framework calls to fill a parameter → the functions whose parameters they fill."""

from __future__ import annotations

from collections import defaultdict

from ..model.code import Call, Expr, Name
from ..model.facts import ScopeKind
from .evaluate import Evaluator
from .index import ScopeRef, body
from .parameters import dependency_calls
from .values import ClassRef, Frame, Function
from .walk import nodes

Injected = dict[ScopeRef, tuple[ScopeRef, ...]]


def injected(ev: Evaluator) -> Injected:
    """Each dependency of the project with those that it is given to; `Annotated[T, Depends(f)]` under a name counts."""
    marked = set(ev.libraries.markers.get("dependency", ()))
    words = {name.rpartition(".")[2] for name in marked}
    found: dict[ScopeRef, dict[ScopeRef, None]] = defaultdict(dict)
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests or not any(word in facts.names or word in facts.attributes for word in words):
            continue
        for number, scope in enumerate(facts.scopes):
            ref, above = ScopeRef(path, number), Frame(ScopeRef(path, max(scope.parent, 0)))
            if scope.kind is ScopeKind.FUNCTION:
                calls = [call for param in scope.params.items for call in dependency_calls(param)]
                calls += [node for part in scope.decorators for node in nodes(part) if isinstance(node, Call)]
                for target in _given(ev, calls, above, marked):
                    found[target][ref] = None
            elif scope.kind is ScopeKind.MODULE:
                calls = [node for node in nodes(body(ev.index, ref)) if isinstance(node, Call) and _last(node) in words]
                for target in _given(ev, calls, Frame(ref), marked):
                    found[target].setdefault(target)  # under a name of its own: who uses that is not followed
    return {target: tuple(given) for target, given in found.items()}


def _given(ev: Evaluator, calls: list[Call], frame: Frame, marked: set[str]) -> list[ScopeRef]:
    found = []
    for call in calls:
        if call.args and marked.intersection(ev.qualified(call.callee, frame)):
            for value in ev.expr(call.args[0], frame):
                if isinstance(value, Function):
                    found.append(value.ref)
                elif isinstance(value, ClassRef):
                    made = ev.bindings(value.ref).get("__init__", ())
                    found += [ScopeRef(value.ref.path, b.number) for b in made if b.number >= 0]
    return found


def _last(call: Call) -> str:
    callee: Expr = call.callee
    return callee.id if isinstance(callee, Name) else getattr(callee, "name", "") or ""
