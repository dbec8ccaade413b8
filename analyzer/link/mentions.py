"""Words → the functions whose code holds a text with one of them, whatever they do with it."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.location import Location
from .index import Index, ScopeRef, raw


def mentions(index: Index, words: tuple[str, ...]) -> Iterator[Location]:
    """The names of scopes outside of tests whose code holds one of these words, as bytes: names count like texts."""
    wanted = [word.encode() for word in words]
    for path, facts in sorted(index.python.items()):
        if path in index.tests:
            continue
        for number, scope in enumerate(facts.scopes):
            held = raw(index, ScopeRef(path, number))
            if any(word in held for word in wanted):
                yield Location(path, scope.name_at)
