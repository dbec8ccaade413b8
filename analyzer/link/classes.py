"""Classes of the project: their members over all bases, and what their instances' attributes may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import attribute as library_attribute
from ..libraries import lineage, method
from ..model.code import Name
from ..model.facts import ScopeKind
from ..model.location import Location
from ..model.project import Origin
from .bindings import Binding
from .index import ScopeRef
from .values import ClassRef, Const, External, Frame, Function, Instance, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_BASES = 32


def bases(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef | str, ...]:
    """A class and its bases, nearest first: the project's as scopes, libraries' by name. Cycles are cut."""
    key = ("bases", ref)
    if key in ev.lineages:
        return ev.lineages[key]
    found: dict[ScopeRef | str, None] = {}
    waiting: list[ScopeRef | str] = [ref]
    while waiting and len(found) < MOST_BASES:
        current = waiting.pop(0)
        if current in found:
            continue
        found[current] = None
        if isinstance(current, str):
            continue
        scope = ev.scope(current)
        frame = Frame(ScopeRef(current.path, scope.parent))
        direct: list[ScopeRef | str] = []
        for base in scope.bases:
            for value in ev.expr(base, frame):
                if isinstance(value, ClassRef):
                    direct.append(value.ref)
                elif isinstance(value, External):
                    direct.append(value.name)
        waiting = direct + waiting
    ev.lineages[key] = tuple(found)
    return ev.lineages[key]


def understood(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether every base of a class is the project's or is known to a library model."""
    count = 0
    for base in bases(ev, ref):
        if isinstance(base, str) and base not in ev.libraries.classes and base != "builtins.object":
            return False
        count += 1
    return count >= 1 and len(ev.scope(ref).bases) <= count - 1


def derives(ev: Evaluator, ref: ScopeRef, *names: str) -> bool:
    """Whether a class has one of these library classes among its bases."""
    for base in bases(ev, ref):
        if isinstance(base, str) and (base in names or any(owner in names for owner, _ in lineage(ev.libraries, base))):
            return True
    return False


def member(ev: Evaluator, ref: ScopeRef, name: str, receiver: Value | None) -> Values | None:
    """What a class or its instance has under a name: method, class attribute, or what methods assign to `self.name`."""
    for base in bases(ev, ref):
        if isinstance(base, str):
            found = of_library(ev, base, name, receiver)
        else:
            found = _own(ev, base, name, receiver)
        if found is not None:
            return found
    return None


def enumerated(ev: Evaluator, ref: ScopeRef) -> tuple[Const, ...]:
    """The constant values of an enumeration's members; () for a class that is none."""
    if not any(isinstance(b, str) and (b.startswith("enum.") or b.endswith("Choices")) for b in bases(ev, ref)):
        return ()
    values = join(
        *(_class_level(ev, b, ref) for name, bound in ev.bindings(ref).items() for b in bound if name[:1] != "_")
    )
    return tuple(v for v in values if isinstance(v, Const))


def of_library(ev: Evaluator, cls: str, name: str, receiver: Value | None) -> Values | None:
    """A member that a library class is known to have; None where the model is silent."""
    known = library_attribute(ev.libraries, cls, name)
    if known is not None:
        return (Instance(known, receiver.made if isinstance(receiver, Instance) else None),)
    operation = method(ev.libraries, cls, name)
    if operation is not None:
        return (External(operation[0], receiver),)
    return None


def _own(ev: Evaluator, ref: ScopeRef, name: str, receiver: Value | None) -> Values | None:
    key = ("cell", ref, name)
    bound = ev.bindings(ref).get(name, [])
    assigned = self_assignments(ev, ref).get(name, [])
    if not bound and not assigned:
        return None

    def compute() -> Values:
        values: Values = ()
        for binding in bound:
            values = join(values, _class_level(ev, binding, ref))
        for where, binding in assigned:
            values = join(values, _assigned(ev, binding, where))
        return values

    at = Location(ref.path, ev.scope(ref).name_at)
    cut = (Opaque("an attribute that depends on itself", Origin.ATTRIBUTE, at, name),)
    values = ev.remember(key, compute, lambda: cut)
    return join(*(_bound(ev, value, receiver) for value in values))


def _class_level(ev: Evaluator, binding: Binding, ref: ScopeRef) -> Values:
    from .names import of_binding

    return of_binding(ev, binding, Frame(ref))


def _assigned(ev: Evaluator, binding: Binding, where: ScopeRef) -> Values:
    from .names import of_binding

    return of_binding(ev, binding, Frame(where))


def _bound(ev: Evaluator, value: Value, receiver: Value | None) -> Values:
    """A function found on a class becomes a method of the receiver; a property becomes its result."""
    if not isinstance(value, Function) or value.receiver is not None:
        return (value,)
    scope = ev.scope(value.ref)
    if (
        scope.kind is not ScopeKind.FUNCTION
        or ev.index.python[value.ref.path].scopes[scope.parent].kind is not ScopeKind.CLASS
    ):
        return (value,)
    words = {word for d in scope.decorators if (word := _last_word(d))}
    if words & {"property", "cached_property"} and isinstance(receiver, Instance):
        from .calling import call_function

        return call_function(
            ev, Function(value.ref, receiver), {}, Frame(value.ref), Location(value.ref.path, scope.name_at)
        )
    if "staticmethod" in words:
        return (value,)
    return (Function(value.ref, receiver),)


def _last_word(expr: object) -> str:
    return expr.id if isinstance(expr, Name) else getattr(expr, "name", "") or ""


def self_assignments(ev: Evaluator, ref: ScopeRef) -> dict[str, list[tuple[ScopeRef, Binding]]]:
    """Attributes that a class's methods assign on their first parameter: name → (method, binding)."""
    key = ("self", ref)
    if key in ev.cells:
        return ev.cells[key]
    found: dict[str, list[tuple[ScopeRef, Binding]]] = {}
    for number in ev.index.children[ref.path].get(ref.scope, ()):
        function = ScopeRef(ref.path, number)
        scope = ev.scope(function)
        if scope.kind is not ScopeKind.FUNCTION or not scope.params.items:
            continue
        prefix = f"{scope.params.items[0].name}."
        for name, bindings in ev.bindings(function).items():
            if name.startswith(prefix):
                found.setdefault(name.removeprefix(prefix), []).extend((function, b) for b in bindings)
    ev.cells[key] = found
    return found
