"""What was known before a run: the entries of a baseline, and what was wrong at a base revision."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from .finding import Problem


class Entry(msgspec.Struct, frozen=True, order=True):
    """A finding that a baseline accepts; path, rule and message are for people, the fingerprint decides."""

    path: str  # relative to the project's root, forward slashes
    rule: str
    fingerprint: str
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """Findings that are not new."""

    name: str = ""  # "baseline audit-baseline.json, revision 1f2e3d4a5b6c"; "" for nothing
    entries: tuple[Entry, ...] = ()  # of the baseline, each for one finding
    gone: frozenset[str] = frozenset()  # the paths among them at which there is no file any more
    before: frozenset[str] = frozenset()  # fingerprints of what was wrong at the base revision
    notes: tuple[Problem, ...] = ()  # what could not be compared


NOTHING = Known()
