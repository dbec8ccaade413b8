"""docs/coverage.yaml → docs/coverage.md: every check of the inventory, and what answers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, assert_never

import msgspec

from analyzer.library_files import decode_model

ROWS = Path(__file__).resolve().parent / "coverage.yaml"
STATES = ("answered", "partly", "refused", "open")
ABOUT = """\
# Coverage

What can go wrong in a Python backend and be seen in its source, check by check, and how much of it this release finds.
The list was collected before the rules were written, from what other analyzers, database linters and reviewers look
for. It is longer than what we find, and says so.

<!-- written by docs/generate.py from docs/coverage.yaml -->

## How to read it

- **Answered**: the rules named find it, and show it to somebody who configures nothing.
- **Partly**: they find some of it; after the semicolon stands what is left out. A rule that is off by default, or whose
  findings are low in confidence (`--confidence low` shows them), answers no more than partly.
- **Refused**: reading the source cannot answer it well; a rule would be wrong more often than right, or of no use.
- **Open**: no rule looks at it. Silence about it says nothing.

A rule without a prefix is ours, and leads to its page. `semgrep:…` are patterns of ours for files that are not Python;
`bandit:…` are tests of bandit that none of our rules replaces, told in our words. What is answered is not proved to be
absent where nothing is reported: each rule's page shows what it looks for, and a report counts what it could not judge.
"""
UNSEEN = """\
These rules are right on the cases that were written for them. Published backends were searched for the mistake, too:
none of them has one."""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="state"):
    """A check, in our words."""

    check: str


class Answered(_Row, frozen=True, tag="answered"):
    """Rules find it."""

    by: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Partly(_Row, frozen=True, tag="partly"):
    """Rules find some of it."""

    by: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    left: str  # what they leave out


class Refused(_Row, frozen=True, tag="refused"):
    """No rule could answer it well."""

    reason: str


class Open(_Row, frozen=True, tag="open"):
    """No rule answers it yet."""


Row = Answered | Partly | Refused | Open


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Checks of one subject, by their ids."""

    name: str
    rows: dict[str, Row]


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    groups: tuple[Group, ...]
    unseen: dict[str, int] = {}  # a rule that has found nothing on published backends yet → how many were searched


def load() -> Coverage:
    """The file. Raises LibraryError, with the place, where a row is none."""
    return decode_model(ROWS, Coverage)


def page(coverage: Coverage, pages: Collection[str]) -> str:
    """The document; `pages` are the rules that have one to link to."""
    tables = (line for group in coverage.groups for line in _table(group, pages))
    return "\n".join([ABOUT, *_counts(coverage.groups), *_unseen(coverage.unseen, pages), *tables]).rstrip() + "\n"


def state(row: Row) -> str:
    """The state of a row as it is written in the file."""
    return str(row.__struct_config__.tag)


def rules(row: Row) -> tuple[str, ...]:
    """The rules that answer a row, wholly or partly."""
    match row:
        case Answered() | Partly():
            return row.by
        case Refused() | Open():
            return ()
        case _:
            assert_never(row)


def _counts(groups: Collection[Group]) -> Iterator[str]:
    yield from ("## Counts", "", f"| Group | Rows | {' | '.join(map(str.capitalize, STATES))} |", "|---|" + "--:|" * 5)
    total = Counter[str]()
    for group in groups:
        count = Counter(map(state, group.rows.values()))
        total += count
        anchor = group.name.lower().replace(" ", "-")
        yield _cells(f"[{group.name}](#{anchor})", count.total(), *(count[name] for name in STATES))
    yield _cells("**All**", *(f"**{n}**" for n in (total.total(), *(total[name] for name in STATES))))
    yield ""


def _unseen(searched: Mapping[str, int], pages: Collection[str]) -> Iterator[str]:
    yield from ("## Not met yet", "", UNSEEN, "")
    for rule, count in searched.items():
        yield f"- {_link(rule, pages)}: none in {count} backends"
    yield ""


def _table(group: Group, pages: Collection[str]) -> Iterator[str]:
    yield from (f"## {group.name}", "", "| Row | Check | State |", "|---|---|---|")
    for name, row in group.rows.items():
        yield _cells(name, row.check[0].upper() + row.check[1:], _said(row, pages))
    yield ""


def _said(row: Row, pages: Collection[str]) -> str:
    """The state with what belongs to it."""
    named = ", ".join(_link(rule, pages) for rule in rules(row))
    match row:
        case Answered():
            return f"answered: {named}"
        case Partly(left=left):
            return f"partly: {named}; left out: {left}"
        case Refused(reason=reason):
            return f"refused: {reason}"
        case Open():
            return "open"
        case _:
            assert_never(row)


def _link(rule: str, pages: Collection[str]) -> str:
    return f"[`{rule}`](rules/{rule}.md)" if rule in pages else f"`{rule}`"


def _cells(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
