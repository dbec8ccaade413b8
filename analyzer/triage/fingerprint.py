"""Findings → the same with their identities, which lines added above and renames elsewhere do not move."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import msgspec

from ..model.finding import Finding


def identified(findings: Sequence[Finding]) -> list[Finding]:
    """Each finding with its fingerprint, 32 hexadecimal digits, in the order of their places.

    A finding with a subject is known by rule, path and subject; any other by rule, path, the name of the definition
    around it and the statement's token text. Equals are told apart by their number in the file.
    """
    seen: dict[tuple[str, ...], int] = {}
    known = []
    for finding in sorted(findings, key=lambda finding: (finding.at, finding.rule, finding.subject)):
        identity = _identity(finding)
        number = seen.get(identity, 0)
        seen[identity] = number + 1
        known.append(msgspec.structs.replace(finding, fingerprint=_digest((*identity, str(number)))))
    return known


def _identity(finding: Finding) -> tuple[str, ...]:
    if finding.subject:
        return (finding.rule, finding.at.path, "subject", finding.subject)
    return (finding.rule, finding.at.path, "statement", finding.within, finding.text)


def _digest(words: tuple[str, ...]) -> str:
    return hashlib.blake2b(json.dumps(words).encode(), digest_size=16).hexdigest()
