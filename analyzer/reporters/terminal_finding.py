"""A finding → its card for the terminal: what, where, how it comes about, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model.exposure import Exposure
from ..model.finding import Finding
from ..model.location import Location, Step
from ..model.report import Report, RuleSummary
from .doors import Doors, reached
from .excerpt import excerpt
from .rule_page import advice, why
from .visible import visible

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_INDENT = 2
_STEPS = 8
_RELATED = 3
_ENDPOINTS = 3


def card(
    finding: Finding, rule: RuleSummary | None, report: Report, known: Doors, width: int
) -> Iterator[RenderableType]:
    """What to print for one finding, without a blank line around it; `known` says how open its endpoints are."""
    style = STYLES[finding.severity]
    yield _title(finding, style, width)
    where = Text.assemble((visible(position(finding.at)), "bold"))
    if finding.within:
        where.append(f"  in {visible(finding.within)}", "dim")
    yield _indented(where)
    yield _indented(Text(visible(finding.message)))
    lines = excerpt(report.excerpts.get(finding.at.path, {}), finding.at.span, width - _INDENT, style)
    if lines:
        yield Text()
        yield from (_indented(line) for line in lines)
    yield Text()
    yield _indented(_details(finding, rule, known))


def position(at: Location) -> str:
    """`path:line:column`, columns from 1."""
    return f"{at.path}:{at.span.line}:{at.span.column + 1}"


def grid(label_width: int) -> Table:
    """Two columns: a dim label, and text that folds under itself."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=False)
    table.add_column(style="dim", no_wrap=True, width=label_width)
    table.add_column(overflow="fold")
    return table


def _title(finding: Finding, style: str, width: int) -> Text:
    title = Text.assemble(
        ("── ", "dim"), (finding.severity, style), (" · ", "dim"), (visible(finding.rule), "bold"), " "
    )
    if finding.confidence != "high":
        title.append(f"· confidence {finding.confidence} ", "dim")
    return title.append("─" * max(width - title.cell_len, 0), "dim")


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, _INDENT), expand=False)


def _details(finding: Finding, rule: RuleSummary | None, known: Doors) -> Table:
    table = grid(7)
    if finding.trace:
        table.add_row("how", _steps(finding.trace))
    if finding.related:
        table.add_row("see", _places(finding.related))
    if finding.endpoints:
        table.add_row("reached", Text(visible(f"by {reached(finding, known, _ENDPOINTS)}")))
    elif finding.exposure is Exposure.UNREACHED:
        table.add_row("reached", Text("by no endpoint that is seen", "dim"))
    if finding.also:
        table.add_row("also", Text(visible(f"reported by {', '.join(finding.also)}")))
    if rule is not None:
        table.add_row("why", Text(visible(why(rule))))
    mend = finding.fix.title if finding.fix else advice(rule) if rule is not None else ""
    if mend:
        table.add_row("fix", Text(visible(mend)))
    return table


def _steps(trace: Sequence[Step]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    half = _STEPS // 2
    for number, step in enumerate(trace, 1):
        if len(trace) > _STEPS and half < number <= len(trace) - half:
            if number == half + 1:
                table.add_row("⋮", Text(f"{len(trace) - _STEPS} more steps", "dim"))
            continue
        table.add_row(f"{number}.", _step(step))
    return table


def _places(related: Sequence[Step]) -> Text:
    lines = [_step(step) for step in related[:_RELATED]]
    if len(related) > _RELATED:
        lines.append(Text(f"and {len(related) - _RELATED} more places", "dim"))
    return Text("\n").join(lines)


def _step(step: Step) -> Text:
    return Text.assemble(visible(step.message), ("  " + visible(f"{step.at.path}:{step.at.span.line}"), "dim"))
