"""The outline of one Python file as it grows: scopes, calls, imports and names go in, PythonFacts come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ...model.code import Body, Params
from ...model.facts import CallSite, Directive, Import, PythonFacts, Scope, ScopeKind
from ...model.location import Span
from .assigned import assigned
from .prints import prints

Spanner = Callable[[Any], Span]
Places = Callable[[Any, Span], tuple[Span, Span]]

_ENCODE = msgspec.msgpack.Encoder().encode
_START = Span(1, 0, 1, 0)


class Outline:
    """What has been read so far; one per file, thrown away when its facts are built."""

    __slots__ = (
        "assigned", "attributes", "bodies", "calls", "generators", "imports", "lambdas", "names", "places", "qualnames",
        "scope", "scopes", "span", "type_checking",
    )  # fmt: skip

    def __init__(self, span: Spanner, places: Places) -> None:
        self.span = span  # the span of a node with positions
        self.places = places  # header and name of a `def` or `class`, from the node and its span
        self.scopes: list[Scope | None] = []
        self.qualnames: list[str] = []
        self.bodies: list[msgspec.Raw | None] = []
        self.imports: list[Import] = []
        self.calls: list[CallSite] = []
        self.attributes: set[str] = set()
        self.assigned: set[tuple[str, int]] = set()
        self.names: set[str] = set()
        self.generators: set[int] = set()  # scopes with a `yield` of their own
        self.scope = -1  # whose body is being read
        self.lambdas = 0  # how many are open: a `yield` in one is not the function's
        self.type_checking = False  # under `if TYPE_CHECKING:`

    def open(self, name: str) -> int:
        """Make room for a scope that is defined in the one being read; returns its index."""
        outer = self.qualnames[self.scope] if self.scopes else ""
        self.qualnames.append(f"{outer}.{name}" if outer else name)
        self.scopes.append(None)
        self.bodies.append(None)
        return len(self.scopes) - 1

    def close(self, index: int, scope: Scope, body: Body) -> None:
        """Fill the place of a scope with what it turned out to be."""
        self.scopes[index] = scope
        self.assigned.update((name, index) for name in assigned(body))
        self.bodies[index] = msgspec.Raw(_ENCODE(body))

    def facts(self, directives: tuple[Directive, ...], lines: Sequence[str]) -> PythonFacts:
        """Everything that was read of a file with these lines, as facts."""
        scopes = tuple(scope for scope in self.scopes if scope is not None)
        return PythonFacts(
            scopes,
            tuple(self.imports),
            tuple(self.calls),
            tuple(sorted(self.attributes)),
            tuple(sorted(self.names)),
            directives,
            len(lines) if lines[-1] else len(lines) - 1,
            tuple(body for body in self.bodies if body is not None),
            prints(lines, scopes, self.imports),
            tuple(sorted(self.assigned)),
        )


def module_scope(end: Span, docstring: str) -> Scope:
    """Scope 0, which ends where `end` does."""
    whole = Span(1, 0, end.end_line, end.end_column)
    return Scope(
        ScopeKind.MODULE, "", "", -1, whole, _START, _START, (), Params(()), None, False, False, (), (), docstring
    )
