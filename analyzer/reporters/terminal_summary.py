"""A report → the end of its terminal form: findings by rule and standard, and all that was not judged or shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ..model.finding import Finding
from ..model.report import Count, Report, RuleSummary
from .levels import SEVERITIES, STANDARDS
from .terminal_finding import STYLES, grid, position
from .visible import visible

_LISTED = 8  # lines of one kind before the rest is counted
_REPLACED = 3  # tests of other tools that are named


def number(count: int, singular: str, plural: str = "") -> str:
    """ "1 file", "1,204 files"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def by_rule(findings: Sequence[Finding], rules: Mapping[str, RuleSummary], width: int) -> Iterator[Text]:
    """One line per rule, cut at the width: how many, how bad at worst, its id and title."""
    counts = Counter(finding.rule for finding in findings)
    worst = {id: min(SEVERITIES.index(f.severity) for f in findings if f.rule == id) for id in sorted(counts)}
    digits = len(str(max(counts.values())))
    id_width = max(cell_len(visible(id)) for id in counts)
    for id in sorted(counts, key=lambda id: (worst[id], -counts[id], id)):
        severity = SEVERITIES[worst[id]]
        name = set_cell_size(visible(id), id_width)
        line = Text.assemble(f"{counts[id]:>{digits}}  ", (f"{severity:<10}", STYLES[severity]), name)
        if id in rules:
            line.append(f"  {visible(rules[id].title)}", "dim")
        line.truncate(width, overflow="ellipsis")
        yield line


def by_standard(findings: Sequence[Finding], rules: Mapping[str, RuleSummary]) -> Table:
    """Standards in the order in which they weigh, severities across."""
    cells = Counter((rules[f.rule].standard if f.rule in rules else "", f.severity) for f in findings)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for severity in SEVERITIES:
        table.add_column(severity, justify="right")
    table.add_column("all", justify="right")
    for standard in [*STANDARDS, *sorted({standard for standard, _ in cells} - set(STANDARDS))]:
        counts = {severity: cells[standard, severity] for severity in SEVERITIES}
        if any(counts.values()):
            shown = [Text(str(n), STYLES[severity]) if n else Text("·", "dim") for severity, n in counts.items()]
            words = visible(standard).replace("-", " ") or "other tools"
            table.add_row(Text(words), *shown, str(sum(counts.values())))
    return table


def remarks(report: Report, show_suppressed: bool) -> Table:
    """Everything a reader must know to trust the findings, a label before each kind."""
    table = grid(10)
    for label, lines in _remarks(report, show_suppressed):
        for line in lines[:_LISTED]:
            table.add_row(label, line)
            label = ""
        if len(lines) > _LISTED:
            table.add_row("", Text(f"and {len(lines) - _LISTED} more", "dim"))
    return table


def _remarks(report: Report, show_suppressed: bool) -> Iterator[tuple[str, list[RenderableType]]]:
    failures = [problem for problem in report.problems if not problem.note]
    notes = [problem for problem in report.problems if problem.note]
    for label, problems in (("unchecked", failures), ("note", notes)):
        yield label, [Text(visible(f"{p.path}: {p.message}" if p.path else p.message)) for p in problems]
    if not report.totals.endpoints:
        seen = visible(", ".join(report.frameworks)) or "none that we know"
        yield "endpoints", [Text(f"0 endpoints recognised: frameworks seen in imports: {seen}")]
    if report.totals.tests:
        files = f"{report.totals.tests} of {number(report.totals.reported, 'reported file')}"
        silent: list[RenderableType] = [Text(f"{files} hold test code, in which most rules are silent")]
        if report.totals.tests == report.totals.reported:
            silent.append(Text("to judge a project that lies under a tests folder: --root FOLDER", "dim"))
        yield "tests", silent
    yield "not judged", [_count(count) for count in report.unknowns]
    if report.hidden:
        total = number(sum(count.count for count in report.hidden), "finding")
        yield (
            "hidden",
            [
                Text(f"{total} less sure or less severe: {_by_count(report.hidden)}"),
                Text("to see them: --confidence low --severity low", "dim"),
            ],
        )
    if report.cleared:
        total = number(sum(count.count for count in report.cleared), "suspicion")
        yield "cleared", [Text(f"{total} after a closer look: {_by_count(report.cleared)}")]
    yield "suppressed", _suppressed(report, show_suppressed)
    yield from _known(report, show_suppressed)
    yield from _engines(report)
    if report.left_out:
        total = number(sum(count.count for count in report.left_out), "file")
        yield "left out", [Text(f"{total}: {_by_count(report.left_out)}")]
    yield "assumed", [Text(visible(f"{key} = {value}: {reason}")) for key, value, reason in report.assumptions]


