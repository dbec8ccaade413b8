"""Lines of source and a span → those lines in coloured pieces, the exact span marked across them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model.location import Span
from .visible import visible

if TYPE_CHECKING:
    from pygments.lexer import Lexer

BEFORE, AFTER = 2, 2  # lines around the span
MARKED = 9  # lines of the span itself; the rest is counted
LONG = 400  # code points of a line that are looked at
_TAB = "    "
_LEXERS = {
    ".py": "python", ".pyi": "python", ".sql": "postgresql", ".yml": "yaml", ".yaml": "yaml", ".toml": "toml",
    ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript",
    ".conf": "nginx", ".nginx": "nginx", ".dockerfile": "docker", ".ini": "ini", ".cfg": "ini", ".env": "ini",
}  # fmt: skip
# Kinds of tokens → the few classes that have a colour; the longest prefix counts.
_CLASSES = {
    "Comment": "c", "Keyword": "k", "Keyword.Constant": "n", "Operator.Word": "k", "Name.Tag": "k",
    "Literal.String": "s", "Literal.String.Interpol": "i", "Literal.Number": "n", "Literal.Scalar": "s",
    "Name.Function": "f", "Name.Class": "f", "Name.Decorator": "d", "Name.Attribute": "d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one colour; `kind` is a CSS class or ""."""

    text: str
    kind: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an excerpt; `cut` where more of it was left out at its end."""

    number: int
    pieces: tuple[Piece, ...]
    hit: bool  # the span covers some of it
    cut: bool


@dataclass(frozen=True, slots=True)
class Code:
    """An excerpt; `more` lines of the span follow that are not shown."""

    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a line that is shown, and the span's columns in it."""

    text: str
    start: int
    end: int
    cut: bool


def code(path: str, lines: Mapping[int, str], span: Span, before: int = BEFORE, after: int = AFTER) -> Code:
    """The excerpt of a span; without lines where its first line is not in `lines`."""
    if span.line not in lines:
        return Code((), 0)
    last = min(span.end_line, span.line + MARKED - 1)
    around = range(span.line - before, last + (after if last == span.end_line else 0) + 1)
    shown = [number for number in around if number in lines]
    while shown[0] < span.line and not lines[shown[0]].strip():
        shown.pop(0)
    while shown[-1] > last and not lines[shown[-1]].strip():
        shown.pop()
    windows = [_window(lines[number], *_columns(lines[number], number, span)) for number in shown]
    rows = _rows(path, "\n".join(window.text for window in windows))
    result = tuple(
        Line(number, tuple(_pieces(row, window)), span.line <= number <= last, window.cut)
        for number, row, window in zip(shown, rows, windows, strict=True)
    )
    return Code(result, span.end_line - last)


def comment_of(path: str) -> str:
    """What begins a comment in a file of that name."""
    return {"postgresql": "--", "javascript": "//", "typescript": "//"}.get(_language(path), "#")


def _columns(line: str, number: int, span: Span) -> tuple[int, int]:
    """The span's columns in this line; on lines after the first, indentation is not marked."""
    if not span.line <= number <= span.end_line:
        return 0, 0
    start = span.column if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column if number == span.end_line else len(line.rstrip())
    return start, max(start, end)


def _window(line: str, start: int, end: int) -> _Window:
    """The line without its end, or the part of a very long one around the start of the span."""
    skipped = max(0, min(start, len(line)) - LONG // 2) if len(line) > LONG else 0
    text = line[skipped : skipped + LONG].rstrip().replace("\n", " ")
    lead = "…" if skipped else ""
    shift = len(lead) - skipped
    cut = len(line) > skipped + LONG or (end > len(line) > 0)
    return _Window(lead + text, start + shift, end + shift, cut)


def _rows(path: str, text: str) -> list[list[tuple[str, str]]]:
    """For each line of a text its stretches of one colour, as (class, text)."""
    rows: list[list[tuple[str, str]]] = [[]]
    for kind, value in _coloured(path, text):
        for number, part in enumerate(value.split("\n")):
            if number:
                rows.append([])
            if part and rows[-1] and rows[-1][-1][0] == kind:
                rows[-1][-1] = (kind, rows[-1][-1][1] + part)
            elif part:
                rows[-1].append((kind, part))
    return rows


def _coloured(path: str, text: str) -> list[tuple[str, str]]:
    """The text cut into (class, text) by its language; in one piece where that is not known or changes the text."""
    lexer = _lexer(_language(path))
    if lexer is None:
        return [("", text)]
    # Unprocessed: no tab, line end or byte-order mark is replaced, so columns stay what they are.
    found = [(_class(token), value) for _, token, value in lexer.get_tokens_unprocessed(text)]
    return found if "".join(value for _, value in found) == text else [("", text)]


def _pieces(row: list[tuple[str, str]], window: _Window) -> Iterator[Piece]:
    """The stretches of a line, cut again where the mark begins and ends."""
    at = 0
    bounds = ((0, window.start, False), (window.start, window.end, True), (window.end, len(window.text), False))
    for kind, text in row:
        for start, end, marked in bounds:
            part = text[max(start - at, 0) : max(end - at, 0)]
            if part:
                yield Piece(_TAB.join(map(visible, part.split("\t"))), kind, marked)
        at += len(text)


def _language(path: str) -> str:
    """The name of the lexer for a path; "" where there is none."""
    file = PurePosixPath(path.lower())
    if file.name.startswith(("dockerfile", "containerfile")):
        return "docker"
    if file.name.startswith(".env"):
        return "ini"
    return _LEXERS.get(file.suffix, "")


@cache
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language) if language else None


@cache
def _class(token: object) -> str:
    """The CSS class of a kind of token: that of its nearest kind which has one."""
    names = str(token).split(".")[1:]
    while names:
        if found := _CLASSES.get(".".join(names)):
            return found
        names.pop()
    return ""
