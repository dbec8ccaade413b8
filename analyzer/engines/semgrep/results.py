"""What semgrep said of one file → its record: hits, what was skipped and why, rules that were refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from ...model.location import Span
from .binary import PATIENCE, Fault, Match
from .nodes import Found
from .places import Lines

MOST = 100  # hits of one rule in one file
_LONGEST = 300  # characters of a message
_QUOTED = re.compile(r"`([\"'])([^`\"']*)\1`")
_SLOW = f"not finished within {PATIENCE} seconds"
_REASONS = {
    "PartialParsing": "read only in part",
    "Syntax error": "not parsed", "Other syntax error": "not parsed", "Lexical error": "not parsed",
    "AST builder error": "not parsed",
    "Timeout": _SLOW, "Fixpoint timeout": _SLOW, "FixpointTimeout": _SLOW,
    "Out of memory": "left for want of memory", "OutOfMemory": "left for want of memory",
    "Stack overflow": "nested too deeply", "StackOverflow": "nested too deeply",
    "Too many matches": "cut off after too many matches", "TooManyMatches": "cut off after too many matches",
}  # fmt: skip
_OUTSIDE, _NO_CODE = "matched outside of its text", "matched where no code stands that can be flagged"
_GUARDS = (_SLOW, "left for want of memory", "nested too deeply")


class Hit(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A match that a rule of ours or the user's has in a file."""

    rule: str  # the id of the loaded rule
    at: Span
    message: str
    node: str  # of Python code; "" elsewhere


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of one file under its rules."""

    hits: tuple[Hit, ...] = ()
    skips: tuple[str, ...] = ()  # reasons why the file was not, or not wholly, read
    refused: tuple[tuple[str, str], ...] = ()  # rules that semgrep does not take, and why


def record(
    content: bytes,
    matches: Sequence[Match],
    faults: Sequence[Fault],
    rules: Mapping[str, str],
    nodes: Sequence[Found] | str | None,
) -> Record:
    """The record of a file; `rules` maps the neutral names of those that look at it to their ids.

    `nodes` is, for Python, what stands at each of the matches, or why that cannot be told.
    """
    skips = {_reason(fault) for fault in faults}
    if isinstance(nodes, str):
        return Record(skips=tuple(sorted({*skips, nodes})))
    lines = Lines(content)
    hits: set[Hit] = set()
    for number, match in enumerate(matches):
        node = nodes[number] if nodes is not None else ("", match.start.offset, match.end.offset)
        at = lines.span(node[1], node[2]) if node else None
        if node is None or at is None:
            skips.add(_NO_CODE if node is None else _OUTSIDE)
        elif match.check_id in rules:
            hits.add(Hit(rules[match.check_id], at, _short(match.extra.message), node[0]))
    kept, cut = _bounded(_one_each(hits))
    return Record(tuple(kept), tuple(sorted(skips | cut)))


def guarded(skips: Sequence[str]) -> bool:
    """Whether a clock or memory guard was met: then the record is not kept."""
    return any(reason in _GUARDS for reason in skips)


def refusal(fault: Fault) -> str:
    """Why a rule was refused, in one clause: the first line that says more than that it was."""
    lines = [line.strip() for line in fault.message.splitlines() if line.strip()]
    return _short(lines[1] if len(lines) > 1 else (lines[0] if lines else "no reason given"))


def _one_each(hits: set[Hit]) -> list[Hit]:
    """One hit for a rule and a place: a match in several ways is one."""
    first: dict[tuple[str, Span], Hit] = {}
    for hit in sorted(hits):
        first.setdefault((hit.rule, hit.at), hit)
    return list(first.values())


def _bounded(hits: list[Hit]) -> tuple[list[Hit], set[str]]:
    seen: dict[str, int] = {}
    kept = []
    for hit in hits:
        seen[hit.rule] = seen.get(hit.rule, 0) + 1
        if seen[hit.rule] <= MOST:
            kept.append(hit)
    return kept, {f"cut off after {MOST} matches of one rule"} if len(kept) < len(hits) else set()


def _reason(fault: Fault) -> str:
    kind = fault.type if isinstance(fault.type, str) else next(iter(fault.type), "")
    return _REASONS.get(str(kind), f"not read: {_short(str(kind)).lower() or 'no reason given'}")


def _short(message: str) -> str:
    """The message as one clause; a string's quotes say nothing beside the backticks around it."""
    words = _QUOTED.sub(r"`\2`", " ".join(message[: 4 * _LONGEST].split()).rstrip("."))
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
