"""What a semgrep rule says of itself, in our words or in the registry's → a Rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from ...library_files import nearest
from ...model.rule import Confidence, Node, Rule, Severity, Standard
from ...model.source import FileKind

KEY = "backend-audit"  # in a rule's `metadata`
_SEVERITIES = {
    "CRITICAL": Severity.CRITICAL,
    "ERROR": Severity.HIGH, "HIGH": Severity.HIGH,
    "WARNING": Severity.MEDIUM, "MEDIUM": Severity.MEDIUM,
    "INFO": Severity.LOW, "LOW": Severity.LOW, "INVENTORY": Severity.LOW, "EXPERIMENT": Severity.LOW,
}  # fmt: skip
_CATEGORIES = {
    "security": Standard.SECURITY,
    "performance": Standard.PERFORMANCE,
    "correctness": Standard.RELIABILITY, "best-practice": Standard.RELIABILITY, "portability": Standard.RELIABILITY,
    "maintainability": Standard.OPERATIONS,
}  # fmt: skip
_CWE = re.compile(r"(?:CWE-?)?(\d{1,5})\b", re.IGNORECASE)


class Words(msgspec.Struct, frozen=True, rename="kebab"):
    """`metadata.backend-audit` of a rule; what is not said follows from semgrep's own keys."""

    doc: str = ""  # the page, its first line the title; empty: the message
    severity: Severity | None = None
    confidence: Confidence = Confidence.MEDIUM
    cwe: int | None = None
    standard: Standard | None = None
    node: Node | None = None  # of Python code
    since: str = ""
    bad: str | dict[str, str] = ""  # one source text, or path → text
    good: str | dict[str, str] = ""
    aliases: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    tests: bool = False
    by_default: bool = True
    assume: str = ""
    reports: str = ""  # the rule of ours whose second detector this is
    kinds: tuple[FileKind, ...] = ()  # of the languages' files only these; () for all
    needs: tuple[str | tuple[str, ...], ...] = ()  # literals of which every match needs each, of a list any


def words_of(definition: Mapping[str, Any]) -> Words | None:
    """Our own words of a rule; None where it has none. Raises ValueError for what is no such word."""
    metadata = definition.get("metadata")
    raw = metadata.get(KEY) if isinstance(metadata, dict) else None
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise ValueError(f"`metadata.{KEY}` is not a mapping")
    for key in raw:
        if key not in Words.__struct_encode_fields__:
            near = nearest(str(key), Words.__struct_encode_fields__)
            raise ValueError(f"`metadata.{KEY}` has an unknown key `{key}`; {near}")
    try:
        words = msgspec.convert(raw, Words)
    except msgspec.ValidationError as error:
        raise ValueError(f"`metadata.{KEY}`: {_plain(error)}") from None
    short = [literal for need in words.needs for literal in ([need] if isinstance(need, str) else need) if not literal]
    if short or any(not need for need in words.needs):
        raise ValueError(f"`metadata.{KEY}.needs` holds an empty text")
    return words


def rule_of(name: str, definition: Mapping[str, Any], words: Words | None) -> Rule:
    """The rule under the id "semgrep:<name>"."""
    message = " ".join(str(definition["message"]).split())
    severity = _SEVERITIES[str(definition["severity"])]
    metadata = definition.get("metadata") or {}
    said = words or Words(
        confidence=_confidence(metadata.get("confidence")),
        cwe=_cwe(metadata.get("cwe")),
        standard=_CATEGORIES.get(str(metadata.get("category")), Standard.SECURITY),
    )
    return Rule(
        id=f"semgrep:{name}",
        doc=said.doc.strip() or message,
        severity=said.severity or severity,
        confidence=said.confidence,
        cwe=said.cwe,
        standard=said.standard or Standard.SECURITY,
        node=said.node or Node.EXPRESSION,
        bad=said.bad,
        good=said.good,
        since=said.since,
        aliases=said.aliases,
        supersedes=said.supersedes,
        tests=said.tests,
        by_default=said.by_default,
        assume=said.assume,
    )


def severities() -> tuple[str, ...]:
    """The words for `severity` that semgrep knows."""
    return tuple(_SEVERITIES)


def _plain(error: msgspec.ValidationError) -> str:
    why, _, place = str(error).partition(" - at ")
    return f"{place.strip('`').removeprefix('$.')}: {why}" if place else why


def _confidence(word: object) -> Confidence:
    lowered = str(word).lower()
    return Confidence(lowered) if lowered in tuple(Confidence) else Confidence.MEDIUM


def _cwe(raw: object) -> int | None:
    """The first number in `cwe: "CWE-89: …"`, also where it is a list."""
    first = raw[0] if isinstance(raw, list) and raw else raw
    found = _CWE.match(str(first)) if isinstance(first, str | int) else None
    return int(found[1]) if found else None
