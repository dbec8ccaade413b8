"""What a class has under a name → what its instances have there: columns, related objects, managers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model.code import Expr
from ..model.location import Location
from ..model.project import Origin
from . import related
from .index import ScopeRef
from .library_types import Asked, said, values
from .values import Frame, Instance, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator


def annotated(ev: Evaluator, found: Values, annotation: Expr | None, ref: ScopeRef) -> Values:
    """Columns and related objects with the type that their annotation gives: `team: Mapped[Team] = relationship()`."""
    if annotation is None or not any(said(ev, value, "read") for value in found):
        return found
    from . import typehints

    declared = typehints.instances(ev, annotation, Frame(ref))
    if any(said(ev, value, "read") for value in declared):
        return declared
    return tuple(
        replace(value, of=declared) if declared and isinstance(value, Instance) and said(ev, value, "read") else value
        for value in found
    )


def read(ev: Evaluator, found: Values, ref: ScopeRef, receiver: Value | None, name: str) -> Values:
    """What a class's members are when they are read on the class (no receiver) or on an instance of it."""
    if not any(isinstance(value, Instance) for value in found):
        return found
    return join(*(_read(ev, value, ref, receiver, name) for value in related.single(ev, found)))


def _read(ev: Evaluator, value: Value, ref: ScopeRef, receiver: Value | None, name: str) -> Values:
    if not isinstance(value, Instance):
        return (value,)
    if not value.of and (said(ev, value, "owned") or related.is_manager(ev, value)):
        return (replace(value, of=(Instance(ref),)),)
    text = said(ev, value, "read") if isinstance(receiver, Instance) else ""
    if not text:
        return (value,)
    at = Location(ref.path, ev.scope(ref).name_at)
    unknown = Opaque("a field whose type is not known", Origin.ATTRIBUTE, at, name)
    return values(ev, text, Asked(at, Frame(ref), value)) or (unknown,)
