"""Class-based views → the methods that they answer, each with its function and what guards it."""

from __future__ import annotations

from collections.abc import Mapping

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.code import Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from .guards import NONE, Evidence, Guards, merged, of_expr, protection
from .lists import items
from .routes import Handler, of_decorators
from .sources import name_place, qualified
from .speech import body_speaks

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def functions(ev: Evaluator, ref: ScopeRef, names: tuple[str, ...]) -> dict[str, ScopeRef]:
    """The functions that a class or its bases in the project define under these names, nearest first."""
    found: dict[str, ScopeRef] = {}
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        held = ev.bindings(base)
        for name in names:
            numbers = [b.number for b in held.get(name, ()) if b.number >= 0]
            if (
                name not in found
                and numbers
                and ev.index.python[base.path].scopes[numbers[-1]].kind is ScopeKind.FUNCTION
            ):
                found[name] = ScopeRef(base.path, numbers[-1])
    return found


def class_attribute(ev: Evaluator, ref: ScopeRef, name: str) -> tuple[Expr, Frame] | None:
    """The expression that the nearest class assigns to an attribute in its body, with its frame."""
    for base in classes.bases(ev, ref):
        if isinstance(base, ScopeRef):
            for binding in reversed(ev.bindings(base).get(name, ())):
                if binding.expr is not None:
                    return binding.expr, Frame(base)
    return None


def listed(guards: Guards, ref: ScopeRef, name: str, why: str) -> Evidence:
    """The guards that a class attribute lists: `decorators = [limiter.limit("5/minute")]`."""
    found = class_attribute(guards.ev, ref, name)
    if found is None:
        return NONE
    held = items(guards.ev, *found)
    parts = [] if held.complete else [Evidence(unknown=(why,))]
    parts += [of_expr(guards, expr, frame, Location(frame.ref.path, expr.at), why) for expr, frame in held.found]
    return merged(parts)


def grouped(
    guards: Guards, ref: ScopeRef, found: Mapping[str, ScopeRef], around: Evidence, extra: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Handler]]:
    """The methods of a class view, those with the same guards together; `extra` are methods that a library defines.

    Where all have the same guards the handler is the class, else each group's is its first function.
    """
    ev = guards.ev
    groups: dict[Evidence, list[str]] = {around: [name.upper() for name in extra]} if extra else {}
    first: dict[Evidence, ScopeRef] = {}
    for name in sorted(found):
        evidence = merged([around, of_method(guards, found[name])])
        groups.setdefault(evidence, []).append(name.upper())
        first.setdefault(evidence, found[name])
    whole = len(groups) == 1
    result = []
    for evidence, names in groups.items():
        target = ref if whole or evidence not in first else first[evidence]
        is_async = any(ev.scope(found[n.lower()]).is_async for n in names if n.lower() in found)
        handler = Handler(qualified(ev, target), name_place(ev, target), target, is_async, evidence)
        result.append((tuple(sorted(names)), handler))
    return result


def of_method(guards: Guards, ref: ScopeRef) -> Evidence:
    """The guards of one method: its decorators and its body."""
    ev = guards.ev
    scope = ev.scope(ref)
    parts = [of_decorators(guards, scope.decorators, Frame(ScopeRef(ref.path, scope.parent)))]
    if body_speaks(ev, ref):
        parts.append(protection(qualified(ev, ref), name_place(ev, ref)))
    return merged(parts)
