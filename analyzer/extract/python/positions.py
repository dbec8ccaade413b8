"""Lines of a text → how nodes of `ast` map to spans in code points, and where a definition's name and header stand."""

from __future__ import annotations

import ast
import re
from typing import Any

from ...model.location import Span
from .outline import Places, Spanner

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_HEAD = re.compile(r"(?:async[ \t\f]+)?(?:def|class)[ \t\f]+([^\s(\[:\\#]+)")
_BLANK = re.compile(r"[ \t\f]*(\\?)")
_WORD = re.compile(r"[^\s(\[:\\#]+")


def points(node: Any) -> Span:
    """The span of a node whose columns are code points already."""
    return Span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def from_bytes(lines: list[str]) -> Spanner:
    """A function that gives the span of a node whose columns count UTF-8 bytes of these lines."""
    tables: dict[int, list[int] | None] = {}  # line → code point of each byte offset; None where they are equal

    def column(line: int, offset: int) -> int:
        if line not in tables:
            tables[line] = _offsets(lines[line - 1])
        table = tables[line]
        return offset if table is None else table[min(offset, len(table) - 1)]

    def span(node: Any) -> Span:
        first, last = node.lineno, node.end_lineno
        return Span(first, column(first, node.col_offset), last, column(last, node.end_col_offset))

    return span


def _offsets(line: str) -> list[int] | None:
    if line.isascii():
        return None
    table: list[int] = []
    for index, character in enumerate(line):
        table.extend([index] * len(character.encode("utf-8", "surrogatepass")))
    table.append(len(line))
    return table


def definitions(lines: list[str], span: Spanner) -> Places:
    """A function that finds header and name of a `def` or `class` in these lines; `ast` does not give them."""

    def places(node: Definition, at: Span) -> tuple[Span, Span]:
        head = _HEAD.match(lines[at.line - 1], at.column)
        if head is not None:
            name_at = Span(at.line, head.start(1), at.line, head.end(1))
        else:
            name_at = _continued(lines, at)
        last = _last(node)
        after = name_at if last is None else span(last)
        line, column = _colon(lines, after.end_line, after.end_column)
        return Span(at.line, at.column, line, column), name_at

    return places


def _continued(lines: list[str], at: Span) -> Span:
    """The name of a definition whose `def` and name are parted by a backslash at a line's end."""
    line, column = at.line, at.column
    while True:
        text = lines[line - 1]
        blank = _BLANK.match(text, column)
        if blank is not None and (blank.group(1) or blank.end() == len(text)) and line < len(lines):
            line, column = line + 1, 0
            continue
        word = _WORD.match(text, blank.end() if blank is not None else column)
        if word is None:
            return Span(at.line, at.column, at.line, at.column)
        if word.group() not in ("async", "def", "class"):
            return Span(line, word.start(), line, word.end())
        column = word.end()


def _last(node: Definition) -> ast.AST | None:
    """The expression that stands last in a header."""
    if isinstance(node, ast.ClassDef):
        inside: list[Any] = [*node.bases, *node.keywords]
    elif node.returns is not None:
        return node.returns
    else:
        args = node.args
        inside = [*args.posonlyargs, *args.args, *args.defaults, *args.kwonlyargs]
        inside += [part for part in (args.vararg, args.kwarg, *args.kw_defaults) if part is not None]
    inside = inside or getattr(node, "type_params", [])
    return max(inside, key=_end) if inside else None


def _end(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset


def _colon(lines: list[str], line: int, column: int) -> tuple[int, int]:
    """The place after the first colon that is not in a comment; no string can stand on the way."""
    while line <= len(lines):
        text = lines[line - 1]
        colon, comment = text.find(":", column), text.find("#", column)
        if colon >= 0 and (comment < 0 or colon < comment):
            return line, colon + 1
        line, column = line + 1, 0
    return len(lines), len(lines[-1])
