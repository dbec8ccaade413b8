"""A libcst tree with its positions → nodes of `ast` whose columns are code points: what all kinds of nodes need."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import CodeRange

Node = TypeVar("Node", bound=ast.AST)
Position = tuple[int, int]  # line, column


class Tree:
    """Where each libcst node stands, and the lines that they stand in."""

    __slots__ = ("lines", "ranges")

    def __init__(self, ranges: Mapping[cst.CSTNode, CodeRange], lines: list[str]) -> None:
        self.ranges = ranges
        self.lines = lines

    def start(self, node: cst.CSTNode) -> Position:
        """Where a node starts, without parentheses around it."""
        at = self.ranges[node].start
        return at.line, at.column

    def end(self, node: cst.CSTNode) -> Position:
        """Where a node ends, without parentheses around it."""
        at = self.ranges[node].end
        return at.line, at.column

    def outer_start(self, node: Any) -> Position:
        """Where a node starts, with the parentheses around it."""
        return self.start(node.lpar[0]) if node.lpar else self.start(node)

    def outer_end(self, node: Any) -> Position:
        """Where a node ends, with the parentheses around it."""
        return self.end(node.rpar[-1]) if node.rpar else self.end(node)

    def inner_start(self, node: Any) -> Position:
        """Where a node starts, with the innermost parentheses around it."""
        return self.start(node.lpar[-1]) if node.lpar else self.start(node)

    def inner_end(self, node: Any) -> Position:
        """Where a node ends, with the innermost parentheses around it."""
        return self.end(node.rpar[0]) if node.rpar else self.end(node)

    def sign_end(self, sign: Any) -> Position:
        """Where a comma, colon or semicolon ends, without the whitespace that libcst counts to it."""
        line, column = self.end(sign.whitespace_before)
        return line, column + 1

    def source(self, start: Position, end: Position) -> str:
        """The text between two places."""
        (first, left), (last, right) = start, end
        if first == last:
            return self.lines[first - 1][left:right]
        middle = self.lines[first : last - 1]
        return "\n".join([self.lines[first - 1][left:], *middle, self.lines[last - 1][:right]])

    def make(self, kind: type[Node], like: cst.CSTNode, /, **fields: object) -> Node:
        """A node of `ast` that stands where a libcst node does."""
        at = self.ranges[like]
        node = kind.__new__(kind)  # its own constructor would warn about fields of other versions
        node.__dict__.update(
            lineno=at.start.line,
            col_offset=at.start.column,
            end_lineno=at.end.line,
            end_col_offset=at.end.column,
            **fields,
        )
        return node

    def between(self, kind: type[Node], start: Position, end: Position, /, **fields: object) -> Node:
        """A node of `ast` that stands between two places."""
        node = kind.__new__(kind)
        node.__dict__.update(lineno=start[0], col_offset=start[1], end_lineno=end[0], end_col_offset=end[1], **fields)
        return node


def identifier(name: str) -> str:
    """A name as Python knows it: identifiers are equal when their NFKC forms are."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def dotted(node: cst.BaseExpression | None) -> str | None:
    """The text of a module's name."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(identifier(node.attr.value))
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return ".".join([identifier(node.value), *reversed(parts)])
