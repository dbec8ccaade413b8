"""What `first, *rest = value` and `except Error as name` bind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model.code import Expr, Sequence, Starred
from ..model.location import Location
from . import containers, typehints
from .bindings import Binding
from .values import Container, Frame, Instance, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator


def rest(ev: Evaluator, binding: Binding, frame: Frame) -> Values:
    """The list that a starred target gets: what is left between the targets before and behind it."""
    assert binding.expr is not None
    *path, start = binding.path
    values = containers.unpacked(ev, binding.expr, tuple(path), frame) if path else ev.expr(binding.expr, frame)
    found: Values = ()
    for value in values:
        if isinstance(value, Container) and isinstance(value.expr, Sequence):
            items = value.expr.items
            if not any(isinstance(item, Starred) for item in items):
                items = items[start : len(items) - binding.number]
            at = Location(frame.ref.path, binding.at)
            found = join(found, (replace(value, at=at, expr=Sequence(value.expr.at, "list", items)),))
        elif isinstance(value, Instance) and value.of:
            found = join(found, (Instance("builtins.list", value.made, value.of),))
        else:
            found = join(found, ev.opaque("an unpacked part that is not followed", frame, binding.at, binding.name))
    return found


def caught(ev: Evaluator, expr: Expr, frame: Frame) -> Values:
    """What `except expr as name` binds: instances of the classes caught."""
    parts = expr.items if isinstance(expr, Sequence) else (expr,)
    found = join(*(typehints.of_class(ev, ev.expr(part, frame)) for part in parts))
    return found or ev.opaque("bound in a way that is not followed", frame, expr.at)
