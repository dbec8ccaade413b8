"""SQL scripts, and what migrations in Python hand to their libraries → how the database changes, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model.facts import Statement
from ..model.location import Location, Span
from ..model.project import Argument, Text
from ..sql.heads import HOLE
from ..sql.outline import MATTERS, outline
from .calls import KnownCall, arguments
from .evaluate import Evaluator
from .migrations import migrations

_ROLES = ("migration-sql", "created-table", "dropped-table", "renamed-table", "new-table-name")
_UNDOES = re.compile(r"(?:.*[._])?(?:downgrade|reverse|backwards?|undo|rollback|revert|down)(?:_.*)?")


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A statement of a migration. What takes a migration back is none, and neither is a temporary table."""

    statement: Statement
    at: Location
    series: str  # migrations of one series run one after the other
    migration: int | None  # its number in the series, from 0; None where the order is not known
    within: str  # the function that makes it; "" in SQL
    place: int  # its number in the file, from 0: the order within one function
    last: bool  # no migration is known to run after this one


_Found = tuple[Location, str, Statement]


def schema_changes(ev: Evaluator, calls: tuple[KnownCall, ...]) -> tuple[SchemaChange, ...]:
    """Every change that a migration makes, by series and in the order in which they run."""
    by_file: dict[str, list[_Found]] = {
        path: [(Location(path, statement.at), "", statement) for statement in facts.statements]
        for path, facts in ev.index.text.items()
        if facts.statements
    }
    written = _in_python(ev, calls)
    by_file |= written
    known = migrations(ev, written)
    for path, unread in ev.index.unread.items():
        nowhere = Span(max(unread.line, 1), 0, max(unread.line, 1), 0)
        by_file[path] = [(Location(path, nowhere), "", _made("unread", "", nowhere))]
    found = []
    for path, statements in sorted(by_file.items()):
        if path not in known:
            continue
        mine = known[path]
        for place, (at, within, statement) in enumerate(statements):
            if not statement.undo and not statement.temporary:
                found.append(SchemaChange(statement, at, mine.series, mine.number, within, place, mine.last))
    return tuple(sorted(found, key=lambda c: (c.series, c.migration is None, c.migration or 0, c.at.path, c.place)))


def _in_python(ev: Evaluator, calls: tuple[KnownCall, ...]) -> dict[str, list[_Found]]:
    """What migrations in Python run, by file; a file is one where it uses a library of migrations."""
    told = {role: _forward(ev, calls, role) for role in _ROLES}
    migrating = {argument.call.at.path for group in told.values() for argument in group}
    told["sql"] = _forward(ev, tuple(call for call in calls if call.site.path in migrating), "sql")
    new_names = {argument.call.at: name for argument in told["new-table-name"] for name in _names(argument)}
    found: list[tuple[_Found, int]] = []
    for role, group in told.items():
        for argument in group:
            at, within = argument.call.at, argument.call.within
            if at.path not in migrating or at.path in ev.index.tests:
                continue
            if role in ("sql", "migration-sql"):
                found += [((at, within, statement), n) for n, statement in enumerate(_statements(argument))]
            elif role == "created-table":
                found += [((at, within, _made("create", name, at.span)), 0) for name in _names(argument)]
            elif role == "dropped-table":
                found += [((at, within, _made("drop", name, at.span)), 0) for name in _names(argument) or (HOLE,)]
            elif role == "renamed-table":
                new = new_names.get(at, HOLE)
                found += [((at, within, _made("rename", name, at.span, new)), 0) for name in _names(argument)]
    by_file: dict[str, list[_Found]] = {path: [] for path in migrating}
    for one, _ in sorted(found, key=lambda item: (item[0][0], item[1])):
        if one not in by_file[one[0].path]:
            by_file[one[0].path].append(one)
    return by_file


def _forward(ev: Evaluator, calls: tuple[KnownCall, ...], role: str) -> list[Argument]:
    """The arguments with a role, but for those that take a migration back."""
    return [argument for argument in arguments(ev, calls, role) if not _UNDOES.fullmatch(argument.call.within)]


def _made(verb: str, name: str, at: Span, new_name: str = "") -> Statement:
    return Statement(verb, "table", name, new_name, "", False, False, False, False, at)


def _names(argument: Argument) -> list[str]:
    return [_filled(text, HOLE) for text in argument.texts]


def _statements(argument: Argument) -> Iterator[Statement]:
    """The statements in each text that an argument may be; they stand where the call does."""
    for text in argument.texts:
        script = _filled(text, "{}")
        if MATTERS.search(script):
            yield from outline(script, lambda start, end: argument.call.at.span).statements


def _filled(text: Text, hole: str) -> str:
    return "".join(piece if isinstance(piece, str) else hole for piece in text.pieces)
