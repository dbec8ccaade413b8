"""A statement's header and where its comments and literals are → its token text, by which findings are known again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from ..model.location import Span
from .statements import Index

Point = tuple[int, int]
LONGEST = 2000  # characters


def token_text(header: Span, index: Index, comments: Sequence[Span], literals: Sequence[Span]) -> str:
    """The header without comments, white space and line continuations; string literals stay as they are written."""
    special = sorted([(span, False) for span in comments] + [(span, True) for span in literals])
    pieces: list[str] = []
    reached: Point = (header.line, header.column)
    end: Point = (header.end_line, header.end_column)
    for span, kept in special:
        start = (span.line, span.column)
        if not reached <= start < end:
            continue
        pieces.append(_squeezed(index, reached, start))
        if kept:
            pieces.append("\n".join(index.slice(span)))
        reached = (span.end_line, span.end_column)
    pieces.append(_squeezed(index, reached, end))
    return _short("".join(pieces))


def _short(text: str) -> str:
    """The text, or of a long one its beginning and a hash: each finding in a statement carries it into every report."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}…{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def _squeezed(index: Index, start: Point, end: Point) -> str:
    if start >= end:
        return ""
    rows = index.slice(Span(*start, *end))
    return "".join("".join(row.removesuffix("\\").split()) for row in rows)
