"""The linked project's answers about waiting: deadlines, blocking calls, attempts, and what is made anew each time."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.failing import CacheOutage, LostInFinally
from ..model.outbound import Created, Effect, Hopeless, Multiplied, Repeated, Retry
from ..model.project import BlockingCall, Deadline, Endless, ExceptHandler
from ..model.responses import UncheckedResponse
from . import (
    blocking,
    cache_outages,
    created,
    deadlines,
    effects,
    finals,
    handlers,
    hopeless,
    multiplied,
    repeated,
    responses,
    retries,
    retry_options,
)
from .linked import Linked
from .retries import Attempted


class ResilienceQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

    def deadlines(self, kind: str) -> Sequence[Deadline]:
        """Every call of this kind that can wait, sorted by place."""
        return self._once(
            ("deadlines", kind),
            lambda: tuple(sorted(deadlines.deadlines(self.ev, self._calls(), kind), key=lambda d: d.call.at)),
        )

    def endless(self, kind: str) -> Sequence[Endless]:
        """Those of the deadlines that are known to be none, one per cause, sorted by place."""
        return self._once(("endless", kind), lambda: tuple(deadlines.endless(self.deadlines(kind))))

    def blocking_calls(self) -> Sequence[BlockingCall]:
        """Every call that blocks the event loop, sorted by place."""
        return self._once(
            "blocking",
            lambda: tuple(
                sorted(blocking.blocking_calls(self.ev, self.call_graph(), self._calls()), key=lambda b: b.call.at)
            ),
        )

    def exception_handlers(self) -> Sequence[ExceptHandler]:
        """Every `except` clause, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once("handlers", lambda: tuple(handlers.exception_handlers(self.ev, self.with_tests)))

    def repeated(self) -> Sequence[Repeated]:
        """Every loop over data that asks another service once for each item, sorted by place."""
        return self._once("repeated", lambda: tuple(repeated.repeated(self._asking(), self.with_tests)))

    def created(self) -> Sequence[Created]:
        """Every place that makes for one request what is meant to be shared, sorted by place."""

        def compute() -> tuple[Created, ...]:
            calls_ = self._calls()
            return tuple(created.created(self.ev, calls_, self._injected(), self.with_tests))

        return self._once("created", compute)

    def multiplied(self) -> Sequence[Multiplied]:
        """Every outermost retry inside of which others stand along one call path, sorted by place."""

        def compute() -> tuple[Multiplied, ...]:
            return tuple(multiplied.multiplied(self._asking(), self._attempted(), self._calls()))

        return self._once("multiplied", compute)

    def effects_tried_again(self) -> Sequence[Effect]:
        """Every retry around a call that changes something each time it gets through, sorted by place."""

        def compute() -> tuple[Effect, ...]:
            return tuple(effects.effects(self._asking(), self._attempted(), self._calls()))

        return self._once("effects", compute)

    def hopeless_retries(self) -> Sequence[Hopeless]:
        """Every retry that also repeats what was refused for good, sorted by place."""
        return self._once("hopeless", lambda: tuple(hopeless.hopeless(self._asking(), self._attempted())))

    def lost_in_finally(self) -> Sequence[LostInFinally]:
        """Every statement that leaves a `finally` early, sorted by place."""
        self.counts()
        return self._once("lost in finally", lambda: tuple(finals.lost_in_finally(self.ev, self.with_tests)))

    def cache_outages(self) -> Sequence[CacheOutage]:
        """Every function that asks a cache and lets its failure pass up to an endpoint, sorted by place."""
        return self._once("cache outages", lambda: tuple(cache_outages.cache_outages(self._asking())))

    def unchecked_responses(self) -> Sequence[UncheckedResponse]:
        """Every request whose answer's body is used and whose status nothing looks at, sorted by place."""
        return self._once(
            "unchecked responses", lambda: tuple(responses.unchecked_responses(self.ev, self._calls(), self.with_tests))
        )

    def retries(self) -> Sequence[Retry]:
        """Everything that tries a call to another service again, sorted by place."""

        return [a.retry for a in self._attempted() if a.retry.path or not a.handlers]

    def _attempted(self) -> tuple[Attempted, ...]:
        """Everything that is tried again, whatever it asks, sorted by place."""

        def compute() -> tuple[Attempted, ...]:
            asks = self._asking()
            loops = retries.loops_that_retry(asks, self.with_tests)
            found = [*loops, *retry_options.configured(asks, self._calls(), self.with_tests)]
            return tuple(sorted(found, key=lambda a: a.retry.at))

        return self._once("attempted", compute)
