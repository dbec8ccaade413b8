"""The linked project: answers a rule's questions from indexes that are built once, when first asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..libraries import Libraries
from ..model.finding import Problem
from ..model.location import Location, Span, Step
from ..model.project import App, Argument, BlockingCall, Deadline, Endless, Endpoint, ExceptHandler, Setting
from ..model.provenance import Derivation, WrittenText
from . import assignments, blocking, calls, deadlines, derivations, handlers, settings, strings, unproved
from .declared import Declared, Framework
from .evaluate import Evaluator
from .index import Index, ScopeRef
from .reach import functions_above

T = TypeVar("T")


@dataclass(slots=True)
class LinkedProject:
    """Implements `analyzer.model.project.Project`."""

    ev: Evaluator
    frameworks: tuple[Framework, ...]
    with_tests: bool
    kept: dict[Hashable, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def _once(self, key: Hashable, compute: Callable[[], T]) -> T:
        if key not in self.kept:
            self.kept[key] = compute()
        found: T = self.kept[key]
        return found

    def _declared(self) -> tuple[Declared, ...]:
        def compute() -> tuple[Declared, ...]:
            found = [declared for framework in self.frameworks for declared in self._of(framework)]
            self.ev.handlers = {ref: d.app.framework for d in found for ref in d.handlers}
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

    def apps(self) -> Sequence[App]:
        """Every application, sorted by place."""
        return [declared.app for declared in self._declared()]

    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, sorted by path, methods and place."""
        found = [endpoint for app in self.apps() for endpoint in app.endpoints]
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
                sorted(blocking.blocking_calls(self.ev, self._calls(), self.with_tests), key=lambda b: b.call.at)
            ),
        )

    def exception_handlers(self) -> Sequence[ExceptHandler]:
        """Every `except` clause, sorted by place."""
        self._calls()  # first, whatever rules are selected: see memory.py
        return self._once("handlers", lambda: tuple(handlers.exception_handlers(self.ev, self.with_tests)))

    def derivations(self, role: str) -> Sequence[Derivation]:
        """What each argument with this role is made of, sorted by place."""

        def compute() -> tuple[Derivation, ...]:
            found = derivations.derivations(self.ev, self._calls(), role)
            return tuple(sorted(found, key=lambda d: (d.argument.call.at, d.argument.at)))

        return self._once(("derivations", role), compute)

    def written_texts(self, pattern: str) -> Sequence[WrittenText]:
        """Constant texts with the pattern in the text or in the name it is given, sorted by place."""
        return self._once(
            ("texts", pattern), lambda: tuple(strings.written_texts(self.ev, pattern, self.with_tests))
        )

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

    def unread(self) -> Sequence[Location]:
        """Python files that could not be read, so that absence is not taken for evidence."""
        return [
            Location(path, Span(max(facts.line, 1), 0, max(facts.line, 1), 0))
            for path, facts in sorted(self.ev.index.unread.items())
            if path.endswith(".py") and path not in self.ev.index.tests
        ]

    def endpoints_reaching(self, at: Location) -> tuple[str, ...]:
        """The endpoints ("POST /login") whose handlers reach a place, sorted."""
        by_handler = self._once("by handler", self._by_handler)
        found = {name for ref in functions_above(self.ev, at) for name in by_handler.get(ref, ())}
        return tuple(sorted(found))

    def _by_handler(self) -> dict[ScopeRef, tuple[str, ...]]:
        places: dict[Location, list[str]] = {}
        for endpoint in self.endpoints():
            for method in endpoint.methods:
                places.setdefault(endpoint.handler_at, []).append(f"{method} {endpoint.path}")
        found: dict[ScopeRef, tuple[str, ...]] = {}
        for ref in self.ev.handlers:
            scope = self.ev.scope(ref)
            own = places.get(Location(ref.path, scope.name_at), [])
            above = self.ev.index.python[ref.path].scopes[scope.parent] if scope.parent > 0 else None
            of_class = places.get(Location(ref.path, above.name_at), []) if above is not None else []
            method = scope.name.upper()
            matching = [name for name in of_class if name.startswith(f"{method} ")]
            found[ref] = tuple(own or matching or of_class)
        return found

    def bounds_met(self) -> tuple[Problem, ...]:
        """Where following values ended at a bound and not at an answer, counted: what lies beyond was not judged."""
        told: list[str] = []
        if bounded := self.ev.memory.bounded:
            told.append(f"values were followed to a bound, and no further, {bounded} times")
        if crowded := sorted(self.ev.scope(ref).qualname for ref in self.ev.crowded):
            told.append(
                f"called from too many places to read what each of them passes: {len(crowded)}, as `{crowded[0]}`"
            )
        return tuple(Problem("link", "", message, note=True) for message in told)

    def frameworks_seen(self) -> tuple[str, ...]:
        """Web frameworks among the imports, sorted."""
        return tuple(sorted(_WEB & {top for top in _imported(self.ev.index)}))


_WEB = frozenset({
    "aiohttp", "apiflask", "ariadne", "blacksheep", "bottle", "chalice", "cherrypy", "connexion", "django",
    "emmett", "falcon", "fastapi", "flask",
    "flask_restful", "flask_restx", "graphene", "grpc", "litestar", "morepath", "ninja", "pyramid", "quart",
    "rest_framework",
    "robyn", "sanic", "starlette", "strawberry", "tornado", "web",
})  # fmt: skip


def _imported(index: Index) -> Iterable[str]:
    for path, facts in index.python.items():
        if path not in index.tests:
            yield from (item.module.partition(".")[0] for item in facts.imports if item.level == 0)


def link(index: Index, libraries: Libraries, frameworks: Iterable[Framework], *, with_tests: bool) -> LinkedProject:
    """The project that answers questions over these facts."""
    # Python's own frames take no C stack since 3.11; the memory's bounds end before these do.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    return LinkedProject(Evaluator(index, libraries), tuple(frameworks), with_tests)
