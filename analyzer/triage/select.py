"""Findings → those that this run shows, worst first, and counts of those that it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model.config import Config
from ..model.finding import Finding
from ..model.location import Location
from ..model.report import Count
from ..model.source import Snapshot
from .merge import CONFIDENCES, EXPOSURES, SEVERITIES

_EXAMPLES = 3


def reported_paths(snapshot: Snapshot) -> frozenset[str]:
    """The paths of the files that PATH on the command line covers."""
    return frozenset(file.path for file in snapshot.files if file.reported)


def shown(findings: Sequence[Finding], config: Config) -> tuple[list[Finding], tuple[Count, ...]]:
    """The findings that are bad and sure enough, and the others counted by rule."""
    visible: list[Finding] = []
    below: list[Finding] = []
    for finding in findings:
        bad = SEVERITIES.index(finding.severity) <= SEVERITIES.index(config.severity)
        sure = CONFIDENCES.index(finding.confidence) <= CONFIDENCES.index(config.confidence)
        (visible if bad and sure else below).append(finding)
    return visible, tally((finding.rule, finding.at) for finding in below)


def tally(happened: Iterable[tuple[str, Location]]) -> tuple[Count, ...]:
    """How often each thing happened, sorted by its name, with the first few places as "path:line"."""
    places: dict[str, list[Location]] = {}
    for what, at in happened:
        places.setdefault(what, []).append(at)
    return tuple(
        Count(what, len(places[what]), tuple(f"{at.path}:{at.span.line}" for at in sorted(places[what])[:_EXAMPLES]))
        for what in sorted(places)
    )


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By severity, then exposure, then confidence, then place."""
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[object, ...]:
    how_bad = (SEVERITIES.index(finding.severity), EXPOSURES.index(finding.exposure))
    place = (finding.at, finding.rule, finding.subject, finding.fingerprint)
    return (*how_bad, CONFIDENCES.index(finding.confidence), *place)
