"""Where an API and its OpenAPI document differ → text for a terminal: differences by kind, and what was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model.contract import Comparison, Difference, Differs
from ..model.surface import Surface
from .endpoints_summary import incomplete
from .endpoints_words import place
from .terminal import NARROWEST, in_memory, printed
from .terminal_summary import number
from .visible import visible

HEADINGS = {
    Differs.UNDOCUMENTED: "in the code, not in the document",
    Differs.ALIAS: "in the code, and in the document under another path only",
    Differs.MISSING: "in the document, not found in the code",
    Differs.METHODS: "other methods than documented",
    Differs.PARAMETERS: "other inputs than documented",
    Differs.SECURITY: "other authentication than documented",
}
_SAID_BY_HEADING = frozenset({Differs.UNDOCUMENTED, Differs.ALIAS, Differs.MISSING})
_EXAMPLES = {Differs.ALIAS: 5, Differs.PARAMETERS: 3}  # places named of what may be said of very many


def contract_table(surface: Surface, comparison: Comparison, width: int, color: bool) -> str:
    """The text, without any ANSI sequence unless `color`."""
    console = in_memory(max(width, NARROWEST), color)
    for kind in Differs:
        found = [difference for difference in comparison.differences if difference.kind is kind]
        if found:
            line = Text.assemble(("── ", "dim"), (f"{len(found):,} {HEADINGS[kind]}", "bold"), " ")
            console.print(line.append("─" * max(console.width - line.cell_len, 0), "dim"))
            for says, places, rest in by_words(found):
                console.print(Padding(_group(says, places, rest), (0, 0, 0, 2), expand=False))
            console.print()
    for line in (*incomplete(surface), *_conclusion(comparison)):
        console.print(line)
    return printed(console)


def by_words(found: Sequence[Difference]) -> Iterator[tuple[str, Sequence[Difference], int]]:
    """Differences of one kind by what they say ("" where the kind says it): those to name, and how many more."""
    groups: dict[str, list[Difference]] = {}
    for one in found:
        groups.setdefault("" if one.kind in _SAID_BY_HEADING else one.says, []).append(one)
    for says, same in groups.items():
        most = _EXAMPLES.get(same[0].kind, len(same))
        shown = same if len(same) <= most + 1 else same[:most]
        yield says, shown, len(same) - len(shown)


def _group(says: str, places: Sequence[Difference], rest: int) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=False)
    table.add_column(style="bold", no_wrap=True, min_width=6)
    table.add_column(overflow="fold")
    for one in places:
        where = Text(visible(one.path))
        if one.at is not None:
            where.append(f"  {visible(place(one.at.path, one.at.span.line))}", "dim")
        table.add_row(visible("any" if one.method == "*" else one.method), where)
    if rest:
        table.add_row("", Text(f"and {rest:,} more: --format csv", "dim"))
    return Group(Text(visible(says)), Padding(table, (0, 0, 0, 2), expand=False)) if says else table


def _conclusion(comparison: Comparison) -> Iterator[Text]:
    for why, count in comparison.unjudged:
        yield Text(visible(f"not compared: {count:,} {why}"), "dim")
    found = number(comparison.operations, "operation")
    yield Text(
        visible(f"{comparison.document} (version {comparison.version}): {found}, {comparison.matched:,} in the code")
    )
    total = len(comparison.differences)
    yield Text(number(total, "difference") if total else "no differences", "bold")
