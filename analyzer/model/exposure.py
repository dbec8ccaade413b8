"""How open a place of the code is: who can make it run, by the endpoints that reach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .location import Location

if TYPE_CHECKING:
    from .endpoint import Endpoint, Serves


class Exposure(StrEnum):
    """The widest door that leads to a place, widest first.

    "Unknown" stands next to "public": what is not known to be guarded is read before what is.
    """

    PUBLIC = "public"  # an endpoint that is known to ask nobody who he is
    UNKNOWN = "unknown"  # an endpoint of which that is not known
    PROJECT = "project"  # settings, deployment files, what runs when the backend starts: all endpoints live with it
    AUTHENTICATED = "authenticated"
    INTERNAL = "internal"  # tasks of a queue, events of a cloud, clocks
    UNREACHED = "unreached"  # a function that no endpoint is seen to come to


@dataclass(frozen=True, slots=True)
class Exposed:
    """An endpoint, with what asks its application and how open it is."""

    endpoint: Endpoint
    serves: Serves
    exposure: Exposure


class ExposureQuestions(Protocol):
    """The questions of `Project` about who can come where."""

    def surface(self) -> Sequence[Exposed]:
        """Every endpoint with its exposure, sorted by path, methods and place."""

    def requested(self, at: Location) -> bool:
        """Whether somebody's request runs a place, so that he waits for it: no task of a queue and no clock."""

    def exposure(self, at: Location) -> Exposure:
        """The widest door that leads to a place."""
