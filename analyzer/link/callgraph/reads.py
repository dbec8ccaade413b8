"""What was looked at while a file was summarized → a hash that stays the same until one of these things changes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ...model.facts import PythonFacts
from ..index import ScopeRef

K = TypeVar("K")
V = TypeVar("V")

Reads = tuple[tuple[str, tuple[int, ...]], ...]  # path → scopes whose bodies were read; its interface always counts


class Watched(dict[K, V]):
    """A dict that remembers the keys that somebody has looked up."""

    __slots__ = ("read",)

    def __init__(self, entries: Mapping[K, V], read: set[Any]) -> None:
        super().__init__(entries)
        self.read = read

    def __getitem__(self, key: K) -> V:
        self.read.add(key)
        return super().__getitem__(key)


def said(entries: Iterable[tuple[str, str]], look: Callable[[str, str], object]) -> bytes:
    """The hash of what tables over the whole project say under some keys."""
    hashed = hashlib.blake2b(digest_size=16)
    for table, key in entries:
        hashed.update(repr((table, key, look(table, key))).encode("utf-8", "surrogateescape"))
    return hashed.digest()


def packed(read: Iterable[str | ScopeRef]) -> Reads:
    """The paths and scopes that were looked up, by path."""
    found: dict[str, set[int]] = defaultdict(set)
    for key in read:
        if isinstance(key, ScopeRef):
            found[key.path].add(key.scope)
        else:
            found.setdefault(key, set())
    return tuple((path, tuple(sorted(found[path]))) for path in sorted(found))


def digest(reads: Reads, facts: Mapping[str, PythonFacts]) -> bytes | None:
    """The hash of everything that was read, as it is now; None where some of it is no longer there."""
    hashed = hashlib.blake2b(digest_size=16)
    for path, scopes in reads:
        found = facts.get(path)
        if found is None or (scopes and scopes[-1] + 1 >= len(found.prints)):
            return None
        hashed.update(found.prints[0])
        for scope in scopes:
            hashed.update(found.prints[scope + 1])
    return hashed.digest()
