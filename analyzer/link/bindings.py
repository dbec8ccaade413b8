"""Scope bodies → which statements bind a name, and which of these bindings reach a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ..model.code import (
    AnnAssign,
    Assert,
    Assign,
    AugAssign,
    BinOp,
    Body,
    Define,
    Delete,
    Expr,
    ExprStmt,
    For,
    If,
    ImportStmt,
    Match,
    Name,
    NamedExpr,
    Outer,
    Raise,
    Return,
    Sequence,
    Simple,
    Starred,
    Stmt,
    Try,
    TypeAlias,
    While,
    With,
)  # fmt: skip
from ..model.facts import Import, Scope
from ..model.location import Span
from .walk import dotted, nodes


class Bind(StrEnum):
    """How a name gets its value."""

    VALUE = "value"  # `name = expr`
    NAMED = "named"  # `name := expr`
    ITEM = "item"  # unpacked from expr at `path`
    ANNOTATED = "annotated"  # `name: expr` without value
    ADDED = "added"  # `name += expr`
    ELEMENT = "element"  # `for name in expr`
    ENTERED = "entered"  # `with expr as name`
    CAUGHT = "caught"  # `except expr as name`
    IMPORTED = "imported"
    DEFINED = "defined"
    REST = "rest"  # `first, *name = expr`: what is left at `path`, `number` positions before the end
    MATCHED = "matched"
    PARAMETER = "parameter"  # of a lambda; expr is its default
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement that binds a name."""

    how: Bind
    name: str  # "self.x", "app.state.x" for an attribute
    at: Span
    expr: Expr | None = None
    annotation: Expr | None = None
    path: tuple[int, ...] = ()  # ITEM and ELEMENT: the positions unpacked, from the end behind a star
    number: int = -1  # IMPORTED: import, DEFINED: scope, REST: targets behind it
    is_async: bool = False  # ENTERED: by `async with`


State = tuple[Binding, ...]
_BINDING_NOTHING = frozenset({ExprStmt, Return, Raise, Assert, Simple})  # a `:=` in them is looked for apart


def target_name(target: Expr) -> str:
    """The name that a plain target binds: "x", "obj.x" or "obj.a.x"; "" for anything else."""
    return target.id if isinstance(target, Name) else dotted(target)


def targets_of(target: Expr, expr: Expr | None, how: Bind, at: Span, path: tuple[int, ...] = ()) -> Iterable[Binding]:
    """The bindings that a target makes of what `expr` gives it."""
    if name := target_name(target):
        unpacked = Bind.ITEM if path and how is Bind.VALUE else how
        yield Binding(unpacked, name, at, expr, path=path)
    elif isinstance(target, Sequence):
        starred = next((n for n, item in enumerate(target.items) if isinstance(item, Starred)), len(target.items))
        for position, item in enumerate(target.items):
            behind = len(target.items) - position
            if isinstance(item, Starred):
                # Only of what is assigned: what a loop or `with` unpacks with a star is not followed.
                rest = Bind.REST if how is Bind.VALUE else Bind.MATCHED
                if name := target_name(item.value):
                    yield Binding(rest, name, at, expr, path=(*path, position), number=behind - 1)
            else:
                yield from targets_of(item, expr, how, at, (*path, position if position < starred else -behind))


def bindings_of(statement: Stmt, scopes: tuple[Scope, ...], imports: tuple[Import, ...]) -> Iterable[Binding]:
    """The bindings that one statement makes itself (not its inner blocks)."""
    match statement:
        case Assign(at=at, targets=targets, value=value):
            for target in targets:
                yield from targets_of(target, value, Bind.VALUE, at)
        case AnnAssign(at=at, target=target, annotation=annotation, value=value):
            if name := target_name(target):
                how = Bind.ANNOTATED if value is None else Bind.VALUE
                yield Binding(how, name, at, value, annotation)
        case AugAssign(at=at, target=target, op=op, value=value):
            if name := target_name(target):
                added = op in "+|"
                yield Binding(
                    Bind.ADDED if added else Bind.VALUE, name, at, value if added else BinOp(at, target, op, value)
                )
        case For(at=at, target=target, iterable=iterable):
            yield from targets_of(target, iterable, Bind.ELEMENT, at)
        case With(items=items, is_async=is_async):
            for item in items:
                if item.target is not None:
                    for binding in targets_of(item.target, item.value, Bind.ENTERED, item.at):
                        yield replace(binding, is_async=is_async)
        case ImportStmt(at=at, imports=numbers):
            for number in numbers:
                if imports[number].bound:
                    yield Binding(Bind.IMPORTED, imports[number].bound, at, number=number)
        case Define(at=at, scope=number):
            yield Binding(Bind.DEFINED, scopes[number].name, at, number=number)
        case Delete(at=at, targets=targets):
            for target in targets:
                yield from targets_of(target, None, Bind.DELETED, at)
        case TypeAlias(at=at, name=name, value=value):
            yield Binding(Bind.VALUE, name, at, value)
        case _:
            pass


def _named(body: Body) -> Iterable[Binding]:
    """Every `:=` of a body; comprehensions bind theirs in the surrounding scope too."""
    for node in nodes(body):
        if isinstance(node, NamedExpr):
            yield Binding(Bind.NAMED, node.target, node.at, node.value)


def collect(
    body: Body, scopes: tuple[Scope, ...], imports: tuple[Import, ...], named: bool
) -> tuple[dict[str, list[Binding]], dict[str, str]]:
    """All bindings of a body by name, and the names that `global`/`nonlocal` hand to an outer scope.

    `named` says whether there can be a `:=` in the body: looking for it costs more than everything else.
    """
    found: dict[str, list[Binding]] = {}
    outer: dict[str, str] = {}
    stack: list[Stmt] = list(reversed(body))
    while stack:
        statement = stack.pop()
        if type(statement) in _BINDING_NOTHING:
            continue
        if isinstance(statement, Outer):
            outer.update(dict.fromkeys(statement.names, statement.kind))
        for binding in bindings_of(statement, scopes, imports):
            found.setdefault(binding.name, []).append(binding)
        stack.extend(reversed(_inner(statement, found)))
    for binding in _named(body) if named else ():
        found.setdefault(binding.name, []).append(binding)
    return found, outer


def _inner(statement: Stmt, found: dict[str, list[Binding]]) -> list[Stmt]:
    inner: list[Stmt] = []
    match statement:
        case If(body=body, orelse=orelse) | For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            inner = [*body, *orelse]
        case With(body=body):
            inner = list(body)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            inner = list(body)
            for handler in handlers:
                if handler.name:
                    binding = Binding(Bind.CAUGHT, handler.name, handler.at, handler.caught)
                    found.setdefault(handler.name, []).append(binding)
                inner += handler.body
            inner += [*orelse, *final]
        case Match(cases=cases):
            for case in cases:
                for name in case.captures:
                    found.setdefault(name, []).append(Binding(Bind.MATCHED, name, case.at))
                inner += case.body
        case _:
            pass
    return inner
