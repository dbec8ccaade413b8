"""What becomes of exceptions on their way up."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location, Step
from .project import Call


@dataclass(frozen=True, slots=True)
class LostInFinally:
    """A statement that leaves a `finally` block early: the exception that led there is gone."""

    at: Location
    word: str  # "return", "break" or "continue"
    within: str


@dataclass(frozen=True, slots=True)
class CacheOutage:
    """A call of a cache whose failure reaches an endpoint: nothing on the way up catches it."""

    call: Call
    entry: str  # qualified name of the handler
    entry_at: Location
    path: tuple[Step, ...]  # the calls from the handler down to the function that asks the cache
    others: tuple[Step, ...] = ()  # more calls that the same settings decide
