"""What a value is made of and where constants are written: answers to questions about the way that data takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from .location import Location, Step

if TYPE_CHECKING:
    from .answer import Known, Unknown
    from .project import Argument, Call


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
    holds: str  # what the name says that it is: "password", "secret" or ""
    direct: bool  # nothing happened to it on the way but encoding, joining and handing on
    trace: tuple[Step, ...] = ()  # the calls that hand it on, outermost first


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an argument is made of, nearest first."""

    argument: Argument
    parts: tuple[Part, ...]
    complete: bool  # False where a bound was met, so that there may be more
    made: Location | None  # the call that made the receiver of the call: `hashlib.md5()` of `digest.update(data)`


class Builds(StrEnum):
    """Which objects a text or bytes may be made into."""

    DATA = "data"  # numbers, texts, lists
    KNOWN = "known"  # those that a list of classes allows; nobody is known to have run code that way
    ANYTHING = "anything"  # whatever the data says, so that it may run any code


@dataclass(frozen=True, slots=True)
class Decoding:
    """A call that makes objects out of bytes or text."""

    derivation: Derivation
    builds: Known[Builds] | Unknown
    file: bool  # the argument is the file's path, or the file


@dataclass(frozen=True, slots=True)
class Hashing:
    """The use of a hash function that its library names."""

    call: Call  # that chooses the function: `hashlib.md5(data)`, `CryptContext(schemes=[…])`
    algorithm: str
    protects: bool  # False: it only tells values apart (`usedforsecurity=False`)
    inputs: tuple[Derivation, ...]  # what it is applied to, there or later


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
    holds: str  # what the name says that it is: "password", "secret" or ""
    text: str
    at: Location
    writing: Writing
    callee: str  # of the call that it is an argument of, as written; "" for none
    within: str  # qualified name of the function or class around it; "" at module level


class Look(StrEnum):
    """How a text looks that may be a secret."""

    PLACEHOLDER = "placeholder"  # empty, or it says itself that something else must stand there
    WORDS = "words"  # words, numbers, a UUID
    DRAWN = "drawn"  # by chance, or by somebody who was asked for a good password
    ISSUED = "issued"  # in the form that its issuer gives it


@dataclass(frozen=True, slots=True)
class Credential:
    """A constant text that is a credential by its format, its name, or what it is given to."""

    text: WrittenText
    what: str  # "a GitHub token", "a connection string", a role ("password", "signing-key"), or what the name holds
    look: Look  # of a connection string: of the password in it
    local: bool  # a connection string to this machine, or to a neighbour by its bare name
    given: Argument | None  # the argument of a library's parameter for credentials
    switched: bool = False  # in a branch that a switch decides: `if DEBUG: …`


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    written: str  # as far as it is a name
    parts: tuple[Part, ...]  # what it is made of, nearest first
    makers: tuple[str, ...]  # the library functions that are called to make it, sorted


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left == right` or `left != right`, one of which is named as a secret or a signature; neither is a constant."""

    at: Location
    within: str  # qualified name of the function around it; "" at module level
    sides: tuple[Side, Side]


class DataQuestions(Protocol):
    """The questions of `Project` about data."""

    def derivations(self, *roles: str) -> Sequence[Derivation]:
        """What each argument with one of these roles is made of, sorted by place; one that is not given is left out."""

    def decodings(self) -> Sequence[Decoding]:
        """Every call that may make any kind of object out of bytes or text, sorted by place."""

    def hashings(self) -> Sequence[Hashing]:
        """Every use of a hash function that is named, sorted by place."""

    def credentials(self) -> Sequence[Credential]:
        """Constant texts that are credentials or stand for some, sorted by place."""

    def written_texts(self, pattern: str) -> Sequence[WrittenText]:
        """Constant texts with the pattern in the text or in the name it is given; no anchors; sorted by place."""

    def comparisons(self) -> Sequence[Comparison]:
        """Every `==` and `!=` of two values, one of which is named as a secret or a signature, sorted by place."""