def _suppressed(report: Report, show: bool) -> list[RenderableType]:
    if not report.suppressed:
        return []
    ways = Counter(entry.by for entry in report.suppressed)
    total = number(len(report.suppressed), "finding")
    head = Text(f"{total}: " + ", ".join(f"{ways[by]} by {visible(by)}" for by in sorted(ways)))
    if not show:
        return [head.append("; to list them: --show-suppressed", "dim")]
    entries = [(visible(f"{position(e.finding.at)} {e.finding.rule}"), visible(e.reason)) for e in report.suppressed]
    # One cell, so that a list that was asked for is not cut.
    return [head, Text("\n").join(Text.assemble(place, (f"  {reason}", "dim")) for place, reason in entries)]


def _known(report: Report, show: bool) -> Iterator[tuple[str, list[RenderableType]]]:
    """What was there before, and what of the baseline is of no use."""
    if report.compared:
        head = Text(visible(f"{number(len(report.baselined), 'finding')} from {report.compared}"))
        if not show:
            yield "known", [head.append("; to list them: --show-suppressed", "dim") if report.baselined else head]
        else:
            entries = "\n".join(visible(f"{position(f.at)} {f.rule}  {f.message}") for f in report.baselined)
            yield "known", [head, *([Text(entries)] if entries else [])]
    over: list[RenderableType] = []
    if report.stale:
        total = number(sum(count.count for count in report.stale), "entry", "entries")
        over.append(Text(f"{total} that nothing matches any more, to be dropped with --write-baseline:"))
        over += [_count(count) for count in report.stale]
    if report.untouched:
        total = number(len(report.untouched), "entry", "entries")
        over.append(Text(f"{total} for what this run did not look at"))
    yield "baseline", over


def _engines(report: Report) -> Iterator[tuple[str, list[RenderableType]]]:
    """Who looked, and whose tests were left to rules of ours."""
    named = [(f"{e.name} {e.version}".rstrip(), e.rules, e.files) for e in report.engines]
    looked = ", ".join(f"{name} ({number(rules, 'rule')}, {number(files, 'file')})" for name, rules, files in named)
    yield "engines", [Text(visible(looked))] if looked else []
    if report.replaced:
        total = number(sum(count.count for count in report.replaced), "test")
        yield "replaced", [Text(f"{total} of other tools: {_names(report.replaced)}")]


def _names(counts: Sequence[Count]) -> str:
    more = f" and {len(counts) - _REPLACED} more" if len(counts) > _REPLACED else ""
    return ", ".join(visible(count.what) for count in counts[:_REPLACED]) + more


def _by_count(counts: Sequence[Count]) -> str:
    ordered = sorted(counts, key=lambda count: (-count.count, count.what))
    shown = ", ".join(f"{count.count} {visible(count.what)}" for count in ordered[:_LISTED])
    return shown + (f" and {len(ordered) - _LISTED} more kinds" if len(ordered) > _LISTED else "")


def _count(count: Count) -> Text:
    text = Text(f"{count.count} × {visible(count.what)}")
    return text.append(f"  {visible(', '.join(count.examples[:2]))}", "dim") if count.examples else text
