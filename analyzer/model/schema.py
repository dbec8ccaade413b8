"""How migrations change the database: answers to questions about tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .location import Location

if TYPE_CHECKING:
    from .answer import Known, Unknown


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table that a migration makes: creates, copies, or gives another name. A temporary one is none."""

    name: str  # as written, without quotes: "sales.orders_old"; "…" for a part that is filled in at run time
    source: str  # the table that it was copied from, or was called before; "" for one that is new
    renamed: bool
    at: Location
    gone: Known[bool] | Unknown  # whether a migration that may run later drops or renames it, or makes it a partition
    last: bool  # no migration is known to run later: what is not done may still be done
    known: frozenset[str]  # last words of the names of all tables that migrations speak of, in lower case
