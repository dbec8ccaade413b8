"""Findings → findings with no two alike: what several detectors say of one place becomes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from ..model.exposure import Exposure
from ..model.finding import Finding
from ..model.location import Location, Span
from ..model.rule import Confidence, LoadedRule, Severity

SEVERITIES: tuple[str, ...] = tuple(Severity)  # worst first
CONFIDENCES: tuple[str, ...] = tuple(Confidence)  # surest first
EXPOSURES = tuple(Exposure)  # widest first


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for each rule, place and subject, in the order of their places.

    One without a subject says the same as the first one with a subject at its place.
    """
    one: list[Finding] = []
    for _, same_place in groupby(sorted(findings, key=_order), key=_place):
        by_subject: dict[str, list[Finding]] = {}
        for finding in same_place:
            by_subject.setdefault(finding.subject, []).append(finding)
        anonymous = by_subject.pop("", [])
        groups = list(by_subject.values()) or [[]]
        groups[0].extend(anonymous)
        one.extend(_joined(group) for group in groups)
    return one


def with_evidence(findings: Sequence[Finding], rules: Mapping[str, LoadedRule]) -> list[Finding]:
    """What other tools say of a failure that a rule of ours has flagged at the same statement becomes evidence of ours.

    `rules` are all that are known, by id; those of ours name the others' in `aliases`.
    """
    ours: dict[tuple[str, Span, str], list[int]] = {}
    for number, finding in enumerate(findings):
        for alias in rules[finding.rule].rule.aliases if finding.rule in rules else ():
            ours.setdefault((finding.at.path, finding.header, alias), []).append(number)
    also: dict[int, set[str]] = {}
    engines: dict[int, set[str]] = {}
    kept = []
    for number, finding in enumerate(findings):
        same = ours.get((finding.at.path, finding.header, finding.rule), ())
        for other in same:
            also.setdefault(other, set()).add(finding.rule)
            engines.setdefault(other, set()).update(finding.engines)
        if not same:
            kept.append(number)
    return [_evident(findings[n], also.get(n, set()), engines.get(n, set())) for n in kept]


def _evident(finding: Finding, also: set[str], engines: set[str]) -> Finding:
    if not also:
        return finding
    together = tuple(sorted({*finding.engines, *engines}))
    return msgspec.structs.replace(finding, also=tuple(sorted(also)), engines=together)


def _place(finding: Finding) -> tuple[Location, str]:
    return finding.at, finding.rule


def _order(finding: Finding) -> tuple[object, ...]:
    native_first = tuple((engine != "native", engine) for engine in finding.engines)
    steps = (not finding.trace, len(finding.trace), finding.trace, finding.related)
    return (
        *_place(finding),
        finding.subject,
        native_first,
        steps,
        finding.message,
        finding.severity,
        finding.confidence,
    )


def _joined(same: list[Finding]) -> Finding:
    """The first, with whatever only the others have."""
    first = same[0]
    if len(same) == 1:
        return first
    return msgspec.structs.replace(
        first,
        severity=min((finding.severity for finding in same), key=SEVERITIES.index),
        confidence=min((finding.confidence for finding in same), key=CONFIDENCES.index),
        trace=next((finding.trace for finding in same if finding.trace), ()),
        related=tuple(sorted({step for finding in same for step in finding.related})),
        endpoints=tuple(sorted({endpoint for finding in same for endpoint in finding.endpoints})),
        exposure=min((finding.exposure for finding in same), key=EXPOSURES.index),
        engines=tuple(sorted({engine for finding in same for engine in finding.engines})),
        fix=next((finding.fix for finding in same if finding.fix), None),
    )
