"""Findings → findings with no two alike: what several detectors say of one place becomes one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from ..model.finding import Finding
from ..model.location import Location
from ..model.rule import Confidence, Severity

SEVERITIES: tuple[str, ...] = tuple(Severity)  # worst first
CONFIDENCES: tuple[str, ...] = tuple(Confidence)  # surest first


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
        engines=tuple(sorted({engine for finding in same for engine in finding.engines})),
        fix=next((finding.fix for finding in same if finding.fix), None),
    )
