"""A fix and the lines that it changes → those lines before and after, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model.finding import Edit, Fix

_TAB = "    "
_AROUND = 1  # lines before and after the change


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a diff; the sign is "-", "+" or " ". `changed` is what is new or gone between `head` and `tail`."""

    sign: str
    head: str
    changed: str = ""
    tail: str = ""


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
    source = [lines[number] for number in range(first, last + 1)]
    old, new = ([text.replace("\t", _TAB) for text in some] for some in (source, _edited(source, first, fix.edits)))
    compared = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changes: list[Change] = []
    for kind, a, b, c, d in compared.get_opcodes():
        if kind == "equal":
            changes += [Change(" ", text) for text in old[a:b]]
        elif b - a == d - c:
            pairs = [_pair(*lines) for lines in zip(old[a:b], new[c:d], strict=True)]
            changes += [before for before, _ in pairs] + [after for _, after in pairs]
        else:
            changes += [Change("-", text) for text in old[a:b]] + [Change("+", text) for text in new[c:d]]
    return tuple(changes)


def _pair(old: str, new: str) -> tuple[Change, Change]:
    """A line before and after, with what differs between their common beginning and their common end."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    end = old[len(old) - tail :]
    return Change("-", old[:head], before, end), Change("+", old[:head], after, end)


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    differ = (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differ, min(len(one), len(other)))


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
