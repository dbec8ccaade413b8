"""One rule, one line → the audit of the project, and what its report knows of that line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from .finish import Exit, put
from .progress import watching

if TYPE_CHECKING:
    from ..model.finding import Finding
    from ..model.location import Step
    from ..model.report import Report
    from .asked import Asked


def work(asked: Asked, overrides: Mapping[str, object], config: tuple[str, ...], isolated: bool, quiet: bool) -> int:
    """Print the evidence; exit code 1 where the rule reports the line, else 0. Raises UserError."""
    from ..catalogue import catalogue
    from ..discover.root import locate
    from ..rule_names import named
    from ..settings import load

    settings = load((asked.file,), overrides, config=config, isolated=isolated)
    rule = named(asked.rule, catalogue(settings).rules).rule.id
    settings = replace(settings, select=(rule,), ignore=(), severity="low", confidence="low", show_suppressed=True)
    path = locate(settings).targets[0]
    from ..audit import audit

    with watching(quiet) as watch:
        report = audit(settings, watch, examples=sys.maxsize)  # one rule: every place of it is wanted
    from ..reporters.visible import visible

    put("".join(f"{visible(text)}\n" for text in answer(report, rule, path, asked.line)))
    return Exit.FINDINGS if any(_covers(finding, rule, path, asked.line) for finding in report.findings) else Exit.CLEAN


def answer(report: Report, rule: str, path: str, line: int) -> Iterator[str]:
    """What the report knows of a line, in lines of text; always at least one."""
    here = f"{path}:{line}"
    found = [finding for finding in report.findings if _covers(finding, rule, path, line)]
    silenced = [entry for entry in report.suppressed if _covers(entry.finding, rule, path, line)]
    for finding in found:
        yield from _evidence(finding)
    for entry in silenced:
        yield f"silenced by {entry.by}: {entry.reason}"
        yield from _evidence(entry.finding)
    known = bool(found or silenced)
    for count in report.cleared:
        if count.what == rule and here in count.examples:
            known = True
            yield f"{here}: {rule} suspected this place, and a closer look at the code cleared it"
    for count in report.unknowns:
        named, _, reason = count.what.partition(": ")
        if named == rule and here in count.examples:
            known = True
            yield f"{here}: {rule} could not judge this place: {reason}"
    for problem in report.problems:
        if problem.path == path:
            known = True
            yield f"{path}: {problem.message}"
    if not known:
        yield f"{here}: {rule} suspects nothing here"
        yield from _elsewhere(report, rule, path)


def _elsewhere(report: Report, rule: str, path: str) -> Iterator[str]:
    """Where the rule did see something: the asked line may be off by a few."""
    lines = sorted(
        {finding.at.span.line for finding in report.findings if finding.rule == rule and finding.at.path == path}
    )
    if lines:
        yield f"in this file it reports line {', '.join(str(line) for line in lines)}"
    for what, counts in (("cleared", report.cleared), ("could not judge", report.unknowns)):
        for count in counts:
            if count.what.partition(": ")[0] == rule and count.count > len(count.examples):
                yield f"it {what} {count.count} places, of which only the first are listed: {', '.join(count.examples)}"


def _evidence(finding: Finding) -> Iterator[str]:
    span = finding.at.span
    yield f"{finding.at.path}:{span.line}:{span.column + 1}: {finding.rule}: {finding.message}"
    yield f"  severity {finding.severity}, confidence {finding.confidence}, seen by {', '.join(finding.engines)}"
    if finding.within:
        yield f"  in {finding.within}"
    if finding.endpoints:
        yield f"  reached from {', '.join(finding.endpoints)}"
    for number, step in enumerate(finding.trace, 1):
        yield f"  {number}. {_step(step)}"
    for step in finding.related:
        yield f"  see {_step(step)}"
    if finding.fix is not None:
        yield f"  fix: {finding.fix.title}"


def _step(step: Step) -> str:
    return f"{step.at.path}:{step.at.span.line}: {step.message}"


def _covers(finding: Finding, rule: str, path: str, line: int) -> bool:
    if finding.rule != rule or finding.at.path != path:
        return False
    spans = (finding.at.span, finding.header)
    return any(span.line <= line <= span.end_line for span in spans)
