"""A cache of opaque bytes under 32-byte keys, in one SQLite file that several runs share and any may be killed over.

What a cache may not do is stop or change an audit: a file that is damaged is set aside, one that cannot be written is
done without, a value that was not stored as it is read is a miss. Each is said once, as a note.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from .model.finding import Problem

LIMIT = 1 << 30  # bytes
_NAME = "cache-1.sqlite3"  # another number whenever the table changes
_DAY = 86_400
_BATCH = 500
_CHECK = 8  # bytes of checksum before each value
_TOO_LONG = 64 << 20
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: tables are not ours
_SCHEMA = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA journal_size_limit = 16777216;
CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entries_used ON entries (used);
"""
T = TypeVar("T")


@dataclass(slots=True)
class Store:
    """An open cache. `problems` says what went wrong with it; it works on, as an empty one if need be."""

    directory: Path
    limit: int
    problems: list[Problem] = field(default_factory=list)
    connection: sqlite3.Connection | None = None

    def get(self, key: bytes) -> bytes | None:
        """The value under a key, if it is there and whole."""
        return self.get_many([key]).get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value."""
        self.put_many([(key, value)])

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there and whole."""
        return _guarded(self, lambda connection: _select(connection, keys), {})

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep values, all of them or none, and drop the longest unused ones beyond the limit."""
        rows = [(key, _checksum(key, value) + value) for key, value in items if len(value) <= _TOO_LONG]
        _guarded(self, lambda connection: _insert(connection, rows, self.limit), None)

    def close(self) -> None:
        """Let go of the file; the store is empty from now on."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def user_directory() -> Path:
    """Where the user's caches belong on this system."""
    from platformdirs import user_cache_path

    return user_cache_path("backend-audit", appauthor=False)


def open_store(directory: Path, limit: int = LIMIT) -> Store:
    """Open the cache in a directory, or make it; `limit` bounds the file in bytes. Never raises."""
    store = Store(directory, limit)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        _note(store, f"runs without a cache: {error.strerror}")
        return store
    _connect(store)
    return store


def clear(directory: Path) -> tuple[int, int]:
    """Empty the cache in a directory, also while others use it: how many entries and bytes went."""
    before = _size(directory)
    if not before:
        return 0, 0
    (directory / f"{_NAME}.damaged").unlink(missing_ok=True)
    store = open_store(directory)
    count = _guarded(store, _delete_all, 0)
    store.close()
    return count, max(0, before - _size(directory))


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob(f"{_NAME}*"))


def _delete_all(connection: sqlite3.Connection) -> int:
    with connection:
        count = connection.execute("DELETE FROM entries").rowcount
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return count


def _checksum(key: bytes, value: bytes) -> bytes:
    return blake2b(value, key=key, digest_size=_CHECK).digest()


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    stale: list[tuple[int, bytes]] = []
    now = int(time.time())
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        marks = ",".join("?" * len(batch))
        query = f"SELECT key, value, used FROM entries WHERE key IN ({marks})"
        for key, value, used in connection.execute(query, batch):
            if not isinstance(value, bytes) or value[:_CHECK] != _checksum(key, value[_CHECK:]):
                continue
            found[key] = value[_CHECK:]
            if abs(now - used) > _DAY:
                stale.append((now, key))
    if stale:
        with connection:
            connection.executemany("UPDATE entries SET used = ? WHERE key = ?", stale)
    return found


def _insert(connection: sqlite3.Connection, rows: list[tuple[bytes, bytes]], limit: int) -> None:
    now = int(time.time())
    with connection:
        connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", [(*row, now) for row in rows])
    for _ in range(20):  # bounded work; the next run goes on
        if _used_bytes(connection) <= limit:
            return
        with connection:
            connection.execute(
                "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY used LIMIT ?)", [_BATCH]
            )
        connection.execute("PRAGMA incremental_vacuum").fetchall()


def _used_bytes(connection: sqlite3.Connection) -> int:
    count, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((count - free) * size)


def _connect(store: Store) -> None:
    def prepare(connection: sqlite3.Connection) -> None:
        connection.executescript(_SCHEMA)

    try:
        store.connection = sqlite3.connect(store.directory / _NAME, timeout=10)
    except sqlite3.Error as error:
        _note(store, f"runs without a cache: {error}")
        return
    _guarded(store, prepare, None)


def _guarded(store: Store, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
    """Do something with the database, or without: one that is damaged is replaced, one that fails is let go."""
    if store.connection is None:
        return otherwise
    try:
        return work(store.connection)
    except sqlite3.Error as error:
        store.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            _set_aside(store, str(error))
        else:  # locked, read-only, disk full
            _note(store, f"runs without a cache: {error}")
    return otherwise


def _set_aside(store: Store, why: str) -> None:
    """Rename a damaged file and begin a new one; a second time in one run, do without."""
    if store.problems:
        return
    _note(store, f"the cache was damaged ({why}) and is begun anew")
    path = store.directory / _NAME
    try:
        os.replace(path, path.with_name(f"{_NAME}.damaged"))
        for suffix in ("-wal", "-shm"):
            path.with_name(_NAME + suffix).unlink(missing_ok=True)
    except OSError as error:
        _note(store, f"runs without a cache: {error.strerror}")
        return
    _connect(store)


def _note(store: Store, message: str) -> None:
    store.problems.append(Problem("extract", "", message, note=True))
