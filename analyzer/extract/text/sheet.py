"""A text and what a reader has found in it so far: entries and comments, by offset in, by line and column out."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from ...model.facts import Entry, Statement
from ...model.location import Span

LONGEST = 300  # characters of a value
LONGEST_KEY = 1_000  # characters
MOST = 20_000  # entries of a file
DEEPEST = 100  # levels of nesting
_LINE_END = re.compile(r"\r\n|\r|\n")


class Malformed(ValueError):
    """The text is not what its kind promises; `args` are the reason and the line, 0 where none is to blame."""


@dataclass(slots=True)
class Sheet:
    """The text, where its lines start, and what was found."""

    text: str
    starts: list[int]
    entries: list[Entry] = field(default_factory=list)
    comments: list[tuple[int, int, str]] = field(default_factory=list)  # line, column, text from the hash on
    statements: list[Statement] = field(default_factory=list)


def sheet(text: str) -> Sheet:
    """An empty sheet for a text."""
    return Sheet(text, [0, *(end.end() for end in _LINE_END.finditer(text))])


def count_lines(found: Sheet) -> int:
    """How many lines the text has; an end of line at the end opens no new one."""
    return len(found.starts) - (found.starts[-1] == len(found.text))


def rows(found: Sheet) -> list[tuple[int, str]]:
    """The lines without their ends, each with its offset."""
    ends = [*found.starts[1:], len(found.text)]
    return [(start, found.text[start:end].rstrip("\r\n")) for start, end in zip(found.starts, ends, strict=True)]


def line_of(found: Sheet, offset: int) -> int:
    """The line, from 1, that an offset is on."""
    return bisect_right(found.starts, offset)


def span(found: Sheet, start: int, end: int) -> Span:
    """Two offsets as a span."""
    line, last = line_of(found, start), line_of(found, end)
    return Span(line, start - found.starts[line - 1], last, end - found.starts[last - 1])


def add(found: Sheet, key: str, value: str, start: int, end: int) -> None:
    """Note an entry that stands between two offsets. Raises Malformed for one too many: none is dropped silently."""
    if len(found.entries) >= MOST:
        raise Malformed(f"holds more than {MOST} entries", 0)
    if len(key) > LONGEST_KEY:
        raise Malformed(f"holds a key of more than {LONGEST_KEY} characters", line_of(found, start))
    shown = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    found.entries.append(Entry(key, shown, span(found, start, end)))


def comment(found: Sheet, start: int, text: str) -> None:
    """Note a comment that starts with its hash at an offset."""
    line = line_of(found, start)
    found.comments.append((line, start - found.starts[line - 1], text))
