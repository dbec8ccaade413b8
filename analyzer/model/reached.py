"""What the handler of an endpoint comes to: calls that leave the process, and transactions."""

from __future__ import annotations

from dataclasses import dataclass

from .answer import Known, Unknown
from .location import Location


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing outside that an endpoint's code uses."""

    kind: str  # "http", "database", "cache", "mail", "queue", "process", "transaction", …
    name: str  # qualified: "requests.get"
    at: Location
    depth: int  # calls of the project's functions between the handler and it; 0: in the handler itself
    does: str = ""  # of a database's: "select", "insert", "update" or "delete", as far as that is seen
    tables: tuple[str, ...] = ()  # their classes, or their names in SQL; sorted


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that the handler of an endpoint comes to."""

    found: tuple[Reached, ...]  # nearest first
    functions: int  # of the project, the handler among them
    unfollowed: int  # calls in them of which nothing is known
    whole: Known[bool] | Unknown  # whether the way did not end at a bound, or begin at something unknown
