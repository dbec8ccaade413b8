"""A rule: what is wrong, why, and how sure a finding of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import libcst

    from .finding import Fix, Suspicion, Unjudged
    from .project import Project


class Severity(StrEnum):
    """How bad it is when it happens, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(StrEnum):
    """How often a finding is true, surest first. Below MEDIUM is not shown by default."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Standard(StrEnum):
    """Which standard of a reliable backend is broken, in the order in which they weigh."""

    RELIABILITY = "reliability"
    SECURITY = "security"
    PERFORMANCE = "performance"
    DATA_INTEGRITY = "data-integrity"
    API_DESIGN = "api-design"
    SCHEMA = "schema"
    OBSERVABILITY = "observability"
    OPERATIONS = "operations"


class Engine(StrEnum):
    """Who detects, in the order in which they are named."""

    NATIVE = "native"
    SEMGREP = "semgrep"
    BANDIT = "bandit"


class Node(StrEnum):
    """The kind of place that a rule flags, and that the visitor must find there."""

    CALL = "call"
    FUNCTION = "function"  # the header of a function, flagged at its name
    CLASS = "class"  # the header of a class, flagged at its name
    HANDLER = "handler"  # the header of an `except` clause
    ASSIGNMENT = "assignment"
    EXPRESSION = "expression"
    IMPORT = "import"
    PARAMETER = "parameter"  # of a function, flagged with its annotation and default
    STATEMENT = "statement"  # a simple one: `assert`, `return`, an expression that stands alone


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule file says of itself. The first line of `doc` is the title; the whole is the page."""

    id: str
    doc: str
    severity: Severity
    confidence: Confidence
    cwe: int | None
    standard: Standard
    node: Node
    bad: str | Mapping[str, str]  # one source text, or path → text
    good: str | Mapping[str, str]
    since: str
    aliases: tuple[str, ...] = ()  # the same failure in other tools: "bandit:B113"
    supersedes: tuple[str, ...] = ()  # those of the aliases whose separate verdict we reject
    tests: bool = False  # whether test code is judged too
    by_default: bool = True  # False: it runs only where it is selected by name
    assume: str = ""  # the key of [tool.backend-audit.assume] that answers it


class Detect(Protocol):
    """The signature of a rule's `detect`."""

    def __call__(self, project: Project) -> Iterator[Suspicion | Unjudged]: ...


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule with its functions, as its engine's loader made it."""

    rule: Rule  # another tool's has its name before the id: "bandit:B608", "semgrep:compose-privileged"
    family: str  # of another tool's: the tool
    digest: str  # of the rule's source text
    detect: Detect | None  # None where another engine detects
    confirm: Callable[[libcst.CSTNode, Suspicion], bool] | None = None
    fix: Callable[[libcst.CSTNode, Suspicion], Fix | None] | None = None
    engine: Engine = Engine.NATIVE
    reports: str = ""  # the id of the rule whose second detector this one is: its suspicions carry that id
    definition: str = ""  # what another engine is given: a semgrep rule as JSON
