"""Modules, functions and classes of `ast` → scopes of the outline, each with its body encoded."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...model.code import Define, Params, Stmt
from ...model.facts import Scope, ScopeKind
from ...model.location import Span
from .expressions import lower, maybe, params, several
from .outline import Outline, module_scope
from .statements import STATEMENTS, body

_NONE = Params(())


def module(o: Outline, n: ast.Module, end: Span) -> None:
    """Read a whole file, which ends where `end` does, into an empty outline."""
    index = o.open("")
    o.scope = index
    statements = body(o, n.body)
    o.close(index, module_scope(end, _docstring(n.body)), statements)


def _function(o: Outline, n: ast.FunctionDef | ast.AsyncFunctionDef) -> Stmt:
    at = o.span(n)
    decorators = several(o, n.decorator_list)
    parameters = params(o, n.args)
    returns = maybe(o, n.returns)
    header, name_at = o.places(n, at)
    parent, index = o.scope, o.open(n.name)
    o.scope = index
    statements = body(o, n.body)
    o.scope = parent
    scope = Scope(
        ScopeKind.FUNCTION, n.name, o.qualnames[index], parent, at, header, name_at, decorators, parameters, returns,
        type(n) is ast.AsyncFunctionDef, index in o.generators, (), (), _docstring(n.body),
    )  # fmt: skip
    o.close(index, scope, statements)
    return Define(at, index)


def _class(o: Outline, n: ast.ClassDef) -> Stmt:
    at = o.span(n)
    decorators = several(o, n.decorator_list)
    bases = several(o, n.bases)
    keywords = tuple([(k.arg or "", lower(o, k.value)) for k in n.keywords])
    header, name_at = o.places(n, at)
    parent, index = o.scope, o.open(n.name)
    o.scope = index
    statements = body(o, n.body)
    o.scope = parent
    scope = Scope(
        ScopeKind.CLASS, n.name, o.qualnames[index], parent, at, header, name_at, decorators, _NONE, None,
        False, False, bases, keywords, _docstring(n.body),
    )  # fmt: skip
    o.close(index, scope, statements)
    return Define(at, index)


def _docstring(statements: Sequence[ast.stmt]) -> str:
    """The first line of a docstring that is not blank, stripped; "" where there is none."""
    match statements:
        case [ast.Expr(value=ast.Constant(value=str() as text)), *_]:
            return text.strip().partition("\n")[0].strip()
    return ""


STATEMENTS[ast.FunctionDef] = _function
STATEMENTS[ast.AsyncFunctionDef] = _function
STATEMENTS[ast.ClassDef] = _class
