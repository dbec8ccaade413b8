"""Expressions of libcst → expressions of `ast`, with the positions that CPython would give them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from . import cst_strings
from .cst_operators import BINARY, BOOLEAN, COMPARING, UNARY
from .cst_tree import Tree, identifier
from .grammar import StrangeExpr

Convert = Callable[[Tree, Any], ast.expr]

_CONSTANTS = {"None": None, "True": True, "False": False}


class _Table(dict[type[cst.CSTNode], Convert]):
    """A kind that is not listed becomes a StrangeExpr."""

    def __missing__(self, kind: type[cst.CSTNode]) -> Convert:
        return _strange


def expression(t: Tree, node: cst.BaseExpression) -> ast.expr:
    """One expression."""
    return EXPRESSIONS[type(node)](t, node)


def maybe(t: Tree, node: cst.BaseExpression | None) -> ast.expr | None:
    """An expression that may be missing."""
    return None if node is None else EXPRESSIONS[type(node)](t, node)


def _strange(t: Tree, n: cst.BaseExpression) -> ast.expr:
    return t.make(StrangeExpr, n, kind=type(n).__name__)


def _name(t: Tree, n: cst.Name) -> ast.expr:
    if n.value in _CONSTANTS:
        return t.make(ast.Constant, n, value=_CONSTANTS[n.value])
    return t.make(ast.Name, n, id=identifier(n.value))


def _attribute(t: Tree, n: cst.Attribute) -> ast.expr:
    return t.make(ast.Attribute, n, value=expression(t, n.value), attr=identifier(n.attr.value))


def _integer(t: Tree, n: cst.Integer) -> ast.expr:
    return t.make(ast.Constant, n, value=int(n.value, 0))


def _float(t: Tree, n: cst.Float) -> ast.expr:
    return t.make(ast.Constant, n, value=float(n.value))


def _imaginary(t: Tree, n: cst.Imaginary) -> ast.expr:
    return t.make(ast.Constant, n, value=complex(0.0, float(n.value[:-1])))


def _ellipsis(t: Tree, n: cst.Ellipsis) -> ast.expr:
    return t.make(ast.Constant, n, value=...)


def _formatted(t: Tree, n: cst.FormattedString | cst.TemplatedString) -> ast.expr:
    return cst_strings.formatted(t, n, expression)


def _concatenated(t: Tree, n: cst.ConcatenatedString) -> ast.expr:
    return cst_strings.concatenated(t, n, expression)


def _unary(t: Tree, n: cst.UnaryOperation) -> ast.expr:
    return t.make(ast.UnaryOp, n, op=UNARY[type(n.operator)], operand=expression(t, n.expression))


def _binary(t: Tree, n: cst.BinaryOperation) -> ast.expr:
    left, right = expression(t, n.left), expression(t, n.right)
    return t.make(ast.BinOp, n, left=left, op=BINARY[type(n.operator)], right=right)


def _boolean(t: Tree, n: cst.BooleanOperation) -> ast.expr:
    kind = type(n.operator)
    values: list[cst.BaseExpression] = [n.right]
    left = n.left
    # `a and b and c` is one operation to CPython, nested ones to libcst
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is kind and not left.lpar:
        values.append(left.right)
        left = left.left
    values.append(left)
    return t.make(ast.BoolOp, n, op=BOOLEAN[kind], values=[expression(t, value) for value in reversed(values)])


def _comparison(t: Tree, n: cst.Comparison) -> ast.expr:
    ops = [COMPARING[type(target.operator)] for target in n.comparisons]
    comparators = [expression(t, target.comparator) for target in n.comparisons]
    return t.make(ast.Compare, n, left=expression(t, n.left), ops=ops, comparators=comparators)


def _conditional(t: Tree, n: cst.IfExp) -> ast.expr:
    test, body, orelse = expression(t, n.test), expression(t, n.body), expression(t, n.orelse)
    return t.make(ast.IfExp, n, test=test, body=body, orelse=orelse)


def _call(t: Tree, n: cst.Call) -> ast.expr:
    args, keywords = arguments(t, n.args)
    if len(args) == 1 and isinstance(n.args[0].value, cst.GeneratorExp) and not n.args[0].value.lpar:
        # CPython counts the call's parentheses to a generator that stands alone in them
        place(args[0], t.end(n.whitespace_after_func), t.end(n))
    return t.make(ast.Call, n, func=expression(t, n.func), args=args, keywords=keywords)


def place(node: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Move a node to where it stands."""
    node.lineno, node.col_offset = start
    node.end_lineno, node.end_col_offset = end


