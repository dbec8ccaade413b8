"""Attributes → values: members of modules, classes and instances, of the project and of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Comprehension, Dict, Name, Sequence
from ..model.location import Location, Span
from ..model.project import Origin
from . import callables, classes, decorated, imports, names, narrowing, outside, subclasses
from .bindings import Bind, Binding
from .index import ScopeRef, enclosing_class
from .values import (
    ClassRef,
    Const,
    Container,
    External,
    Frame,
    Function,
    Instance,
    Module,
    Opaque,
    Txt,
    Value,
    Values,
    identity,
    is_circle,
    join,
)
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Where something comes from holds for its parts too.
_KEPT = (Origin.REQUEST, Origin.PARAMETER, Origin.OPERATOR, Origin.ESCAPED)
# A constant that has one of these is the member of an enumeration; `_meta` is what every Django model has.
_OF_A_MEMBER = frozenset({"value", "name", "_value_"})
_OPTIONS = "django.db.models.options.Options"


def attribute(ev: Evaluator, expr: Attribute, frame: Frame) -> Values:
    """`value.name`: what was assigned to it in this scope, or what the value has by that name."""
    full = dotted(expr)
    if full and full in ev.bindings(frame.ref):
        values = _assigned_here(ev, expr, full, frame)
    else:
        values = _read(ev, expr, full, frame)
    return narrowing.narrowed(ev, full, expr.at, values, frame) if full else values


def _read(ev: Evaluator, expr: Attribute, full: str, frame: Frame) -> Values:
    # Everything in an f-string stands at one place: `f"{order.name} {user.name}"`.
    owner = full or (expr.value.site if isinstance(expr.value, Call) else "")
    return ev.remember(
        ("attribute", identity(frame), expr.at, expr.name, owner),
        lambda: _above(ev, expr, frame) or join(*(of(ev, value, expr, frame) for value in ev.expr(expr.value, frame))),
        lambda: ev.opaque("an attribute that depends on itself", frame, expr.at, dotted(expr), Origin.ATTRIBUTE),
    )


def _above(ev: Evaluator, expr: Attribute, frame: Frame) -> Values:
    """`super().name`: what the classes behind this one have, for the object that the method is called on."""
    call = expr.value
    if not isinstance(call, Call) or not isinstance(call.callee, Name) or call.callee.id != "super":
        return ()
    owner, first = _method_around(ev, frame.ref)
    if owner is None:
        return ()
    found: Values = ()
    for receiver in ev.expr(Name(expr.at, first), frame) if first else (Instance(owner),):
        ref = (
            receiver.cls
            if isinstance(receiver, Instance)
            else receiver.ref
            if isinstance(receiver, ClassRef)
            else owner
        )
        asked = ref if isinstance(ref, ScopeRef) and owner in classes.bases(ev, ref) else owner
        more = classes.member(ev, asked, expr.name, receiver, above=owner)
        found = join(found, more or _missing(ev, asked, expr, Location(frame.ref.path, expr.at)))
    return found


def _method_around(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef | None, str]:
    """The class of the method that a place stands in, with the name of its first parameter where it stands there."""
    inner = ref
    while inner.scope > 0:
        owner = enclosing_class(ev.index, inner)
        if owner is not None:
            params = ev.scope(inner).params.items
            return owner, params[0].name if params and inner == ref else ""
        inner = ScopeRef(inner.path, ev.scope(inner).parent)
    return None, ""


def _assigned_here(ev: Evaluator, expr: Attribute, full: str, frame: Frame) -> Values:
    """The assignments to `obj.name` in the same scope that reach the place, and what it has where none may have."""
    before = Binding(Bind.MATCHED, full, Span(0, 0, 0, 0))
    state = names.reaching(ev, full, expr.at, frame, (before,))

    def compute() -> Values:
        groups = [_read(ev, expr, full, frame) if b is before else names.of_binding(ev, b, frame) for b in state]
        return join(*groups)

    found = ev.remember(("cell here", identity(frame), full, expr.at), compute, lambda: ())
    return found or _read(ev, expr, full, frame)


def of(ev: Evaluator, value: Value, expr: Attribute, frame: Frame) -> Values:
    """What one value has under the attribute's name."""
    at = Location(frame.ref.path, expr.at)
    match value:
        case Module(path=path, name=dotted_name):
            return _of_module(ev, path, dotted_name, expr, frame)
        case Instance() if expr.name == "__class__":
            return callables.class_of(value)
        case External(name=owner, receiver=None):
            return _of_external(ev, owner, expr.name)
        case External(name=owner):
            return (External(f"{owner}.{expr.name}"),)
        case ClassRef(ref=ref):
            found = classes.member(ev, ref, expr.name, None)
            return found if found is not None else _enum_like(expr, at)
        case Instance(cls=ScopeRef() as ref):
            return _of_object(ev, value, ref, expr, at)
        case Instance(cls=str() as cls):
            return _of_library_object(ev, value, cls, expr, at)
        case Const() if expr.name in _OF_A_MEMBER:
            return (value,)
        case Opaque() if expr.name == "_meta" and _OPTIONS in ev.libraries.classes:
            return (Instance(_OPTIONS),)
        case Const(value=str()) | Txt():
            return (External(f"builtins.str.{expr.name}", value),)
        case Container():
            return (External(f"builtins.{_kind(value)}.{expr.name}", value),)
        case Function() if found := decorated.member(ev, value, expr.name):
            return found
        case Opaque() if is_circle(value):
            return (value,)
        case Opaque(origin=origin, written=written, trace=trace):
            why = "an attribute of something not understood"
            kept = origin if origin in _KEPT else Origin.ATTRIBUTE
            return (Opaque(why, kept, at, dotted(expr) or written, trace),)
        case _:
            return (Opaque("an attribute of something not understood", Origin.ATTRIBUTE, at, dotted(expr)),)


