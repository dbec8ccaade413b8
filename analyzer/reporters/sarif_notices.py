"""What a report could not say as findings → SARIF notifications, so that nothing is silently less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..model.report import Count, Report
from .sarif_places import Json, artifact, message
from .sarif_rules import pascal

# Each kind of notice, with the words that describe it.
KINDS = {
    "audit-incomplete": "A file or step that could not be checked: the audit is incomplete.",
    "worth-knowing": "Something worth knowing that does not make the audit incomplete.",
    "not-judged": "Places that a rule could not judge, with the reason.",
    "left-out": "Files that were not read, with the reason.",
    "below-threshold": "Findings below the confidence or severity that was asked for.",
    "suspicion-cleared": "Suspicions that a second look at the code cleared.",
    "finding-suppressed": "Findings that a comment, the configuration, an assumption or a baseline silences.",
    "assumption-made": "Something that the configuration says and the repository cannot show.",
    "no-endpoints": "No endpoint was recognised.",
    "report-cut": "More was found than this format holds.",
}
_INDEX = {kind: index for index, kind in enumerate(KINDS)}


def kinds() -> list[Json]:
    """The descriptors that notifications refer to, as complete as GitHub wants those of rules."""
    return [
        {
            "id": kind,
            "name": pascal(kind),
            "shortDescription": {"text": words},
            "fullDescription": {"text": words},
            "help": {"text": words},
        }
        for kind, words in KINDS.items()
    ]


def invocation(report: Report, cut: Mapping[str, int]) -> Json:
    """The run: successful unless something could not be checked, with a notification for all that is missing."""
    notices = [
        *(
            _notice(
                "worth-knowing" if p.note else "audit-incomplete",
                "note" if p.note else "error",
                f"{p.stage}: {p.message}",
                p.path,
            )
            for p in report.problems
        ),
        *(
            _notice("report-cut", "warning", f"{number} {what} left out")
            for what, number in sorted(cut.items())
            if number
        ),
        *_endpoints(report),
        *_counts("not-judged", report.unknowns),
        *_counts("left-out", report.left_out),
        *_counts("below-threshold", report.hidden),
        *_counts("suspicion-cleared", report.cleared),
        *(
            _notice("finding-suppressed", "note", f"{number} findings suppressed by {by}")
            for by, number in sorted(Counter(entry.by for entry in report.suppressed).items())
        ),
        *(
            _notice("assumption-made", "note", f"{key} = {value}: {reason}")
            for key, value, reason in report.assumptions
        ),
    ]
    complete = all(problem.note for problem in report.problems)
    run: Json = {"executionSuccessful": complete}
    if notices:
        run["toolExecutionNotifications"] = notices
    return run


def _endpoints(report: Report) -> list[Json]:
    if report.totals.endpoints:
        return []
    seen = ", ".join(report.frameworks) or "none"
    return [_notice("no-endpoints", "note", f"0 endpoints recognised; frameworks seen in imports: {seen}")]


def _counts(kind: str, counts: Sequence[Count]) -> list[Json]:
    return [
        _notice(kind, "note", f"{c.count} × {c.what}" + (f", as in {', '.join(c.examples)}" if c.examples else ""))
        for c in counts
    ]


def _notice(kind: str, level: str, text: str, path: str = "") -> Json:
    notice: Json = {"descriptor": {"id": kind, "index": _INDEX[kind]}, "level": level, "message": message(text)}
    if path:
        notice["locations"] = [{"physicalLocation": {"artifactLocation": artifact(path)}}]
    return notice
