"""A class of the project → the classes that derive from it, and what they have where it has nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes
from .index import ScopeRef
from .lookups import entry
from .values import ClassRef, Frame, Function, Instance, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST = 8  # subclasses that are asked; of something with more of them nothing is said


def derived(ev: Evaluator) -> dict[str, tuple[ScopeRef, ...]]:
    """Path and scope of each class → the classes that name it as a base."""
    found: dict[str, list[ScopeRef]] = {}
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests:
            continue
        for number, scope in enumerate(facts.scopes):
            for base in scope.bases if scope.kind is ScopeKind.CLASS else ():
                for value in ev.expr(base, Frame(ScopeRef(path, scope.parent))):
                    if isinstance(value, ClassRef) and value.ref != ScopeRef(path, number):
                        found.setdefault(_key(value.ref), []).append(ScopeRef(path, number))
    return {key: tuple(below) for key, below in found.items()}


def _key(ref: ScopeRef) -> str:
    return f"{ref.path}:{ref.scope}"


def below(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef, ...]:
    """All classes that derive from a class, nearest first; () where there are more than MOST."""
    found: dict[ScopeRef, None] = {}
    waiting = [ref]
    while waiting and len(found) <= MOST:
        for one in entry(ev, "derived", _key(waiting.pop(0))):
            if one not in found and one != ref:
                found[one] = None
                waiting.append(one)
    return tuple(found) if len(found) <= MOST else ()


def member(ev: Evaluator, value: Instance, name: str) -> Values:
    """What the subclasses have under a name that a class only speaks of: a mixin's `self.queryset`; () for nothing."""
    if value.made is not None or not isinstance(value.cls, ScopeRef):
        return ()  # an object that was made as one of this class has no more
    found: Values = ()
    for ref in below(ev, value.cls):
        own = name in ev.bindings(ref) or name in classes.self_assignments(ev, ref)
        more = classes.member(ev, ref, name, Instance(ref)) if own else None
        found = join(found, more or ())
    return found


def overriding(ev: Evaluator, target: Function, at: Location) -> Values:
    """What the methods return that override one without a body of its own; () where none of them is known."""
    receiver = target.receiver
    if not isinstance(receiver, Instance) or receiver.made is not None or not isinstance(receiver.cls, ScopeRef):
        return ()
    from .calling import call_function

    name = ev.scope(target.ref).name
    found: Values = ()
    for ref in below(ev, receiver.cls):
        for binding in ev.bindings(ref).get(name, ()):
            if binding.number >= 0 and ScopeRef(ref.path, binding.number) != target.ref:
                method = Function(ScopeRef(ref.path, binding.number), Instance(ref))
                found = join(found, call_function(ev, method, {}, Frame(ref), at))
    return tuple(v for v in found if not _unknown(v))


def _unknown(value: Value) -> bool:
    return isinstance(value, Opaque)
