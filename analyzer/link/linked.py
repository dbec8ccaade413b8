"""What every answer leans on: handlers, the call graph, known calls and settings, each built once when first asked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..model.endpoint import App, Serves
from ..model.finding import Problem
from ..model.project import Argument, Setting
from . import asking, assignments, calls, injected, settings, unproved
from .callgraph import CallGraph
from .callgraph.build import build
from .callgraph.contexts import with_frameworks
from .callgraph.receivers import receivers
from .callgraph.rounds import Counts, Keeping, summaries
from .declared import ASKED, Declared, Framework, by_function
from .evaluate import Evaluator
from .index import ScopeRef
from .served_schemas import with_served

T = TypeVar("T")


@dataclass(slots=True)
class Linked:
    """What is known of a project before any question of a rule; the families of questions extend it."""

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

    def _by_handler(self) -> dict[ScopeRef, tuple[str, ...]]:
        return self._once("by handler", lambda: by_function(self.ev.index, self._declared()))

    def _served(self) -> dict[str, tuple[ScopeRef, ...]]:
        """The functions that serve each endpoint, by its name."""

        def compute() -> dict[str, tuple[ScopeRef, ...]]:
            served: dict[str, list[ScopeRef]] = {}
            for ref, names in self._by_handler().items():
                for name in names:
                    served.setdefault(name, []).append(ref)
            return {name: tuple(refs) for name, refs in served.items()}

        return self._once("served", compute)

    def _calls(self) -> tuple[calls.KnownCall, ...]:
        self._declared()
        return self._once("calls", lambda: calls.known_calls(self.ev, self.with_tests))

    def _injected(self) -> injected.Injected:
        return self._once("injected", lambda: injected.injected(self.ev))

    def _asking(self) -> asking.Asking:
        return self._once("asking", lambda: asking.asking(self.ev, self._calls()))

    def apps(self, serves: Serves = Serves.HTTP) -> Sequence[App]:
        """Every application that is asked in this way, sorted by place."""
        return [declared.app for declared in self._declared() if declared.app.serves is serves]

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

    def settings(self, name: str) -> Sequence[Setting]:
        """Every definition of a setting, sorted by place."""
        return self._once(("settings", name), lambda: tuple(settings.settings(self.ev, name)))
