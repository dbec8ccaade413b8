"""The rules of a report → SARIF's rule descriptors, within GitHub's limits."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.report import Report, RuleSummary
from .levels import is_security, problem_severity, sarif_level, security_severity
from .rule_page import page, plain, shortened
from .sarif_places import Json
from .visible import visible

DESCRIPTION_LIMIT = 1024  # characters; GitHub refuses more
NAME_LIMIT = 255


def rules_of(report: Report) -> Sequence[RuleSummary]:
    """Every rule that ran, sorted by id, and those that findings name without having run (another tool's)."""
    rules = {rule.id: rule for rule in report.rules}
    for finding in [*report.findings, *(silenced.finding for silenced in report.suppressed), *report.baselined]:
        if finding.rule not in rules:
            rules[finding.rule] = RuleSummary(
                id=finding.rule, family="", title=f"Reported as {finding.rule}.", doc="", severity=finding.severity,
                confidence=finding.confidence, standard="", cwe=None, aliases=(), since="", bad="", good="",
            )  # fmt: skip
    return [rules[id] for id in sorted(rules)]


def descriptor(rule: RuleSummary) -> Json:
    """One rule. Descriptions are never empty: GitHub refuses the whole file for one that is."""
    title = visible(rule.title.strip() or rule.id)
    return {
        "id": visible(rule.id),
        "name": pascal(rule.id)[:NAME_LIMIT] or "Rule",
        "shortDescription": {"text": shortened(title, DESCRIPTION_LIMIT)},
        "fullDescription": {"text": shortened(" ".join(plain(rule).split()) or title, DESCRIPTION_LIMIT)},
        "help": {"text": plain(rule), "markdown": page(rule)},
        "defaultConfiguration": {"level": sarif_level(rule.severity)},
        "properties": _properties(rule),
    }


def _properties(rule: RuleSummary) -> Json:
    security = is_security(rule)
    tags = ["security"] if security else []
    if rule.cwe is not None:
        tags.append(f"external/cwe/cwe-{rule.cwe:03d}")
    tags = list(dict.fromkeys([*tags, *filter(None, (rule.standard, rule.family))]))  # SARIF wants each once
    score = (
        {"security-severity": security_severity(rule.severity)}
        if security
        else {"problem.severity": problem_severity(rule.severity)}
    )
    return {"tags": tags, "precision": rule.confidence, **score}


def pascal(id: str) -> str:
    """SARIF's spelling of a name, never the id itself: "raw-sql" → "RawSql", "debug" → "DebugRule"."""
    words = "".join(letter if letter.isalnum() and letter.isascii() else " " for letter in id).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"{name}Rule" if name.lower() == id.lower() else name
