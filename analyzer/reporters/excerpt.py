"""Lines of source and a span → those lines with numbers and carets under the exact span, for a given width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from ..model.location import Span
from .visible import visible

BEFORE, AFTER = 2, 1  # lines around the span
MARKED = 4  # lines of the span itself; the rest is counted
_LEAD = 12  # cells kept before a span that begins far to the right
_LONG = 400  # code points of a line that are looked at
_TAB = "    "
_MORE = "…"


def excerpt(lines: Mapping[int, str], span: Span, width: int, style: str) -> list[Text]:
    """Printable lines, at most `width` cells each; none where the first line of the span is not in `lines`."""
    if span.line not in lines:
        return []
    last = min(span.end_line, span.line + MARKED - 1)
    after = AFTER if last == span.end_line else 0
    shown = [number for number in range(span.line - BEFORE, last + after + 1) if number in lines]
    while shown[0] < span.line and not lines[shown[0]].strip():
        shown.pop(0)
    while shown[-1] > last and not lines[shown[-1]].strip():
        shown.pop()
    gutter = len(str(shown[-1]))
    room = max(width - gutter - 3, 8)
    result: list[Text] = []
    for number in shown:
        view = _window(lines[number], *_columns(lines[number], number, span), room)
        result.append(_row(f"{number:>{gutter}}", view, style))
        if view.marked and span.line <= number <= last:
            carets = " " * view.before + "^" * view.marked
            result.append(Text.assemble((f"{'':>{gutter}} │ ", "dim"), (carets, style)))
        if number == last and span.end_line > last:
            result.append(Text(f"{'':>{gutter}} ┆ {span.end_line - last} more lines", "dim"))
    return result


@dataclass(frozen=True, slots=True)
class _View:
    """The part of a line that is shown, and the cells before and under the mark in it."""

    head: str
    mark: str
    tail: str

    @property
    def before(self) -> int:
        return cell_len(self.head)

    @property
    def marked(self) -> int:
        return cell_len(self.mark)


def _row(number: str, view: _View, style: str) -> Text:
    return Text.assemble((f"{number} │ ", "dim"), view.head, (view.mark, style), view.tail)


def _columns(line: str, number: int, span: Span) -> tuple[int, int]:
    """The span's columns in this line; on lines after the first, indentation is not marked."""
    if not span.line <= number <= span.end_line:
        return 0, 0
    start = span.column if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column if number == span.end_line else len(line.rstrip())
    return min(start, len(line)), max(min(start, len(line)), min(end, len(line)))


def _window(line: str, start: int, end: int, room: int) -> _View:
    """The line if it fits, else the part of it around the start of the mark."""
    skipped = max(0, start - _LONG // 2) if len(line) > _LONG else 0
    cut = len(line) > skipped + _LONG
    pieces = [_TAB if letter == "\t" else visible(letter) for letter in line[skipped : skipped + _LONG].rstrip()]
    start, end = start - skipped, end - skipped
    sizes = [cell_len(piece) for piece in pieces]
    first = 0
    if skipped or cut or sum(sizes) > room:
        while first < start and sum(sizes[first:start]) + min(sum(sizes[start:end]), room // 2) > room - _LEAD:
            first += 1
    budget = room - (1 if first or skipped else 0)
    stop = first
    while stop < len(pieces) and sum(sizes[first : stop + 1]) <= budget:
        stop += 1
    if stop < len(pieces) or cut:
        while stop > first and sum(sizes[first:stop]) > budget - 1:
            stop -= 1
    head = (_MORE if first or skipped else "") + "".join(pieces[first : max(first, min(start, stop))])
    mark = "".join(pieces[max(first, start) : max(first, start, min(end, stop))])
    tail = "".join(pieces[max(first, start, min(end, stop)) : stop])
    return _View(head, mark, tail + (_MORE if stop < len(pieces) or cut else ""))
