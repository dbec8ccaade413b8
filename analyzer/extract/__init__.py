"""Source files → facts: from the cache where it has them, else read in the pool; nothing here sees a path's meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..model.facts import Extracted, PythonFacts, TextFacts, Unread

if TYPE_CHECKING:
    from ..model.source import SourceFile
    from ..store import Store

_READ = "analyzer.extract.reading:read"


def ignore(count: int) -> None:
    """The progress of somebody who does not want to know."""


def extract(
    files: Sequence[SourceFile],
    *,
    jobs: int,
    front_end: str,
    store: Store | None,
    advance: Callable[[int], None] = ignore,
) -> tuple[Extracted, ...]:
    """The facts of every file, in path order; equal bytes of one kind are read once.

    `jobs` processes (0: as many as there are cores); `front_end` is "auto", "ast" or "libcst"; `advance` is told how
    many more files are done. What cannot be read is Unread; nothing is raised but KeyboardInterrupt.
    """
    from .keys import key_of, reader_digest

    digest = reader_digest(front_end)
    keyed = [(key_of(file, digest), file) for file in sorted(files, key=lambda file: file.path)]
    unique = {key: file for key, file in keyed}
    copies = {key: 0 for key in unique}
    for key, _ in keyed:
        copies[key] += 1
    facts = _cached(store, list(unique))
    advance(sum(copies[key] for key in facts))
    missing = {key: file for key, file in unique.items() if key not in facts}
    if missing:
        facts.update(_read(missing, jobs, front_end, store, lambda key: advance(copies[key])))
    return tuple(Extracted(file.path, facts[key]) for key, file in keyed)


_Facts = PythonFacts | TextFacts | Unread


def _cached(store: Store | None, keys: list[bytes]) -> dict[bytes, _Facts]:
    """What the store holds; an entry that is no facts is as good as none."""
    from .keys import decode

    found = {}
    for key, value in (store.get_many(keys) if store else {}).items():
        facts = decode(value)
        if facts is not None:
            found[key] = facts
    return found


def _read(
    files: dict[bytes, SourceFile], jobs: int, front_end: str, store: Store | None, done: Callable[[bytes], None]
) -> dict[bytes, _Facts]:
    """Read files in the pool and remember what they say; what a guard stopped is not remembered."""
    from ..pool import Failure, run
    from .keys import decode, payload_of

    keys = list(files)
    found: dict[bytes, _Facts] = {}
    fresh: list[tuple[bytes, bytes]] = []
    try:
        for index, result in run(_READ, [payload_of(files[key], front_end) for key in keys], jobs=jobs):
            key = keys[index]
            if isinstance(result, Failure):
                found[key] = Unread(result.why, 0)
            else:
                facts = decode(result)
                found[key] = facts if facts is not None else Unread("nested too deeply", 0)
                if facts is not None:
                    fresh.append((key, result))
            done(key)
    except OSError as error:
        for key in keys:
            found.setdefault(key, Unread(f"cannot be read: {error.strerror or error}", 0))
    if store and fresh:
        store.put_many(fresh)
    return found
