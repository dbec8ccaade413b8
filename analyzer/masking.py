"""Findings of rules about credentials → the places that no report may show, and how a line looks without them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from .model.finding import Finding
from .model.location import Span
from .model.report import RuleSummary

# Hard-coded passwords, keys and credentials, and secrets kept in clear text (https://cwe.mitre.org/data/definitions/798.html).
_CREDENTIALS = frozenset({259, 312, 321, 798})
_OPENS = re.compile(r"\"|'|[=:]\s*[\"']?")
_SHOWN = re.compile(r"[^\s\"']")
_DOT = "•"

Masks = Mapping[str, Sequence[Span]]


def masks(findings: Iterable[Finding], rules: Iterable[RuleSummary]) -> Masks:
    """The spans that hold a credential, by path."""
    about = frozenset(rule.id for rule in rules if rule.cwe in _CREDENTIALS)
    found: dict[str, list[Span]] = {}
    for finding in findings:
        if finding.rule in about:
            found.setdefault(finding.at.path, []).append(finding.at.span)
    return found


def masked_line(line: str, number: int, spans: Iterable[Span]) -> str:
    """A line of a file, as long as it was, with dots for what stands in the spans behind a quote, `=` or `:`."""
    for span in spans:
        if span.line <= number <= span.end_line:
            start = span.column if number == span.line else 0
            end = span.end_column if number == span.end_line else len(line)
            line = line[:start] + _masked(line[start:end], number > span.line) + line[end:]
    return line


def masked(findings: Iterable[Finding], hidden: Masks) -> tuple[Finding, ...]:
    """The findings without the credentials that their statements' texts hold. Their identities are settled before."""
    return tuple(
        msgspec.structs.replace(finding, text=_masked(finding.text, False)) if _touches(finding, hidden) else finding
        for finding in findings
    )


def _touches(finding: Finding, hidden: Masks) -> bool:
    lines = finding.header
    return any(
        span.line <= lines.end_line and lines.line <= span.end_line for span in hidden.get(finding.at.path, ())
    )


def _masked(text: str, inside: bool) -> str:
    """With dots behind the first sign that opens a value; all of it where the value began on an earlier line."""
    opens = None if inside else _OPENS.search(text)
    if opens is None and not inside:
        return text
    start = opens.end() if opens else 0
    return text[:start] + _SHOWN.sub(_DOT, text[start:])
