"""What becomes of exceptions on their way up."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location


@dataclass(frozen=True, slots=True)
class LostInFinally:
    """A statement that leaves a `finally` block early: the exception that led there is gone."""

    at: Location
    word: str  # "return", "break" or "continue"
    within: str
