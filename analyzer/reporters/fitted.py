"""A text that is too long for its column → the pieces of it that fit."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells

_BREAKS = "/. "  # a line may end after these


def folded(text: str, width: int) -> list[str]:
    """Lines of at most so many cells, broken after a slash, dot or blank where there is one; at least one line."""
    lines: list[str] = []
    rest = text
    while cell_len(rest) > width:
        first = chop_cells(rest, width)[0]
        end = max(first.rfind(sign) for sign in _BREAKS) + 1
        first = first[:end] if end > len(first) // 3 else first
        lines.append(first.rstrip())
        rest = rest[len(first) :].lstrip(" ")
    return [*lines, rest]


def last_part(text: str, width: int) -> str:
    """The end of the text behind a "…" where it does not fit: of a place, the file's name and line."""
    if cell_len(text) <= width:
        return text
    kept = text
    while kept and cell_len(kept) > width - 1:
        kept = kept[1:]
    slash = kept.find("/")
    return "…" + (kept[slash:] if 0 <= slash < len(kept) // 2 else kept)