def arguments(t: Tree, args: Sequence[cst.Arg]) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Positional and keyword arguments of a call or class."""
    positional: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for arg in args:
        value = expression(t, arg.value)
        if arg.keyword is not None or arg.star == "**":
            name = None if arg.keyword is None else identifier(arg.keyword.value)
            keywords.append(t.make(ast.keyword, arg, arg=name, value=value))
        else:
            positional.append(t.make(ast.Starred, arg, value=value) if arg.star else value)
    return positional, keywords


def _elements(t: Tree, elements: Iterable[cst.BaseElement]) -> list[ast.expr]:
    return [expression(t, e if isinstance(e, cst.StarredElement) else e.value) for e in elements]


def _tuple(t: Tree, n: cst.Tuple) -> ast.expr:
    return t.between(ast.Tuple, t.inner_start(n), t.inner_end(n), elts=_elements(t, n.elements))


def _list(t: Tree, n: cst.List) -> ast.expr:
    return t.make(ast.List, n, elts=_elements(t, n.elements))


def _set(t: Tree, n: cst.Set) -> ast.expr:
    return t.make(ast.Set, n, elts=_elements(t, n.elements))


def _dict(t: Tree, n: cst.Dict) -> ast.expr:
    keys = [expression(t, e.key) if isinstance(e, cst.DictElement) else None for e in n.elements]
    return t.make(ast.Dict, n, keys=keys, values=[expression(t, e.value) for e in n.elements])


def _comprehension(t: Tree, n: cst.ListComp | cst.SetComp) -> ast.expr:
    kind = ast.ListComp if isinstance(n, cst.ListComp) else ast.SetComp
    return t.make(kind, n, elt=expression(t, n.elt), generators=_clauses(t, n.for_in))


def _generator(t: Tree, n: cst.GeneratorExp) -> ast.expr:
    elt, clauses = expression(t, n.elt), _clauses(t, n.for_in)
    return t.between(ast.GeneratorExp, t.inner_start(n), t.inner_end(n), elt=elt, generators=clauses)


def _dict_comprehension(t: Tree, n: cst.DictComp) -> ast.expr:
    key, value = expression(t, n.key), expression(t, n.value)
    return t.make(ast.DictComp, n, key=key, value=value, generators=_clauses(t, n.for_in))


def _unpacking_comprehension(t: Tree, n: cst.StarredDictComp) -> ast.expr:
    return t.make(ast.DictComp, n, key=expression(t, n.value), value=None, generators=_clauses(t, n.for_in))


def _clauses(t: Tree, first: cst.CompFor) -> list[ast.comprehension]:
    clauses = []
    clause: cst.CompFor | None = first
    while clause is not None:
        target, iterable = expression(t, clause.target), expression(t, clause.iter)
        ifs = [expression(t, condition.test) for condition in clause.ifs]
        is_async = int(clause.asynchronous is not None)
        clauses.append(t.make(ast.comprehension, clause, target=target, iter=iterable, ifs=ifs, is_async=is_async))
        clause = clause.inner_for_in
    return clauses


def _lambda(t: Tree, n: cst.Lambda) -> ast.expr:
    return t.make(ast.Lambda, n, args=parameters(t, n.params), body=expression(t, n.body))


def parameters(t: Tree, n: cst.Parameters) -> ast.arguments:
    """The parameters of a function or lambda."""
    listed = [*n.posonly_params, *n.params]
    star = n.star_arg if isinstance(n.star_arg, cst.Param) else None
    return t.make(
        ast.arguments,
        n,
        posonlyargs=[_parameter(t, p) for p in n.posonly_params],
        args=[_parameter(t, p) for p in n.params],
        vararg=None if star is None else _parameter(t, star),
        kwonlyargs=[_parameter(t, p) for p in n.kwonly_params],
        kw_defaults=[maybe(t, p.default) for p in n.kwonly_params],
        kwarg=None if n.star_kwarg is None else _parameter(t, n.star_kwarg),
        defaults=[expression(t, p.default) for p in listed if p.default is not None],
    )


def _parameter(t: Tree, p: cst.Param) -> ast.arg:
    annotation = None if p.annotation is None else p.annotation.annotation
    end = t.end(p.name) if annotation is None else t.outer_end(annotation)
    name = identifier(p.name.value)
    return t.between(ast.arg, t.start(p.name), end, arg=name, annotation=maybe(t, annotation))


def _await(t: Tree, n: cst.Await) -> ast.expr:
    return t.make(ast.Await, n, value=expression(t, n.expression))


def _yield(t: Tree, n: cst.Yield) -> ast.expr:
    if isinstance(n.value, cst.From):
        return t.make(ast.YieldFrom, n, value=expression(t, n.value.item))
    if n.value is None:
        line, column = t.start(n)
        return t.between(ast.Yield, (line, column), (line, column + len("yield")), value=None)
    return t.make(ast.Yield, n, value=expression(t, n.value))


def _subscript(t: Tree, n: cst.Subscript) -> ast.expr:
    indexes = [_index(t, element.slice) for element in n.slice]
    last = n.slice[-1]
    comma = isinstance(last.comma, cst.Comma)
    index: Any = indexes[0]
    if comma or len(indexes) > 1 or isinstance(index, ast.Starred):
        end = t.sign_end(last.comma) if comma else t.end(last)
        index = t.between(ast.Tuple, t.start(n.slice[0]), end, elts=indexes)
        if not comma:
            index.end_lineno, index.end_col_offset = indexes[-1].end_lineno, indexes[-1].end_col_offset
    return t.make(ast.Subscript, n, value=expression(t, n.value), slice=index)


def _index(t: Tree, n: cst.BaseSlice) -> ast.expr:
    if isinstance(n, cst.Index):
        value = expression(t, n.value)
        return value if n.star is None else t.make(ast.Starred, n, value=value)
    if not isinstance(n, cst.Slice):
        return t.make(StrangeExpr, n, kind=type(n).__name__)
    start = t.end(n.first_colon.whitespace_before) if n.lower is None else t.outer_start(n.lower)
    end = t.sign_end(n.first_colon) if n.upper is None else t.outer_end(n.upper)
    if isinstance(n.second_colon, cst.Colon):
        end = t.sign_end(n.second_colon) if n.step is None else t.outer_end(n.step)
    lower, upper, step = maybe(t, n.lower), maybe(t, n.upper), maybe(t, n.step)
    return t.between(ast.Slice, start, end, lower=lower, upper=upper, step=step)


def _starred(t: Tree, n: cst.StarredElement) -> ast.expr:
    return t.make(ast.Starred, n, value=expression(t, n.value))


def _walrus(t: Tree, n: cst.NamedExpr) -> ast.expr:
    return t.make(ast.NamedExpr, n, target=expression(t, n.target), value=expression(t, n.value))


EXPRESSIONS = _Table({
    cst.Name: _name, cst.Attribute: _attribute, cst.Integer: _integer, cst.Float: _float, cst.Imaginary: _imaginary,
    cst.Ellipsis: _ellipsis, cst.SimpleString: cst_strings.simple, cst.FormattedString: _formatted,
    cst.TemplatedString: _formatted, cst.ConcatenatedString: _concatenated, cst.UnaryOperation: _unary,
    cst.BinaryOperation: _binary, cst.BooleanOperation: _boolean, cst.Comparison: _comparison,
    cst.IfExp: _conditional, cst.Call: _call, cst.Tuple: _tuple, cst.List: _list, cst.Set: _set, cst.Dict: _dict,
    cst.ListComp: _comprehension, cst.SetComp: _comprehension, cst.GeneratorExp: _generator,
    cst.DictComp: _dict_comprehension, cst.StarredDictComp: _unpacking_comprehension, cst.Lambda: _lambda,
    cst.Await: _await, cst.Yield: _yield, cst.Subscript: _subscript, cst.StarredElement: _starred,
    cst.NamedExpr: _walrus,
})  # fmt: skip
