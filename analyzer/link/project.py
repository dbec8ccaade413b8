"""The linked project: answers a rule's questions from indexes that are built once, when first asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..libraries import Libraries
from ..model.deployment import Probe, Start
from ..model.endpoint import App, Endpoint, Serves
from ..model.finding import Problem
from ..model.location import Location, Span, Step
from ..model.outbound import Created, Repeated, Retry
from ..model.project import Argument, BlockingCall, Deadline, Endless, ExceptHandler, Setting
from ..model.report import Receivers
from ..model.schema import MadeTable
from ..model.taken import Taken
from . import (
    asking,
    assignments,
    blocking,
    calls,
    created,
    deadlines,
    deployment,
    handlers,
    injected,
    mentions,
    repeated,
    retries,
    retry_options,
    settings,
    tables,
    taken,
    unproved,
    unused,
    web,
)  # fmt: skip
from .access_questions import AccessQuestions
from .api_questions import ApiQuestions
from .callgraph import CallGraph
from .callgraph.build import build
from .callgraph.contexts import with_frameworks
from .callgraph.receivers import receivers
from .callgraph.rounds import Counts, Keeping, summaries
from .data_questions import DataQuestions
from .declared import ASKED, Declared, Framework, by_function
from .evaluate import Evaluator
from .exposure import ExposureQuestions
from .graphql_questions import GraphqlQuestions
from .index import Index
from .option_questions import OptionQuestions
from .reach import functions_above
from .schema_changes import schema_changes
from .served_schemas import with_served

T = TypeVar("T")


@dataclass(slots=True)
class LinkedProject(DataQuestions, OptionQuestions, ExposureQuestions, AccessQuestions, ApiQuestions, GraphqlQuestions):
    """Implements `analyzer.model.project.Project`."""

    ev: Evaluator
    frameworks: tuple[Framework, ...]
    with_tests: bool
    kept_by: Keeping = field(default_factory=lambda: Keeping())
    kept: dict[Hashable, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def _once(self, key: Hashable, compute: Callable[[], T]) -> T:
        if key not in self.kept:
            self.kept[key] = compute()
        found: T = self.kept[key]
        return found

    def counts(self) -> Counts:
        """Build the part of the call graph that needs no framework, which every other question leans on."""

        def compute() -> Counts:
            asked = calls.words(self.ev, calls.waits)
            found, counts = summaries(self.ev.index, self.ev.libraries, self.kept_by)
            self.ev.graph = build(self.ev.index, found)
            self.kept["receivers"] = receivers(self.ev.index, found, asked)
            return counts

        return self._once("called", compute)

    def receivers(self) -> Receivers:
        """Of how many method calls that may wait, block or ask it is known what they are called on."""
        self.counts()
        found: Receivers = self.kept["receivers"]
        return found

    def call_graph(self) -> CallGraph:
        """Who calls whom, how, and on what it runs."""

        def compute() -> CallGraph:
            self._declared()
            assert self.ev.graph is not None
            inward = {ref: d.app.framework for d in self._declared() if d.app.serves not in ASKED for ref in d.handlers}
            on_loop = frozenset(ref for d in self._declared() if d.on_loop for ref in d.handlers)
            return with_frameworks(self.ev.graph, self.ev.index, self.ev.handlers, inward, self._injected(), on_loop)

        return self._once("graph", compute)

    def _declared(self) -> tuple[Declared, ...]:
        self.counts()

        def compute() -> tuple[Declared, ...]:
            found = with_served([declared for framework in self.frameworks for declared in self._of(framework)])
            self.ev.handlers = {ref: d.app.framework for d in found if d.app.serves in ASKED for ref in d.handlers}
            self.ev.given = {ref: cls for d in found for ref, cls in d.given.items()}
            # What was learned while handlers were not known yet would take their parameters for plain ones.
            self.ev.memory.forget()
            return tuple(sorted(found, key=lambda d: (d.app.at, d.app.key)))

        return self._once("declared", compute)

    def _of(self, framework: Framework) -> tuple[Declared, ...]:
        """What one framework module says; one that fails costs its own endpoints and is named."""
        try:
            return tuple(framework(self.ev))
        except Exception as error:  # noqa: BLE001 - whatever a strange project makes it raise
            name = framework.__module__.rpartition(".")[2]
            message = f"the endpoints of {name} could not be read: {type(error).__name__}: {error}"
            self.problems.append(Problem("link", "", message))
            return ()

    def _calls(self) -> tuple[calls.KnownCall, ...]:
        self._declared()
        return self._once("calls", lambda: calls.known_calls(self.ev, self.with_tests))

    def _injected(self) -> injected.Injected:
        return self._once("injected", lambda: injected.injected(self.ev))

    def apps(self, serves: Serves = Serves.HTTP) -> Sequence[App]:
        """Every application that is asked in this way, sorted by place."""
        return [declared.app for declared in self._declared() if declared.app.serves is serves]

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, sorted by path, methods and place."""
        found = [endpoint for declared in self._declared() for endpoint in declared.app.endpoints]
        return sorted(found, key=lambda e: (e.path, e.methods, e.registered_at))

    def arguments(self, role: str) -> Sequence[Argument]:
        """Every use of a library parameter with this role, sorted by place."""

        def compute() -> tuple[Argument, ...]:
            found = [
                *calls.arguments(self.ev, self._calls(), role),
                *assignments.assigned(self.ev, role, self.with_tests),
            ]
            proved = {argument.call.at for argument in found}
            more = unproved.arguments(self.ev, role, self.with_tests)
            found += [argument for argument in more if argument.call.at not in proved]
            return tuple(sorted(found, key=lambda a: (a.call.at, a.at)))

        return self._once(("arguments", role), compute)

    def deadlines(self, kind: str) -> Sequence[Deadline]:
        """Every call of this kind that can wait, sorted by place."""
        return self._once(
            ("deadlines", kind),
            lambda: tuple(sorted(deadlines.deadlines(self.ev, self._calls(), kind), key=lambda d: d.call.at)),
        )

    def endless(self, kind: str) -> Sequence[Endless]:
        """Those of the deadlines that are known to be none, one per cause, sorted by place."""
        return self._once(("endless", kind), lambda: tuple(deadlines.endless(self.deadlines(kind))))

    def blocking_calls(self) -> Sequence[BlockingCall]:
        """Every call that blocks the event loop, sorted by place."""
        return self._once(
            "blocking",
            lambda: tuple(
                sorted(blocking.blocking_calls(self.ev, self.call_graph(), self._calls()), key=lambda b: b.call.at)
            ),
        )

    def exception_handlers(self) -> Sequence[ExceptHandler]:
        """Every `except` clause, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once("handlers", lambda: tuple(handlers.exception_handlers(self.ev, self.with_tests)))

    def _asking(self) -> asking.Asking:
        return self._once("asking", lambda: asking.asking(self.ev, self._calls()))

    def repeated(self) -> Sequence[Repeated]:
        """Every loop over data that asks another service once for each item, sorted by place."""
        return self._once("repeated", lambda: tuple(repeated.repeated(self._asking(), self.with_tests)))

    def created(self) -> Sequence[Created]:
        """Every place that makes for one request what is meant to be shared, sorted by place."""

        def compute() -> tuple[Created, ...]:
            calls_ = self._calls()
            return tuple(created.created(self.ev, calls_, self._injected(), self.with_tests))

        return self._once("created", compute)

    def retries(self) -> Sequence[Retry]:
        """Everything that tries a call to another service again, sorted by place."""

        def compute() -> tuple[Retry, ...]:
            asks = self._asking()
            loops = retries.loops_that_retry(asks, self.with_tests)
            found = [*loops, *retry_options.configured(asks, self._calls(), self.with_tests)]
            return tuple(sorted(found, key=lambda r: r.at))

        return self._once("retries", compute)

    def tables_made(self) -> Sequence[MadeTable]:
        """Every table that a migration creates, copies or renames, in the order of migrations as far as it is known."""
        return self._once("tables", lambda: tuple(tables.tables_made(schema_changes(self.ev, self._calls()))))

    def settings(self, name: str) -> Sequence[Setting]:
        """Every definition of a setting, sorted by place."""
        return self._once(("settings", name), lambda: tuple(settings.settings(self.ev, name)))

    def deployment(self, key: str) -> Sequence[Step]:
        """Entries of settings and deployment files whose flattened key ends with this one."""
        return [
            Step(Location(path, entry.at), entry.value)
            for path, facts in sorted(self.ev.index.text.items())
            for entry in facts.entries
            if entry.key == key or entry.key.endswith(f".{key}")
        ]

    def starts(self) -> Sequence[Start]:
        """Every command of a deployment file that starts a web server, sorted by place."""
        return self._once("starts", lambda: tuple(deployment.starts(self.ev.index)))

    def probes(self) -> Sequence[Probe]:
        """Every health check of deployment files, sorted by place."""
        return self._once("probes", lambda: tuple(deployment.probes(self.ev.index)))

    def mentions(self, words: tuple[str, ...]) -> Sequence[Location]:
        """Functions and modules outside of tests whose code holds one of these words, sorted by place."""
        return self._once(("mentions", words), lambda: tuple(mentions.mentions(self.ev.index, words)))

    def unread(self) -> Sequence[Location]:
        """Python files that could not be read, so that absence is not taken for evidence."""
        return [
            Location(path, Span(max(facts.line, 1), 0, max(facts.line, 1), 0))
            for path, facts in sorted(self.ev.index.unread.items())
            if path.endswith(".py") and path not in self.ev.index.tests
        ]

    def taken(self, path: str, line: int) -> tuple[Taken, ...]:
        """What each expression on a line of a Python file is taken to be, in the order of reading."""
        self._declared()
        return taken.taken(self.ev, path, line)

    def endpoints_reaching(self, at: Location) -> tuple[str, ...]:
        """The endpoints ("POST /login") whose handlers reach a place, sorted."""
        by_handler = self._once("by handler", lambda: by_function(self.ev.index, self._declared()))
        found = {name for ref in functions_above(self.ev, self.call_graph(), at) for name in by_handler.get(ref, ())}
        return tuple(sorted(found))

    def unused(self, at: Location) -> bool:
        """Whether a place stands in a function that nothing is seen to use."""
        return unused.unused(self.ev, self.call_graph(), at)

    def bounds_met(self) -> tuple[Problem, ...]:
        """Where following values ended at a bound and not at an answer, counted: what lies beyond was not judged."""
        told: list[str] = []
        if bounded := self.ev.memory.bounded + self.counts().cut:
            told.append(f"values were followed to a bound, and no further, {bounded} times")
        if crowded := sorted(self.ev.scope(ref).qualname for ref in self.ev.crowded):
            told.append(
                f"called from too many places to read what each of them passes: {len(crowded)}, as `{crowded[0]}`"
            )
        if self.ev.graph is not None and (uncertain := self.ev.graph.uncertain):
            told.append(f"calls of a method that too many subclasses override to follow them all: {uncertain}")
        return tuple(Problem("link", "", message, note=True) for message in told)

    def frameworks_seen(self) -> tuple[str, ...]:
        """Web frameworks among the imports, sorted."""
        return web.frameworks_seen(self.ev.index)


def link(
    index: Index,
    libraries: Libraries,
    frameworks: Iterable[Framework],
    *,
    with_tests: bool,
    keeping: Keeping | None = None,
) -> LinkedProject:
    """The project that answers questions over these facts."""
    # Python's own frames take no C stack since 3.11; the memory's bounds end before these do.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    return LinkedProject(Evaluator(index, libraries), tuple(frameworks), with_tests, keeping or Keeping())
