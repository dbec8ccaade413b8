"""The call graph as a value: who calls whom, how, and on what it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from ...model.location import Location
from ..index import ScopeRef, SiteRef


class EdgeKind(StrEnum):
    """How one function comes to run another."""

    DIRECT = "direct"  # a call that names it, or code that Python turns into a call: a property, a `with`
    VIRTUAL = "virtual"  # a call of a method that a known subclass of the receiver's class overrides
    CALLBACK = "callback"  # handed over, and called before the call that it is handed to returns
    DECORATOR = "decorator"  # a definition calls its decorator
    GIVEN = "given"  # a call of a parameter that many calls give a function to: each of these, for one of the callers
    FRAMEWORK = "framework"  # a framework calls it: a handler, what a handler depends on, a signal's receiver
    DEFERRED = "deferred"  # handed over, and run later or somewhere else


class Context(StrEnum):
    """On what a function runs."""

    LOOP = "event loop"
    THREAD = "worker thread"
    PROCESS = "process"
    TASK = "task worker"
    IMPORT = "import time"


class Edge(msgspec.Struct, frozen=True):
    """One way from a caller to a callee."""

    caller: ScopeRef  # scope 0 of a file for code that runs on import
    callee: ScopeRef | str  # of the project; or the qualified name of something of a library
    at: Location  # the call, or the code that makes Python call
    kind: EdgeKind
    runs: Context | None = None  # where the callee runs, if not where the caller does
    site: SiteRef | None = None  # of a call that is written as one
    awaited: bool = False
    later: bool = False  # in a lambda: the caller runs it only if that is called
    sure: bool = True  # False where something that is not understood may be called instead
    single: bool = True  # False where something else that is understood may be called instead


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that is called from outside of the project's own code."""

    ref: ScopeRef
    runs: Context | None
    why: str  # "an endpoint of fastapi", "a task of celery", "a dependency of an endpoint"


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Every edge, with the ways to look them up; `contexts` says where each function is known to run."""

    edges: tuple[Edge, ...] = ()  # by file and scope of the caller, those that frameworks make last
    callers: Mapping[ScopeRef, tuple[Edge, ...]] = field(default_factory=dict)  # by callee, test code left out
    callees: Mapping[ScopeRef, tuple[Edge, ...]] = field(default_factory=dict)  # by caller; of the project only
    sites: Mapping[SiteRef, tuple[Edge, ...]] = field(default_factory=dict)  # by call
    entries: tuple[Entry, ...] = ()
    contexts: Mapping[ScopeRef, frozenset[Context]] = field(default_factory=dict)
    uncertain: int = 0  # calls of methods with more overrides than are followed
