"""Suspicions in a file that is not Python → findings, if their place lies in the file's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..decode import lines
from ..model.finding import Finding, Problem, Suspicion
from ..model.location import Span
from ..model.rule import LoadedRule


def text_of(content: bytes) -> str:
    """The text of the file; bytes that are not UTF-8 become replacement characters, one per byte or sequence."""
    return content.decode("utf-8-sig", "replace")


def flag(
    suspicions: Sequence[Suspicion], text: str, rules: Mapping[str, LoadedRule]
) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """A finding for each suspicion whose span lies in the text, a problem for each other.

    The statement is the whole lines of the span; the identity's text is those lines without white space.
    """
    rows = lines(text)
    findings: list[Finding] = []
    problems: list[Problem] = []
    for suspicion in suspicions:
        span = suspicion.at.span
        if not _lies_in(span, rows):
            where = f"line {span.line}, column {span.column + 1}"
            why = f"`{suspicion.rule}` suspects {where}, which the file does not have: a bug of backend-audit"
            problems.append(Problem("inspect", suspicion.at.path, why))
            continue
        rule = rules[suspicion.rule].rule
        whole = Span(span.line, 0, span.end_line, len(rows[span.end_line - 1]))
        findings.append(
            Finding(
                rule=suspicion.rule,
                at=suspicion.at,
                statement=whole,
                header=whole,
                message=suspicion.message,
                subject=suspicion.subject,
                severity=suspicion.severity or rule.severity,
                confidence=suspicion.confidence or rule.confidence,
                within="",
                text="".join("".join(rows[span.line - 1 : span.end_line]).split()),
                trace=suspicion.trace,
                related=suspicion.related,
                endpoints=suspicion.endpoints,
                engines=(suspicion.engine,),
            )
        )
    return tuple(findings), tuple(problems)


def _lies_in(span: Span, rows: Sequence[str]) -> bool:
    if not 1 <= span.line <= span.end_line <= len(rows):
        return False
    ordered = (span.line, span.column) <= (span.end_line, span.end_column)
    inside = 0 <= span.column <= len(rows[span.line - 1]) and span.end_column <= len(rows[span.end_line - 1])
    return ordered and inside
