"""Patterns of libcst's `case` clauses → patterns of `ast`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import libcst as cst

from .cst_expressions import expression
from .cst_tree import Tree, identifier
from .grammar import StrangePattern

Convert = Callable[[Tree, Any], ast.pattern]

_SINGLETONS = {"None": None, "True": True, "False": False}


class _Table(dict[type[cst.CSTNode], Convert]):
    """A kind that is not listed becomes a StrangePattern."""

    def __missing__(self, kind: type[cst.CSTNode]) -> Convert:
        return _strange


def pattern(t: Tree, node: cst.CSTNode) -> ast.pattern:
    """One pattern."""
    return PATTERNS[type(node)](t, node)


def _strange(t: Tree, n: cst.CSTNode) -> ast.pattern:
    return t.make(StrangePattern, n, kind=type(n).__name__)


def _value(t: Tree, n: cst.MatchValue) -> ast.pattern:
    return t.make(ast.MatchValue, n.value, value=expression(t, n.value))


def _singleton(t: Tree, n: cst.MatchSingleton) -> ast.pattern:
    return t.make(ast.MatchSingleton, n.value, value=_SINGLETONS[n.value.value])


def _element(t: Tree, n: cst.MatchSequenceElement) -> ast.pattern:
    return pattern(t, n.value)


def _star(t: Tree, n: cst.MatchStar) -> ast.pattern:
    return t.make(ast.MatchStar, n, name=None if n.name is None else identifier(n.name.value))


def _list(t: Tree, n: cst.MatchList) -> ast.pattern:
    return t.make(ast.MatchSequence, n, patterns=[pattern(t, element) for element in n.patterns])


def _tuple(t: Tree, n: cst.MatchTuple) -> ast.pattern:
    patterns = [pattern(t, element) for element in n.patterns]
    return t.between(ast.MatchSequence, t.inner_start(n), t.inner_end(n), patterns=patterns)


def _mapping(t: Tree, n: cst.MatchMapping) -> ast.pattern:
    keys = [expression(t, element.key) for element in n.elements]
    patterns = [pattern(t, element.pattern) for element in n.elements]
    rest = None if n.rest is None else identifier(n.rest.value)
    return t.make(ast.MatchMapping, n, keys=keys, patterns=patterns, rest=rest)


def _class(t: Tree, n: cst.MatchClass) -> ast.pattern:
    return t.make(
        ast.MatchClass,
        n,
        cls=expression(t, n.cls),
        patterns=[pattern(t, element) for element in n.patterns],
        kwd_attrs=[identifier(element.key.value) for element in n.kwds],
        kwd_patterns=[pattern(t, element.pattern) for element in n.kwds],
    )


def _as(t: Tree, n: cst.MatchAs) -> ast.pattern:
    name = None if n.name is None else identifier(n.name.value)
    if n.pattern is not None:
        return t.make(ast.MatchAs, n, pattern=pattern(t, n.pattern), name=name)
    if n.name is not None:
        return t.make(ast.MatchAs, n.name, pattern=None, name=name)
    line, column = t.end(n)
    return t.between(ast.MatchAs, (line, column - 1), (line, column), pattern=None, name=None)


def _or(t: Tree, n: cst.MatchOr) -> ast.pattern:
    return t.make(ast.MatchOr, n, patterns=[pattern(t, element.pattern) for element in n.patterns])


PATTERNS = _Table({
    cst.MatchValue: _value, cst.MatchSingleton: _singleton, cst.MatchSequenceElement: _element, cst.MatchStar: _star,
    cst.MatchList: _list, cst.MatchTuple: _tuple, cst.MatchMapping: _mapping, cst.MatchClass: _class,
    cst.MatchAs: _as, cst.MatchOr: _or,
})  # fmt: skip
