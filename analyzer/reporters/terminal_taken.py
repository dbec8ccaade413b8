"""What the expressions of a line are taken to be → text for a terminal: the line, then one row per expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model.location import Span
from ..model.taken import Ground, Taken
from .excerpt import excerpt
from .terminal import NARROWEST, in_memory, printed
from .visible import visible

_INDENT = 2
_MOST = 4  # grounds shown of one expression
_WIDEST = 32  # cells of an expression as written


def drawn(found: Sequence[Taken], line: int, lines: Mapping[int, str], width: int, color: bool) -> str:
    """The text for at least one expression of a line; `lines` are the file's, by number."""
    width = max(width, NARROWEST)
    screen = in_memory(width, color)
    text = lines.get(line, "").rstrip()
    marked = Span(line, len(text) - len(text.lstrip()), line, len(text))
    screen.print(Text(visible(f"{found[0].at.path}:{line}"), "bold"))
    for row in excerpt(lines, marked, width - _INDENT, "cyan"):
        screen.print(Padding(row, (0, 0, 0, _INDENT), expand=False))
    screen.print()
    screen.print(Padding(_table(found), (0, 0, 0, _INDENT), expand=False))
    return printed(screen)


def _table(found: Sequence[Taken]) -> Table:
    longest = max(len(visible(taken.written)) for taken in found)
    table = Table.grid(padding=(0, 2, 0, 0), expand=False)
    table.add_column(overflow="fold", width=min(longest, _WIDEST))
    table.add_column(overflow="fold")
    for taken in _once(found):
        parts = [*taken.values, *([f"unknown: {taken.why}"] if taken.why else [])]
        says = Text(visible(" or ".join(parts)), "" if taken.values else "yellow")
        table.add_row(Text(visible(taken.written), "bold"), Text("\n").join([says, *_grounds(taken.grounds)]))
    return table


def _once(found: Sequence[Taken]) -> list[Taken]:
    """Without what stands twice on the line and means the same."""
    rows: dict[object, Taken] = {}
    for taken in found:
        rows.setdefault((taken.written, taken.values, taken.why, taken.grounds), taken)
    return list(rows.values())


def _grounds(grounds: Sequence[Ground]) -> list[Text]:
    rows = [Text(visible(_ground(ground)), "dim") for ground in grounds[:_MOST]]
    if len(grounds) > _MOST:
        rows.append(Text(f"and {len(grounds) - _MOST} more places", "dim"))
    return rows


def _ground(ground: Ground) -> str:
    return f"{ground.message}  {ground.at.path}:{ground.at.span.line}" if ground.at is not None else ground.message
