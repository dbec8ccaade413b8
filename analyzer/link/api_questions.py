"""The linked project's answers about what its endpoints tell."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.api import Filled, GivenAway, HiddenFailure, LostBody, ToldError, UploadPath, UploadRead, WholeTable
from ..model.endpoint import Endpoint, Serves
from ..model.reached import Reach, Reached
from .empty_answers import lost_bodies
from .failed_answers import hidden_failures
from .filled import filled
from .given_away import given_away
from .linked import Linked
from .reached import outside, reach, reached, serving
from .told_errors import told_errors
from .upload_paths import upload_paths
from .uploads import uploads
from .whole_tables import whole_tables

_TYPED = (Serves.GRAPHQL, Serves.RPC)  # a schema names the arguments, and no other is let through


class ApiQuestions(Linked):
    """A part of `LinkedProject`."""

    __slots__ = ()

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

        def compute() -> tuple[Filled, ...]:
            typed = frozenset(ref for one in self._declared() if one.app.serves in _TYPED for ref in one.handlers)
            return tuple(sorted(filled(self.ev, self.call_graph(), typed, self.with_tests), key=lambda row: row.at))

        return self._once("filled", compute)

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
        start = serving(self.ev, endpoint, self._by_handler())
        return self._once(("reached", start), lambda: reached(out, start))

    def reach(self, endpoint: Endpoint) -> Reach:
        """The same with the tables of queries, how many functions were looked at, and what could not be followed."""
        out = self._once("outside", lambda: outside(self.ev, self.call_graph(), self._calls()))
        start = serving(self.ev, endpoint, self._by_handler())
        return self._once(("reach", start), lambda: reach(out, start))
