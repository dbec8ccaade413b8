"""A report → the values that the page's template shows: cards, rows, tallies, endpoints, each with its own anchor."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..model.finding import Finding, Problem
from ..model.location import Location, Step
from ..model.report import EndpointSummary, Report, RuleSummary
from .doors import WIDEST_FIRST, WORDS, doors, widest_first
from .html_code import Code, code, comment_of
from .html_diff import Change, diff
from .html_prose import Block, blocks
from .levels import CONFIDENCES, SEVERITIES, STANDARDS
from .rule_page import advice, body

CARDS = 1_000  # findings with excerpt and reason, worst first; the others are rows of tables
ROWS = 500  # of one table: a browser lays out each only when it is seen
FIRST = 5  # that are worth reading first, one per rule
FEW = 20  # endpoints and steps of one card before the rest is counted
PLACES = 8  # the same for places that matter besides
OTHERS = "other tools"  # the standard of a finding whose rule is not in the report


@dataclass(frozen=True, slots=True)
class Place:
    """A step of an explanation, with its line of code."""

    message: str
    where: str
    code: Code


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule and its page; `id` is its anchor."""

    id: str
    rule: RuleSummary
    why: tuple[Block, ...]
    advice: tuple[Block, ...]
    count: int  # of its findings


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding; `id` is its anchor."""

    id: str
    finding: Finding
    rule: RuleView | None
    standard: str
    where: str
    comment: str  # what begins a comment in that file
    endpoints: tuple[int, ...]  # that reach it, as numbers in the list to choose from
    reached: tuple[str, ...]  # the same by name, the most open first
    door: str  # how open that one is, in a word; "" where none reaches it


@dataclass(frozen=True, slots=True)
class Card:
    """An entry with everything that is known of it."""

    entry: Entry
    code: Code
    trace: tuple[Place, ...]
    related: tuple[Place, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one severity: cards first, then tables of rows."""

    name: str
    cards: tuple[Card, ...]
    tables: tuple[tuple[Entry, ...], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of each severity, worst first."""

    name: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint and what reaches it: how many of each severity, and of which rules, worst first."""

    endpoint: EndpointSummary
    view: str  # its name in findings: "POST /login"
    door: str  # how open it is, in a word
    tally: Tally
    rules: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that the template shows besides the report itself."""

    severities: Tally
    standards: tuple[Tally, ...]
    first: tuple[Entry, ...]
    groups: tuple[Group, ...]
    endpoints: tuple[EndpointView, ...]  # broken ones first, worst first
    rules: tuple[RuleView, ...]
    anchors: dict[str, str]  # rule → anchor
    choices: dict[str, list[tuple[str, int]]]  # "standard", "rule", "file", "endpoint" → each value and its findings
    cards: int
    failures: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def view(report: Report) -> View:
    """Everything in the order of the page; the numbers are those of the other formats."""
    rules = _rules(report)
    entries = _entries(report, rules)
    entries.sort(key=lambda entry: SEVERITIES.index(entry.finding.severity))  # stable: the report's order within
    return View(
        severities=_tally("all", report.findings),
        standards=tuple(_standards(entries)),
        first=tuple(_first(entries)),
        groups=tuple(_groups(entries, report.excerpts)),
        endpoints=tuple(_endpoints(report)),
        rules=tuple(rules.values()),
        anchors={name: rule.id for name, rule in rules.items()},
        choices=_choices(entries),
        cards=min(len(entries), CARDS),
        failures=tuple(problem for problem in report.problems if not problem.note),
        notes=tuple(problem for problem in report.problems if problem.note),
    )


def position(at: Location) -> str:
    """`path:line:column`, columns from 1."""
    return f"{at.path}:{at.span.line}:{at.span.column + 1}"


def anchors(prefix: str, names: Iterable[str]) -> list[str]:
    """One id for each name, all different: letters and digits of the name, and a number where that is taken."""
    taken: Counter[str] = Counter()
    result = []
    for name in names:
        plain = prefix + (re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") or "x")
        taken[plain] += 1
        result.append(plain if taken[plain] == 1 else f"{plain}_{taken[plain]}")  # no plain id holds a "_"
    return result


def _rules(report: Report) -> dict[str, RuleView]:
    counts = Counter(finding.rule for finding in report.findings)
    ids = anchors("rule-", (rule.id for rule in report.rules))
    result = {}
    for id, rule in zip(ids, report.rules, strict=True):
        mend = advice(rule)
        reason = [block for block in body(rule) if " ".join(block.split()) != mend]
        result[rule.id] = RuleView(id, rule, blocks(reason), blocks([mend] if mend else []), counts[rule.id])
    return result


def _entries(report: Report, rules: Mapping[str, RuleView]) -> list[Entry]:
    findings, known = report.findings, doors(report)
    ids = anchors("f-", (finding.fingerprint for finding in findings))
    names = sorted({name for finding in findings for name in finding.endpoints})
    numbers = {name: number for number, name in enumerate(names)}
    result = []
    for id, finding in zip(ids, findings, strict=True):
        rule = rules.get(finding.rule)
        standard = rule.rule.standard if rule else OTHERS
        numbered = tuple(numbers[name] for name in finding.endpoints)
        reached, door = widest_first(finding, known), WORDS.get(finding.exposure, "")
        comment = comment_of(finding.at.path)
        result.append(Entry(id, finding, rule, standard, position(finding.at), comment, numbered, reached, door))
    return result


def _choices(entries: Sequence[Entry]) -> dict[str, list[tuple[str, int]]]:
    counts = {
        "standard": Counter(entry.standard for entry in entries),
        "rule": Counter(entry.finding.rule for entry in entries),
        "file": Counter(entry.finding.at.path for entry in entries),
        "endpoint": Counter(name for entry in entries for name in entry.finding.endpoints),
    }
    return {name: sorted(found.items()) for name, found in counts.items()}


def _tally(name: str, findings: Iterable[Finding]) -> Tally:
    counts = Counter(finding.severity for finding in findings)
    return Tally(name, tuple(counts[severity] for severity in SEVERITIES), counts.total())


def _standards(entries: Sequence[Entry]) -> Iterator[Tally]:
    """Those that are broken, in the order in which they weigh."""
    found = {entry.standard for entry in entries}
    for name in [*STANDARDS, *sorted(found - set(STANDARDS))]:
        if name in found:
            yield _tally(name, (entry.finding for entry in entries if entry.standard == name))


def _first(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The worst finding of each of the worst rules: severest, most open, surest, reached by most endpoints."""
    rules: set[str] = set()
    for entry in sorted(entries, key=_weight):
        if entry.finding.rule not in rules and len(rules) < FIRST:
            rules.add(entry.finding.rule)
            yield entry


def _weight(entry: Entry) -> tuple[int, int, int, int]:
    finding = entry.finding
    open, sure = WIDEST_FIRST.index(finding.exposure), CONFIDENCES.index(finding.confidence)
    return SEVERITIES.index(finding.severity), open, sure, -len(finding.endpoints)


def _groups(entries: Sequence[Entry], excerpts: Mapping[str, Mapping[int, str]]) -> Iterator[Group]:
    for severity in SEVERITIES:
        of = [(n, entry) for n, entry in enumerate(entries) if entry.finding.severity == severity]
        cards = tuple(_card(entry, excerpts) for n, entry in of if n < CARDS)
        rows = [entry for n, entry in of if n >= CARDS]
        tables = tuple(tuple(rows[n : n + ROWS]) for n in range(0, len(rows), ROWS))
        if of:
            yield Group(severity, cards, tables, len(of))


def _card(entry: Entry, excerpts: Mapping[str, Mapping[int, str]]) -> Card:
    finding = entry.finding
    lines = excerpts.get(finding.at.path, {})
    return Card(
        entry=entry,
        code=code(finding.at.path, lines, finding.at.span),
        trace=tuple(_place(step, excerpts) for step in finding.trace[:FEW]),
        related=tuple(_place(step, excerpts) for step in finding.related[:PLACES]),
        changes=diff(finding.fix, lines) if finding.fix else (),
    )


def _place(step: Step, excerpts: Mapping[str, Mapping[int, str]]) -> Place:
    lines = excerpts.get(step.at.path, {})
    line = {number: text for number, text in lines.items() if number == step.at.span.line}
    return Place(step.message, position(step.at), code(step.at.path, line, step.at.span, 0, 0))


def _endpoints(report: Report) -> list[EndpointView]:
    reached: dict[str, list[int]] = {}
    for number, finding in enumerate(report.findings):
        for name in finding.endpoints:
            reached.setdefault(name, []).append(number)
    result = [_endpoint(endpoint, report.findings, reached) for endpoint in report.endpoints]
    return sorted(result, key=lambda one: [-count for count in one.tally.counts])  # stable: by path within


def _endpoint(
    endpoint: EndpointSummary, findings: Sequence[Finding], reached: Mapping[str, Sequence[int]]
) -> EndpointView:
    names = [f"{method} {endpoint.path}" for method in endpoint.methods]
    of = [findings[n] for n in sorted({n for name in names for n in reached.get(name, ())})]
    worst = {f.rule: SEVERITIES.index(f.severity) for f in sorted(of, key=lambda f: -SEVERITIES.index(f.severity))}
    counts = Counter(finding.rule for finding in of)
    rules = tuple((rule, counts[rule]) for rule in sorted(counts, key=lambda rule: (worst[rule], -counts[rule], rule)))
    named = next((name for name in names if name in reached), "")
    return EndpointView(endpoint, named, WORDS.get(endpoint.exposure, ""), _tally(named, of), rules)
