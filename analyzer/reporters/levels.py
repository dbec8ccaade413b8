"""Our severities and confidences → the words and numbers of other people's formats."""

from __future__ import annotations

from ..model.exposure import Exposure
from ..model.report import RuleSummary
from ..model.rule import Confidence, Severity, Standard

SEVERITIES = tuple(severity.value for severity in Severity)  # worst first
CONFIDENCES = tuple(confidence.value for confidence in Confidence)  # surest first
STANDARDS = tuple(standard.value for standard in Standard)  # in the order in which they weigh

_EDITOR = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "info"}
_SARIF = {**_EDITOR, Severity.LOW: "note"}
# The middle of GitHub's band for the word: above 9.0 critical, from 7.0 high, from 4.0 medium, above 0.0 low.
_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_ADVICE = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "recommendation",
}
_WEIGHT = {Severity.CRITICAL: 100, Severity.HIGH: 80, Severity.MEDIUM: 50, Severity.LOW: 20}
_EXPOSURES = tuple(Exposure)
_TENTHS = {Confidence.HIGH: 10, Confidence.MEDIUM: 7, Confidence.LOW: 4}


def editor_word(severity: str) -> str:
    """error, warning or info: the words that problem matchers of editors know."""
    return _EDITOR[Severity(severity)]


def sarif_level(severity: str) -> str:
    """SARIF's result level: error, warning or note."""
    return _SARIF[Severity(severity)]


def security_severity(severity: str) -> str:
    """GitHub's score for a security rule, a number in a string."""
    return _SCORE[Severity(severity)]


def problem_severity(severity: str) -> str:
    """GitHub's word for a rule that is not about security."""
    return _ADVICE[Severity(severity)]


def rank(severity: str, confidence: str, exposure: str) -> float:
    """SARIF's rank of a result, 0 to 100: how bad times how sure; a tenth of it goes by how open the place is."""
    closed = _EXPOSURES.index(Exposure(exposure)) * 2  # hundredths
    return _WEIGHT[Severity(severity)] * _TENTHS[Confidence(confidence)] * (100 - closed) / 1000


def is_security(rule: RuleSummary) -> bool:
    """Whether a rule is about security: by its standard, or because it names a weakness of the CWE list."""
    return rule.cwe is not None or rule.standard == Standard.SECURITY
