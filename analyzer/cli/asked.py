"""The words behind `why` → the rule, if one is named, and the file and line that are asked about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..failure import UserError

_EXAMPLES = (
    "for example: backend-audit why app/db.py:42\n"
    "         or: backend-audit why raw-sql app/db.py:42"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a file; `rule` is as the user names it, "" where the expressions of the line are asked for."""

    rule: str
    file: str
    line: int


def asked(words: Sequence[str]) -> Asked:
    """What is asked for. Raises UserError where the words are no PATH:LINE, alone or behind a rule."""
    if len(words) > 2:
        raise UserError("`why` takes one place, and at most one rule before it", _EXAMPLES)
    *rules, last = words
    place = _place(last)
    if place is None:
        if rules and _place(rules[0]):
            raise UserError("the rule stands before the place", f"backend-audit why {last} {rules[0]}")
        raise UserError(f"{last} is no PATH:LINE of a file", _EXAMPLES)
    return Asked(rules[0] if rules else "", *place)


def _place(text: str) -> tuple[str, int] | None:
    """The file and line of PATH:LINE; a column behind it is ignored."""
    parts = text.split(":")
    if len(parts) > 2 and parts[-1].isdecimal() and parts[-2].isdecimal():
        parts = parts[:-1]
    line = parts[-1]
    file = ":".join(parts[:-1])
    if not file or os.path.isdir(file) or not line.isdecimal() or int(line) < 1:
        return None
    return file, int(line)
