"""The changes that migrations make → the tables that come of them, and whether a later migration takes them away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..model.answer import Known, Unknown
from ..model.schema import MadeTable
from ..sql.heads import HOLE
from .schema_changes import SchemaChange

_UNREAD = "a later migration could not be read to its end"
_UNNAMED = "a later migration drops a table whose name is filled in at run time"


def tables_made(changes: Sequence[SchemaChange]) -> Iterator[MadeTable]:
    """Every table that a migration makes, in the order of the changes."""
    names = (name for change in changes for name in (change.statement.name, change.statement.source))
    known = frozenset(last_word(name) for name in names if name)
    ends = _ends(changes)
    for change in changes:
        name = _made(change)
        if name:
            statement = change.statement
            renamed = statement.verb == "rename"
            source = statement.name if renamed else statement.source
            yield MadeTable(name, source, renamed, change.at, _gone(name, change, ends), change.last, known)


def last_word(name: str) -> str:
    """The table's own name, in lower case, without its schema."""
    return name.casefold().rpartition(".")[2]


def _made(change: SchemaChange) -> str:
    """The table that stands there afterwards, "" for none. What is in a routine runs when somebody calls it."""
    statement = change.statement
    if statement.object != "table" or statement.deferred or statement.verb not in ("create", "rename"):
        return ""
    if statement.verb == "create":
        return statement.name
    schema = statement.name.rpartition(".")[0]
    return f"{schema}.{statement.new_name}" if schema and "." not in statement.new_name else statement.new_name


def _ends(changes: Sequence[SchemaChange]) -> dict[str, list[SchemaChange]]:
    """The changes that take a table away, by its last word; "…" for those that may take any."""
    found: dict[str, list[SchemaChange]] = {}
    for change in changes:
        statement = change.statement
        match statement.verb, statement.object:
            case "attach", _:
                word = last_word(statement.new_name)
            case "drop", "schema":
                word = f"{statement.name.casefold()}."
            case (("drop" | "rename"), "table"):
                word = last_word(statement.name)
            case "unread", _:
                word = HOLE
            case _:
                continue
        found.setdefault(word, []).append(change)
    return found


def _gone(name: str, made: SchemaChange, ends: Mapping[str, Sequence[SchemaChange]]) -> Known[bool] | Unknown:
    """Schemas are not compared: a search path or a move may be all that tells two spellings of one table apart."""
    schema = f"{name.casefold().rpartition('.')[0]}."
    for change in (*ends.get(last_word(name), ()), *ends.get(schema, ())):
        if _may_follow(change, made):
            return Known(True, (change.at,))
    for change in ends.get(HOLE, ()):
        if _may_follow(change, made):
            unread = change.statement.verb == "unread"
            return Unknown(_UNREAD if unread else _UNNAMED, (change.at,))
    return Known(False)


def _may_follow(other: SchemaChange, change: SchemaChange) -> bool:
    """Whether a change may run after another one: where the order is not known, it may."""
    if other.series != change.series:
        return True
    if other.at.path == change.at.path:
        return other.within != change.within or other.place > change.place
    if other.migration is None or change.migration is None:
        return True
    return other.migration > change.migration
