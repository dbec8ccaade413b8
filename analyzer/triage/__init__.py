"""Findings as inspected → what is shown, hidden and suppressed, each with its identity, worst first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..model.config import Config
from ..model.facts import FileFacts
from ..model.finding import Finding, Problem
from ..model.known import NOTHING, Entry, Known
from ..model.report import Count, Suppressed
from ..model.rule import LoadedRule
from ..model.source import Snapshot
from .baseline import Scope, by_rule, split, stale
from .fingerprint import identified
from .merge import merged, with_evidence
from .names import Names
from .select import reported_paths, shown, tally, worst_first
from .suppress import suppress

__all__ = ["Triaged", "tally", "triage"]


@dataclass(frozen=True, slots=True)
class Triaged:
    """The parts of a report that triage decides."""

    findings: tuple[Finding, ...]  # shown; worst first
    hidden: tuple[Count, ...]  # below the least severity or confidence shown, by rule
    suppressed: tuple[Suppressed, ...]  # in the order of their findings
    problems: tuple[Problem, ...]  # sorted; all are notes
    baselined: tuple[Finding, ...]  # known before; in the order of their places
    stale: tuple[Count, ...]  # entries of the baseline that nothing matches any more, by rule
    untouched: tuple[Entry, ...]  # entries of the baseline that this run could not judge


def triage(
    findings: Sequence[Finding],
    snapshot: Snapshot,
    config: Config,
    rules: Mapping[str, LoadedRule],
    facts: Mapping[str, FileFacts],
    today: date,
    ran: Collection[str] | None = None,
    before: Known = NOTHING,
    detected: Sequence[Problem] = (),
) -> Triaged:
    """Merge, identify, suppress and sort findings; keep those in reported files that are bad and sure enough.

    `rules` are all that are known, by id; `ran` the ids of those that ran, None for all: an unused suppression is
    judged for these only. `today` decides which suppressions have expired. Identities and the use of suppressions
    are settled before anything is left out, so they are the same whatever part of the project is reported.

    What was known `before` is not shown; where a problem was `detected`, its entries are not judged.
    """
    known = identified(with_evidence(merged(findings), rules))
    names = Names(rules, frozenset(rules if ran is None else ran))
    kept, suppressed, problems = suppress(known, snapshot, config, names, facts, today)
    reported = reported_paths(snapshot)
    visible, hidden = shown([finding for finding in kept if finding.at.path in reported], config)
    told = split(visible, before, rules)
    silenced = [entry for entry in suppressed if entry.finding.at.path in reported]
    quiet = {entry.finding.fingerprint for entry in silenced}
    unseen = {finding.fingerprint for finding in known} - {finding.fingerprint for finding in visible} - quiet
    scope = Scope(names.ran, snapshot.targets, reported & facts.keys(), before.gone, detected, unseen)
    over, untouched = stale(told.left, scope, quiet)
    return Triaged(
        findings=worst_first(told.new),
        hidden=hidden,
        suppressed=tuple(silenced),
        problems=tuple(sorted(problem for problem in problems if not problem.path or problem.path in reported)),
        baselined=tuple(told.known),
        stale=by_rule(over),
        untouched=tuple(untouched),
    )
