"""Classes of the project: their members over all bases, and what their instances' attributes may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..libraries import attribute as library_attribute
from ..libraries import lineage, method
from ..model.code import Name
from ..model.facts import ScopeKind
from ..model.location import Location
from ..model.project import Origin
from . import descriptors, library_types, related
from .bindings import Bind, Binding
from .index import ScopeRef
from .values import OF_CLASSES, ClassRef, Const, External, Frame, Function, Instance, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_BASES = 32
UNFOLLOWED = "bound in a way that is not followed"
_WRITING = frozenset({"setter", "deleter"})  # what these make of a property is not what it is when it is read
_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property", "classproperty", "abstractproperty"})


def bases(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef | str, ...]:
    """A class and its bases in the order that Python asks them: the project's as scopes, libraries' by name."""
    if ref in ev.lineages:
        return ev.lineages[ref]
    found = _linear(ev, ref)
    lineage_ = tuple(v.ref if isinstance(v, ClassRef) else v.name for v in found if isinstance(v, ClassRef | External))
    if ("bases", ref) in ev.memory.kept:
        ev.lineages[ref] = lineage_
    return lineage_


def _linear(ev: Evaluator, ref: ScopeRef) -> Values:
    """The linearization of a class (C3, as Python's documentation has it); cycles are cut."""

    def compute() -> Values:
        scope = ev.scope(ref)
        frame = Frame(ScopeRef(ref.path, scope.parent))
        direct = [v for base in scope.bases for v in ev.expr(base, frame) if isinstance(v, ClassRef | External)]
        direct = [v for v in direct if v != ClassRef(ref)]
        lines: list[list[Value]] = [list(_linear(ev, v.ref)) if isinstance(v, ClassRef) else [v] for v in direct]
        return (ClassRef(ref), *_merged([*lines, [*direct]], ClassRef(ref)))[:MOST_BASES]

    return ev.remember(("bases", ref), compute, lambda: (ClassRef(ref),))


def _merged(lines: list[list[Value]], own: Value) -> Iterator[Value]:
    """Heads that stand in no tail, one after the other; where there is none, the first head."""
    seen = {own}
    while lines := [rest for line in lines if (rest := [v for v in line if v not in seen])]:
        tails = {v for line in lines for v in line[1:]}
        head = next((line[0] for line in lines if line[0] not in tails), lines[0][0])
        seen.add(head)
        yield head


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


def member(
    ev: Evaluator, ref: ScopeRef, name: str, receiver: Value | None, above: ScopeRef | None = None
) -> Values | None:
    """What a class or its instance has under a name: method, class attribute, or what methods assign to `self.name`.

    With `above`, only what stands behind that class in the order of bases: what `super()` there finds.
    """
    line = bases(ev, ref)
    if above in line:
        line = line[line.index(above) + 1 :]
    found: Values | None = None
    for base in line:
        if isinstance(base, str):
            more = of_library(ev, base, name, receiver or ClassRef(ref)) if found is None else None
        else:
            more = _own(ev, base, name, receiver, ref, body=found is None)
        if more is not None:
            found = join(found or (), more)
            if isinstance(base, str) or any(isinstance(v, Function | External) for v in more):
                break
    if found is None:
        return related.back_reference(ev, ref, name, receiver)
    return descriptors.read(ev, found, ref, receiver, name)


def dynamic(ev: Evaluator, ref: ScopeRef) -> ScopeRef | None:
    """The `__getattr__` that a class or its nearest base of the project defines, or None."""
    for base in bases(ev, ref):
        if isinstance(base, ScopeRef):
            for binding in ev.bindings(base).get("__getattr__", ()):
                if binding.how is Bind.DEFINED:
                    return ScopeRef(base.path, binding.number)
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
        return library_types.attribute(ev, known, name, receiver)
    operation = method(ev.libraries, cls, name)
    if operation is not None:
        return (External(operation[0], receiver),)
    any_name = None if name.startswith("_") else method(ev.libraries, cls, "__getattr__")
    return library_types.attribute(ev, any_name[1].returns, name, receiver) if any_name is not None else None


def _own(
    ev: Evaluator, ref: ScopeRef, name: str, receiver: Value | None, asked: ScopeRef, *, body: bool
) -> Values | None:
    """What a class assigns to a name in its methods, and with `body` what it binds to it in its body."""
    bound = ev.bindings(ref).get(name, []) if body else []
    assigned = self_assignments(ev, ref).get(name, [])
    if not bound and not assigned:
        return None

    def compute() -> Values:
        declared = join(*(_class_level(ev, binding, ref) for binding in bound))
        given = join(*(_assigned(ev, binding, where) for where, binding in assigned))
        if any(isinstance(v, Instance) for v in declared) and all(b.how is Bind.ANNOTATED for b in bound):
            given = tuple(v for v in given if not isinstance(v, Opaque))  # the class says what it must be
        elif given:
            declared = tuple(v for v in declared if not (isinstance(v, Opaque) and v.why == UNFOLLOWED))
        return join(declared, given)

    at = Location(ref.path, ev.scope(ref).name_at)
    cut = (Opaque("an attribute that depends on itself", Origin.ATTRIBUTE, at, name),)
    values = ev.remember(("cell", ref, name, body), compute, lambda: cut)
    return join(*(_bound(ev, value, receiver, asked) for value in values))


def _class_level(ev: Evaluator, binding: Binding, ref: ScopeRef) -> Values:
    from .names import of_binding

    return descriptors.annotated(ev, of_binding(ev, binding, Frame(ref)), binding.annotation, ref)


def _assigned(ev: Evaluator, binding: Binding, where: ScopeRef) -> Values:
    from .names import of_binding

    return of_binding(ev, binding, Frame(where))


def _bound(ev: Evaluator, value: Value, receiver: Value | None, asked: ScopeRef) -> Values:
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
    if words & _WRITING:
        return ()
    if words & _PROPERTIES and isinstance(receiver, Instance):
        from .calling import call_function

        return call_function(
            ev, Function(value.ref, receiver), {}, Frame(value.ref), Location(value.ref.path, scope.name_at)
        )
    if "staticmethod" in words:
        return (value,)
    if words & OF_CLASSES or scope.name in ("__init_subclass__", "__class_getitem__"):
        return (Function(value.ref, ClassRef(asked)),)
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
