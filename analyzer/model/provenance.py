"""What a value is made of and where constants are written: answers to questions about the way that data takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .location import Location, Step

if TYPE_CHECKING:
    from .project import Argument


class Source(StrEnum):
    """What a value came out of."""

    REQUEST = "request"  # what the client sent
    NETWORK = "network"  # another service's answer, or a bare connection
    QUEUE = "queue"  # a message broker
    CACHE = "cache"
    DATABASE = "database"
    FILE = "file"
    PROCESS = "process"  # what a child process printed
    OPERATOR = "operator"  # the environment, the command line, the terminal
    VERIFIED = "verified"  # whatever it was, its signature has been checked
    OWN = "own"  # made by this program: serialized here, or a constant
    PARAMETER = "parameter"  # of a function whose callers are not known
    UNKNOWN = "unknown"
    NAME = "name"  # no source: a name on the way


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a value is made of."""

    source: Source
    written: str  # as far as it is a name: "form.password", the key of `data["password"]`; a call's qualified name
    at: Location
    direct: bool  # nothing happened to it on the way but encoding, joining and handing on
    trace: tuple[Step, ...] = ()  # the calls that hand it on, outermost first


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an argument is made of, nearest first."""

    argument: Argument
    parts: tuple[Part, ...]
    complete: bool  # False where a bound was met, so that there may be more
    made: Location | None  # the call that made the receiver of the call: `hashlib.md5()` of `digest.update(data)`


class Writing(StrEnum):
    """How a constant text is used where it is written."""

    ASSIGNED = "assigned"
    ARGUMENT = "argument"  # `f(name="text")`
    DEFAULT = "default"  # of a parameter, or of a field that the environment may set
    FALLBACK = "fallback"  # where the environment says nothing: `os.getenv("NAME", "text")`
    COMPARED = "compared"
    ENTRY = "entry"  # of a settings or deployment file
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A constant text and the name that it is given to."""

    name: str  # flattened like an entry's key: "SECRET_KEY", "DATABASES.default.PASSWORD", "self.token"; "" for none
    text: str
    at: Location
    writing: Writing
    callee: str  # of the call that it is an argument of, as written; "" for none
    within: str  # qualified name of the function or class around it; "" at module level