def _of_object(ev: Evaluator, value: Instance, ref: ScopeRef, expr: Attribute, at: Location) -> Values:
    """What an object of the project has: by its class, by who assigns it from outside, by its subclasses."""
    found = classes.member(ev, ref, expr.name, value)
    if found is None and expr.name in _OF_A_MEMBER:
        found = classes.enumerated(ev, ref) or None
    if found is None or all(isinstance(v, Const) and v.value is None for v in found):
        found = join(found or (), outside.given(ev, value, expr.name))
    return found or subclasses.member(ev, value, expr.name) or _missing(ev, ref, expr, at)


def _kind(container: Container) -> str:
    """The built-in class of a literal or comprehension."""
    match container.expr:
        case Dict():
            return "dict"
        case Sequence(kind=kind) | Comprehension(kind=kind):
            return kind if kind != "generator" else "list"
        case _:
            return "list"


def _of_module(ev: Evaluator, path: str, name: str, expr: Attribute, frame: Frame) -> Values:
    if path:
        found = names.member(ev, path, expr.name)
        if found is None or all(isinstance(v, Const) and v.value is None for v in found):
            found = join(found or (), outside.given(ev, Module(path, name), expr.name)) or None
        if found is not None:
            return found
        if not path.endswith("__init__.py"):
            return ev.opaque("a name that its module does not define", frame, expr.at, dotted(expr))
    return imports.module(ev, f"{name}.{expr.name}", path or frame.ref.path)


def _of_external(ev: Evaluator, owner: str, name: str) -> Values:
    found = classes.of_library(ev, owner, name, None) if owner in ev.libraries.classes else None
    return found if found is not None else imports.external(ev, f"{owner}.{name}")


def _of_library_object(ev: Evaluator, value: Instance, cls: str, expr: Attribute, at: Location) -> Values:
    found = classes.of_library(ev, cls, expr.name, value)
    if found is not None:
        return found
    model = ev.libraries.classes.get(cls)
    if model is not None and model.request:
        return (Opaque("what the client sent", Origin.REQUEST, at, dotted(expr)),)
    return outside.given(ev, value, expr.name) or (External(f"{cls}.{expr.name}", value),)


def _missing(ev: Evaluator, ref: ScopeRef, expr: Attribute, at: Location) -> Values:
    """An attribute that no class in sight defines: `__getattr__` may make it, a library base may bring it."""
    if (dynamic := classes.dynamic(ev, ref)) is not None:
        from .calling import call_function

        made = call_function(ev, Function(dynamic, Instance(ref)), {}, Frame(ref), at)
        known = tuple(v for v in made if not isinstance(v, Opaque | Const))
        return known or (Opaque("an attribute that `__getattr__` makes", Origin.ATTRIBUTE, at, dotted(expr)),)
    for base in classes.bases(ev, ref):
        if isinstance(base, str) and base != "builtins.object":
            return (External(f"{base}.{expr.name}", Instance(ref)),)
    return (Opaque("an attribute that its class does not define", Origin.ATTRIBUTE, at, dotted(expr)),)


def _enum_like(expr: Attribute, at: Location) -> Values:
    return (Opaque("an attribute that its class does not define", Origin.ATTRIBUTE, at, dotted(expr)),)
