"""What an OpenAPI document promises of an API, and where the code keeps to something else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .location import Location


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a document says clients send."""

    name: str
    place: str  # "path", "query", "header", "cookie"; "body" where the operation takes one
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of a document."""

    method: str  # upper case
    path: str  # as the document writes it
    prefixes: tuple[str, ...]  # the paths of the servers that it may be asked under, without a slash at the end
    parameters: tuple[Parameter, ...] | None  # sorted; None where a reference leads nowhere
    secured: bool | None  # False: nobody need say who he is; None: the document does not say, or says both


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document, read."""

    name: str  # as given
    version: str  # "3.1.0", "2.0"
    operations: tuple[Operation, ...]  # sorted by path and method
    credentials: tuple[
        tuple[str, str], ...
    ] = ()  # keys that are no inputs, by place and name; headers in lower case; sorted
    ignored: tuple[str, ...] = ()  # why parts of it were not understood, as often as that happened


class Differs(StrEnum):
    """How code and document differ."""

    UNDOCUMENTED = "undocumented"  # answered, and not in the document
    ALIAS = "alias"  # not in the document, whose handler is there under another path
    MISSING = "missing"  # in the document, and not found in the code
    METHODS = "methods"  # the path is in both, the method in one only
    PARAMETERS = "parameters"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the document says otherwise than the code."""

    kind: Differs
    method: str
    path: str  # as the code has it, else as the document does
    says: str  # in one clause: "`limit` in the query is not documented"
    at: Location | None = None  # the handler, where the code has one


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which an API and its document differ, and how much was compared."""

    document: str
    version: str
    operations: int  # in the document
    matched: int  # of these, found in the code
    differences: tuple[Difference, ...]  # sorted by kind, path and method
    unjudged: tuple[tuple[str, int], ...]  # reasons why something was not compared, and how often; sorted
