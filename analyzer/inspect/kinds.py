"""A libcst node → whether it is of the kind that a rule names, and the span under which facts know it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from libcst.metadata import CodeRange

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
    Node.EXPRESSION: (cst.BaseExpression, cst.Arg),
    Node.IMPORT: (cst.Import, cst.ImportFrom, cst.ImportAlias, cst.ImportStar),
}


def of_kind(kind: Node, nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """Those of the kind, in order. A positional argument has its value's span: then the value comes first."""
    return [node for wanted in _CLASSES[kind] for node in nodes if isinstance(node, wanted)]


def range_of(position: CodeRange, shift: int) -> Span:
    """A position in the parsed text, as a span of the file that begins `shift` lines earlier."""
    start, end = position.start, position.end
    return Span(start.line + shift, start.column, end.line + shift, end.column)


def as_facts_have_it(node: cst.CSTNode, own: Span, rows: Sequence[str]) -> Span:
    """The span that CPython gives the node: its brackets belong to a tuple and a generator expression.

    `own` is libcst's span, without brackets; `rows` are the file's lines.
    """
    if isinstance(node, cst.GeneratorExp):  # its brackets may be those of the call around it
        return _bracketed(own, rows)
    return _bracketed(own, rows) if isinstance(node, cst.Tuple) and node.lpar else own


def _bracketed(span: Span, rows: Sequence[str]) -> Span:
    """The span widened to the nearest round brackets around it."""
    line, column = span.line, rows[span.line - 1].rfind("(", 0, span.column)
    while column < 0 and line > 1:
        line -= 1
        column = rows[line - 1].partition("#")[0].rfind("(")
    end_line, end_column = span.end_line, rows[span.end_line - 1].partition("#")[0].find(")", span.end_column)
    while end_column < 0 and end_line < len(rows):
        end_line += 1
        end_column = rows[end_line - 1].partition("#")[0].find(")")
    return Span(line, column, end_line, end_column + 1) if column >= 0 and end_column >= 0 else span
