"""A report → SARIF 2.1.0 on one line, made so that GitHub code scanning takes and places all of it."""

from __future__ import annotations

from typing import Any

from ..model.report import Report
from .ascii_json import ascii_json
from .options import Options
from .sarif_notices import invocation, kinds
from .sarif_places import Json, plain_text, uri
from .sarif_results import Writer, results
from .sarif_rules import descriptor, rules_of


def sarif(report: Report, options: Options) -> str:
    """One run. Suppressed and known findings are left out unless asked for: GitHub would show them as open alerts."""
    rules = rules_of(report)
    writer = Writer(report, {rule.id: index for index, rule in enumerate(rules)})
    written = results(writer, options.show_suppressed)
    run: Json = {
        "tool": {
            "driver": {
                "name": "backend-audit",
                "fullName": f"backend-audit {report.version}",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": [descriptor(rule) for rule in rules],
                "notifications": kinds(),
            },
            **_extensions(report),
        },
        # The part before the last slash is GitHub's category; the run's own part stays empty.
        "automationDetails": {"id": "backend-audit/"},
        # Without a `uri`: it would say where the audit ran.
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(report, writer.cut)],
        "results": written,
        "properties": _totals(report),
    }
    if options.prefix:
        run = _under(run, uri(options.prefix))
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return ascii_json(log)


def _under(value: Any, prefix: str) -> Any:
    """The same with every file's address below a folder: what the repository calls the audited root."""
    if isinstance(value, list):
        return [_under(item, prefix) for item in value]
    if not isinstance(value, dict):
        return value
    if "uriBaseId" in value:
        return {**value, "uri": prefix + value["uri"]}
    return {key: _under(item, prefix) for key, item in value.items()}


def _extensions(report: Report) -> Json:
    """The engines that are tools of others."""
    others = [{"name": plain_text(e.name), "version": plain_text(e.version)} for e in report.engines if e.version]
    return {"extensions": others} if others else {}


def _totals(report: Report) -> Json:
    totals = report.totals
    values: Json = {
        "targets": [plain_text(target) for target in report.targets],
        "files": totals.files,
        "reportedFiles": totals.reported,
        "testFiles": totals.tests,
        "lines": totals.lines,
        "endpoints": totals.endpoints,
    }
    if report.engines:
        values["engines"] = [
            {"name": plain_text(e.name), "version": plain_text(e.version), "rules": e.rules, "files": e.files}
            for e in report.engines
        ]
    if report.compared:
        values["comparedWith"] = plain_text(report.compared)
    return values
