"""The linked project's answers about what its endpoints tell."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from ..model.api import ToldError
from .evaluate import Evaluator
from .told_errors import told_errors

T = TypeVar("T")


class ApiQuestions:
    """A part of `LinkedProject`, which brings the evaluator and keeps what has been answered."""

    __slots__ = ()
    ev: Evaluator
    with_tests: bool

    @abstractmethod
    def _once(self, key: Hashable, compute: Callable[[], T]) -> T: ...

    @abstractmethod
    def apps(self) -> object:
        """Asked first: it learns which functions are handlers."""

    def told_errors(self) -> Sequence[ToldError]:
        """Every error that a client gets to read as it is, sorted by place."""
        self.apps()
        return self._once("told", lambda: tuple(sorted(told_errors(self.ev, self.with_tests), key=lambda t: t.at)))
