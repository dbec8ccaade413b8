"""A report → one line per finding, `path:line:column: severity rule message`, as editors and scripts read it."""

from __future__ import annotations

from collections import Counter

from ..model.finding import Finding
from ..model.report import Report
from .levels import editor_word
from .options import Options
from .visible import visible


def concise(report: Report, options: Options) -> str:
    """Findings worst first, then one line of totals. Columns count code points from 1."""
    return "".join(f"{line}\n" for line in [*map(_line, report.findings), _totals(report)])


def _line(finding: Finding) -> str:
    at = finding.at.span
    word = editor_word(finding.severity)
    return visible(f"{finding.at.path}:{at.line}:{at.column + 1}: {word} {finding.rule} {finding.message}")


def _totals(report: Report) -> str:
    words = Counter(editor_word(finding.severity) for finding in report.findings)
    levels = ", ".join(f"{words[word]} {word}" for word in ("error", "warning", "info") if words[word])
    failures = sum(not problem.note for problem in report.problems)
    further = {
        "with test code": report.totals.tests,
        "hidden": sum(count.count for count in report.hidden),
        "cleared": sum(count.count for count in report.cleared),
        "suppressed": len(report.suppressed),
        f"known ({visible(report.compared)})": len(report.baselined),
        "in the baseline for nothing": sum(count.count for count in report.stale),
        "in the baseline not judged": len(report.untouched),
        "replaced by a rule of ours": sum(count.count for count in report.replaced),
        "not judged": sum(count.count for count in report.unknowns),
        "left out": sum(count.count for count in report.left_out),
        "noted": len(report.problems) - failures,
        "not checked: the audit is incomplete": failures,
    }
    engines = [f"{engine.name} {engine.version}".rstrip() for engine in report.engines]
    count, new = len(report.findings), " new" if report.compared else ""
    parts = [
        f"{count}{new} finding{'' if count == 1 else 's'}" + (f" ({levels})" if levels else ""),
        f"{report.totals.reported} of {report.totals.files} files reported, {report.totals.endpoints} endpoints",
        *(["by " + visible(", ".join(engines))] if engines else []),
        *(f"{number} {what}" for what, number in further.items() if number),
    ]
    return "backend-audit " + visible(report.version) + ": " + "; ".join(parts)
