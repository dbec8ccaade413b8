"""Fixtures and rule examples → what the tool says of them against what their marks say; run it to see the ledger.

A mark is a comment at the end of a line, and is taken away before anything reads the file:

    # expect: raw-sql                    the rule must fire here, and be shown by default
    # expect: raw-sql confidence=low     it must fire with exactly this (also `severity=critical`)
    # missed: raw-sql                    it ought to fire and does not: a known missed alarm
    # noise: raw-sql                     it fires and ought not to: a known false alarm

In whole backends (`fixtures/apps`) a mark may name another engine's rule (`semgrep:compose-privileged`): all engines run
there. Every other line is silent. A case's `expected.txt` holds what no line can carry, one thing a line: `cleared 1`,
`unknown 2 a decorator that is not understood`, `problem main.py`, `expect settings.json:3 raw-sql`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

from analyzer import assets
from analyzer.discover.kinds import by_name, settle
from analyzer.discover.testcode import is_test
from analyzer.engines import native
from analyzer.extract.entries import read as read_entries
from analyzer.extract.python import read as read_python
from analyzer.frameworks import ALL as FRAMEWORKS
from analyzer.inspect import inspect
from analyzer.libraries import load_libraries
from analyzer.link import build, link, top_packages
from analyzer.model.facts import Extracted, Unread
from analyzer.model.finding import Finding, Fix, Problem, Suspicion, Unjudged
from analyzer.model.rule import LoadedRule
from analyzer.model.source import FileKind, SourceFile
from analyzer.registry import load_rules

FIXTURES = Path(__file__).resolve().parent / "fixtures"
OUTCOME = "expected.txt"
_MARK = re.compile(r"[ \t]*(?:#|--|//)[ \t]*(expect|missed|noise):[ \t]*([A-Za-z0-9=:, -]+?)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the pipeline says of some files, without cache, pool and triage."""

    findings: tuple[Finding, ...]
    cleared: tuple[tuple[Suspicion, str], ...]
    unjudged: tuple[Unjudged, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line of a fixture says of a rule."""

    kind: str  # "expect", "missed" or "noise"
    path: str
    line: int
    rule: str
    confidence: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A small project with its marks."""

    name: str  # "injection/raw_sql/helper"
    rule: str  # the only one that runs; "" for all
    files: Mapping[str, bytes]  # without marks
    marks: tuple[Mark, ...]
    cleared: int
    unknown: Mapping[str, int]  # why → how often
    problems: tuple[str, ...]  # paths


@cache
def rules() -> dict[str, LoadedRule]:
    """Every built-in rule by its id; one that cannot be loaded is a failure of the test that asks."""
    registry = load_rules()
    assert not registry.problems, registry.problems
    return {loaded.rule.id: loaded for loaded in registry.rules}


def source(path: str, content: bytes) -> SourceFile | None:
    """A file as `discover` would hand it on; None for one that it would not read."""
    folder, _, name = path.rpartition("/")
    kind = settle(by_name(name, folder.rpartition("/")[2]), name, content)
    return kind and SourceFile(path, content, "", kind, True, kind is FileKind.PYTHON and is_test(path, content))


def judge(files: Mapping[str, bytes], wanted: Collection[str] = ()) -> Judged:
    """Run rules (all of them where none is named) over files, in this process."""
    chosen = [loaded for name, loaded in sorted(rules().items()) if not wanted or name in wanted]
    sources = {path: s for path, content in sorted(files.items()) if (s := source(path, content)) is not None}
    extracted = [
        Extracted(s.path, read_python(s.content) if s.kind is FileKind.PYTHON else read_entries(s.content, s.kind))
        for s in sources.values()
    ]
    tests = frozenset(s.path for s in sources.values() if s.test)
    index = build(extracted, tests)
    libraries = load_libraries(assets.rules() / "libraries", top_packages(index))
    project = link(index, libraries, FRAMEWORKS, with_tests=any(loaded.rule.tests for loaded in chosen))
    detected = native.detect(chosen, project, tests, project.endpoints_reaching, lambda _: None)
    facts = {e.path: e.facts for e in extracted if not isinstance(e.facts, Unread)}
    inspected = inspect(detected.suspicions, sources, facts, {loaded.rule.id: loaded for loaded in chosen})
    unread = tuple(Problem("extract", path, found.why) for path, found in sorted(index.unread.items()))
    return Judged(
        inspected.findings, inspected.cleared, detected.unjudged, (*unread, *detected.problems, *inspected.problems)
    )


def example(text: str | Mapping[str, str]) -> dict[str, bytes]:
    """The files of a rule's `bad` or `good`."""
    named = {"app.py": text} if isinstance(text, str) else text
    return {path: (dedent(inner).strip("\n") + "\n").encode() for path, inner in named.items()}


def mended(content: bytes, fix: Fix) -> bytes:
    """A file's content after a fix: its edits and, at the top, the imports that they need."""
    lines = content.decode().splitlines(keepends=True)
    for edit in sorted(fix.edits, key=lambda e: e.at, reverse=True):
        at = edit.at
        before, after = lines[at.line - 1][: at.column], lines[at.end_line - 1][at.end_column :]
        lines[at.line - 1 : at.end_line] = [before + edit.text + after]
    text = "".join([f"{line}\n" for line in fix.imports] + lines)
    ast.parse(text)
    return text.encode()


# ------------------------------------------------------------------------ cases


def cases() -> list[Case]:
    """Every case of `fixtures/rules`, `fixtures/apps` and `fixtures/faults`, sorted."""
    found = [_case(folder, folder.parent.name.replace("_", "-")) for folder in sorted(FIXTURES.glob("rules/*/*/*/"))]
    return found + [_case(folder, "") for group in ("apps", "faults") for folder in sorted(FIXTURES.glob(f"{group}/*/"))]


def _case(folder: Path, rule: str) -> Case:
    files: dict[str, bytes] = {}
    marks: list[Mark] = []
    cleared, unknown, problems = 0, Counter[str](), []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        name = path.relative_to(folder).as_posix()
        if name != OUTCOME:
            files[name], own = _unmarked(name, path.read_bytes())
            marks += own
            continue
        for line in path.read_text().splitlines():
            match line.split(maxsplit=2):
                case ["cleared", number]:
                    cleared = int(number)
                case ["unknown", number, why]:
                    unknown[why] += int(number)
                case ["problem", where]:
                    problems.append(where)
                case ["expect" | "missed" | "noise" as kind, where, words]:
                    at, _, number = where.rpartition(":")
                    marks += _marks(kind, at, int(number), words)
                case _:
                    assert not line.strip(), f"{path}: {line}"
    name = folder.relative_to(FIXTURES).as_posix().removeprefix("rules/")
    return Case(name, rule, files, tuple(marks), cleared, unknown, tuple(problems))


def _unmarked(name: str, content: bytes) -> tuple[bytes, list[Mark]]:
    """The file without its marks, and the marks; bytes that are no UTF-8 have none."""
    try:
        rows = content.decode().split("\n")
    except UnicodeDecodeError:
        return content, []
    marks: list[Mark] = []
    for number, row in enumerate(rows, 1):
        if match := _MARK.search(row):
            rows[number - 1] = row[: match.start()]
            marks += _marks(match[1], name, number, match[2])
    return "\n".join(rows).encode(), marks


def _marks(kind: str, path: str, line: int, text: str) -> list[Mark]:
    found = []
    for part in text.split(","):
        rule, *more = part.split()
        found.append(Mark(kind, path, line, rule, **dict(word.split("=") for word in more)))
    return found


def disagreements(case: Case) -> list[str]:
    """Where a case's marks and what the tool says differ, one sentence each."""
    judged = judge(case.files, (case.rule,) if case.rule else ())
    firing = [mark for mark in case.marks if mark.kind != "missed" and _ours(mark)]
    wrong = []
    for finding in judged.findings:
        mark = next((m for m in firing if _means(m, finding)), None)
        if mark is not None:
            firing.remove(mark)
        elif case.rule or finding.confidence != "low":  # a whole backend is judged as it is shown
            wrong.append(f"not marked: {_told(finding)}")
    wrong += [f"silent: {mark}" for mark in firing]
    wrong += [f"a missed alarm is found now: {m}" for m in case.marks if m.kind == "missed" and _fires(m, judged)]
    if case.rule or case.cleared:
        wrong += _differ("cleared", case.cleared, len(judged.cleared))
    if case.rule or case.unknown:
        wrong += _differ("unknown", dict(case.unknown), dict(Counter(u.why for u in judged.unjudged)))
    paths = sorted({p.path for p in judged.problems})
    return wrong + (_differ("problems", sorted(case.problems), paths) and [f"problems: {judged.problems}"])


def _ours(mark: Mark) -> bool:
    """Whether the native engine can find it: the marks of the other engines are judged in whole backends alone."""
    return ":" not in mark.rule and not mark.path.endswith((".js", ".jsx", ".ts", ".tsx"))


def _means(mark: Mark, finding: Finding) -> bool:
    if (mark.rule, mark.path, mark.line) != (finding.rule, finding.at.path, finding.at.span.line):
        return False
    if mark.kind == "noise":
        return True
    shown = finding.confidence == mark.confidence if mark.confidence else finding.confidence != "low"
    return shown and mark.severity in ("", finding.severity)


def _fires(mark: Mark, judged: Judged) -> bool:
    return any((f.rule, f.at.path, f.at.span.line) == (mark.rule, mark.path, mark.line) for f in judged.findings)


def _told(finding: Finding) -> str:
    place = f"{finding.at.path}:{finding.at.span.line}"
    return f"{finding.rule} at {place} ({finding.severity}, confidence {finding.confidence}): {finding.message}"


def _differ(what: str, expected: object, got: object) -> list[str]:
    return [] if expected == got else [f"{what}: expected {expected}, got {got}"]


def ledger() -> str:
    """How many known missed and false alarms each rule's fixtures hold."""
    counts = Counter((mark.rule, mark.kind) for case in cases() for mark in case.marks)
    rows = [f"{'rule':<36} {'expect':>6} {'missed':>6} {'noise':>6}"]
    for rule in sorted({rule for rule, _ in counts}):
        rows.append(f"{rule:<36} " + " ".join(f"{counts[rule, kind]:>6}" for kind in ("expect", "missed", "noise")))
    totals = [sum(n for (_, kind), n in counts.items() if kind == wanted) for wanted in ("expect", "missed", "noise")]
    return "\n".join([*rows, f"{'all':<36} " + " ".join(f"{total:>6}" for total in totals)])


if __name__ == "__main__":
    sys.stdout.write(ledger() + "\n")
