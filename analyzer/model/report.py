"""What a run found, ready to be rendered; holds no time, host or absolute path."""

from __future__ import annotations

import msgspec

from .exposure import Exposure
from .finding import Finding, Problem
from .known import Entry


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that somebody silenced, and how."""

    finding: Finding
    by: str  # "comment", "configuration", "assumption", "baseline"
    reason: str


class Count(msgspec.Struct, frozen=True, order=True):
    """How often something happened, with the first few places."""

    what: str
    count: int
    examples: tuple[str, ...] = ()


class Receivers(msgspec.Struct, frozen=True):
    """Calls of methods by the names under which libraries wait, block or ask: what they are called on."""

    known: int = 0
    partly: int = 0  # one of several possibilities is not known
    unknown: tuple[Count, ...] = ()  # by the reason, the most frequent first

    @property
    def all(self) -> int:
        return self.known + self.partly + sum(count.count for count in self.unknown)


class RuleSummary(msgspec.Struct, frozen=True):
    """A rule as reports show it, without its code."""

    id: str
    family: str
    title: str
    doc: str
    severity: str
    confidence: str
    standard: str
    cwe: int | None
    aliases: tuple[str, ...]
    since: str
    bad: str
    good: str
    engine: str = "native"  # that detects it
    by_default: bool = True  # False: it runs only where it is selected


class EngineSummary(msgspec.Struct, frozen=True, order=True):
    """An engine that took part, and how far."""

    name: str  # of model.rule.Engine
    version: str  # "" where it is missing
    rules: int  # that it ran
    files: int  # of the project that it was given: those whose bytes can match


class EndpointSummary(msgspec.Struct, frozen=True):
    """An endpoint as reports show it."""

    methods: tuple[str, ...]
    path: str
    framework: str
    handler: str
    file: str
    line: int
    exposure: Exposure = Exposure.UNKNOWN


class Totals(msgspec.Struct, frozen=True):
    """What was read."""

    files: int  # read
    reported: int  # of these, covered by PATH
    tests: int  # of the reported, test code, in which most rules are silent
    lines: int
    endpoints: int


class Report(msgspec.Struct, frozen=True):
    """The result of one audit; every format shows the same numbers."""

    version: str  # of backend-audit
    targets: tuple[str, ...]  # as given, relative to the root
    totals: Totals
    findings: tuple[Finding, ...]  # shown; worst first
    hidden: tuple[Count, ...]  # below the shown confidence or severity, by rule
    cleared: tuple[Count, ...]  # suspicions that the visitor cleared, by rule
    suppressed: tuple[Suppressed, ...]
    problems: tuple[Problem, ...]
    unknowns: tuple[Count, ...]  # what could not be judged, "rule: why"
    left_out: tuple[Count, ...]  # files not read, by reason
    frameworks: tuple[str, ...]  # seen in imports
    endpoints: tuple[EndpointSummary, ...]
    rules: tuple[RuleSummary, ...]  # that ran, sorted by id
    assumptions: tuple[tuple[str, str, str], ...]  # key, value, reason
    excerpts: dict[str, dict[int, str]]  # path → line number → text, for every place in findings and their steps
    hashes: dict[str, str]  # "path:line" of each finding's first line → GitHub's primaryLocationLineHash
    engines: tuple[EngineSummary, ...] = ()  # that were asked for
    replaced: tuple[Count, ...] = ()  # others' tests not run: "bandit:B113 by http-call-without-timeout"
    baselined: tuple[Finding, ...] = ()  # known from the baseline, or at the base revision; in order of their places
    stale: tuple[Count, ...] = ()  # entries of the baseline that nothing matches any more, by rule, with their paths
    compared: str = ""  # what was known before: "baseline audit-baseline.json", "revision 1f2e3d4"; "" for nothing
    receivers: Receivers = Receivers()
    untouched: tuple[Entry, ...] = ()  # entries of the baseline that this run did not judge: other paths or rules
