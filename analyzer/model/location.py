"""Where something stands: spans within one file, and locations that also name the file."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """A stretch of text: lines count from 1, columns in code points from 0, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Location(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """A span in a file; the path is relative to the project's root, with forward slashes."""

    path: str
    span: Span


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """One place of an explanation, with what happens there."""

    at: Location
    message: str
