"""A report → workflow commands, which GitHub shows beside the changed lines of a pull request: as many as it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ..model.finding import Finding
from ..model.report import Report
from .levels import SEVERITIES, editor_word
from .options import Options
from .visible import visible

MOST = 10  # annotations of one kind and step that GitHub shows; it drops the others without a word
_KINDS = {"error": "error", "warning": "warning", "info": "notice"}  # our words for editors → commands


def github(report: Report, options: Options) -> str:
    """Findings worst first, a warning where the audit is incomplete, one notice that counts all that is not shown."""
    failures = sum(not problem.note for problem in report.problems)
    room = {"error": MOST, "warning": MOST - bool(failures), "notice": MOST - 1}
    lines = []
    for finding in report.findings:
        kind = _KINDS[editor_word(finding.severity)]
        if room[kind]:
            room[kind] -= 1
            lines.append(_annotation(kind, finding, options))
    if failures:
        things = "1 thing" if failures == 1 else f"{failures} things"
        lines.append(_command("warning", {"title": "backend-audit: incomplete"}, f"{things} could not be checked"))
    summary = ". ".join(_summary(report, len(report.findings) - (len(lines) - bool(failures))))
    lines.append(_command("notice", {"title": "backend-audit"}, summary))
    return "".join(f"{line}\n" for line in lines)


def _annotation(kind: str, finding: Finding, options: Options) -> str:
    span = finding.at.span
    path = options.prefix + finding.at.path
    where: dict[str, str | int] = {"file": path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # GitHub refuses columns of more than one line
        where |= {"col": span.column + 1, "endColumn": span.end_column + 1}
    also = f" (also reported by {', '.join(finding.also)})" if finding.also else ""
    return _command(kind, {**where, "title": f"{finding.rule} ({finding.severity})"}, finding.message + also)


def _summary(report: Report, unshown: int) -> Iterator[str]:
    counts = Counter(finding.severity for finding in report.findings)
    total = len(report.findings)
    new = " new" if report.compared else ""
    words = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    yield f"{total or 'no'}{new} finding{'' if total == 1 else 's'}" + (f": {words}" if words else "")
    if unshown:
        yield f"{unshown} of them have no annotation: GitHub shows {MOST} of a kind"
    if report.compared:
        yield f"Known from {report.compared}: {len(report.baselined)}"
    further = {
        "In the baseline for nothing": sum(count.count for count in report.stale),
        "Suppressed": len(report.suppressed),
        "Hidden": sum(count.count for count in report.hidden),
        "Not judged": sum(count.count for count in report.unknowns),
        "Files left out": sum(count.count for count in report.left_out),
    }
    yield from (f"{what}: {number}" for what, number in further.items() if number)
    if report.engines:
        yield "By " + ", ".join(f"{engine.name} {engine.version}".rstrip() for engine in report.engines)


def _command(kind: str, properties: dict[str, str | int], message: str) -> str:
    """One command on one line. Its colons, commas and line ends are its own, never those of a name."""
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{kind} {given}::{_data(message)}"


def _data(text: str) -> str:
    return re.sub("[%\r\n]", lambda found: f"%{ord(found[0]):02X}", visible(text))


def _property(text: str) -> str:
    return re.sub("[:,]", lambda found: f"%{ord(found[0]):02X}", _data(text))
