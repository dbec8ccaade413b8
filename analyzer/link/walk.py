"""Bodies → the expressions and statements in them, in source order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from ..model import code
from ..model.code import Attribute, Body, Call, Define, Expr, Handler, Name, Stmt
from ..model.facts import Scope
from ..model.location import Span


def _holds(hint: Any) -> bool:
    """Whether a field of this type can hold a node."""
    inner = get_args(hint)
    if inner:
        return any(map(_holds, inner))
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint is not Span


def _fields(cls: type[msgspec.Struct]) -> tuple[str, ...]:
    hints = get_type_hints(cls)
    return tuple(name for name in reversed(cls.__struct_fields__) if _holds(hints[name]))


# The fields of each kind of node that lead to other nodes, last one first.
_BELOW = {
    cls: _fields(cls)
    for cls in vars(code).values()
    if isinstance(cls, type) and issubclass(cls, msgspec.Struct) and cls is not Span
}


def nodes(value: Any) -> Iterator[Any]:
    """Every node below (and including) a node or tuple of nodes, parents before children; scopes are not entered."""
    stack = [value]
    while stack:
        top = stack.pop()
        below = _BELOW.get(type(top))
        if below is not None:
            yield top
            for name in below:
                inner = getattr(top, name)
                if inner:
                    stack.append(inner)
        elif type(top) is tuple:
            stack.extend(reversed(top))


def calls_in(body: Body, scopes: Mapping[int, Scope]) -> Iterator[Call]:
    """Every call that a body evaluates: decorators, defaults, annotations and bases of what it defines included."""
    for node in nodes(body):
        if isinstance(node, Call):
            yield node
        elif isinstance(node, Define) and node.scope in scopes:
            for part in header_parts(scopes[node.scope]):
                yield from (inner for inner in nodes(part) if isinstance(inner, Call))


def header_parts(scope: Scope) -> Iterator[Expr]:
    """The expressions of a definition's header that its surrounding scope evaluates."""
    yield from scope.decorators
    for param in scope.params.items:
        if param.annotation is not None:
            yield param.annotation
        if param.default is not None:
            yield param.default
    if scope.returns is not None:
        yield scope.returns
    yield from scope.bases
    for _, value in scope.keywords:
        yield value


def statements(body: Body) -> Iterator[Stmt]:
    """Every statement of a body, nested ones included, scopes not entered."""
    for statement in body:
        yield statement
        for block in blocks(statement):
            yield from statements(block)


def blocks(statement: Stmt) -> Iterator[Body]:
    """The bodies inside one compound statement, in source order."""
    for name in ("body", "handlers", "cases", "orelse", "final"):
        inner = getattr(statement, name, None)
        if not inner:
            continue
        if name in ("handlers", "cases"):
            for clause in inner:
                yield clause.body
        else:
            yield inner


def handlers(body: Body) -> Iterator[tuple[Stmt, Handler]]:
    """Every `except` clause with its `try`."""
    for statement in statements(body):
        for handler in getattr(statement, "handlers", ()):
            yield statement, handler


def contains(outer: Span, inner: Span) -> bool:
    """Whether a span covers another."""
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def dotted(expr: Expr) -> str:
    """A name or attribute chain as written ("self.table"), or "" for anything else."""
    parts: list[str] = []
    while isinstance(expr, Attribute):
        parts.append(expr.name)
        expr = expr.value
    return ".".join([expr.id, *reversed(parts)]) if isinstance(expr, Name) else ""
