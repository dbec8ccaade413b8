"""The results of all stages → the Report: totals, counts, excerpts and GitHub's line hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import dedent
from typing import TYPE_CHECKING

import msgspec

from .decode import Undecodable, decode, lines
from .line_hash import line_hashes
from .masking import Masks, masked, masked_line, masks
from .model.config import Config
from .model.exposure import Exposed
from .model.facts import Extracted, Unread
from .model.finding import Finding, Problem, Unjudged
from .model.judged import Judged
from .model.report import Count, EndpointSummary, Report, RuleSummary, Suppressed, Totals
from .model.rule import LoadedRule
from .model.source import Snapshot, SourceFile

if TYPE_CHECKING:
    from .catalogue import Chosen
    from .triage import Triaged

EXAMPLES = 5
AROUND = 2  # lines of an excerpt before and after a finding
LONGEST = 300  # characters of an excerpt's line


def report(
    version: str, config: Config, snapshot: Snapshot, extracted: Sequence[Extracted], chosen: Chosen,
    judged: Judged, triaged: Triaged, problems: Iterable[Problem], examples: int = EXAMPLES, compared: str = "",
) -> Report:  # fmt: skip
    """The report of one run."""
    reported = {file.path for file in snapshot.files if file.reported}
    ran = tuple(summary(loaded) for loaded in chosen.rules if not loaded.reports)
    shown = (*triaged.findings, *(s.finding for s in triaged.suppressed))
    hidden = masks((*shown, *triaged.baselined), ran)
    files = {file.path: file for file in snapshot.files}
    return Report(
        version=version,
        targets=snapshot.targets,
        totals=_totals(snapshot, extracted, judged),
        findings=masked(triaged.findings, hidden),
        hidden=triaged.hidden,
        cleared=counted([c for c in judged.cleared if c[1].rpartition(":")[0] in reported], examples),
        suppressed=_masked(triaged.suppressed, hidden),
        problems=tuple(sorted(set(problems))),
        unknowns=_unknowns([u for u in judged.unjudged if u.at.path in reported], examples),
        left_out=tuple(Count(i.reason, i.count, i.examples) for i in snapshot.left_out),
        frameworks=judged.frameworks,
        endpoints=judged.endpoints,
        rules=ran,
        assumptions=tuple((a.key, a.value, a.reason) for a in config.assume),
        excerpts=_excerpts(shown, files, hidden),
        hashes=_hashes(triaged.findings, files),
        engines=judged.engines,
        replaced=tuple(Count(f"{name} by {rule}", 1) for name, rule in sorted(chosen.superseded.items())),
        baselined=masked(triaged.baselined, hidden),
        stale=triaged.stale,
        receivers=judged.receivers,
        compared=compared,
        untouched=triaged.untouched,
    )


def _totals(snapshot: Snapshot, extracted: Sequence[Extracted], judged: Judged) -> Totals:
    return Totals(
        files=len(snapshot.files),
        reported=sum(file.reported for file in snapshot.files),
        tests=sum(file.test for file in snapshot.files if file.reported),
        lines=sum(e.facts.lines for e in extracted if not isinstance(e.facts, Unread)),
        endpoints=len(judged.endpoints),
    )


def _unknowns(unjudged: Iterable[Unjudged], examples: int) -> tuple[Count, ...]:
    return counted([(f"{u.rule}: {u.why}", f"{u.at.path}:{u.at.span.line}") for u in unjudged], examples)


def _masked(suppressed: Sequence[Suppressed], hidden: Masks) -> tuple[Suppressed, ...]:
    findings = masked([entry.finding for entry in suppressed], hidden)
    return tuple(
        msgspec.structs.replace(entry, finding=finding) for entry, finding in zip(suppressed, findings, strict=True)
    )


def counted(items: Iterable[tuple[str, str]], examples: int = EXAMPLES) -> tuple[Count, ...]:
    """How often each thing happened, with the first places, sorted."""
    places: dict[str, list[str]] = {}
    for what, place in items:
        places.setdefault(what, []).append(place)
    return tuple(Count(what, len(found), tuple(sorted(found)[:examples])) for what, found in sorted(places.items()))


def endpoints(found: Sequence[Exposed]) -> tuple[EndpointSummary, ...]:
    """Endpoints as reports show them."""
    return tuple(
        EndpointSummary(
            e.methods, e.path, e.framework, e.handler, e.handler_at.path, e.handler_at.span.line, one.exposure
        )
        for one in found
        for e in (one.endpoint,)
    )


def summary(loaded: LoadedRule) -> RuleSummary:
    """A rule as reports show it."""
    rule = loaded.rule
    doc = dedent(rule.doc).strip()
    return RuleSummary(
        id=rule.id, family=loaded.family, title=doc.partition("\n")[0].strip(), doc=doc, severity=rule.severity,
        confidence=rule.confidence, standard=rule.standard, cwe=rule.cwe, aliases=rule.aliases, since=rule.since,
        bad=_example(rule.bad), good=_example(rule.good),
        engine=loaded.engine, by_default=rule.by_default,
    )  # fmt: skip


def _example(source: str | Mapping[str, str]) -> str:
    """One text; of several files each under its path."""
    if isinstance(source, str):
        return dedent(source).strip("\n") + "\n"
    return "\n".join(f"# {path}\n{dedent(text).strip(chr(10))}\n" for path, text in source.items())


def _excerpts(findings: Iterable[Finding], files: Mapping[str, SourceFile], hidden: Masks) -> dict[str, dict[int, str]]:
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        span = finding.at.span
        around = range(span.line - AROUND, min(span.end_line, span.line + 8) + AROUND + 1)
        wanted.setdefault(finding.at.path, set()).update(around)
        for step in (*finding.trace, *finding.related):
            wanted.setdefault(step.at.path, set()).add(step.at.span.line)
    return {path: _lines(files[path], wanted[path], hidden) for path in sorted(wanted) if path in files}


def _lines(file: SourceFile, wanted: set[int], hidden: Masks) -> dict[int, str]:
    try:
        text = decode(file.content)
    except Undecodable:
        text = file.content.decode("utf-8", "replace")
    every, spans = lines(text), hidden.get(file.path, ())
    return {
        number: masked_line(every[number - 1], number, spans)[:LONGEST]
        for number in sorted(wanted)
        if 1 <= number <= len(every)
    }


def _hashes(findings: Iterable[Finding], files: Mapping[str, SourceFile]) -> dict[str, str]:
    places: dict[str, set[int]] = {}
    for finding in findings:
        places.setdefault(finding.at.path, set()).add(finding.at.span.line)
    found: dict[str, str] = {}
    for path in sorted(places):
        hashed = line_hashes(files[path].content)
        found.update({f"{path}:{line}": hashed[line - 1] for line in sorted(places[path]) if line <= len(hashed)})
    return found
