"""The bytes of a Python file → PythonFacts, the same through CPython's parser and through libcst."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ...decode import decode
from ...model.facts import PythonFacts, Unread
from ...model.location import Span
from ...nesting import too_deep
from .ast_front import parse
from .directives import Comment, comments, directives, spoken
from .outline import Outline, Places, Spanner
from .positions import definitions, from_bytes, points
from .scopes import module

DEPTH = 2500  # frames that one file may use beyond the caller's: the bound on how deep its facts are nested


def read(content: bytes, front_end: str = "auto") -> PythonFacts | Unread:
    """The facts of a file, or why there are none; never raises.

    `front_end` is "ast", "libcst" or "auto": libcst where this Python's grammar refuses the file. A limit that is
    exceeded (memory, recursion) is never tried again with the other one.
    """
    try:
        text = decode(content)
    except ValueError as error:  # Undecodable, and what odd codecs raise
        return Unread(str(error), 0)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with _deeper(DEPTH):
            return _read(text, front_end)
    except (MemoryError, RecursionError):
        return Unread(*(too_deep(text) or ("nested too deeply", 0)))
    except Exception as error:  # noqa: BLE001 - a fault of ours costs the file and is named, not the run
        return Unread(f"cannot be read: {type(error).__name__}: {error}", 0)


def _read(text: str, front_end: str) -> PythonFacts | Unread:
    refused: SyntaxError | None = None
    if front_end != "libcst":
        tree = parse(text)
        if isinstance(tree, ast.Module):
            return _from_ast(tree, text)
        if isinstance(tree, Unread):
            return Unread(*(too_deep(text) or (tree.why, tree.line)))
        refused = tree
    if front_end == "ast":
        return _refusal(refused)
    facts = _from_libcst(text)
    return _refusal(refused) if isinstance(facts, Unread) and refused is not None else facts


def _from_ast(tree: ast.Module, text: str) -> PythonFacts:
    lines = text.split("\n")
    span = points if text.isascii() else from_bytes(lines)
    said = comments(text) if spoken(text) else ()
    return _facts(tree, lines, span, definitions(lines, span), said)


def _from_libcst(text: str) -> PythonFacts | Unread:
    deep = too_deep(text)
    if deep is not None:
        return Unread(*deep)
    from . import cst_compound, cst_front  # half a second to import, and few files need it

    lines = text.split("\n")
    converted = cst_front.parse(text, lines)
    if isinstance(converted, Unread):
        return converted
    said = converted.comments if spoken(text) else ()
    return _facts(converted.tree, lines, points, cst_compound.places, said)


def _facts(tree: ast.Module, lines: list[str], span: Spanner, places: Places, said: Iterable[Comment]) -> PythonFacts:
    outline = Outline(span, places)
    count = len(lines)
    module(outline, tree, Span(1, 0, count, len(lines[-1])))
    return outline.facts(directives(said, lines), lines)


def _refusal(error: SyntaxError | None) -> Unread:
    if error is None:
        return Unread("no front end reads it", 0)
    return Unread(f"not valid Python: {error.msg}", error.lineno or 0)


@contextmanager
def _deeper(frames: int) -> Iterator[None]:
    """Give the code inside this many frames, whatever the caller's depth, so that equal bytes meet equal limits."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]  # None at the outermost frame
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
