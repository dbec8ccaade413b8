"""What the handler of an endpoint comes to: calls that leave the process, and transactions."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing outside that an endpoint's code uses."""

    kind: str  # "http", "database", "cache", "mail", "queue", "process", "transaction", …
    name: str  # qualified: "requests.get"
    at: Location
    depth: int  # calls of the project's functions between the handler and it; 0: in the handler itself
