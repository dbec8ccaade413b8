"""A syntax tree's nodes → the places and names under which the visitor looks for what was found there."""

from __future__ import annotations

import ast
import re
from typing import Any

from ...decode import decode, lines
from ...model.location import Span
from ...model.rule import Node
from .replies import Found

_KINDS: tuple[tuple[type[ast.AST], Node], ...] = (
    (ast.Call, Node.CALL),
    (ast.FunctionDef, Node.FUNCTION),
    (ast.AsyncFunctionDef, Node.FUNCTION),
    (ast.ClassDef, Node.CLASS),
    (ast.ExceptHandler, Node.HANDLER),
    (ast.Import, Node.IMPORT),
    (ast.ImportFrom, Node.IMPORT),
    (ast.expr, Node.EXPRESSION),
    (ast.stmt, Node.STATEMENT),
)
_STRINGS = tuple(getattr(ast, name) for name in ("JoinedStr", "TemplateStr") if hasattr(ast, name))
_COMPOUND = tuple(
    getattr(ast, name)
    for name in (
        *("FunctionDef", "AsyncFunctionDef", "ClassDef", "For", "AsyncFor", "While", "If", "With", "AsyncWith"),
        *("Match", "Try", "TryStar"),
    )
    if hasattr(ast, name)
)
_LONGEST = 80  # characters of a name
_WORD = re.compile(r"[\w.-]+")


class Places:
    """The nodes of one file; their `_bandit_parent` leads to the module."""

    def __init__(self, content: bytes, tree: ast.Module) -> None:
        self._content, self._tree = content, tree
        self._rows: list[str] | None = None

    def found(self, where: Any, test: str, verdict: str) -> Found | None:
        """What was found at a node, or at (line, column from 1); None where the file holds no code."""
        node = where if isinstance(where, ast.AST) else self._nearest(*where)
        if node is None:
            return None
        kind = next(kind for wanted, kind in _KINDS if isinstance(node, wanted))
        return Found(self._span(_whole_string(node)), test, kind, name_of(node), verdict)

    def _span(self, node: Any) -> Span:
        start, end = self._column(node.lineno, node.col_offset), self._column(node.end_lineno, node.end_col_offset)
        return Span(node.lineno, start, node.end_lineno, end)

    def _column(self, line: int, offset: int) -> int:
        """Bytes of UTF-8 → code points."""
        row = self._lines()[line - 1]
        return offset if row.isascii() else len(row.encode()[:offset].decode(errors="ignore"))

    def _lines(self) -> list[str]:
        if self._rows is None:
            self._rows = lines(decode(self._content))
        return self._rows

    def _nearest(self, line: int, column: int) -> ast.AST | None:
        """The simple statement that holds this place, else the next one (a comment speaks of it), else the last."""
        simple = [n for n in ast.walk(self._tree) if isinstance(n, ast.stmt) and not isinstance(n, _COMPOUND)]
        simple.sort(key=lambda node: (node.lineno, node.col_offset))
        holding = (node for node in simple if (node.end_lineno or node.lineno) >= line)
        return next(holding, simple[-1] if simple else None)


def _whole_string(node: Any) -> Any:
    """The outermost f-string around the node: CPython before 3.12 knows no place within."""
    outermost, around = node, node
    while (around := getattr(around, "_bandit_parent", None)) is not None:
        if isinstance(around, _STRINGS):
            outermost = around
    return outermost


def name_of(node: Any) -> str:
    """What is called, imported, defined, or goes with this string, as written; its end where it is long."""
    name = _name_of(node)
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def _name_of(node: Any) -> str:
    match node:
        case ast.Call():
            return _dotted(node.func)
        case ast.Import():
            return node.names[0].name
        case ast.ImportFrom():
            return "." * node.level + (node.module or "")
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return str(node.name)
        case ast.Constant():
            return _assigned(node)
        case _:
            return ""


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            before = _dotted(node.value)
            return f"{before}.{node.attr}" if before else node.attr
        case _:
            return ""


def _assigned(constant: Any) -> str:
    """The name, attribute or key that is given or compared with this string, or that this string is."""
    parent = getattr(constant, "_bandit_parent", None)
    match parent:
        case ast.Assign():
            return _dotted(parent.targets[0])
        case ast.Compare():
            return _dotted(parent.left)
        case ast.Dict() | ast.Subscript() if _WORD.fullmatch(str(constant.value)):
            return str(constant.value)
        case _:
            return ""
