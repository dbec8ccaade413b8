"""Answers of other services whose body is used although nobody has looked whether it is an answer at all."""

from __future__ import annotations

from dataclasses import dataclass

from .location import Location, Step
from .project import Call


@dataclass(frozen=True, slots=True)
class UncheckedResponse:
    """A request whose answer's body is used on a way where nothing looks at its status."""

    at: Location  # the request; or, where others look at the same answer, the call that gives it to who does not
    call: Call  # the request
    used: str  # the first thing that is taken from the body: "json", "text"
    path: tuple[Step, ...]  # from the request to that
    others: tuple[Step, ...]  # further places that use the same answer in the same way
    demanded: bool  # a body of another shape raises an error: a key is taken out of it, or a model checks it
