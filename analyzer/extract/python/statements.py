"""`ast` statements → code.Stmt; imports are added to the outline."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from ...model.code import (
    AnnAssign,
    Assert,
    Assign,
    AugAssign,
    Body,
    Delete,
    ExprStmt,
    For,
    Handler,
    If,
    ImportStmt,
    Match,
    Outer,
    Raise,
    Return,
    Simple,
    Stmt,
    Try,
    TypeAlias,
    UnknownStmt,
    While,
    With,
    WithItem,
)  # fmt: skip
from ...model.facts import Import
from . import grammar
from .expressions import EXPRESSIONS, OPERATORS, lower, maybe, several
from .outline import Outline
from .patterns import case

Lower = Callable[[Outline, Any], Stmt]


class _Table(dict[type[ast.AST], Lower]):
    """A kind that is not listed becomes an UnknownStmt."""

    def __missing__(self, kind: type[ast.AST]) -> Lower:
        return _unknown


def body(o: Outline, nodes: Iterable[ast.stmt]) -> Body:
    """Statements in order."""
    return tuple([STATEMENTS[type(node)](o, node) for node in nodes])


def _unknown(o: Outline, n: ast.stmt) -> Stmt:
    return UnknownStmt(o.span(n), grammar.kind(n))


def _assign(o: Outline, n: ast.Assign) -> Stmt:
    right = n.value
    value = EXPRESSIONS[type(right)](o, right)
    return Assign(o.span(n), several(o, n.targets), value)


def _annotated(o: Outline, n: ast.AnnAssign) -> Stmt:
    value, target = maybe(o, n.value), lower(o, n.target)
    return AnnAssign(o.span(n), target, lower(o, n.annotation), value)


def _augmented(o: Outline, n: ast.AugAssign) -> Stmt:
    target = lower(o, n.target)
    return AugAssign(o.span(n), target, OPERATORS[type(n.op)], lower(o, n.value))


def _expression(o: Outline, n: ast.Expr) -> Stmt:
    value = n.value
    return ExprStmt(o.span(n), EXPRESSIONS[type(value)](o, value))


def _return(o: Outline, n: ast.Return) -> Stmt:
    return Return(o.span(n), maybe(o, n.value))


def _raise(o: Outline, n: ast.Raise) -> Stmt:
    return Raise(o.span(n), maybe(o, n.exc), maybe(o, n.cause))


def _delete(o: Outline, n: ast.Delete) -> Stmt:
    return Delete(o.span(n), several(o, n.targets))


def _assert(o: Outline, n: ast.Assert) -> Stmt:
    return Assert(o.span(n), lower(o, n.test), maybe(o, n.msg))


def _outer(o: Outline, n: ast.Global | ast.Nonlocal) -> Stmt:
    return Outer(o.span(n), "global" if type(n) is ast.Global else "nonlocal", tuple(n.names))


def _simple(o: Outline, n: ast.Pass | ast.Break | ast.Continue) -> Stmt:
    return Simple(o.span(n), type(n).__name__.lower())


def _import(o: Outline, n: ast.Import) -> Stmt:
    first = len(o.imports)
    for alias in n.names:
        bound = alias.asname or alias.name.partition(".")[0]
        whole = alias.asname is not None
        o.imports.append(Import(alias.name, "", bound, 0, whole, o.scope, o.span(alias), o.type_checking))
    return ImportStmt(o.span(n), tuple(range(first, len(o.imports))))


def _import_from(o: Outline, n: ast.ImportFrom) -> Stmt:
    first = len(o.imports)
    module, level = n.module or "", n.level or 0
    for alias in n.names:
        bound = "" if alias.name == "*" else alias.asname or alias.name
        o.imports.append(Import(module, alias.name, bound, level, False, o.scope, o.span(alias), o.type_checking))
    return ImportStmt(o.span(n), tuple(range(first, len(o.imports))))


def _if(o: Outline, n: ast.If) -> Stmt:
    test = lower(o, n.test)
    outside = o.type_checking
    negated = isinstance(n.test, ast.UnaryOp) and isinstance(n.test.op, ast.Not)
    checking = _is_type_checking(n.test.operand if isinstance(n.test, ast.UnaryOp) else n.test)
    o.type_checking = outside or (checking and not negated)
    then = body(o, n.body)
    o.type_checking = outside or (checking and negated)
    orelse = body(o, n.orelse)
    o.type_checking = outside
    return If(o.span(n), test, then, orelse)


def _is_type_checking(test: ast.expr) -> bool:
    if isinstance(test, ast.Attribute):
        return test.attr == "TYPE_CHECKING"
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _for(o: Outline, n: ast.For | ast.AsyncFor) -> Stmt:
    iterable, target = lower(o, n.iter), lower(o, n.target)
    return For(o.span(n), target, iterable, body(o, n.body), body(o, n.orelse), type(n) is ast.AsyncFor)


def _while(o: Outline, n: ast.While) -> Stmt:
    return While(o.span(n), lower(o, n.test), body(o, n.body), body(o, n.orelse))


def _with(o: Outline, n: ast.With | ast.AsyncWith) -> Stmt:
    items = []
    for item in n.items:
        value = lower(o, item.context_expr)
        items.append(WithItem(value.at, value, maybe(o, item.optional_vars)))
    return With(o.span(n), tuple(items), body(o, n.body), type(n) is ast.AsyncWith)


def _try(o: Outline, n: ast.Try | ast.TryStar) -> Stmt:
    tried = body(o, n.body)
    handlers = tuple([_handler(o, handler) for handler in n.handlers])
    return Try(o.span(n), tried, handlers, body(o, n.orelse), body(o, n.finalbody), type(n) is ast.TryStar)


def _handler(o: Outline, n: ast.ExceptHandler) -> Handler:
    caught = maybe(o, n.type)
    if n.name is not None:
        o.names.add(n.name)
    return Handler(o.span(n), caught, n.name, body(o, n.body))


def _match(o: Outline, n: ast.Match) -> Stmt:
    subject = lower(o, n.subject)
    return Match(o.span(n), subject, tuple([case(o, branch, body) for branch in n.cases]))


def _type_alias(o: Outline, n: Any) -> Stmt:
    name = n.name.id
    o.names.add(name)
    return TypeAlias(o.span(n), name, lower(o, n.value))


STATEMENTS = _Table({
    ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.Expr: _expression,
    ast.Return: _return, ast.Raise: _raise, ast.Delete: _delete, ast.Assert: _assert, ast.Global: _outer,
    ast.Nonlocal: _outer, ast.Pass: _simple, ast.Break: _simple, ast.Continue: _simple, ast.Import: _import,
    ast.ImportFrom: _import_from, ast.If: _if, ast.For: _for, ast.AsyncFor: _for, ast.While: _while, ast.With: _with,
    ast.AsyncWith: _with, ast.Try: _try, ast.TryStar: _try, ast.Match: _match, grammar.TypeAlias: _type_alias,
})  # fmt: skip
