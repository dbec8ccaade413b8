"""A fix and the lines that it changes → those lines before and after, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model.finding import Edit, Fix

_AROUND = 1  # lines before and after the change


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a diff; the sign is "-", "+" or " "."""

    sign: str
    text: str


def diff(fix: Fix, lines: Mapping[int, str]) -> tuple[Change, ...]:
    """The lines around all edits before and after; () where one of them is not among `lines`, or not whole."""
    if not fix.edits:
        return ()
    first = min(edit.at.line for edit in fix.edits)
    last = max(edit.at.end_line for edit in fix.edits)
    if any(number not in lines for number in range(first, last + 1)) or not all(_fits(e, lines) for e in fix.edits):
        return ()
    while first - 1 in lines and first > min(edit.at.line for edit in fix.edits) - _AROUND:
        first -= 1
    while last + 1 in lines and last < max(edit.at.end_line for edit in fix.edits) + _AROUND:
        last += 1
    old = [lines[number] for number in range(first, last + 1)]
    new = _edited(old, first, fix.edits)
    compared = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changes: list[Change] = []
    for kind, a, b, c, d in compared.get_opcodes():
        if kind == "equal":
            changes += [Change(" ", text) for text in old[a:b]]
        else:
            changes += [Change("-", text) for text in old[a:b]] + [Change("+", text) for text in new[c:d]]
    return tuple(Change(change.sign, change.text.replace("\t", "    ")) for change in changes)


def _fits(edit: Edit, lines: Mapping[int, str]) -> bool:
    """Whether the edit lies in what is known of its lines: excerpts cut very long ones."""
    return edit.at.column <= len(lines[edit.at.line]) and edit.at.end_column <= len(lines[edit.at.end_line])


def _edited(lines: Sequence[str], first: int, edits: Sequence[Edit]) -> list[str]:
    """The lines with all edits made; the last one first, so that the places of the others stay."""
    result = list(lines)
    for edit in sorted(edits, key=lambda edit: edit.at, reverse=True):
        start, end = edit.at.line - first, edit.at.end_line - first
        text = result[start][: edit.at.column] + edit.text + result[end][edit.at.end_column :]
        result[start : end + 1] = text.split("\n")
    return result
