"""What a report could not say as findings → SARIF notifications, so that nothing is silently less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

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
    "engine-ran": "An engine that took part, with what it was given.",
    "test-replaced": "Tests of other tools that were not run, because a rule of ours judges the same failure.",
    "finding-known": "Findings that are not new: a baseline accepts them, or they were there at the base revision.",
    "baseline-stale": "Entries of the baseline that no finding matches any more.",
    "baseline-not-judged": "Entries of the baseline that this run did not look at.",
}
MOST_PLACES = 5  # named of what is only counted
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
        *_engines(report),
        *_known(report),
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


def _engines(report: Report) -> Iterator[Json]:
    for engine in report.engines:
        name = f"{engine.name} {engine.version}".rstrip()
        yield _notice("engine-ran", "note", f"{name}: {engine.rules} rules, {engine.files} files")
    if report.replaced:
        number = sum(count.count for count in report.replaced)
        yield _notice("test-replaced", "note", f"{number} replaced: {', '.join(c.what for c in report.replaced)}")


def _known(report: Report) -> Iterator[Json]:
    if report.compared:
        yield _notice("finding-known", "note", f"{len(report.baselined)} findings known from {report.compared}")
    for count in report.stale:
        places = ", ".join(count.examples[:MOST_PLACES])
        yield _notice("baseline-stale", "note", f"{count.count} × {count.what}, as in {places}")
    if report.untouched:
        yield _notice("baseline-not-judged", "note", f"{len(report.untouched)} entries of other paths or rules")


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
