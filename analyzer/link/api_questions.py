"""The linked project's answers about what its endpoints tell."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from ..model.api import Filled, GivenAway, HiddenFailure, LostBody, ToldError, UploadPath, UploadRead, WholeTable
from ..model.endpoint import Endpoint, Serves
from ..model.reached import Reached
from .callgraph import CallGraph
from .calls import KnownCall
from .declared import Declared, by_function
from .empty_answers import lost_bodies
from .evaluate import Evaluator
from .failed_answers import hidden_failures
from .filled import filled
from .given_away import given_away
from .index import ScopeRef
from .reached import outside, reached
from .told_errors import told_errors
from .upload_paths import upload_paths
from .uploads import uploads
from .whole_tables import whole_tables

T = TypeVar("T")


class ApiQuestions:
    """A part of `LinkedProject`, which brings the evaluator and keeps what has been answered."""

    __slots__ = ()
    ev: Evaluator
    with_tests: bool

    @abstractmethod
    def _once(self, key: Hashable, compute: Callable[[], T]) -> T: ...

    @abstractmethod
    def _calls(self) -> tuple[KnownCall, ...]: ...

    @abstractmethod
    def _declared(self) -> tuple[Declared, ...]:
        """Asked first: it learns which functions are handlers."""

    @abstractmethod
    def call_graph(self) -> CallGraph: ...

    def _by_handler(self) -> dict[ScopeRef, tuple[str, ...]]:
        return self._once("by handler", lambda: by_function(self.ev.index, self._declared()))

    def _served(self) -> dict[str, tuple[ScopeRef, ...]]:
        """The functions that serve each endpoint, by its name."""

        def compute() -> dict[str, tuple[ScopeRef, ...]]:
            served: dict[str, list[ScopeRef]] = {}
            for ref, names in self._by_handler().items():
                for name in names:
                    served.setdefault(name, []).append(ref)
            return {name: tuple(refs) for name, refs in served.items()}

        return self._once("served", compute)

    def given_away(self) -> Sequence[GivenAway]:
        """Every answer that is a row as it is, sorted by place."""

        def compute() -> tuple[GivenAway, ...]:
            found = given_away(self.ev, [declared.app for declared in self._declared()], self._served())
            return tuple(sorted(dict.fromkeys(found), key=lambda given: (given.at, given.table)))

        return self._once("given away", compute)

    def whole_tables(self) -> Sequence[WholeTable]:
        """Every query for all rows of a table that an endpoint answers with, sorted by place and path."""

        def compute() -> tuple[WholeTable, ...]:
            apps = [one.app for one in self._declared() if one.app.serves is Serves.HTTP]
            found = whole_tables(self.ev, self.call_graph(), apps, self._served())
            return tuple(sorted(found, key=lambda one: (one.at, one.endpoint.path)))

        return self._once("whole tables", compute)

    def filled(self) -> Sequence[Filled]:
        """Every row that takes all keys of a request, sorted by place."""
        self._declared()
        return self._once("filled", lambda: tuple(sorted(filled(self.ev, self.with_tests), key=lambda f: f.at)))

    def told_errors(self) -> Sequence[ToldError]:
        """Every error that a client gets to read as it is, sorted by place."""
        self._declared()
        return self._once("told", lambda: tuple(sorted(told_errors(self.ev, self.with_tests), key=lambda t: t.at)))

    def uploads_read(self) -> Sequence[UploadRead]:
        """Every upload that is read whole and may be of any size, sorted by place."""

        def compute() -> tuple[UploadRead, ...]:
            apps = [one.app for one in self._declared() if one.app.serves is Serves.HTTP]
            return tuple(sorted(uploads(self.ev, self.call_graph(), apps, self.with_tests), key=lambda read: read.at))

        return self._once("uploads", compute)

    def upload_paths(self) -> Sequence[UploadPath]:
        """Every file that is written under the name that a client gave it, sorted by place."""
        self._declared()
        return self._once(
            "upload paths", lambda: tuple(sorted(upload_paths(self.ev, self.with_tests), key=lambda path: path.at))
        )

    def lost_bodies(self) -> Sequence[LostBody]:
        """Every body of an answer that has none by its status, sorted by place."""
        self._declared()
        return self._once(
            "lost", lambda: tuple(sorted(lost_bodies(self.ev, self.with_tests), key=lambda body: body.at))
        )

    def hidden_failures(self) -> Sequence[HiddenFailure]:
        """Every failure that is answered with the status of a success, sorted by place."""
        self._declared()
        return self._once(
            "hidden", lambda: tuple(sorted(hidden_failures(self.ev, self.with_tests), key=lambda f: f.at))
        )

    def reached(self, endpoint: Endpoint) -> Sequence[Reached]:
        """What an endpoint's code uses outside of the process, and the transactions that it opens, nearest first."""
        out = self._once("outside", lambda: outside(self.ev, self.call_graph(), self._calls()))
        by_handler = self._by_handler()
        names = {f"{method} {endpoint.path}" for method in endpoint.methods}
        start = [ref for ref, served in by_handler.items() if not names.isdisjoint(served)]
        return self._once(("reached", tuple(sorted(names))), lambda: reached(out, start))
