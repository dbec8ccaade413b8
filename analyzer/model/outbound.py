"""What a backend asks of other services: again for each item, after each failure, through a client made each time."""

from __future__ import annotations

from dataclasses import dataclass

from .answer import Known, Unknown
from .location import Location, Step
from .project import Call


@dataclass(frozen=True, slots=True)
class Repeated:
    """A call that goes to another service once for each item of a loop whose length the data decide."""

    kind: str  # "database", "cache", "http", "mail" or "queue"
    call: Call  # the one that asks
    at: Location  # where the loop makes it, or calls the function that leads to it
    loop: Location  # what is iterated over
    over: str  # the same as written, as far as it is a name: "orders"; "" else
    path: tuple[Step, ...]  # from the loop down to the call, both included
    others: tuple[Step, ...]  # more such calls in the same loop
    helpers: int  # functions between the loop and the call
    at_once: bool  # the calls run side by side: `asyncio.gather`
    searching: bool  # the loop may end with the first answer that fits
    seldom: bool  # under a condition, here or further down
    script: bool  # for whoever runs the file or a command of it, and sees how long that takes
    rarely: bool  # only for what is not among the answers yet, or once for several items


@dataclass(frozen=True, slots=True)
class Created:
    """Something made to be shared, made anew by a function that runs for each request."""

    call: Call
    why: str  # it is to be shared, with the source: the library's fact
    entry: str  # qualified name of the handler or dependency that runs for each request
    entry_at: Location
    injected: bool  # the entry is no handler, but what handlers depend on
    given_to: tuple[Step, ...]  # of such an entry: the functions whose parameters it fills, as far as they are seen
    path: tuple[Step, ...]  # from the entry down to the call; one step where it stands there
    varies: bool  # what it is given differs between callers: somebody's own credentials or address
    batch: bool  # a `with` whose body makes several calls through it


@dataclass(frozen=True, slots=True)
class Retry:
    """Something that is tried again after it failed."""

    at: Location  # the pause, else the `except` clause; of a library: the call, or the name of the decorator
    node: str  # what stands there: "call", "handler" or "expression"
    what: str  # "for attempt in range(5)", "tenacity.retry"
    pause: str  # before the next attempt: "none", "fixed", "grows" (alike for all), "varies" or "unknown"
    seconds: float | None  # of a pause that is fixed, where known
    attempts: Known[int | None] | Unknown  # None: for ever
    caught: tuple[str, ...]  # last words of the exceptions that lead to another attempt
    kind: str  # of the service that is asked: "http", …; "" where it is not seen
    path: tuple[Step, ...]  # down to the call that asks it
    note: str  # the library's fact, one sentence; "" for a loop


@dataclass(frozen=True, slots=True)
class Stage:
    """One of several that try again, one inside of the other."""

    what: str  # "tenacity.retry", "for attempt in …", the library's call whose client tries by itself
    attempts: int
    at: Location


@dataclass(frozen=True, slots=True)
class Multiplied:
    """Attempts inside of attempts: how often the innermost call is made when everything fails."""

    at: Location  # the outermost retry
    node: str  # what stands there, as of `Retry`
    attempts: int  # all of them
    stages: tuple[Stage, ...]  # outermost first
    path: tuple[Step, ...]  # from the outermost retry down to the call


@dataclass(frozen=True, slots=True)
class Effect:
    """A retry around something that happens once more with each attempt that only seemed to fail."""

    retry: Retry
    what: str  # "POST", "mail", "INSERT"
    call: Call
    path: tuple[Step, ...]  # from the retry down to the call
    sure: bool  # what is asked for is known to change something: its name or address says so


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A retry that also repeats what the other side refused, and will refuse again: a status of 400 to 499."""

    retry: Retry
    raised: Location  # where such a status becomes an exception
    caught: str  # what leads to another attempt: "Exception", "requests.RequestException"
