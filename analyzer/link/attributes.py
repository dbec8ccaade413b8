"""Attributes → values: members of modules, classes and instances, of the project and of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, Name
from ..model.location import Location
from ..model.project import Origin
from . import classes, names
from .flow import Flow
from .index import ScopeRef, body
from .values import ClassRef, Const, Container, External, Frame, Instance, Module, Opaque, Txt, Value, Values, join
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
    if isinstance(expr.value, Name) and (found := _assigned_here(ev, expr, frame)):
        return found
    key = ("attribute", frame.ref, expr.at, expr.name) if not frame.known else ("attribute", frame, expr.at, expr.name)
    return ev.remember(
        key,
        lambda: join(*(of(ev, value, expr, frame) for value in ev.expr(expr.value, frame))),
        lambda: ev.opaque("an attribute that depends on itself", frame, expr.at, dotted(expr), Origin.ATTRIBUTE),
    )


def _assigned_here(ev: Evaluator, expr: Attribute, frame: Frame) -> Values:
    """The assignments to `obj.name` in the same scope that reach the place."""
    assert isinstance(expr.value, Name)
    full = f"{expr.value.id}.{expr.name}"
    if full not in ev.bindings(frame.ref):
        return ()
    facts = ev.index.python[frame.ref.path]
    state = Flow(full, expr.at, tuple(ev.bindings(frame.ref)[full]), facts.scopes, facts.imports).reaching(
        body(ev.index, frame.ref)
    )
    key = ("cell here", frame if frame.known else frame.ref, full, expr.at)
    return ev.remember(key, lambda: join(*(names.of_binding(ev, b, frame) for b in state)), lambda: ())


def of(ev: Evaluator, value: Value, expr: Attribute, frame: Frame) -> Values:
    """What one value has under the attribute's name."""
    at = Location(frame.ref.path, expr.at)
    match value:
        case Module(path=path, name=dotted_name):
            return _of_module(ev, path, dotted_name, expr, frame)
        case External(name=owner, receiver=None):
            return _of_external(ev, owner, expr.name)
        case External(name=owner):
            return (External(f"{owner}.{expr.name}"),)
        case ClassRef(ref=ref):
            found = classes.member(ev, ref, expr.name, None)
            return found if found is not None else _enum_like(expr, at)
        case Instance(cls=ScopeRef() as ref):
            found = classes.member(ev, ref, expr.name, value)
            if found is None and expr.name in _OF_A_MEMBER:
                found = classes.enumerated(ev, ref) or None
            return found if found is not None else _missing(ev, ref, expr, at)
        case Instance(cls=str() as cls):
            return _of_library_object(ev, value, cls, expr, at)
        case Const() if expr.name in _OF_A_MEMBER:
            return (value,)
        case Opaque() if expr.name == "_meta" and _OPTIONS in ev.libraries.classes:
            return (Instance(_OPTIONS),)
        case Const(value=str()) | Txt():
            return (External(f"builtins.str.{expr.name}", value),)
        case Container():
            return (External(f"builtins.list.{expr.name}", value),)
        case Opaque(origin=origin, written=written, trace=trace):
            why = "an attribute of something not understood"
            kept = origin if origin in _KEPT else Origin.ATTRIBUTE
            return (Opaque(why, kept, at, dotted(expr) or written, trace),)
        case _:
            return (Opaque("an attribute of something not understood", Origin.ATTRIBUTE, at, dotted(expr)),)


def _of_module(ev: Evaluator, path: str, name: str, expr: Attribute, frame: Frame) -> Values:
    if path:
        found = names.member(ev, path, expr.name)
        if found is not None:
            return found
        if not path.endswith("__init__.py"):
            return ev.opaque("a name that its module does not define", frame, expr.at, dotted(expr))
    return names.module(ev, f"{name}.{expr.name}", path or frame.ref.path)


def _of_external(ev: Evaluator, owner: str, name: str) -> Values:
    found = classes.of_library(ev, owner, name, None) if owner in ev.libraries.classes else None
    return found if found is not None else names.external(ev, f"{owner}.{name}")


def _of_library_object(ev: Evaluator, value: Instance, cls: str, expr: Attribute, at: Location) -> Values:
    found = classes.of_library(ev, cls, expr.name, value)
    if found is not None:
        return found
    model = ev.libraries.classes.get(cls)
    if model is not None and model.request:
        return (Opaque("what the client sent", Origin.REQUEST, at, dotted(expr)),)
    return (External(f"{cls}.{expr.name}", value),)


def _missing(ev: Evaluator, ref: ScopeRef, expr: Attribute, at: Location) -> Values:
    """An attribute that no class in sight defines: a library base may bring it."""
    for base in classes.bases(ev, ref):
        if isinstance(base, str) and base != "builtins.object":
            return (External(f"{base}.{expr.name}", Instance(ref)),)
    return (Opaque("an attribute that its class does not define", Origin.ATTRIBUTE, at, dotted(expr)),)


def _enum_like(expr: Attribute, at: Location) -> Values:
    return (Opaque("an attribute that its class does not define", Origin.ATTRIBUTE, at, dotted(expr)),)
