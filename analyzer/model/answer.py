"""What an answer to a question about a project is: known with its places, or unknown with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from .location import Location

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """An answer, with the places that give it. "None" is `Known(())` or `Known(None)`."""

    value: T
    at: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, and why; the words can be counted, so they hold no names."""

    why: str
    at: tuple[Location, ...] = ()


Constant = str | int | float | bool | None
