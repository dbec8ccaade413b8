"""A report → our own JSON, schema 1, published as `schema/report-1.json`: everything but the excerpts.

Fields may be added within a schema; one that is renamed, removed or means something else makes a new schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..model.finding import Finding, Fix
from ..model.location import Location, Span, Step
from ..model.report import Report
from .ascii_json import ascii_json

SCHEMA = 1

Json = dict[str, Any]


def json_report(report: Report) -> str:
    """The report, indented. Lines and columns count from 1, columns in code points; ends are exclusive."""
    plain = [
        "version", "targets", "totals", "hidden", "cleared", "problems", "unknowns", "left_out", "frameworks",
        "endpoints", "rules", "engines", "replaced", "stale", "compared", "untouched", "receivers",
    ]  # fmt: skip
    value: Json = {
        "schema": SCHEMA,
        "tool": "backend-audit",
        **{name: msgspec.to_builtins(getattr(report, name)) for name in plain},
        "assumptions": [{"key": key, "value": value, "reason": why} for key, value, why in report.assumptions],
        "findings": [_finding(finding, report.hashes) for finding in report.findings],
        "suppressed": [
            {"by": entry.by, "reason": entry.reason, "finding": _finding(entry.finding, report.hashes)}
            for entry in report.suppressed
        ],
        "baselined": [_finding(finding, report.hashes) for finding in report.baselined],
    }
    return ascii_json(value, indent=2)


def _finding(finding: Finding, hashes: Mapping[str, str]) -> Json:
    at = finding.at
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": finding.message,
        "subject": finding.subject,
        **_place(at),
        "within": finding.within,
        "statement": _span(finding.statement),
        "header": _span(finding.header),
        "text": finding.text,
        "trace": [_step(step) for step in finding.trace],
        "related": [_step(step) for step in finding.related],
        "endpoints": list(finding.endpoints),
        "exposure": finding.exposure,
        "engines": list(finding.engines),
        "also": list(finding.also),
        "fix": _fix(finding.fix) if finding.fix else None,
        "fingerprint": finding.fingerprint,
        "line_hash": hashes.get(f"{at.path}:{at.span.line}", ""),
    }


def _span(span: Span) -> Json:
    return {
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
    }


def _place(at: Location) -> Json:
    return {"path": at.path, **_span(at.span)}


def _step(step: Step) -> Json:
    return {"message": step.message, **_place(step.at)}


def _fix(fix: Fix) -> Json:
    edits = [{**_span(edit.at), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "imports": list(fix.imports), "edits": edits}
