"""Tables over all files of a project, each made once: what has a name somewhere, whoever asks for it.

Who asks leans on one entry alone, which is remembered for him (`Lookups.read`): an edit elsewhere that leaves it as it
is changes nothing for him. Entries hold no positions. Tables are made with an evaluator of their own, so that they
depend on the project and on nobody's question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..model.facts import ScopeKind

if TYPE_CHECKING:
    from .evaluate import Evaluator
    from .index import Index

Entry = tuple[Any, ...]
Table = Mapping[str, Entry]


@dataclass(slots=True)
class Lookups:
    """The tables that have been made, and the entries that have been asked for."""

    tables: dict[str, Table] = field(default_factory=dict)
    read: set[tuple[str, str]] = field(default_factory=set)
    models: dict[tuple[str, str], Entry] = field(default_factory=dict)  # what library models say, by question and name
    index: Index | None = None  # where the evaluator's own is watched: tables are nobody's reading


def entry(ev: Evaluator, table: str, key: str) -> Entry:
    """What a table says under a key; () where it says nothing, and while the table is being made."""
    if table not in ev.lookups.tables:
        ev.lookups.tables[table] = {}
        ev.lookups.tables[table] = _make(ev, table)
    ev.lookups.read.add((table, key))
    return ev.lookups.tables[table].get(key, ())


def _make(ev: Evaluator, table: str) -> Table:
    from .callgraph.passing import Passing

    own = Lookups(ev.lookups.tables, index=ev.lookups.index)
    index = ev.lookups.index or ev.index
    return _maker(table)(type(ev)(index, ev.libraries, lookups=own, passing=Passing({})))


def _functions(ev: Evaluator) -> Table:
    """Every name under which the project defines a function; the entries say no more than that."""
    scopes = (scope for facts in ev.index.python.values() for scope in facts.scopes)
    return {scope.name: (True,) for scope in scopes if scope.kind is ScopeKind.FUNCTION}


def _maker(table: str) -> Callable[[Evaluator], Table]:
    from . import loaded, orm, outside, related, subclasses

    makers: dict[str, Callable[[Evaluator], Table]] = {
        "class": orm.classes_by_name,
        "user": orm.users,
        "function": _functions,
        "back": related.back_references,
        "handed out": outside.handed_out,
        "derived": subclasses.derived,
        "setting": loaded.by_setting,
        "assigned": lambda ev: {name: tuple(writers) for name, writers in ev.index.assigned.items()},
    }
    return makers[table]
