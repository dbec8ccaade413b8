"""What coroutines and tasks do to each other: the questions of `Project` about them, and the values that answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .location import Location, Step

if TYPE_CHECKING:
    from .outbound import Repeated


@dataclass(frozen=True, slots=True)
class LostCoroutine:
    """A call of an asynchronous function whose coroutine nothing awaits, so that its body never runs."""

    at: Location  # the call
    name: str  # of the function, qualified
    misuse: str  # "dropped", "unused", "tested", "compared", "formatted", "iterated" or "used"
    within: str  # qualified name of the function around it; "" at module level


@dataclass(frozen=True, slots=True)
class LostTask:
    """A task that nobody holds, or whose end nobody looks at."""

    at: Location  # the call that starts it
    within: str
    kept: str  # the attribute or name that holds it; "" where nothing does
    runs: str  # qualified name of the project's function that it runs; "" where that is not known
    endless: bool  # it goes on until it is stopped, or fails
    guarded: bool  # it catches every exception itself


@dataclass(frozen=True, slots=True)
class Swallowed:
    """An `except` clause of a coroutine in which a cancellation ends."""

    at: Location  # the header of the clause
    within: str
    named: bool  # it names the cancellation; False where it catches everything
    goes_on: bool  # the coroutine waits again after it
    quiet: bool  # it does nothing at all with what it catches


@dataclass(frozen=True, slots=True)
class FanOut:
    """A loop that asks another service for all of its items at the same time, however many there are."""

    asks: Repeated
    within: str  # qualified name of the function that the loop stands in
    configured: bool  # over what the operator of the backend configured, which is short
    asked: bool  # over what a request brings


@dataclass(frozen=True, slots=True)
class SharedSession:
    """A database session or connection that several coroutines use at the same time."""

    at: Location  # the first of the coroutines that use it
    name: str  # as it is called there: "session", "self.repository.session"
    cls: str  # its class
    within: str
    group: Location  # the call that runs them side by side


@dataclass(frozen=True, slots=True)
class NestedLoop:
    """A call that starts an event loop where one runs already, or for each task of a worker."""

    at: Location
    name: str  # "asyncio.run"
    entry: str  # qualified name of the coroutine above it, or of the function that the worker runs
    entry_at: Location
    path: tuple[Step, ...]  # from the coroutine down to the call; () for a worker's
    running: bool  # a loop runs already, so that the call raises


@dataclass(frozen=True, slots=True)
class WaitScope:
    """A time limit or a group of tasks around a block of a coroutine."""

    at: Location  # the call that makes it
    name: str  # "asyncio.timeout"
    within: str


@dataclass(frozen=True, slots=True)
class Poll:
    """A loop that sleeps until a variable of the same process has another value."""

    at: Location  # its condition
    within: str


@dataclass(frozen=True, slots=True)
class AsyncOnly:
    """A `with` or `for` in a coroutine that raises, since `async` is missing before it."""

    at: Location  # what is entered or iterated over
    word: str  # "with" or "for"
    within: str


class ConcurrencyQuestions(Protocol):
    """The questions of `Project` about coroutines and tasks."""

    def lost_coroutines(self) -> Sequence[LostCoroutine]:
        """Every coroutine that is made and never awaited, sorted by place."""

    def tasks_not_kept(self) -> Sequence[LostTask]:
        """Every task that nothing refers to once it is started, sorted by place."""

    def tasks_not_watched(self) -> Sequence[LostTask]:
        """Every task that is kept, of the project's own function, and whose failure nobody would see, by place."""

    def cancellations_swallowed(self) -> Sequence[Swallowed]:
        """Every clause in which a cancellation ends that others wait for, sorted by place."""

    def fan_outs(self) -> Sequence[FanOut]:
        """Every loop that asks for all of its items at once without a bound, sorted by place."""

    def sessions_shared(self) -> Sequence[SharedSession]:
        """Every session or connection that coroutines of one group use at once, sorted by place."""

    def nested_loops(self) -> Sequence[NestedLoop]:
        """Every event loop that is started on another, or for each task of a worker, sorted by place."""

    def limits_around_nothing(self) -> Sequence[WaitScope]:
        """Every time limit around a block in which nothing waits, sorted by place."""

    def scopes_left_open(self) -> Sequence[WaitScope]:
        """Every time limit or group that an asynchronous generator yields from the midst of, sorted by place."""

    def polls(self) -> Sequence[Poll]:
        """Every loop that sleeps until a variable has another value, sorted by place."""

    def used_synchronously(self) -> Sequence[AsyncOnly]:
        """Every `with` or `for` on what only a coroutine can enter or iterate over, sorted by place."""
