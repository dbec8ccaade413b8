"""Findings and what was known before → the new ones, the known ones, and entries that nothing matches any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ..model.finding import Finding, Problem
from ..model.known import Entry, Known
from ..model.report import Count
from ..model.rule import LoadedRule
from .fingerprint import identified


@dataclass(frozen=True, slots=True)
class Split:
    """Findings told apart by whether they were known."""

    new: list[Finding]
    known: list[Finding]
    left: tuple[Entry, ...]  # sorted; no finding matches them


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looked at: where nothing was looked at, an entry without a finding says nothing."""

    ran: Collection[str]  # ids of rules
    targets: Sequence[str]  # what is reported; "." is everything
    read: Collection[str]  # paths of reported files that were understood
    gone: Collection[str]  # paths at which there is no file any more
    problems: Sequence[Problem]  # of detection
    unseen: Collection[str]  # fingerprints of findings that are there but neither shown nor suppressed here


def split(findings: Iterable[Finding], known: Known, rules: Mapping[str, LoadedRule]) -> Split:
    """Match identified findings with what was known, each entry with one finding at most.

    An entry of another tool's rule that a rule of ours names as an alias matches the finding that ours has there now.
    """
    waiting: dict[str, list[Entry]] = {}
    for entry in sorted(known.entries):
        waiting.setdefault(entry.fingerprint, []).append(entry)
    every = sorted(findings, key=lambda finding: (finding.at, finding.rule, finding.subject))
    found: set[int] = set()
    for number, finding in enumerate(every):
        if waiting.get(finding.fingerprint):
            waiting[finding.fingerprint].pop()
            found.add(number)
        elif finding.fingerprint in known.before:
            found.add(number)
    for former, number in _former(every, waiting, rules):
        if number not in found and waiting.get(former):
            waiting[former].pop()
            found.add(number)
    return Split(
        [finding for number, finding in enumerate(every) if number not in found],
        [finding for number, finding in enumerate(every) if number in found],
        tuple(sorted(entry for entries in waiting.values() for entry in entries)),
    )


def _former(
    findings: Sequence[Finding], waiting: Mapping[str, Sequence[Entry]], rules: Mapping[str, LoadedRule]
) -> Iterable[tuple[str, int]]:
    """The identities that findings, by number, would have under the other names of their rules that entries have."""
    for name in sorted({entry.rule for entries in waiting.values() for entry in entries}):
        same = [n for n, f in enumerate(findings) if f.rule in rules and name in rules[f.rule].rule.aliases]
        # Other tools know no subject.
        renamed = identified([msgspec.structs.replace(findings[n], rule=name, subject="") for n in same])
        yield from ((other.fingerprint, n) for other, n in zip(renamed, same, strict=True))


def stale(entries: Iterable[Entry], scope: Scope, suppressed: Collection[str]) -> tuple[list[Entry], list[Entry]]:
    """Entries that no finding shown matches → those that are over, and those that this run could not judge.

    What is `suppressed` by now needs no entry; it is neither.
    """
    over: list[Entry] = []
    unjudged: list[Entry] = []
    for entry in entries:
        if entry.fingerprint not in suppressed:
            (over if _looked(entry, scope) else unjudged).append(entry)
    return over, unjudged


def _looked(entry: Entry, scope: Scope) -> bool:
    if entry.rule not in scope.ran or entry.fingerprint in scope.unseen:
        return False
    if entry.path not in scope.read and not (entry.path in scope.gone and _covered(entry.path, scope.targets)):
        return False
    others = ":" in entry.rule  # what another tool skips is a note
    return not any(problem.path in ("", entry.path) for problem in scope.problems if others or not problem.note)


def _covered(path: str, targets: Sequence[str]) -> bool:
    return any(target in (".", path) or path.startswith(f"{target}/") for target in targets)


def by_rule(entries: Iterable[Entry]) -> tuple[Count, ...]:
    """How many entries there are of each rule, with all their paths."""
    paths: dict[str, list[str]] = {}
    for entry in entries:
        paths.setdefault(entry.rule, []).append(entry.path)
    return tuple(Count(rule, len(found), tuple(sorted(set(found)))) for rule, found in sorted(paths.items()))
