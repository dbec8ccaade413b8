"""Matches in a Python file → the nodes there that the visitor can flag; runs in a process of the pool."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

import msgspec

from ...model.rule import Node

_LINE_END = re.compile(rb"\r\n|\r|\n")
_NAME_OF = re.compile(rb"(?:async\s+)?(?:def|class)\s+[^\s(:\[]+")
_WITHOUT_PLACES = tuple(getattr(ast, name) for name in ("JoinedStr", "TemplateStr") if hasattr(ast, name))
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Stretch = tuple[int, int]  # bytes from and to
Found = tuple[str, int, int] | None  # the kind of node and its bytes; None where no code stands that can be flagged
_ASKED = msgspec.msgpack.Decoder(tuple[bytes, list[Stretch]])


def run(payload: bytes) -> bytes:
    """UTF-8 text and stretches of it in; for each what stands there, or one word why the text cannot be read."""
    content, stretches = _ASKED.decode(payload)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content.decode("utf-8"))
    except (SyntaxError, ValueError):
        return msgspec.msgpack.encode("matched, but written in another Python than the one that runs us")
    except (RecursionError, MemoryError):
        return msgspec.msgpack.encode("matched, but nested too deeply")
    text = _Text(content)
    return msgspec.msgpack.encode([_found(text, tree, start, end) for start, end in stretches])


class _Text:
    """Where the nodes of a text stand, in bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(content))]

    def stretch(self, node: ast.AST) -> Stretch | None:
        """From its first decorator to its end; None for a node without a place."""
        end_line, end_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        if end_line is None or end_column is None:
            return None
        start = self.begin(node)
        if isinstance(node, _DEFINITIONS) and node.decorator_list:
            start = self.content.rindex(b"@", 0, self.begin(node.decorator_list[0]))
        return start, self._starts[end_line - 1] + end_column

    def begin(self, node: ast.AST) -> int:
        """Where the node itself begins."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return self._starts[line - 1] + int(column)


def _found(text: _Text, tree: ast.Module, start: int, end: int) -> Found:
    """The smallest node around a stretch, or the part of it that can be flagged."""
    best: ast.AST | None = None
    for node in _around(text, tree, start, end):
        exact = best is not None and text.stretch(best) == text.stretch(node)
        if not (exact and isinstance(best, ast.expr)):  # an expression that is all of a statement means more
            best = node
    return _flagged(text, best, start) if best is not None else None


def _around(text: _Text, tree: ast.Module, start: int, end: int) -> Iterator[ast.AST]:
    """The nodes that hold a stretch, from the outside to the inside."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for child in ast.iter_child_nodes(node):
            stretch = text.stretch(child)
            if stretch is not None and not (stretch[0] <= start and end <= stretch[1]):
                continue
            if isinstance(child, ast.expr | ast.stmt | ast.ExceptHandler):
                yield child
            if not isinstance(child, _WITHOUT_PLACES):  # CPython before 3.12 knows no place within
                pending.append(child)


def _flagged(text: _Text, node: ast.AST, start: int) -> Found:
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and start >= text.begin(body[0]):
        return None  # in a comment between statements
    match node:
        case ast.expr():
            return _whole(text, node, Node.CALL if isinstance(node, ast.Call) else Node.EXPRESSION)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            head = _NAME_OF.match(text.content, text.begin(node))
            kind = Node.CLASS if isinstance(node, ast.ClassDef) else Node.FUNCTION
            return (str(kind), head.start(), head.end()) if head else None
        case ast.ExceptHandler():
            return str(Node.HANDLER), text.begin(node), text.begin(node) + len(b"except")
        case ast.With() | ast.AsyncWith():
            return _flagged(text, node.items[0].context_expr, start)
        case ast.stmt() if not isinstance(body, list) and not hasattr(node, "cases"):
            return _whole(text, node, Node.STATEMENT)
    inner = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.ExceptHandler))
    first = next(inner, None)  # what a loop or a condition asks, the first handler of a `try`
    return _flagged(text, first, text.begin(first)) if first is not None else None


def _whole(text: _Text, node: ast.AST, kind: Node) -> Found:
    stretch = text.stretch(node)
    return (str(kind), *stretch) if stretch is not None else None
