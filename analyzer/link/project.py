"""The linked project: answers a rule's questions from indexes that are built once, when first asked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from ..libraries import Libraries
from ..model.deployment import Probe, Start
from ..model.endpoint import Endpoint
from ..model.finding import Problem
from ..model.location import Location, Span, Step
from ..model.report import Receivers
from ..model.schema import MadeTable
from ..model.taken import Taken
from . import deployment, mentions, tables, taken, unused, web
from .access_questions import AccessQuestions
from .api_questions import ApiQuestions
from .callgraph.rounds import Keeping
from .concurrency_questions import ConcurrencyQuestions
from .data_questions import DataQuestions
from .declared import Framework
from .evaluate import Evaluator
from .exposure import ExposureQuestions
from .graphql_questions import GraphqlQuestions
from .index import Index
from .option_questions import OptionQuestions
from .resilience_questions import ResilienceQuestions
from .schema_changes import schema_changes


class LinkedProject(
    DataQuestions,
    OptionQuestions,
    ResilienceQuestions,
    ConcurrencyQuestions,
    ExposureQuestions,
    AccessQuestions,
    ApiQuestions,
    GraphqlQuestions,
):
    """Implements `analyzer.model.project.Project`."""

    __slots__ = ()

    def receivers(self) -> Receivers:
        """Of how many method calls that may wait, block or ask it is known what they are called on."""
        self.counts()
        found: Receivers = self.kept["receivers"]
        return found

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, sorted by path, methods and place."""
        found = [endpoint for declared in self._declared() for endpoint in declared.app.endpoints]
        return sorted(found, key=lambda e: (e.path, e.methods, e.registered_at))

    def tables_made(self) -> Sequence[MadeTable]:
        """Every table that a migration creates, copies or renames, in the order of migrations as far as it is known."""
        return self._once("tables", lambda: tuple(tables.tables_made(schema_changes(self.ev, self._calls()))))

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
