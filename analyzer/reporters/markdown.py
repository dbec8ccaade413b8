"""A report → Markdown for a job's summary or a comment on a pull request: the worst places, and counts of all the rest.

Headings and the table of standards are Markdown. Whatever holds a word of the audited code is an HTML block without a
blank line, in which Markdown has no meaning, with the word in `<code>`, in which GitHub sees no mention and no link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..model.finding import Finding
from ..model.location import Location
from ..model.report import Count, Report
from .levels import SEVERITIES, STANDARDS
from .markdown_text import LONGEST_PATH, code, prose
from .options import Options
from .sarif_places import uri

LIMIT = 900_000  # bytes: GitHub drops the whole summary of a step past 1 MiB
WORST = 50
LISTED = 20  # of one kind, before the rest is counted
_LINKED = 500  # characters of a path: a longer one would cost others their place
_CUT = "\n**The rest of this report does not fit here.**\n"


def markdown(report: Report, options: Options) -> str:
    """The text, at most LIMIT bytes of UTF-8. Places are links where `options.places` says where files can be seen."""
    text = ""
    for section in _sections(report, options):
        longer = f"{text}\n{section}" if text else section
        if len(longer.encode("utf-8")) > LIMIT - len(_CUT):
            return text + _CUT
        text = longer
    return text


def _sections(report: Report, options: Options) -> Iterator[str]:
    new = " new" if report.compared else ""
    counts = Counter(finding.severity for finding in report.findings)
    total = len(report.findings)
    yield f"## backend-audit: {f'{total:,}' if total else 'no'}{new} {'finding' if total == 1 else 'findings'}\n"
    yield from _incomplete(report)
    if counts:
        yield ", ".join(f"**{counts[severity]:,} {severity}**" for severity in SEVERITIES if counts[severity]) + ".\n"
        yield _by_standard(report)
        yield _worst(report.findings[:WORST], options)
    if rest := report.findings[WORST:]:
        yield f"### {len(rest):,} more, by rule\n"
        yield _list(_by_rule(rest))
    yield "### What was looked at\n"
    yield _list(_remarks(report))


def _incomplete(report: Report) -> Iterator[str]:
    failures = [problem for problem in report.problems if not problem.note]
    if failures:
        things = "1 thing" if len(failures) == 1 else f"{len(failures):,} things"
        yield f"> [!CAUTION]\n> **The audit is incomplete: {things} could not be checked.**\n"
        yield _list((code(p.path, LONGEST_PATH) + ": " if p.path else "") + prose(p.message) for p in failures)


def _by_standard(report: Report) -> str:
    """Standards in the order in which they weigh, severities across."""
    rules = {rule.id: rule.standard for rule in report.rules}
    known = {f.rule: rules.get(f.rule, "") for f in report.findings}
    named = {rule: standard if standard in STANDARDS else "other tools" for rule, standard in known.items()}
    cells = Counter((named[finding.rule], finding.severity) for finding in report.findings)
    rows = [f"| | {' | '.join(SEVERITIES)} | all |", f"|:--|{'--:|' * (len(SEVERITIES) + 1)}"]
    for standard in (*STANDARDS, "other tools"):
        numbers = [cells[standard, severity] for severity in SEVERITIES]
        if any(numbers):
            shown = " | ".join(f"{number:,}" if number else "·" for number in numbers)
            rows.append(f"| {standard.replace('-', ' ')} | {shown} | {sum(numbers):,} |")
    return "\n".join(rows) + "\n"


def _worst(findings: Iterable[Finding], options: Options) -> str:
    rows = ["<table>", "<tr><th>severity</th><th>rule</th><th>place</th><th>what is wrong</th></tr>"]
    for finding in findings:
        cells = (finding.severity, code(finding.rule), _place(finding.at, options), prose(_said(finding)))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "\n".join([*rows, "</table>"]) + "\n"


def _said(finding: Finding) -> str:
    return finding.message + (f" (also reported by {', '.join(finding.also)})" if finding.also else "")


def _place(at: Location, options: Options) -> str:
    shown = code(f"{at.path}:{at.span.line}", LONGEST_PATH)
    if not options.places or len(at.path) > _LINKED:
        return shown
    path = uri(options.prefix + at.path)
    last = f"-L{at.span.end_line}" if at.span.end_line > at.span.line else ""
    return f'<a href="{options.places}{path}#L{at.span.line}{last}">{shown}</a>'


def _by_rule(findings: Iterable[Finding]) -> Iterator[str]:
    counts = Counter((SEVERITIES.index(finding.severity), finding.rule) for finding in findings)
    for (severity, rule), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        yield f"{count:,} {SEVERITIES[severity]} {code(rule)}"


def _remarks(report: Report) -> Iterator[str]:
    """All that a reader must know to trust the findings."""
    totals = report.totals
    where = "" if report.targets == (".",) else ", reporting on " + ", ".join(code(target) for target in report.targets)
    yield (
        f"{totals.files:,} files ({totals.lines:,} lines) read{where}; {totals.reported:,} reported, "
        f"{totals.tests:,} of them test code; {totals.endpoints:,} endpoints, {len(report.rules):,} rules"
    )
    if not totals.endpoints:
        yield "0 endpoints recognised; frameworks seen in imports: " + (prose(", ".join(report.frameworks)) or "none")
    for engine in report.engines:
        yield f"{code(f'{engine.name} {engine.version}'.rstrip())}: {engine.rules:,} rules, {engine.files:,} files"
    if report.compared:
        yield f"known from {code(report.compared)}: {len(report.baselined):,}"
    for words, counts in (
        ("in the baseline, and matched by nothing any more", report.stale),
        ("hidden as less sure or less severe", report.hidden),
        ("cleared by a closer look", report.cleared),
        ("not judged", report.unknowns),
        ("files left out", report.left_out),
        ("tests of other tools that ours replace", report.replaced),
    ):
        if counts:
            yield f"{words}: {sum(count.count for count in counts):,} ({_named(counts)})"
    if report.untouched:
        yield f"in the baseline, and not looked at: {len(report.untouched):,}"
    if report.suppressed:
        ways = Counter(entry.by for entry in report.suppressed)
        named = ", ".join(f"{ways[by]:,} by {code(by)}" for by in sorted(ways))
        yield f"suppressed: {len(report.suppressed):,} ({named})"
    for key, value, reason in report.assumptions:
        yield f"assumed: {code(f'{key} = {value}')}, {prose(reason)}"
    for problem in report.problems:
        if problem.note:
            yield "note: " + (code(problem.path, LONGEST_PATH) + ": " if problem.path else "") + prose(problem.message)


def _named(counts: Iterable[Count]) -> str:
    ordered = sorted(counts, key=lambda count: (-count.count, count.what))
    more = f" and {len(ordered) - LISTED:,} more kinds" if len(ordered) > LISTED else ""
    return ", ".join(f"{count.count:,} {code(count.what)}" for count in ordered[:LISTED]) + more


def _list(items: Iterable[str]) -> str:
    every = list(items)
    shown = every if len(every) <= 2 * LISTED else [*every[:LISTED], f"and {len(every) - LISTED:,} more"]
    return "\n".join(["<ul>", *(f"<li>{item}</li>" for item in shown), "</ul>"]) + "\n"
