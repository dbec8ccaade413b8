"""An expression in a frame → the values it may have; bounded in depth, the same whoever asks first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..libraries import Libraries
from ..model.answer import Constant
from ..model.code import (
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Comprehension,
    Dict,
    Expr,
    Format,
    IfExp,
    Literal,
    LiteralKind,
    Name,
    NamedExpr,
    Param,
    Sequence,
    Slice,
    Starred,
    Subscript,
    UnaryOp,
)  # fmt: skip
from ..model.code import Lambda as LambdaExpr
from ..model.facts import Scope
from ..model.location import Location, Span
from ..model.project import Origin
from . import aliases, attributes, calling, containers, library_types, names, operators, texts
from .asked import Facts
from .bindings import Binding, collect
from .index import Index, ScopeRef, body, raw
from .inner import Inner, inner_names
from .lookups import Lookups
from .memory import Memory
from .values import Const, Container, External, Frame, Instance, Lambda, Opaque, Thunk, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .callgraph.graph import CallGraph
    from .callgraph.passing import Passing
    from .limits import Limit

_NAMED = (
    b"\x94\x17\x94"  # how a NamedExpr begins in msgpack: four fields, tag 23, a span of four; without it there is none
)
DEEPEST = 600  # expressions one inside another; beyond, a value is Opaque


@dataclass(slots=True)
class Evaluator:
    """The state of one linking: facts, library models and what has been computed; answers do not depend on order."""

    index: Index
    libraries: Libraries
    handlers: dict[ScopeRef, str] = field(default_factory=dict)  # endpoint handlers → framework
    given: dict[ScopeRef, str] = field(default_factory=dict)  # endpoint handlers → class of their first argument
    memory: Memory = field(default_factory=Memory)
    tables: dict[ScopeRef, tuple[dict[str, list[Binding]], dict[str, str]]] = field(default_factory=dict)
    graph: CallGraph | None = None  # once it is built
    passing: Passing | None = None  # while it is: what callers give to parameters without annotation
    open: dict[ScopeRef, frozenset[str]] = field(default_factory=dict)  # parameters that only callers tell the type of
    crowded: set[ScopeRef] = field(default_factory=set)  # functions with too many callers to read what each passes
    lineages: dict[ScopeRef, tuple[ScopeRef | str, ...]] = field(default_factory=dict)
    cells: dict[tuple[object, ...], dict[str, list[tuple[ScopeRef, Binding]]]] = field(default_factory=dict)
    frames: dict[tuple[object, ...], Frame] = field(default_factory=dict)
    guards: dict[str, tuple[Span, ...]] = field(default_factory=dict)  # path → `if __name__ == "__main__"` blocks
    scripts: dict[str, bool] = field(default_factory=dict)  # path → whether it is a script that nothing else uses
    limiting: dict[ScopeRef, tuple[Limit, ...]] = field(default_factory=dict)  # what bounds calls in it
    said: dict[tuple[str, ScopeRef], int] = field(default_factory=dict)  # how far code speaks of a kind of protection
    inner: dict[ScopeRef, dict[str, list[Inner]]] = field(default_factory=dict)
    said_of: dict[tuple[object, str], str] = field(default_factory=dict)  # what models say of a class, over its bases
    lookups: Lookups = field(default_factory=Lookups)
    near: dict[ScopeRef, Scope] = field(default_factory=dict)  # asked for before: `index` and `tables` may be watched
    near_tables: dict[ScopeRef, tuple[dict[str, list[Binding]], dict[str, str]]] = field(default_factory=dict)
    near_inner: dict[ScopeRef, dict[str, list[Inner]]] = field(default_factory=dict)
    params: dict[ScopeRef, dict[str, Param]] = field(default_factory=dict)
    asked: dict[ScopeRef, Facts] = field(default_factory=dict)  # the tests of classes and of None in a body
    entry_points: tuple[tuple[str, str], ...] | None = None  # which file names which Django settings module
    depth: int = 0

    def scope(self, ref: ScopeRef) -> Scope:
        """The outline of a scope."""
        found = self.near.get(ref)
        if found is None:
            found = self.near[ref] = self.index.scope(ref)
        return found

    def bindings(self, ref: ScopeRef) -> dict[str, list[Binding]]:
        """Everything that a scope's body binds, by name."""
        return self._table(ref)[0]

    def outer_names(self, ref: ScopeRef) -> dict[str, str]:
        """Names that a scope hands to an outer one: name → "global" or "nonlocal"."""
        return self._table(ref)[1]

    def _table(self, ref: ScopeRef) -> tuple[dict[str, list[Binding]], dict[str, str]]:
        near = self.near_tables.get(ref)
        if near is not None:
            return near
        if ref not in self.tables:
            facts = self.index.python[ref.path]
            named = _NAMED in raw(self.index, ref)
            self.tables[ref] = collect(body(self.index, ref), facts.scopes, facts.imports, named)
        found = self.near_tables[ref] = self.tables[ref]
        return found

    def inner_names(self, ref: ScopeRef) -> dict[str, list[Inner]]:
        """What the comprehensions and lambdas of a scope bind, by name."""
        near = self.near_inner.get(ref)
        if near is not None:
            return near
        if ref not in self.inner:
            scopes = self.index.python[ref.path].scopes
            below = [scopes[number] for number in self.index.children[ref.path].get(ref.scope, ())]
            self.inner[ref] = inner_names(raw(self.index, ref), body(self.index, ref), below)
        found = self.near_inner[ref] = self.inner[ref]
        return found

    def param(self, ref: ScopeRef, name: str) -> Param | None:
        """The parameter of a scope that has a name."""
        found = self.params.get(ref)
        if found is None:
            found = self.params[ref] = {param.name: param for param in reversed(self.scope(ref).params.items)}
        return found.get(name)

    def frame(
        self, ref: ScopeRef, known: tuple[tuple[str, Values | Thunk], ...], depth: int, outer: Frame | None = None
    ) -> Frame:
        """The one frame of a scope with these known names: frames are told apart by identity."""
        key = (ref, known, depth, outer)
        if key not in self.frames:
            self.frames[key] = Frame(ref, known, depth, outer)
        return self.frames[key]

    def settled(self, frame: Frame) -> Frame:
        """The frame that a value keeps: one for all frames in which nothing more is known."""
        return frame if frame.known or frame.outer is not None else self.frame(frame.ref, (), 0)

    def opaque(self, why: str, frame: Frame, at: Span, written: str = "", origin: Origin = Origin.UNKNOWN) -> Values:
        """One value that is not understood."""
        return (Opaque(why, origin, Location(frame.ref.path, at), written),)

    def remember(self, key: Hashable, compute: Callable[[], Values], otherwise: Callable[[], Values]) -> Values:
        """The answer under a key; `otherwise` where it would ask for itself or goes too deep."""
        return self.memory.answer(key, compute, otherwise)

    def expr(self, expr: Expr, frame: Frame) -> Values:
        """What an expression may be."""
        if self.depth >= DEEPEST:
            self.memory.cut()
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
            case Format() if self.passing is not None:
                return (Instance("builtins.str"),)  # the call graph asks for types alone
            case Format():
                return texts.formatted(self, expr, frame)
            case BinOp():
                return aliases.united(self, expr, frame) or operators.applied(self, expr, frame)
            case Await(value=value):
                return library_types.awaited(self, self.expr(value, frame), frame, Location(frame.ref.path, expr.at))
            case IfExp(body=then, orelse=other):
                return join(self.expr(then, frame), self.expr(other, frame))
            case BoolOp(op=op, values=parts):
                return self._either(op, parts, frame)
            case Sequence() | Dict() | Comprehension():
                return (Container(Location(frame.ref.path, expr.at), expr, frame),)
            case Subscript():
                return aliases.subscripted(self, expr, frame) or containers.item(self, expr, frame)
            case NamedExpr(value=value) | Starred(value=value):
                return self.expr(value, frame)
            case Compare() | UnaryOp(op="not"):
                return (Instance("builtins.bool"),)
            case UnaryOp(op=op, operand=operand):
                return tuple(_signed(op, value) for value in self.expr(operand, frame))
            case LambdaExpr():
                return (Lambda(Location(frame.ref.path, expr.at), expr, self.settled(frame)),)
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
