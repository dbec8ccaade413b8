"""The linked project's answers about coroutines and tasks: what is never awaited, kept, bounded or shared rightly."""

from __future__ import annotations

from collections.abc import Sequence

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
)
from ..model.location import Location
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
)
from .linked import Linked


class ConcurrencyQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def lost_coroutines(self) -> Sequence[LostCoroutine]:
        """Every coroutine that is made and never awaited, sorted by place."""

        def compute() -> tuple[LostCoroutine, ...]:
            graph = self.call_graph()
            return tuple(sorted(coroutines.lost(self.ev, graph, self.with_tests), key=lambda found: found.at))

        return self._once("lost coroutines", compute)

    def tasks_not_kept(self) -> Sequence[LostTask]:
        """Every task that nothing refers to once it is started, sorted by place."""
        graph = self.call_graph()
        return self._once("tasks not kept", lambda: tuple(background.unkept(self.ev, graph, self.with_tests)))

    def tasks_not_watched(self) -> Sequence[LostTask]:
        """Every task that is kept, of the project's own function, and whose failure nobody would see, by place."""
        graph = self.call_graph()
        return self._once("tasks not watched", lambda: tuple(background.unread(self.ev, graph, self.with_tests)))

    def cancellations_swallowed(self) -> Sequence[Swallowed]:
        """Every clause in which a cancellation ends that others wait for, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once("swallowed", lambda: tuple(cancellation.swallowed(self.ev, self.with_tests)))

    def fan_outs(self) -> Sequence[FanOut]:
        """Every loop that asks for all of its items at once without a bound, sorted by place."""

        def compute() -> tuple[FanOut, ...]:
            asked = self._once("repeated", lambda: tuple(repeated.repeated(self._asking(), self.with_tests)))
            return tuple(fan_out.fan_outs(self.ev, asked))

        return self._once("fan-outs", compute)

    def sessions_shared(self) -> Sequence[SharedSession]:
        """Every session or connection that coroutines of one group use at once, sorted by place."""
        graph = self.call_graph()
        return self._once(
            "sessions shared",
            lambda: tuple(sorted(shared_sessions.shared(self.ev, graph, self.with_tests), key=lambda one: one.at)),
        )

    def nested_loops(self) -> Sequence[NestedLoop]:
        """Every event loop that is started on another, or for each task of a worker, sorted by place."""
        graph = self.call_graph()
        return self._once("nested loops", lambda: tuple(nested_loops.nested(self.ev, graph, self.with_tests)))

    def idle_limits(self) -> Sequence[WaitScope]:
        """Every time limit around a block in which nothing waits, sorted by place."""
        self._calls()
        return self._once(
            "idle limits", lambda: tuple(sorted(wait_scopes.idle_limits(self.ev, self.with_tests), key=_at))
        )

    def scopes_left_open(self) -> Sequence[WaitScope]:
        """Every time limit or group that an asynchronous generator yields from the midst of, sorted by place."""
        self._calls()
        return self._once("left open", lambda: tuple(sorted(wait_scopes.left_open(self.ev, self.with_tests), key=_at)))

    def polls(self) -> Sequence[Poll]:
        """Every loop that sleeps until a variable has another value, sorted by place."""
        self._calls()
        return self._once("polls", lambda: tuple(sorted(wait_scopes.polls(self.ev, self.with_tests), key=_at)))

    def used_synchronously(self) -> Sequence[AsyncOnly]:
        """Every `with` or `for` on what only a coroutine can enter or iterate over, sorted by place."""
        graph = self.call_graph()
        found = async_only.used_synchronously
        return self._once("used synchronously", lambda: tuple(sorted(found(self.ev, graph, self.with_tests), key=_at)))


def _at(found: AsyncOnly | Poll | WaitScope) -> Location:
    return found.at
