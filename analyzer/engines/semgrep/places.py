"""A file → its bytes as semgrep gets them, and a stretch of those → a span in code points."""

from __future__ import annotations

import re
from bisect import bisect_right

from ...decode import Undecodable, decode
from ...model.location import Span
from ...model.source import FileKind, SourceFile

_LINE_END = re.compile(rb"\r\n|\r|\n")


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
