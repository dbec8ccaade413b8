"""A libcst node → whether it is of the kind that a rule names, and the span under which facts know it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from ..model.location import Span
from ..model.rule import Node

DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
HANDLERS = (cst.ExceptHandler, cst.ExceptStarHandler)

_CLASSES: dict[Node, tuple[type[cst.CSTNode], ...]] = {
    Node.CALL: (cst.Call,),
    # An endpoint's handler is a function or a class: what is flagged at its name may be either.
    Node.FUNCTION: DEFINITIONS,
    Node.CLASS: DEFINITIONS,
    Node.HANDLER: HANDLERS,
    Node.ASSIGNMENT: (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr),
    Node.EXPRESSION: (cst.BaseExpression, cst.BaseSlice, cst.Arg),
    Node.IMPORT: (cst.Import, cst.ImportFrom, cst.ImportAlias, cst.ImportStar),
    Node.PARAMETER: (cst.Param,),
    Node.STATEMENT: (cst.BaseSmallStatement,),
}


def of_kind(kind: Node, nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """Those of the kind, in order. A positional argument has its value's span: then the value comes first."""
    return [node for wanted in _CLASSES[kind] for node in nodes if isinstance(node, wanted)]


def bracketed(node: cst.CSTNode, own: Span, span_of: Callable[[cst.CSTNode], Span]) -> Span:
    """The span that CPython gives the node: the innermost brackets of a tuple or generator expression are its own.

    `own` is libcst's span, without brackets; `span_of` gives libcst's span of any node.
    """
    if not isinstance(node, cst.Tuple | cst.GeneratorExp) or not node.lpar:
        return own
    left, right = span_of(node.lpar[-1]), span_of(node.rpar[0])
    return Span(left.line, left.column, right.end_line, right.end_column)


def sole_generator(
    call: cst.Call, own: Span, span_of: Callable[[cst.CSTNode], Span], rows: Sequence[str]
) -> tuple[cst.CSTNode, Span] | None:
    """The generator expression of `f(x for x in y)` with CPython's span of it, which has the call's brackets.

    `own` is the call's span; `rows` are the file's lines.
    """
    if len(call.args) != 1 or not isinstance(call.args[0].value, cst.GeneratorExp) or call.args[0].value.lpar:
        return None
    callee = span_of(call.func.rpar[-1] if call.func.rpar else call.func)
    line, column = callee.end_line, callee.end_column
    while (found := rows[line - 1].find("(", column)) < 0 and line < own.end_line:
        line, column = line + 1, 0
    return call.args[0].value, Span(line, found, own.end_line, own.end_column)
