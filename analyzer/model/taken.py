"""What an expression is taken to be, in words, and what makes it so."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that says what an expression is, and where it stands; a library's model stands outside the project."""

    message: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An expression at a place: every value that it may have, and why it is not known where it is not."""

    at: Location
    written: str  # "session.get", "make()"
    values: tuple[str, ...]  # "requests.Session", "the function shop.mail.send"; none where nothing is known
    why: str  # "" where all of it is known
    grounds: tuple[Ground, ...]
