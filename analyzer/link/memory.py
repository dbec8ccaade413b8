"""Answers of the evaluator by key: each is computed once, cycles end, and every question has a bound.

A cycle makes an answer provisional: it is true only for whoever asked at the cycle's head. Provisional answers serve
until the head is done and are forgotten then, as in Tarjan's algorithm for strongly connected components; so what is
kept does not depend on who asked first, and a question costs no more than the number of keys below it. A question that
runs into its bound keeps what it has found: whoever asks has the same order on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from .values import Values

DEEPEST = 180  # answers in progress, one inside another
MOST_STEPS = 1_500  # keys computed for one outermost question

_NEVER = 1 << 30


@dataclass(slots=True)
class Memory:
    """What has been answered, and what is being answered."""

    kept: dict[Hashable, Values] = field(default_factory=dict)
    provisional: dict[Hashable, Values] = field(default_factory=dict)
    active: dict[Hashable, int] = field(default_factory=dict)  # key → its place among those in progress
    lowest: int = _NEVER  # the outermost place that the answer in progress leans on
    steps: int = 0
    bounded: int = 0  # outermost questions that ran into a bound

    def cut(self) -> None:
        """Say that the answer in progress was bounded: nothing that leans on it outlives the outermost question."""
        self.lowest = -1

    def answer(self, key: Hashable, compute: Callable[[], Values], otherwise: Callable[[], Values]) -> Values:
        """The answer under a key; `otherwise` where it would ask for itself or goes too deep."""
        known = self.kept.get(key)
        if known is not None:
            return known
        if self.provisional and key in self.provisional:
            self.lowest = min(self.lowest, 0)
            return self.provisional[key]
        if key in self.active:
            self.lowest = min(self.lowest, self.active[key])
            return otherwise()
        place = len(self.active)
        if place >= DEEPEST or self.steps >= MOST_STEPS:
            self.cut()
            return otherwise()
        return self._compute(key, compute, place)

    def _compute(self, key: Hashable, compute: Callable[[], Values], place: int) -> Values:
        outer, self.lowest = self.lowest, _NEVER
        self.active[key] = place
        self.steps += 1
        try:
            values = compute()
        finally:
            del self.active[key]
        if place and self.lowest >= place:
            self.kept[key] = values
            self.lowest = outer
        elif place:
            self.provisional[key] = values
            self.lowest = min(outer, self.lowest)
        else:
            if self.lowest < 0:  # bounded: asking again below would only run into the same bound
                self.kept.update(self.provisional)
                self.bounded += 1
            self.kept[key] = values
            self.provisional.clear()
            self.lowest, self.steps = _NEVER, 0
        return values

    def forget(self) -> None:
        """Answers are no longer true: something that they lean on is known now."""
        self.kept.clear()
