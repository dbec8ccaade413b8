"""Findings → SARIF results: one for each rule and line, because GitHub knows no finer alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..model.finding import Finding, Fix
from ..model.location import Step
from ..model.report import Report, Suppressed
from .doors import WIDEST_FIRST
from .levels import rank, sarif_level
from .sarif_places import Json, artifact, link, message, physical, plain_text, region, step

MAX_RESULTS = 5_000  # GitHub shows no more
MAX_FLOWS = 4  # per result
MAX_STEPS = 50  # per flow
MAX_RELATED = 50  # per result
LINKED = 5  # related places named in the message


@dataclass(slots=True)
class Writer:
    """What every result needs, and the count of what did not fit."""

    report: Report
    index: Mapping[str, int]  # rule id → its place among the descriptors
    cut: Counter[str] = field(default_factory=Counter)


def results(writer: Writer, show_suppressed: bool) -> list[Json]:
    """The results, worst first; what is beyond the limits is counted in `writer.cut`.

    Where there was something to compare with, those that are new say so, and those that are known, if wanted.
    """
    report = writer.report
    groups = _by_line(report.findings)
    written = [_result(writer, group) for group in groups[:MAX_RESULTS]]
    if report.compared:
        written = [{**result, "baselineState": "new"} for result in written]
    silenced = report.suppressed if show_suppressed else ()
    known = _by_line(report.baselined) if show_suppressed else []
    written += [_suppressed(writer, entry) for entry in silenced[: MAX_RESULTS - len(written)]]
    written += [_known(writer, group) for group in known[: MAX_RESULTS - len(written)]]
    writer.cut["results"] = len(groups) + len(silenced) + len(known) - len(written)
    return written


def _by_line(findings: Iterable[Finding]) -> list[Sequence[Finding]]:
    groups: dict[tuple[str, str, int], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.at.path, finding.at.span.line), []).append(finding)
    return list(groups.values())


def _result(writer: Writer, group: Sequence[Finding]) -> Json:
    first, others = group[0], group[1:]
    related = [*first.related, *(Step(other.at, other.message) for other in others)]
    writer.cut["related places"] += len(related[MAX_RELATED:])
    related = related[:MAX_RELATED]
    location: Json = {"physicalLocation": physical(first.at, writer.report.excerpts)}
    if first.within:
        location["logicalLocations"] = [{"fullyQualifiedName": plain_text(first.within)}]
    result: Json = {
        "ruleId": plain_text(first.rule),
        "ruleIndex": writer.index[first.rule],
        "kind": "fail",
        "level": sarif_level(first.severity),
        "rank": rank(first.severity, first.confidence, first.exposure),
        "message": {"text": _text(first, related, len(others))},
        "locations": [location],
        "partialFingerprints": _fingerprints(writer.report, first),
    }
    if related:
        result["relatedLocations"] = [{"id": number, **step(part)} for number, part in enumerate(related, 1)]
    flows = [_flow(writer, finding) for finding in group if finding.trace]
    writer.cut["code flows"] += len(flows[MAX_FLOWS:])
    if flows:
        result["codeFlows"] = flows[:MAX_FLOWS]
    # A SARIF fix is applied as it stands; one that also needs an import would break the file.
    fixes = [_fix(finding.at.path, finding.fix) for finding in group if finding.fix and not finding.fix.imports]
    if fixes:
        result["fixes"] = fixes
    result["properties"] = _properties(group)
    return result


def _text(finding: Finding, related: Sequence[Step], others: int) -> str:
    """The message as a sentence that stands alone, then links to related places."""
    text = plain_text(finding.message) or plain_text(finding.rule)
    parts = [text if text.endswith((".", "!", "?")) else f"{text}."]
    if others:
        parts.append(f"{others} more on this line.")
    if related:
        links = [link(part.message or "here", number) for number, part in enumerate(related[:LINKED], 1)]
        rest = len(related) - len(links)
        parts.append("See " + "; ".join(links) + (f"; and {rest} more." if rest else "."))
    return " ".join(parts)


def _fingerprints(report: Report, finding: Finding) -> Json:
    line = report.hashes.get(f"{finding.at.path}:{finding.at.span.line}", "")
    prints = {"primaryLocationLineHash": line, "backendAudit/v1": finding.fingerprint}
    return {name: value for name, value in prints.items() if value}


def _flow(writer: Writer, finding: Finding) -> Json:
    """The steps that lead to the finding; viewers take the last one for the sink, so it is the place itself."""
    steps = list(finding.trace)
    if steps[-1].at != finding.at:
        steps.append(Step(finding.at, finding.message))
    if len(steps) > MAX_STEPS:
        writer.cut["code flow steps"] += len(steps) - MAX_STEPS
        steps = steps[: MAX_STEPS // 2] + steps[-MAX_STEPS // 2 :]
    excerpts = writer.report.excerpts
    return {"threadFlows": [{"locations": [{"location": step(part, excerpts)} for part in steps]}]}


def _fix(path: str, fix: Fix) -> Json:
    replacements = [{"deletedRegion": region(e.at), "insertedContent": {"text": e.text}} for e in fix.edits]
    change = {"artifactLocation": artifact(path), "replacements": replacements}
    return {"description": message(fix.title), "artifactChanges": [change], "properties": {"safe": fix.safe}}


def _properties(group: Sequence[Finding]) -> Json:
    first = group[0]
    values: Json = {"severity": first.severity, "confidence": first.confidence}
    values["engines"] = sorted({engine for finding in group for engine in finding.engines})
    if endpoints := sorted({endpoint for finding in group for endpoint in finding.endpoints}):
        values["endpoints"] = endpoints
    values["exposure"] = min((finding.exposure for finding in group), key=WIDEST_FIRST.index)
    if first.subject:
        values["subject"] = first.subject
    if also := sorted({name for finding in group for name in finding.also}):
        values["also"] = also
    return values


def _suppressed(writer: Writer, entry: Suppressed) -> Json:
    suppression: Json = {"kind": "inSource" if entry.by == "comment" else "external", "status": "accepted"}
    suppression["justification"] = plain_text(entry.reason or f"by {entry.by}")
    return {**_result(writer, [entry.finding]), "suppressions": [suppression]}


def _known(writer: Writer, group: Sequence[Finding]) -> Json:
    """GitHub knows no baselines: the suppression keeps whoever reads it from taking this for an open alert."""
    why = plain_text(f"known from {writer.report.compared}")
    suppression: Json = {"kind": "external", "status": "accepted", "justification": why}
    return {**_result(writer, group), "baselineState": "unchanged", "suppressions": [suppression]}
