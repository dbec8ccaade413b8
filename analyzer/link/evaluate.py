"""An expression in a frame → the values it may have; bounded in depth, the same whoever asks first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..libraries import Libraries
from ..model.code import (
    Attribute, Await, BinOp, BoolOp, Call, Compare, Comprehension, Dict, Expr, Format, IfExp, Literal, LiteralKind,
    Name, NamedExpr, Sequence, Slice, Starred, Subscript, UnaryOp,
)  # fmt: skip
from ..model.facts import Scope
from ..model.location import Location, Span
from ..model.project import Constant, Origin
from . import attributes, calling, containers, names, texts
from .bindings import Binding, collect
from .index import Index, ScopeRef, SiteRef, body
from .values import Const, Container, External, Frame, Instance, Opaque, Thunk, Value, Values, join
from .walk import dotted

DEEPEST = 40  # nested evaluations; beyond, a value is Opaque


@dataclass(slots=True)
class Evaluator:
    """The state of one linking: facts, library models and what has been computed; answers do not depend on order."""

    index: Index
    libraries: Libraries
    handlers: dict[ScopeRef, str] = field(default_factory=dict)  # endpoint handlers → framework
    memo: dict[tuple[object, ...], Values] = field(default_factory=dict)
    tables: dict[ScopeRef, tuple[dict[str, list[Binding]], dict[str, str]]] = field(default_factory=dict)
    callers: dict[tuple[object, ...], tuple[SiteRef, ...]] = field(default_factory=dict)
    lineages: dict[tuple[object, ...], tuple[ScopeRef | str, ...]] = field(default_factory=dict)
    cells: dict[tuple[object, ...], dict[str, list[tuple[ScopeRef, Binding]]]] = field(default_factory=dict)
    guards: dict[str, tuple[Span, ...]] = field(default_factory=dict)  # path → `if __name__ == "__main__"` blocks
    active: set[tuple[object, ...]] = field(default_factory=set)
    depth: int = 0
    cuts: int = 0  # how often a bound was hit: such values are not remembered

    def scope(self, ref: ScopeRef) -> Scope:
        """The outline of a scope."""
        return self.index.scope(ref)

    def bindings(self, ref: ScopeRef) -> dict[str, list[Binding]]:
        """Everything that a scope's body binds, by name."""
        return self._table(ref)[0]

    def outer_names(self, ref: ScopeRef) -> dict[str, str]:
        """Names that a scope hands to an outer one: name → "global" or "nonlocal"."""
        return self._table(ref)[1]

    def _table(self, ref: ScopeRef) -> tuple[dict[str, list[Binding]], dict[str, str]]:
        if ref not in self.tables:
            facts = self.index.python[ref.path]
            self.tables[ref] = collect(body(self.index, ref), facts.scopes, facts.imports)
        return self.tables[ref]

    def opaque(self, why: str, frame: Frame, at: Span, written: str = "", origin: Origin = Origin.UNKNOWN) -> Values:
        """One value that is not understood."""
        return (Opaque(why, origin, Location(frame.ref.path, at), written),)

    def remember(self, key: tuple[object, ...], compute: Callable[[], Values], cut: Callable[[], Values]) -> Values:
        """A value kept under its key; recursion and depth end in `cut`, and nothing that was cut is kept."""
        if key in self.memo:
            return self.memo[key]
        if key in self.active or self.depth >= DEEPEST:
            self.cuts += 1
            return cut()
        before = self.cuts
        self.active.add(key)
        self.depth += 1
        try:
            values = compute()
        finally:
            self.active.discard(key)
            self.depth -= 1
        if self.cuts == before or not self.active:
            self.memo[key] = values
        return values

    def expr(self, expr: Expr, frame: Frame) -> Values:
        """What an expression may be."""
        if self.depth >= DEEPEST:
            self.cuts += 1
            return self.opaque("too deeply nested to follow", frame, expr.at)
        self.depth += 1
        try:
            return self._expr(expr, frame)
        finally:
            self.depth -= 1

    def _expr(self, expr: Expr, frame: Frame) -> Values:
        match expr:
            case Name():
                return names.name(self, expr, frame)
            case Attribute():
                return attributes.attribute(self, expr, frame)
            case Literal(kind=kind, value=value):
                return (Const(_constant(kind, value), Location(frame.ref.path, expr.at)),)
            case Call():
                return calling.result(self, expr, frame)
            case Format():
                return texts.formatted(self, expr, frame)
            case BinOp():
                return texts.operated(self, expr, frame)
            case Await(value=value):
                return self.expr(value, frame)
            case IfExp(body=then, orelse=other):
                return join(self.expr(then, frame), self.expr(other, frame))
            case BoolOp(op=op, values=parts):
                return self._either(op, parts, frame)
            case Sequence() | Dict() | Comprehension():
                return (Container(Location(frame.ref.path, expr.at), expr, frame),)
            case Subscript():
                return containers.item(self, expr, frame)
            case NamedExpr(value=value) | Starred(value=value):
                return self.expr(value, frame)
            case Compare() | UnaryOp(op="not"):
                return (Instance("builtins.bool"),)
            case UnaryOp(op=op, operand=operand):
                return tuple(_signed(op, value) for value in self.expr(operand, frame))
            case Slice():
                return self.opaque("a slice", frame, expr.at)
            case _:
                return self.opaque("an expression that is not followed", frame, expr.at, dotted(expr))

    def _either(self, op: str, parts: Iterable[Expr], frame: Frame) -> Values:
        *first, last = [self.expr(part, frame) for part in parts]
        if op == "and":
            return last
        kept = [tuple(v for v in group if not (isinstance(v, Const) and not v.value)) for group in first]
        return join(*kept, last)

    def force(self, values: Values | Thunk) -> Values:
        """The values of an argument that has not been read yet."""
        return self.expr(values.expr, values.frame) if isinstance(values, Thunk) else values

    def qualified(self, expr: Expr, frame: Frame) -> tuple[str, ...]:
        """The library names that an expression may mean, sorted: ("requests.get",)."""
        return tuple(sorted({v.name for v in self.expr(expr, frame) if isinstance(v, External)}))


def _constant(kind: LiteralKind, value: Constant) -> Constant:
    return value if kind is not LiteralKind.ELLIPSIS else "..."


def _signed(op: str, value: Value) -> Value:
    if isinstance(value, Const) and isinstance(value.value, int | float) and op in "+-":
        return Const(-value.value if op == "-" else value.value, value.at)
    return value if isinstance(value, Const) else Instance("builtins.int")

