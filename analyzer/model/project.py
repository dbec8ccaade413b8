"""The questions that a rule may ask of a whole project, and the values that answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .access import AccessQuestions
from .answer import Constant, Known, Unknown
from .api import ApiQuestions
from .concurrency import ConcurrencyQuestions
from .deployment import Probe, Start
from .endpoint import App, Endpoint, Serves
from .exposure import ExposureQuestions
from .graphql import GraphqlQuestions
from .location import Location, Step

if TYPE_CHECKING:
    from .failing import CacheOutage, LostInFinally
    from .outbound import Created, Effect, Hopeless, Multiplied, Repeated, Retry
    from .responses import UncheckedResponse
    from .schema import MadeTable
from .options import OptionQuestions
from .provenance import DataQuestions

# ----------------------------------------------------------------------- calls


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose callee is known by its qualified name: "requests.Session.get"."""

    name: str
    library: str  # the model that knows it
    at: Location
    within: str  # qualified name of the function around it; "" at module level
    in_async: bool  # stands directly in an `async def`
    main_guard: bool  # under `if __name__ == "__main__":`, or in a script that nothing else uses
    sure: bool  # False where only one of several possible receivers is this one


class Origin(StrEnum):
    """Where the value in a hole of a text comes from."""

    REQUEST = "request"  # a parameter of an endpoint, or the request object
    PARAMETER = "parameter"  # of a function whose callers are not all known
    CALL = "call"  # the result of a call that is not understood
    ATTRIBUTE = "attribute"  # of an object that is not understood
    LOOP = "loop"  # iterates over something that is not understood
    UNKNOWN = "unknown"
    OPERATOR = "operator"  # the environment or the command line: whoever runs the backend
    ESCAPED = "escaped"  # by hand: `text.replace("'", "''")`


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a text that is filled at run time with something that is no constant."""

    at: Location
    written: str  # the expression, as far as it is a name: "user_id", "self.table"; "" else
    origin: Origin
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A string as far as it is known: constant pieces and holes in order."""

    pieces: tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """The value that a call gives to a parameter with a declared role ("sql", "tls-verification")."""

    role: str
    call: Call
    given: bool  # False where the library's default applies
    value: Known[Constant] | Unknown  # of the argument, or of the default
    texts: tuple[Text, ...]  # for text-like roles: each text it may be; empty where it is no text at all
    at: Location  # the argument, or the call where it is not given
    assigned: bool = False  # no argument: `session.verify = False`, and `at` is that statement
    switched: bool = False  # in a branch that a switch of that name decides, or where a certificate is only looked at
    classes: tuple[str, ...] = ()  # for a class: those of the libraries that each of its values is or derives from


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a blocking call may wait."""

    kind: str  # "http", "database", "cache", "mail", "process", …
    call: Call
    seconds: Known[float | None] | Unknown  # None: for ever
    set_at: str  # "call", "client", "global" or "default"
    parameter: str  # the parameter that would bound it: "timeout"
    note: str  # the library's fact, one sentence
    client: Location | None = None  # where the client was made
    cause: Location | None = None  # the place to mend when it is not the call itself: the client's constructor


@dataclass(frozen=True, slots=True)
class Endless:
    """A place whose calls may wait for ever: the client's constructor when that is the place to mend, else the call."""

    kind: str
    at: Location
    call: Call  # the first of the calls that wait
    parameter: str
    note: str
    others: tuple[Call, ...]  # further calls with the same cause


@dataclass(frozen=True, slots=True)
class BlockingCall:
    """A call that blocks the thread, reached on the event loop."""

    call: Call
    kind: str
    entry: str  # the qualified name of the `async def` that runs on the loop
    entry_at: Location
    path: tuple[Step, ...]  # from the async function down to the call; one step when it stands there directly
    alone: bool = False  # nothing else waits for the loop then: at start-up, or in a script that runs it for itself


@dataclass(frozen=True, slots=True)
class ExceptHandler:
    """An `except` clause."""

    at: Location  # its header
    caught: Known[tuple[str, ...]] | Unknown  # qualified names; () for a bare one
    within: str
    does: str  # "nothing", "continue", "return-constant", "assign-constant" or "acts"
    logs: bool
    raises: bool
    effects: tuple[str, ...]  # what the `try` calls for its effect: as a statement, or outside of the process
    imports: bool  # the `try` body imports what may not be installed
    returns: bool  # the `try` body returns: what follows the clause is another way to do it
    suppress: bool = False  # no clause: `with contextlib.suppress(…)`, and `at` is that call
    in_async: bool = False  # stands in an `async def`
    in_loop: bool = False  # a `while` of the same function: what follows the clause is the next round
    hands_on: bool = False  # gives what it caught to somebody: an argument that is no log's, an attribute, a result
    asks: tuple[str, ...] = ()  # the kinds of services that the `try` asks by itself: "http", "database"


