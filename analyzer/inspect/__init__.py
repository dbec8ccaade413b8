"""Suspicions and the files they point into → findings: a libcst visitor flags every Python place, or clears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..decode import Undecodable, decode
from ..model.facts import FileFacts, PythonFacts
from ..model.finding import Finding, Problem, Suspicion
from ..model.rule import LoadedRule
from ..model.source import FileKind, SourceFile
from . import plain
from .statements import Index, Statement

STAGE = "inspect"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What became of the suspicions: each is flagged, cleared with the reason, or named as a problem."""

    findings: tuple[Finding, ...] = ()
    cleared: tuple[tuple[Suspicion, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    def joined(self, other: Inspected) -> Inspected:
        """Both outcomes, one after the other."""
        return Inspected(
            self.findings + other.findings, self.cleared + other.cleared, self.problems + other.problems
        )


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
            outcome = outcome.joined(_inspect_file(path, known, sources.get(path), facts.get(path), rules))
    return outcome


def _order(suspicion: Suspicion) -> tuple[object, ...]:
    overrides = (suspicion.severity or "", suspicion.confidence or "", suspicion.node or "")
    steps = (suspicion.trace, suspicion.related)
    return (suspicion.at, suspicion.rule, suspicion.engine, suspicion.subject, suspicion.message, *overrides, *steps)


def _of_known_rules(
    suspicions: list[Suspicion], rules: Mapping[str, LoadedRule]
) -> tuple[list[Suspicion], tuple[Problem, ...]]:
    known = [suspicion for suspicion in suspicions if suspicion.rule in rules]
    strangers = sorted({(suspicion.at.path, suspicion.rule) for suspicion in suspicions if suspicion.rule not in rules})
    return known, tuple(
        Problem(STAGE, path, f"`{rule}` suspects something here, but no such rule is loaded: a bug of backend-audit")
        for path, rule in strangers
    )


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
    return _inspect_python(path, suspicions, Index(facts, text), rules)


def _unjudged(path: str, suspicions: list[Suspicion], why: str) -> Inspected:
    names = ", ".join(f"`{rule}`" for rule in sorted({suspicion.rule for suspicion in suspicions}))
    return Inspected(problems=(Problem(STAGE, path, f"{why}; suspected by {names}"),))


def _inspect_python(
    path: str, suspicions: list[Suspicion], index: Index, rules: Mapping[str, LoadedRule]
) -> Inspected:
    from .visitor import visit  # libcst takes 0.1 s to import and is needed only where Python is suspected

    outcome = Inspected()
    by_statement: dict[Statement, list[Suspicion]] = {}
    for suspicion in suspicions:
        statement = index.statement_at(suspicion.at.span.line, suspicion.at.span.column)
        if statement is None:
            span = suspicion.at.span
            why = f"no statement stands at line {span.line}, column {span.column + 1}: a bug of backend-audit"
            outcome = outcome.joined(_unjudged(path, [suspicion], why))
        else:
            by_statement.setdefault(statement, []).append(suspicion)
    for statement, group in by_statement.items():
        findings, cleared, problems = visit(path, statement, index, group, rules)
        outcome = outcome.joined(Inspected(tuple(findings), tuple(cleared), tuple(problems)))
    return outcome
