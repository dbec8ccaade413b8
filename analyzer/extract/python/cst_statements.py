"""Statements of libcst → statements of `ast`, with the positions that CPython would give them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from .cst_expressions import expression, maybe
from .cst_operators import BINARY
from .cst_tree import Position, Tree, dotted, identifier
from .grammar import StrangeStmt, TypeAlias

Convert = Callable[[Tree, Any], ast.stmt]


class _Table(dict[type[cst.CSTNode], Convert]):
    """A kind that is not listed becomes a StrangeStmt."""

    def __missing__(self, kind: type[cst.CSTNode]) -> Convert:
        return _strange


def statements(t: Tree, nodes: Iterable[Any]) -> list[ast.stmt]:
    """Statements in order; a line of small statements is several."""
    made: list[ast.stmt] = []
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            made.extend([STATEMENTS[type(small)](t, small) for small in node.body])
        else:
            made.append(STATEMENTS[type(node)](t, node))
    return made


def block(t: Tree, suite: cst.BaseSuite) -> tuple[list[ast.stmt], Position]:
    """The statements of a body, and where it ends: after the last semicolon, if one stands there."""
    made = statements(t, suite.body if isinstance(suite, cst.IndentedBlock) else [_line(suite)])
    last = suite.body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if isinstance(last, cst.BaseSmallStatement) and isinstance(last.semicolon, cst.Semicolon):
        return made, t.sign_end(last.semicolon)
    return made, ended(made[-1])


def _line(suite: cst.BaseSuite) -> cst.SimpleStatementLine:
    """The statements after a colon, as a line of their own."""
    return cst.SimpleStatementLine(body=suite.body)  # type: ignore[arg-type]  # what is no block holds small statements


def ended(node: Any) -> Position:
    """Where a converted node ends."""
    return node.end_lineno, node.end_col_offset


def _strange(t: Tree, n: cst.CSTNode) -> ast.stmt:
    return t.make(StrangeStmt, n, kind=type(n).__name__)


def _expr(t: Tree, n: cst.Expr) -> ast.stmt:
    return t.make(ast.Expr, n, value=expression(t, n.value))


def _assign(t: Tree, n: cst.Assign) -> ast.stmt:
    return t.make(ast.Assign, n, targets=[expression(t, a.target) for a in n.targets], value=expression(t, n.value))


def _annotated(t: Tree, n: cst.AnnAssign) -> ast.stmt:
    target, annotation = expression(t, n.target), expression(t, n.annotation.annotation)
    return t.make(ast.AnnAssign, n, target=target, annotation=annotation, value=maybe(t, n.value))


def _augmented(t: Tree, n: cst.AugAssign) -> ast.stmt:
    target, value = expression(t, n.target), expression(t, n.value)
    return t.make(ast.AugAssign, n, target=target, op=BINARY[type(n.operator)], value=value)


def _word(t: Tree, n: cst.CSTNode, length: int) -> Position:
    """Where the keyword ends that a statement consists of."""
    line, column = t.start(n)
    return line, column + length


def _return(t: Tree, n: cst.Return) -> ast.stmt:
    end = t.end(n) if n.value is not None else _word(t, n, len("return"))
    return t.between(ast.Return, t.start(n), end, value=maybe(t, n.value))


def _raise(t: Tree, n: cst.Raise) -> ast.stmt:
    end = t.end(n) if n.exc is not None else _word(t, n, len("raise"))
    cause = None if n.cause is None else expression(t, n.cause.item)
    return t.between(ast.Raise, t.start(n), end, exc=maybe(t, n.exc), cause=cause)


def _delete(t: Tree, n: cst.Del) -> ast.stmt:
    target = expression(t, n.target)
    bare = isinstance(n.target, cst.Tuple) and not n.target.lpar
    end = ended(target) if bare else t.end(n)
    targets = target.elts if bare and isinstance(target, ast.Tuple) else [target]
    return t.between(ast.Delete, t.start(n), end, targets=targets)


def _assert(t: Tree, n: cst.Assert) -> ast.stmt:
    return t.make(ast.Assert, n, test=expression(t, n.test), msg=maybe(t, n.msg))


def _outer(t: Tree, n: cst.Global | cst.Nonlocal) -> ast.stmt:
    kind = ast.Global if isinstance(n, cst.Global) else ast.Nonlocal
    return t.make(kind, n, names=[identifier(item.name.value) for item in n.names])


def _pass(t: Tree, n: cst.Pass) -> ast.stmt:
    return t.make(ast.Pass, n)


def _break(t: Tree, n: cst.Break) -> ast.stmt:
    return t.make(ast.Break, n)


def _continue(t: Tree, n: cst.Continue) -> ast.stmt:
    return t.make(ast.Continue, n)


def _alias(t: Tree, n: cst.ImportAlias) -> ast.alias:
    asname = n.asname.name if n.asname is not None else None
    bound = identifier(asname.value) if isinstance(asname, cst.Name) else None
    return t.make(ast.alias, n, name=dotted(n.name) or "", asname=bound)


def _import(t: Tree, n: Any) -> ast.stmt:
    return t.make(ast.Import, n, names=[_alias(t, name) for name in n.names])


def _import_from(t: Tree, n: Any) -> ast.stmt:
    if isinstance(n.names, cst.ImportStar):
        names = [t.make(ast.alias, n.names, name="*", asname=None)]
    else:
        names = [_alias(t, name) for name in n.names]
    end = ended(names[-1]) if n.rpar is None else t.end(n.rpar)
    module, level = dotted(n.module), len(n.relative)
    return t.between(ast.ImportFrom, t.start(n), end, module=module, names=names, level=level)


def _type_alias(t: Tree, n: cst.TypeAlias) -> ast.stmt:
    name, value = expression(t, n.name), expression(t, n.value)
    made: ast.stmt = t.between(TypeAlias, t.start(n), t.outer_end(n.value), name=name, value=value)
    return made


STATEMENTS = _Table({
    cst.Expr: _expr, cst.Assign: _assign, cst.AnnAssign: _annotated, cst.AugAssign: _augmented, cst.Return: _return,
    cst.Raise: _raise, cst.Del: _delete, cst.Assert: _assert, cst.Global: _outer, cst.Nonlocal: _outer,
    cst.Pass: _pass, cst.Break: _break, cst.Continue: _continue, cst.Import: _import, cst.LazyImport: _import,
    cst.ImportFrom: _import_from, cst.LazyImportFrom: _import_from, cst.TypeAlias: _type_alias,
})  # fmt: skip