@dataclass(frozen=True, slots=True)
class Setting:
    """A module-level name of a settings module: Django's, or an app's `config[...]`."""

    name: str
    value: Known[Constant] | Unknown
    at: Location
    framework: str
    module: str  # the path of the file
    production: Known[bool] | Unknown  # whether the module is what production loads, by name and use
    fallback: Constant = None  # what it is where the environment says nothing, if that is known: `env.bool("X", True)`
    overridden: Location | None = None  # where another value replaces it before anybody reads it
    called: bool = False  # `at` is a call, `app.config.update(…)`, and no assignment


class Project(
    DataQuestions,
    OptionQuestions,
    ConcurrencyQuestions,
    ExposureQuestions,
    AccessQuestions,
    ApiQuestions,
    GraphqlQuestions,
    Protocol,
):
    """A linked project. Each answer carries its places; questions are indexed and cheap to repeat."""

    def apps(self, serves: Serves = Serves.HTTP) -> Sequence[App]:
        """Every application that is asked in this way, sorted by place."""

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint of all applications, whatever asks them, sorted by path, methods and place."""

    def arguments(self, role: str) -> Sequence[Argument]:
        """Every use of a library parameter with this role, sorted by place."""

    def deadlines(self, kind: str) -> Sequence[Deadline]:
        """Every call of this kind that can wait, sorted by place."""

    def endless(self, kind: str) -> Sequence[Endless]:
        """Those of the deadlines that are known to be none, one per cause, sorted by place."""

    def endpoints_reaching(self, at: Location) -> Sequence[str]:
        """The endpoints ("POST /login") whose handlers reach a place, sorted."""

    def unused(self, at: Location) -> bool:
        """Whether a place is in a function that nothing is seen to use: no call, framework, decorator or mention."""

    def blocking_calls(self) -> Sequence[BlockingCall]:
        """Every call that blocks the event loop, sorted by place."""

    def exception_handlers(self) -> Sequence[ExceptHandler]:
        """Every `except` clause, sorted by place."""

    def repeated(self) -> Sequence[Repeated]:
        """Every loop over data that asks another service once for each item, sorted by place."""

    def created(self) -> Sequence[Created]:
        """Every place that makes for one request what is meant to be shared, sorted by place."""

    def retries(self) -> Sequence[Retry]:
        """Everything that tries a call to another service again, sorted by place."""

    def multiplied(self) -> Sequence[Multiplied]:
        """Every outermost retry inside of which others stand along one call path, sorted by place."""

    def effects_tried_again(self) -> Sequence[Effect]:
        """Every retry around a call that changes something each time it gets through, sorted by place."""

    def hopeless_retries(self) -> Sequence[Hopeless]:
        """Every retry that also repeats what was refused for good, sorted by place."""

    def lost_in_finally(self) -> Sequence[LostInFinally]:
        """Every statement that leaves a `finally` early, sorted by place."""

    def cache_outages(self) -> Sequence[CacheOutage]:
        """Every function that asks a cache and lets its failure pass up to an endpoint, sorted by place."""

    def unchecked_responses(self) -> Sequence[UncheckedResponse]:
        """Every request whose answer's body is used and whose status nothing looks at, sorted by place."""

    def tables_made(self) -> Sequence[MadeTable]:
        """Every table that a migration creates, copies or renames, in the order of migrations as far as it is known."""

    def settings(self, name: str) -> Sequence[Setting]:
        """Every definition of a setting, sorted by place."""

    def deployment(self, key: str) -> Sequence[Step]:
        """Entries of settings and deployment files whose flattened key ends with this one."""

    def starts(self) -> Sequence[Start]:
        """Every command of a deployment file that starts a web server, sorted by place."""

    def probes(self) -> Sequence[Probe]:
        """Every health check of deployment files, sorted by place."""

    def mentions(self, words: tuple[str, ...]) -> Sequence[Location]:
        """Functions and modules outside of tests whose code holds one of these words, sorted by place."""

    def unread(self) -> Sequence[Location]:
        """Python files that could not be read, so that absence is not taken for evidence."""
