"""A report → what a person reads in a terminal: the worst findings in full, the rest counted, nothing concealed."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console
from rich.text import Text

from ..model.report import Report
from .doors import doors
from .levels import SEVERITIES
from .options import Options
from .terminal_finding import STYLES, card
from .terminal_summary import by_rule, by_standard, number, remarks
from .visible import visible

WORST = 10
MANY = 50  # findings, past which it pays to begin with a baseline
NARROWEST = 40


def terminal(report: Report, options: Options) -> str:
    """The text, without any ANSI sequence unless `options.color`; lines have no trailing blanks."""
    width = max(options.width, NARROWEST)
    console = in_memory(width, options.color)
    rules = {rule.id: rule for rule in report.rules}
    known = doors(report)
    for finding in report.findings[:WORST]:
        for part in card(finding, rules.get(finding.rule), report, known, width):
            console.print(part)
        console.print()
    rest = report.findings[WORST:]
    if rest:
        more = "more new finding" if report.compared else "more finding"
        _heading(console, f"{number(len(rest), more)}, by rule")
        for line in by_rule(rest, rules, width):
            console.print(line)
        console.print(Text("every place, one per line: --format concise", "dim"))
        console.print()
    _heading(console, "summary")
    if report.findings:
        console.print(by_standard(report.findings, rules))
        console.print()
    notes = remarks(report, options.show_suppressed)
    if notes.row_count:
        console.print(notes)
        console.print()
    console.print(_read(report))
    console.print(_verdict(report))
    if report.findings:
        console.print(Text(visible(f"more about a rule: backend-audit explain {report.findings[0].rule}"), "dim"))
    if len(report.findings) > MANY:
        console.print(Text("to see only what is new: --write-baseline audit-baseline.json", "dim"))
    return printed(console)


def in_memory(width: int, color: bool) -> Console:
    """A console that writes to memory and asks the environment nothing."""
    return Console(
        file=io.StringIO(), width=width, height=100, color_system="standard" if color else None, force_terminal=color,
        no_color=not color, markup=False, emoji=False, highlight=False, legacy_windows=False, force_jupyter=False,
    )  # fmt: skip


def printed(console: Console) -> str:
    """What was printed to a console in memory, without trailing blanks."""
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1])


def _heading(console: Console, words: str) -> None:
    line = Text.assemble(("── ", "dim"), (words, "bold"), " ")
    console.print(line.append("─" * max(console.width - line.cell_len, 0), "dim"))


def _read(report: Report) -> Text:
    totals = report.totals
    text = Text(f"read {number(totals.files, 'file')} ({number(totals.lines, 'line')}) under .")
    if report.targets != (".",):
        paths = ", ".join(visible(target if target.startswith(".") else f"./{target}") for target in report.targets)
        text.append(f", reporting on {paths} ({number(totals.reported, 'file')})")
    return text.append(f"; {number(totals.endpoints, 'endpoint')}, {number(len(report.rules), 'rule')}")


def _verdict(report: Report) -> Text:
    counts = Counter(finding.severity for finding in report.findings)
    failures = sum(not problem.note for problem in report.problems)
    if counts:
        new = "new finding" if report.compared else "finding"
        text = Text(f"{number(len(report.findings), new)}: ", "bold")
        words = [Text(f"{counts[s]} {s}", STYLES[s]) for s in SEVERITIES if counts[s]]
        text = text.append_text(Text(", ").join(words))
    else:
        new = "no new findings" if report.compared else "no findings"
        text = Text(new + (" in what could be checked" if failures else ""), "bold")
    if failures:
        text.append(f"; the audit is incomplete: {number(failures, 'problem')}", "bold")
    return text
