"""A name or attribute that was asked `isinstance` or `is None` → those of its values that can still be there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..libraries import is_subclass
from ..model.code import BinOp, Expr, Sequence
from ..model.location import Span
from . import classes, containers, typehints
from .asked import SILENT, Asked, Fact, Facts, facts_of
from .index import ScopeRef, decoded, raw
from .values import Const, Container, Frame, Instance, Value, Values, join
from .walk import contains

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Of what is not understood only the class is known then; of texts and containers that says nothing of what they hold.
_HOLDING = ("builtins.", "typing.", "collections.", "numbers.")
_PLAIN = frozenset({"builtins.int", "builtins.float", "builtins.bool", "builtins.complex"})


def narrowed(ev: Evaluator, name: str, at: Span, values: Values, frame: Frame) -> Values:
    """The values that a name ("x", "self.x") may still have at a place, after the tests around and before it."""
    known = ev.asked.get(frame.ref)
    if known is None:
        undecoded = raw(ev.index, frame.ref)
        known = ev.asked[frame.ref] = _facts(undecoded) if _speaks(undecoded) else SILENT
    if known is SILENT:
        if not _may_none(values):
            return values
        known = _facts(raw(ev.index, frame.ref))
    for fact in known.by_name.get(name, ()):
        if contains(fact.inside, at) and not _rebound(ev, name, at, fact.inside, known.loops, frame.ref):
            values = _after(ev, fact, values, frame)
    return values


def _may_none(values: Values) -> bool:
    for value in values:  # asked for every name: a generator would cost more than it says
        if type(value) is Const and not value.value:
            return True
    return False


@lru_cache(maxsize=8192)
def _speaks(undecoded: bytes) -> bool:
    """Whether a body asks for classes, or for None at all: most do neither."""
    return b"isinstance" in undecoded or b"\xa2is" in undecoded


@lru_cache(maxsize=2048)
def _facts(undecoded: bytes) -> Facts:
    return facts_of(decoded(undecoded))


def _rebound(ev: Evaluator, name: str, at: Span, inside: Span, loops: tuple[Span, ...], ref: ScopeRef) -> bool:
    """Whether the name is bound again between the test and the place, the loops that both stand in included."""
    for binding in ev.bindings(ref).get(name, ()):
        if contains(inside, binding.at):
            if (binding.at.end_line, binding.at.end_column) <= (at.line, at.column):
                return True
            if any(contains(inside, loop) and contains(loop, at) and contains(loop, binding.at) for loop in loops):
                return True
    return False


def _after(ev: Evaluator, fact: Fact, values: Values, frame: Frame) -> Values:
    match fact.asked:
        case Asked.NONE if fact.positive:
            return (Const(None),) if values else values
        case Asked.NONE | Asked.TRUTH:
            truth = fact.asked is Asked.TRUTH
            kept = tuple(v for v in values if not _dropped(v, truth))
            if kept and fact.assigned is not None and any(_is_none(v) for v in ev.expr(fact.assigned, frame)):
                return values
            return kept or ev.opaque("nothing but None is seen to be there", frame, fact.inside)
        case Asked.CLASS:
            assert fact.classes is not None
            wanted = _classes(ev, fact.classes, frame)
            return _of_classes(ev, wanted, values, fact.positive) if wanted else values


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _dropped(value: Value, truth: bool) -> bool:
    return _is_none(value) or (truth and isinstance(value, Const) and not value.value)


def _classes(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[Instance, ...]:
    """Instances of the classes that the second argument of `isinstance` means; () where one is not known."""
    match expr:
        case BinOp(op="|", left=left, right=right):
            groups = [_classes(ev, left, frame), _classes(ev, right, frame)]
        case Sequence(items=items):
            groups = [_classes(ev, item, frame) for item in items]
        case _:
            values = ev.expr(expr, frame)
            if len(values) == 1 and isinstance(values[0], Container):
                values = containers.items(ev, values[0])
            groups = [tuple(v for v in typehints.of_class(ev, (value,)) if isinstance(v, Instance)) for value in values]
    return tuple(v for group in groups for v in group) if all(groups) else ()


def _of_classes(ev: Evaluator, wanted: tuple[Instance, ...], values: Values, positive: bool) -> Values:
    if not positive:
        return tuple(v for v in values if not _one_of(ev, v, wanted)) or values
    kept = tuple(v for v in values if _one_of(ev, v, wanted))
    unclear = [v for v in values if not isinstance(v, Const | Instance)]
    if unclear and any(_holds_more(v) for v in wanted):
        return join(kept, tuple(unclear))
    if kept and not unclear:
        return kept
    if any(isinstance(v, Instance) or v in unclear for v in values):
        return join(kept, wanted)
    return values


def _holds_more(value: Instance) -> bool:
    return isinstance(value.cls, str) and value.cls.startswith(_HOLDING) and value.cls not in _PLAIN


def _one_of(ev: Evaluator, value: Value, wanted: tuple[Instance, ...]) -> bool:
    if isinstance(value, Const):
        return any(v.cls == f"builtins.{type(value.value).__name__}" for v in wanted)
    if not isinstance(value, Instance):
        return False
    for asked in wanted:
        if isinstance(value.cls, ScopeRef):
            own = classes.bases(ev, value.cls)
            if asked.cls in own or (isinstance(asked.cls, str) and classes.derives(ev, value.cls, asked.cls)):
                return True
        elif isinstance(asked.cls, str) and is_subclass(ev.libraries, value.cls, asked.cls):
            return True
    return False
