"""The linked project's answers about coroutines and tasks: what is never awaited, kept, bounded or shared rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..model.concurrency import (
    AsyncOnly,
    FanOut,
    LostCoroutine,
    LostTask,
    NestedLoop,
    Poll,
    SharedSession,
    Swallowed,
    WaitScope,
)  # fmt: skip
from . import (
    async_only,
    background,
    cancellation,
    coroutines,
    fan_out,
    nested_loops,
    repeated,
    shared_sessions,
    wait_scopes,
)  # fmt: skip
from .callgraph import CallGraph
from .evaluate import Evaluator
from .linked import Linked

Placed = TypeVar("Placed", AsyncOnly, LostCoroutine, LostTask, NestedLoop, Poll, SharedSession, Swallowed, WaitScope)


class ConcurrencyQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def lost_coroutines(self) -> Sequence[LostCoroutine]:
        """Every coroutine that is made and never awaited, sorted by place."""
        return self._sorted(coroutines.lost)

    def tasks_not_kept(self) -> Sequence[LostTask]:
        """Every task that nothing refers to once it is started, sorted by place."""
        return self._sorted(background.unkept)

    def tasks_not_watched(self) -> Sequence[LostTask]:
        """Every task that is kept, of the project's own function, and whose failure nobody would see, by place."""
        return self._sorted(background.unread)

    def cancellations_swallowed(self) -> Sequence[Swallowed]:
        """Every clause in which a cancellation ends that others wait for, sorted by place."""
        return self._sorted(cancellation.swallowed)

    def fan_outs(self) -> Sequence[FanOut]:
        """Every loop that asks for all of its items at once without a bound, sorted by place."""

        def compute() -> tuple[FanOut, ...]:
            asked = self._once("repeated", lambda: tuple(repeated.repeated(self._asking(), self.with_tests)))
            return tuple(fan_out.fan_outs(self.ev, asked))

        return self._once("fan-outs", compute)

    def sessions_shared(self) -> Sequence[SharedSession]:
        """Every session or connection that coroutines of one group use at once, sorted by place."""
        return self._sorted(shared_sessions.shared)

    def nested_loops(self) -> Sequence[NestedLoop]:
        """Every event loop that is started on another, or for each task of a worker, sorted by place."""
        return self._sorted(nested_loops.nested)

    def limits_around_nothing(self) -> Sequence[WaitScope]:
        """Every time limit around a block in which nothing waits, sorted by place."""
        return self._sorted(wait_scopes.limits_around_nothing)

    def scopes_left_open(self) -> Sequence[WaitScope]:
        """Every time limit or group that an asynchronous generator yields from the midst of, sorted by place."""
        return self._sorted(wait_scopes.left_open)

    def polls(self) -> Sequence[Poll]:
        """Every loop that sleeps until a variable has another value, sorted by place."""
        return self._sorted(wait_scopes.polls)

    def used_synchronously(self) -> Sequence[AsyncOnly]:
        """Every `with` or `for` on what only a coroutine can enter or iterate over, sorted by place."""
        return self._sorted(async_only.used_synchronously)

    def _sorted(self, find: Callable[[Evaluator, CallGraph, bool], Iterator[Placed]]) -> tuple[Placed, ...]:
        graph = self.call_graph()
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once(find, lambda: tuple(sorted(find(self.ev, graph, self.with_tests), key=lambda one: one.at)))
