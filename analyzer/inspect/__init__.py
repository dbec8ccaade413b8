"""Suspicions and the files they point into → findings: a libcst visitor flags every Python place, or clears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..decode import Undecodable, decode
from ..depth import room_for
from ..model.facts import FileFacts, PythonFacts
from ..model.finding import Finding, Problem, Suspicion
from ..model.rule import Confidence, LoadedRule, Node, Severity
from ..model.source import FileKind, SourceFile
from . import plain
from .statements import Index, Statement

STAGE = "inspect"
FRAMES = 10_000  # measured: what the nesting scan lets pass needs 2,000 (three for a link of a chain, ten for a call)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What became of the suspicions: each is flagged, cleared with the reason, or named as a problem."""

    findings: tuple[Finding, ...] = ()
    cleared: tuple[tuple[Suspicion, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    def joined(self, other: Inspected) -> Inspected:
        """Both outcomes, one after the other."""
        return Inspected(self.findings + other.findings, self.cleared + other.cleared, self.problems + other.problems)


def inspect(
    suspicions: Sequence[Suspicion],
    sources: Mapping[str, SourceFile],
    facts: Mapping[str, FileFacts],
    rules: Mapping[str, LoadedRule],
) -> Inspected:
    """Flag or clear every suspicion.

    `sources` and `facts` are keyed by path, `rules` by id. Nothing is raised: what cannot be judged is a problem of
    the outcome. The outcome does not depend on the order of the suspicions.
    """
    outcome = Inspected()
    for path, group in groupby(sorted(suspicions, key=_order), key=lambda suspicion: suspicion.at.path):
        known, problems = _of_known_rules(list(group), rules)
        outcome = outcome.joined(Inspected(problems=problems))
        if known:
            with room_for(FRAMES):
                outcome = outcome.joined(_inspect_file(path, known, sources.get(path), facts.get(path), rules))
    return outcome


def _order(suspicion: Suspicion) -> tuple[object, ...]:
    overrides = (suspicion.severity or "", suspicion.confidence or "", suspicion.node or "")
    steps = (suspicion.trace, suspicion.related, suspicion.endpoints)
    return (suspicion.at, suspicion.rule, suspicion.engine, suspicion.subject, suspicion.message, *overrides, *steps)


def _of_known_rules(
    suspicions: list[Suspicion], rules: Mapping[str, LoadedRule]
) -> tuple[list[Suspicion], tuple[Problem, ...]]:
    known = [suspicion for suspicion in suspicions if not _amiss(suspicion, rules)]
    strange = {(suspicion.at.path, why) for suspicion in suspicions if (why := _amiss(suspicion, rules))}
    return known, tuple(Problem(STAGE, path, f"{why}: a bug of backend-audit") for path, why in sorted(strange))


def _amiss(suspicion: Suspicion, rules: Mapping[str, LoadedRule]) -> str:
    """What makes the suspicion unusable, "" if nothing does."""
    if suspicion.rule not in rules:
        return f"`{suspicion.rule}` suspects something here, but no such rule is loaded"
    for word, words in ((suspicion.node, Node), (suspicion.severity, Severity), (suspicion.confidence, Confidence)):
        if word is not None and word not in tuple(words):
            return f"`{suspicion.rule}` uses the unknown word `{word}`"
    return ""


def _inspect_file(
    path: str,
    suspicions: list[Suspicion],
    source: SourceFile | None,
    facts: FileFacts | None,
    rules: Mapping[str, LoadedRule],
) -> Inspected:
    if source is None:
        return _unjudged(path, suspicions, "is not part of the project: a bug of backend-audit")
    try:
        text = decode(source.content) if source.kind is FileKind.PYTHON else plain.text_of(source.content)
    except Undecodable as error:
        return _unjudged(path, suspicions, str(error))
    if source.kind is not FileKind.PYTHON:
        findings, problems = plain.flag(suspicions, text, rules)
        return Inspected(findings=findings, problems=problems)
    if not isinstance(facts, PythonFacts):
        return _unjudged(path, suspicions, "was not read, so nothing in it can be confirmed")
    try:
        return _inspect_python(path, suspicions, Index(facts, text), rules)
    except (RecursionError, MemoryError):
        return _unjudged(path, suspicions, "too deeply nested to find the statements")


def _unjudged(path: str, suspicions: list[Suspicion], why: str) -> Inspected:
    names = ", ".join(f"`{rule}`" for rule in sorted({suspicion.rule for suspicion in suspicions}))
    return Inspected(problems=(Problem(STAGE, path, f"{why}; suspected by {names}"),))


def _inspect_python(path: str, suspicions: list[Suspicion], index: Index, rules: Mapping[str, LoadedRule]) -> Inspected:
    from .visitor import visit  # libcst takes 0.1 s to import and is needed only where Python is suspected

    findings: list[Finding] = []
    cleared: list[tuple[Suspicion, str]] = []
    problems: list[Problem] = []
    by_statement: dict[Statement, list[Suspicion]] = {}
    for suspicion in suspicions:
        statement = index.statement_at(suspicion.at.span.line, suspicion.at.span.column)
        if statement is None:
            span = suspicion.at.span
            why = f"no statement stands at line {span.line}, column {span.column + 1}: a bug of backend-audit"
            problems += _unjudged(path, [suspicion], why).problems
        else:
            by_statement.setdefault(statement, []).append(suspicion)
    for statement, group in by_statement.items():
        flagged, confirmed_not, amiss = visit(path, statement, index, group, rules)
        findings += flagged
        cleared += confirmed_not
        problems += amiss
    return Inspected(tuple(findings), tuple(cleared), tuple(problems))
