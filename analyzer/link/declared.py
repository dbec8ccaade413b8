"""What a framework module says of a project: its applications, and which scopes serve their endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ..model.endpoint import App, Serves
from ..model.graphql import Schema
from ..model.location import Location
from .evaluate import Evaluator
from .index import Index, ScopeRef

# What somebody outside asks with values of his own: the parameters of their handlers are what a client sent.
ASKED = frozenset({Serves.HTTP, Serves.GRAPHQL, Serves.RPC, Serves.SOCKETS})


@dataclass(frozen=True, slots=True)
class Declared:
    """An application with the functions that run for its endpoints (handlers, methods of class views)."""

    app: App
    handlers: tuple[ScopeRef, ...]
    on_loop: bool = False  # those that are no coroutines run on the event loop as well, and hold it up
    given: Mapping[ScopeRef, str] = field(default_factory=dict)  # the class of a handler's first argument
    schema: Schema | None = None  # of GraphQL: what is known beside its endpoints


Framework = Callable[[Evaluator], Iterable[Declared]]


def by_function(index: Index, declared: Iterable[Declared]) -> dict[ScopeRef, tuple[str, ...]]:
    """The endpoints ("POST /login") that each function serves."""
    places: dict[Location, list[str]] = {}
    refs: dict[ScopeRef, None] = {}
    for one in declared:
        refs.update(dict.fromkeys(one.handlers))
        for endpoint in one.app.endpoints:
            for method in endpoint.methods:
                places.setdefault(endpoint.handler_at, []).append(f"{method} {endpoint.path}")
    return {ref: _names(index, ref, places) for ref in refs}


def _names(index: Index, ref: ScopeRef, places: Mapping[Location, list[str]]) -> tuple[str, ...]:
    """A function's own endpoints, else those of its class: of `get` the ones that answer GET."""
    scope = index.scope(ref)
    own = places.get(Location(ref.path, scope.name_at), [])
    above = index.python[ref.path].scopes[scope.parent] if scope.parent > 0 else None
    of_class = places.get(Location(ref.path, above.name_at), []) if above is not None else []
    matching = [name for name in of_class if name.startswith(f"{scope.name.upper()} ")]
    return tuple(own or matching or of_class)
