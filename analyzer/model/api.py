"""What answers of an API give away, as questions that a rule may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .endpoint import Endpoint
from .location import Location
from .reached import Reach, Reached


@dataclass(frozen=True, slots=True)
class ToldError:
    """An error whose own words are sent to the client."""

    at: Location  # the `return` or `raise`
    caught: tuple[str, ...]  # qualified names of what the clause catches, () for everything
    what: str  # "message" or "traceback"
    within: str  # qualified name of the function


@dataclass(frozen=True, slots=True)
class GivenAway:
    """An answer that is a row of a table as it is, with every column that the table has and will have."""

    at: Location  # the `return`, or what the serializer's `fields` are
    table: str  # the name of its class
    secrets: tuple[str, ...]  # columns whose names say that nobody else may read them
    how: str  # "returned" by a handler without a response model, or "serialized" with all fields


@dataclass(frozen=True, slots=True)
class WholeTable:
    """A query for every row of a table, whose rows an endpoint answers with."""

    at: Location  # the call
    table: str  # the name of its class
    endpoint: Endpoint
    grows: bool  # its columns say that rows are added as time goes by


@dataclass(frozen=True, slots=True)
class Filled:
    """A row of a table that takes whatever keys a client sends."""

    at: Location  # the call: of the class, of its manager, or of `setattr`
    table: str  # the name of its class
    how: str  # "call" with `**`, or "loop"


@dataclass(frozen=True, slots=True)
class UploadRead:
    """A call that brings the whole of an upload into memory, and nothing has bounded it."""

    at: Location  # the call
    within: str  # qualified name of the function
    framework: str  # "starlette", "flask" or "django"
    late: bool  # its length is compared afterwards, when it is in memory already


@dataclass(frozen=True, slots=True)
class UploadPath:
    """A file that is written where the name that a client gave an upload says."""

    at: Location  # the call that writes it
    writes: str  # the call as written: "open", "upload.save"
    named: Location  # where the client's name is taken


@dataclass(frozen=True, slots=True)
class LostBody:
    """Something said in an answer with the status 204, which has no body."""

    at: Location  # the `return`, or the call that makes the answer
    how: str  # "return" or "call"


@dataclass(frozen=True, slots=True)
class HiddenFailure:
    """A failure of any kind that a handler answers with the status of a success."""

    at: Location  # the `return`
    within: str  # qualified name of the handler


class ApiQuestions(Protocol):
    """What a rule may ask about the answers of endpoints."""

    def reached(self, endpoint: Endpoint) -> Sequence[Reached]:
        """What an endpoint's code uses outside of the process, and the transactions that it opens, nearest first."""

    def reach(self, endpoint: Endpoint) -> Reach:
        """The same with the tables of queries, how many functions were looked at, and what could not be followed."""

    def given_away(self) -> Sequence[GivenAway]:
        """Every answer that is a row as it is, sorted by place."""

    def whole_tables(self) -> Sequence[WholeTable]:
        """Every query for all rows of a table that an endpoint answers with, sorted by place and path."""

    def filled(self) -> Sequence[Filled]:
        """Every row that takes all keys of a request, sorted by place."""

    def told_errors(self) -> Sequence[ToldError]:
        """Every error that a client gets to read as it is, sorted by place."""

    def uploads_read(self) -> Sequence[UploadRead]:
        """Every upload that is read whole and may be of any size, sorted by place."""

    def upload_paths(self) -> Sequence[UploadPath]:
        """Every file that is written under the name that a client gave it, sorted by place."""

    def lost_bodies(self) -> Sequence[LostBody]:
        """Every body of an answer that has none by its status, sorted by place."""

    def hidden_failures(self) -> Sequence[HiddenFailure]:
        """Every failure that is answered with the status of a success, sorted by place."""
