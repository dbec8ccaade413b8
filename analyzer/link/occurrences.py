"""A file of the project → every expression that stands in it, with the scope that reads it and what binds it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    AugAssign,
    BinOp,
    Call,
    Define,
    Expr,
    For,
    ImportStmt,
    Lambda,
    Name,
    NamedExpr,
    Param,
    Sequence,
    Starred,
    Subscript,
    With,
)  # fmt: skip
from ..model.facts import Import, Scope
from ..model.location import Span
from . import names, parameters
from .bindings import Bind, Binding, bindings_of, target_name
from .index import ScopeRef, body
from .values import Frame, Values
from .walk import header_parts, nodes

if TYPE_CHECKING:
    from .evaluate import Evaluator

_SHOWN = (Name, Attribute, Call, Subscript)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An expression where it stands; `by` is what gives a written name its value there, None for one that is read."""

    expr: Name | Attribute | Call | Subscript
    scope: ScopeRef
    by: Binding | Param | Expr | None = None


def occurrences(ev: Evaluator, path: str) -> Iterator[Occurrence]:
    """Every name, attribute, call, subscript and parameter of a file, scope by scope."""
    facts = ev.index.python[path]
    for number, scope in enumerate(facts.scopes):
        ref = ScopeRef(path, number)
        for param in scope.params.items:
            yield Occurrence(_parameter(param), ref, param)
        yield from _of_body(body(ev.index, ref), ref, facts.scopes, facts.imports)


def values(ev: Evaluator, found: Occurrence) -> Values:
    """What an expression may be where it stands; a name that is written there, right after it was."""
    frame = Frame(found.scope)
    match found.by:
        case None:
            return ev.expr(found.expr, frame)
        case Binding():
            return names.of_binding(ev, found.by, frame)
        case Param():
            return parameters.value(ev, frame, found.by)
        case _:
            return ev.expr(found.by, frame)


def _of_body(
    inside: Any, ref: ScopeRef, scopes: tuple[Scope, ...], imports: tuple[Import, ...]
) -> Iterator[Occurrence]:
    written: dict[Span, Binding | Expr] = {}
    for node in nodes(inside):
        written.update(_written(node, scopes, imports))
        match node:
            case Name() | Attribute() | Call() | Subscript():
                yield Occurrence(node, ref, written.get(node.at) if not isinstance(node, Call) else None)
            case NamedExpr(at=at, target=name, value=value):
                yield Occurrence(_named(at, name), ref, Binding(Bind.NAMED, name, at, value))
            case Lambda(params=params, body=inner):
                # Its parameters are known in its body alone.
                yield from (Occurrence(_parameter(p), ref, Name(inner.at, p.name)) for p in params.items)
            case ImportStmt(imports=numbers):
                for number in numbers:
                    item = imports[number]
                    by = Binding(Bind.IMPORTED, item.bound, item.at, number=number)
                    yield Occurrence(Name(item.at, item.bound), ref, by)
            case Define(at=at, scope=number):
                scope = scopes[number]
                yield Occurrence(
                    Name(scope.name_at, scope.name), ref, Binding(Bind.DEFINED, scope.name, at, number=number)
                )
                for part in header_parts(scope):
                    yield from _of_body(part, ref, scopes, imports)
            case _:
                pass


def _written(
    node: Any, scopes: tuple[Scope, ...], imports: tuple[Import, ...]
) -> Iterator[tuple[Span, Binding | Expr]]:
    """The places that a statement writes to, each with what it is given."""
    match node:
        case AugAssign(at=at, target=target, op=op, value=value):
            yield target.at, BinOp(at, target, op, value)
        case Assign(targets=targets):
            yield from _paired(targets, node, scopes, imports)
            yield from ((target.at, node.value) for target in targets if isinstance(target, Subscript))
        case AnnAssign(target=target) | For(target=target):
            yield from _paired((target,), node, scopes, imports)
        case With(items=items):
            yield from _paired(tuple(i.target for i in items if i.target is not None), node, scopes, imports)
        case _:
            pass


def _paired(
    targets: tuple[Expr, ...], statement: Any, scopes: tuple[Scope, ...], imports: tuple[Import, ...]
) -> Iterator[tuple[Span, Binding]]:
    """The plain targets of a statement with the bindings that it makes of them."""
    made = {binding.name: binding for binding in bindings_of(statement, scopes, imports)}
    for leaf in (leaf for target in targets for leaf in _leaves(target)):
        if target_name(leaf) in made:
            yield leaf.at, made[target_name(leaf)]


def _leaves(target: Expr) -> Iterator[Expr]:
    match target:
        case Sequence(items=items):
            for item in items:
                yield from _leaves(item)
        case Starred(value=value):
            yield from _leaves(value)
        case _:
            yield target


def _named(at: Span, name: str) -> Name:
    """A name at the beginning of a span."""
    return Name(Span(at.line, at.column, at.line, at.column + len(name)), name)


def _parameter(param: Param) -> Name:
    return _named(param.at, param.name)
