"""Compound statements of libcst → statements of `ast`; a definition also says where its name and header stand."""

from __future__ import annotations

import ast
from typing import Any

import libcst as cst

from ...model.location import Span
from .cst_expressions import arguments, expression, maybe, parameters
from .cst_patterns import pattern
from .cst_statements import STATEMENTS, block, statements
from .cst_tree import Position, Tree, identifier


def module(t: Tree, n: cst.Module) -> ast.Module:
    """A whole file."""
    return ast.Module(body=statements(t, n.body), type_ignores=[])


def places(node: Any, at: Span) -> tuple[Span, Span]:
    """Header and name of a converted definition."""
    return Span(at.line, at.column, *node.header_end), Span(*node.name_start, *node.name_end)


def _else(t: Tree, n: cst.Else | cst.Finally | None, end: Position) -> tuple[list[ast.stmt], Position]:
    """The statements of a clause that may be missing, and the new end of the whole."""
    return ([], end) if n is None else block(t, n.body)


def _if(t: Tree, n: cst.If) -> ast.stmt:
    test = expression(t, n.test)
    body, end = block(t, n.body)
    orelse: list[ast.stmt] = []
    if isinstance(n.orelse, cst.If):
        orelse = [_if(t, n.orelse)]
        end = orelse[0].end_lineno or 0, orelse[0].end_col_offset or 0
    elif n.orelse is not None:
        orelse, end = block(t, n.orelse.body)
    return t.between(ast.If, t.start(n), end, test=test, body=body, orelse=orelse)


def _for(t: Tree, n: cst.For) -> ast.stmt:
    kind = ast.For if n.asynchronous is None else ast.AsyncFor
    target, iterable = expression(t, n.target), expression(t, n.iter)
    body, end = block(t, n.body)
    orelse, end = _else(t, n.orelse, end)
    return t.between(kind, t.start(n), end, target=target, iter=iterable, body=body, orelse=orelse)


def _while(t: Tree, n: cst.While) -> ast.stmt:
    test = expression(t, n.test)
    body, end = block(t, n.body)
    orelse, end = _else(t, n.orelse, end)
    return t.between(ast.While, t.start(n), end, test=test, body=body, orelse=orelse)


def _with(t: Tree, n: cst.With) -> ast.stmt:
    kind = ast.With if n.asynchronous is None else ast.AsyncWith
    items = [_item(t, item) for item in n.items]
    body, end = block(t, n.body)
    return t.between(kind, t.start(n), end, items=items, body=body)


def _item(t: Tree, n: cst.WithItem) -> ast.withitem:
    target = None if n.asname is None else expression(t, n.asname.name)
    return t.make(ast.withitem, n, context_expr=expression(t, n.item), optional_vars=target)


def _try(t: Tree, n: cst.Try | cst.TryStar) -> ast.stmt:
    kind: Any = ast.Try if isinstance(n, cst.Try) else ast.TryStar
    body, end = block(t, n.body)
    handlers = [_handler(t, handler) for handler in n.handlers]
    if handlers:
        end = handlers[-1].end_lineno or 0, handlers[-1].end_col_offset or 0
    orelse, end = _else(t, n.orelse, end)
    final, end = _else(t, n.finalbody, end)
    made: ast.stmt = t.between(kind, t.start(n), end, body=body, handlers=handlers, orelse=orelse, finalbody=final)
    return made


def _handler(t: Tree, n: cst.ExceptHandler | cst.ExceptStarHandler) -> ast.ExceptHandler:
    bound = n.name.name if n.name is not None else None
    name = identifier(bound.value) if isinstance(bound, cst.Name) else None
    caught = maybe(t, n.type)
    body, end = block(t, n.body)
    return t.between(ast.ExceptHandler, t.start(n), end, type=caught, name=name, body=body)


def _match(t: Tree, n: cst.Match) -> ast.stmt:
    subject = expression(t, n.subject)
    cases, end = [], t.start(n)
    for branch in n.cases:
        shape, guard = pattern(t, branch.pattern), maybe(t, branch.guard)
        body, end = block(t, branch.body)
        cases.append(t.make(ast.match_case, branch, pattern=shape, guard=guard, body=body))
    return t.between(ast.Match, t.start(n), end, subject=subject, cases=cases)


def _named(t: Tree, n: cst.FunctionDef | cst.ClassDef) -> dict[str, object]:
    """What every definition has."""
    colon = t.end(n.whitespace_before_colon)
    return {
        "name": identifier(n.name.value),
        "name_start": t.start(n.name),
        "name_end": t.end(n.name),
        "header_end": (colon[0], colon[1] + 1),
        "decorator_list": [expression(t, decorator.decorator) for decorator in n.decorators],
    }


def _function(t: Tree, n: cst.FunctionDef) -> ast.stmt:
    kind = ast.FunctionDef if n.asynchronous is None else ast.AsyncFunctionDef
    args = parameters(t, n.params)
    returns = None if n.returns is None else expression(t, n.returns.annotation)
    body, end = block(t, n.body)
    return t.between(kind, t.start(n), end, args=args, returns=returns, body=body, **_named(t, n))


def _class(t: Tree, n: cst.ClassDef) -> ast.stmt:
    bases, keywords = arguments(t, [*n.bases, *n.keywords])
    body, end = block(t, n.body)
    return t.between(ast.ClassDef, t.start(n), end, bases=bases, keywords=keywords, body=body, **_named(t, n))


STATEMENTS.update({
    cst.If: _if, cst.For: _for, cst.While: _while, cst.With: _with, cst.Try: _try, cst.TryStar: _try,
    cst.Match: _match, cst.FunctionDef: _function, cst.ClassDef: _class,
})  # fmt: skip
