"""`case` clauses of `ast` → code.Case: the names that a pattern binds and the expressions that it evaluates."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from ...model.code import Body, Case, Expr, Literal, UnknownExpr
from .expressions import lower, maybe
from .grammar import kind
from .literals import literal
from .outline import Outline

Bodies = Callable[[Outline, Iterable[ast.stmt]], Body]


def case(o: Outline, n: ast.match_case, body: Bodies) -> Case:
    """One clause; `body` lowers its statements."""
    captures: list[str] = []
    values: list[Expr] = []
    _collect(o, n.pattern, captures, values)
    o.names.update(captures)
    return Case(o.span(n.pattern), tuple(captures), tuple(values), maybe(o, n.guard), body(o, n.body))


def _collect(o: Outline, p: ast.pattern, captures: list[str], values: list[Expr]) -> None:
    """Add what a pattern binds and evaluates, in source order."""
    match p:
        case ast.MatchValue(value=value):
            values.append(lower(o, value))
        case ast.MatchSingleton(value=constant):
            values.append(Literal(o.span(p), *literal(constant)))
        case ast.MatchStar(name=name):
            captures.extend([name] if name else [])
        case ast.MatchAs(pattern=inner, name=name):
            _all(o, [inner] if inner is not None else [], captures, values)
            captures.extend([name] if name else [])
        case ast.MatchSequence(patterns=patterns) | ast.MatchOr(patterns=patterns):
            _all(o, patterns, captures, values)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            for key, inner in zip(keys, patterns, strict=True):
                values.append(lower(o, key))
                _collect(o, inner, captures, values)
            captures.extend([rest] if rest else [])
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_patterns=keyed):
            values.append(lower(o, cls))
            _all(o, [*patterns, *keyed], captures, values)
        case _:
            values.append(UnknownExpr(o.span(p), kind(p)))


def _all(o: Outline, patterns: Iterable[ast.pattern], captures: list[str], values: list[Expr]) -> None:
    for pattern in patterns:
        _collect(o, pattern, captures, values)
