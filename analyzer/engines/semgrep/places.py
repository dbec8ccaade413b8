"""A stretch of bytes that semgrep matched → a span in code points, and the kind of the node where it is Python."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right

from ...decode import Undecodable, decode
from ...model.location import Span
from ...model.rule import Node
from ...model.source import FileKind, SourceFile

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONGEST = 64 << 10  # bytes of a match that are parsed


def bytes_of(file: SourceFile) -> bytes | None:
    """The file as semgrep gets it: UTF-8 without a byte order mark; None where it is no text.

    Its code points are those of the text that the visitor sees, so that places agree.
    """
    if file.kind is not FileKind.PYTHON:
        return file.content.decode("utf-8-sig", "replace").encode("utf-8")
    try:
        return decode(file.content).encode("utf-8", "replace")
    except Undecodable:
        return None


class Lines:
    """Where the lines of a text start, in bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(content))]

    def span(self, start: int, end: int) -> Span | None:
        """The stretch without white space at its end, as a span; None where it lies outside of the text."""
        if not 0 <= start <= end <= len(self._content):
            return None
        end = start + len(self._content[start:end].rstrip())
        line, column = self._place(start)
        last, last_column = self._place(end)
        return Span(line, column, last, last_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, len(self._content[self._starts[line - 1] : offset].decode("utf-8", "replace"))

    def before(self, start: int) -> bytes:
        """What stands before an offset on its line."""
        return self._content[self._starts[bisect_right(self._starts, start) - 1] : start]


def python_node(content: bytes, lines: Lines, start: int, end: int) -> tuple[Node, int, int] | None:
    """The kind of node that a match covers, and its bytes; of a statement, the part that can be flagged.

    None where the match is no piece of code that stands for itself.
    """
    text = content[start:end].rstrip()
    if len(text) > _LONGEST:
        return None
    indent = lines.before(start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if indent.strip():  # in the middle of a line: an expression
                return _whole(ast.parse(b"(" + text + b"\n)", mode="eval").body, start, start + len(text))
            head = b"if 1:\n" + indent if indent else b""
            body = ast.parse(head + text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if head and isinstance(body[0], ast.If):
        body = body[0].body
    return _of_statement(body[0], head, text, start) if len(body) == 1 else None


def _whole(node: ast.expr, start: int, end: int) -> tuple[Node, int, int]:
    return (Node.CALL if isinstance(node, ast.Call) else Node.EXPRESSION), start, end


def _of_statement(statement: ast.stmt, head: bytes, text: bytes, start: int) -> tuple[Node, int, int] | None:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return Node.IMPORT, start, start + len(text)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return Node.ASSIGNMENT, start, start + len(text)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            kind = Node.CLASS if isinstance(statement, ast.ClassDef) else Node.FUNCTION
            rows = (head + text).split(b"\n")
            offset = sum(len(row) + 1 for row in rows[: statement.lineno - 1]) + statement.col_offset - len(head)
            word = re.compile(rb"(?:def|class)\s+" + re.escape(name.encode())).search(text, max(0, offset))
            return (kind, start + word.end() - len(name.encode()), start + word.end()) if word else None
    inner = next((node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)), None)
    if isinstance(statement, ast.With | ast.AsyncWith):
        inner = statement.items[0].context_expr
    return _expression(inner, head, text, start) if inner is not None else None


def _expression(node: ast.expr, head: bytes, text: bytes, start: int) -> tuple[Node, int, int] | None:
    """The bytes of an expression in a statement, whose columns `ast` counts in bytes too."""
    if node.end_lineno is None or node.end_col_offset is None:
        return None
    rows = (head + text).split(b"\n")

    def offset(line: int, column: int) -> int:
        return start + sum(len(row) + 1 for row in rows[: line - 1]) + column - len(head)

    return _whole(node, offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))
