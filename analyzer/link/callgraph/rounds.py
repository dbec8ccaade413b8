"""Facts of all files → the summary of each: two rounds, of which the second knows what callers pass.

What a file's summary leans on is remembered with it (see `reads`), so that a later run computes again only those whose
reads have changed. Each file is looked at with an empty memory: what is kept is never the work of another question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from ...libraries import Libraries
from ...store import Store
from ..evaluate import Evaluator
from ..index import Index, ScopeRef
from ..lookups import Lookups, entry
from .implicit import Defined, defined
from .passing import Joined, Key, Passing, joined
from .reads import Reads, Watched, digest, packed, said
from .summarize import summarize
from .summary import Summary

_ROUNDS = ("first", "second")


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A summary with what it leans on."""

    reads: Reads
    read: bytes  # the hash of what was read
    entries: tuple[tuple[str, str], ...]  # of tables over the whole project: table and key
    said: bytes  # the hash of what these said
    given: bytes  # the hash of what callers were taken to pass
    summary: Summary


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODER = msgspec.msgpack.Decoder(_Kept)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where summaries are kept from one run to the next, and what tells their inputs apart."""

    store: Store | None = None
    digests: Mapping[str, str] = field(default_factory=dict)  # path → the hash of its bytes
    tool: str = ""  # the hash of our own sources


@dataclass(slots=True)
class Counts:
    """What it took."""

    files: int = 0
    computed: list[int] = field(default_factory=list)  # summaries computed, by round
    reached: int = 0  # files that the second round looked at, as parameters of theirs have become known


@dataclass(frozen=True, slots=True)
class _Work:
    """Everything that all files have in common."""

    index: Index  # watched
    libraries: Libraries
    known: Defined
    read: set[Any]
    tables: dict[ScopeRef, Any]
    inner: dict[ScopeRef, Any]
    lookups: Lookups
    ev: Evaluator  # that only looks up entries
    prefix: bytes


def summaries(index: Index, libraries: Libraries, keeping: Keeping) -> tuple[dict[str, Summary], Counts]:
    """The summary of every file that is no test, by path, and what it took."""
    read: set[Any] = set()
    watched = replace(index, python=Watched(index.python, read), raws=Watched(index.raws, read), expressions={})
    known = defined(index.python)
    prefix = _prefix(index, libraries, known, keeping.tool)
    lookups = Lookups(index=index)
    ev = Evaluator(index, libraries, lookups=lookups)
    work = _Work(watched, libraries, known, read, Watched({}, read), Watched({}, read), lookups, ev, prefix)
    paths = [path for path in sorted(index.python) if path not in index.tests]
    counts = Counts(len(paths))
    found = _round(work, paths, {}, 0, keeping, counts)
    given = joined(one for path in paths for one in found[path].passed)
    again = [path for path in paths if any(given.get(_key(k), _NOTHING).atoms for k in found[path].asked)]
    counts.reached = len(again)
    return found | _round(work, again, given, 1, keeping, counts), counts


_NOTHING = Joined((), True)


def _key(asked: tuple[str, int, str]) -> Key:
    return ScopeRef(asked[0], asked[1]), asked[2]


def _prefix(index: Index, libraries: Libraries, known: Defined, tool: str) -> bytes:
    """The hash of what every summary leans on: our own code, library models, and which files and names there are."""
    hashed = hashlib.blake2b(digest_size=16)
    names = (*sorted(known.properties), "", *sorted(known.methods), "", *sorted(known.functions))
    for part in (tool, libraries.digest, *sorted(index.python), "", *sorted(index.unread), "", *names):
        hashed.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return hashed.digest()


def _round(
    work: _Work,
    paths: list[str],
    given: Mapping[Key, Joined],
    number: int,
    keeping: Keeping,
    counts: Counts,
) -> dict[str, Summary]:
    keys = {path: _store_key(work.prefix, number, path, keeping.digests.get(path, "")) for path in paths}
    stored = keeping.store.get_many(list(keys.values())) if keeping.store else {}
    found: dict[str, Summary] = {}
    fresh: list[tuple[bytes, bytes]] = []
    for path in paths:
        known = _still_true(stored.get(keys[path]), work, given)
        if known is None:
            kept = _computed(work, path, given)
            fresh.append((keys[path], _ENCODE(kept)))
            known = kept.summary
        found[path] = known
    if keeping.store and fresh:
        keeping.store.put_many(fresh)
    counts.computed.append(len(fresh))
    return found


def _store_key(prefix: bytes, number: int, path: str, file: str) -> bytes:
    text = f"callgraph\0{_ROUNDS[number]}\0{path}\0{file}"
    return hashlib.blake2b(prefix + text.encode("utf-8", "surrogateescape"), digest_size=32).digest()


def _still_true(stored: bytes | None, work: _Work, given: Mapping[Key, Joined]) -> Summary | None:
    """What is stored, if everything that it leans on is what it was."""
    if stored is None:
        return None
    try:
        kept = _DECODER.decode(stored)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None  # a bad entry is a miss
    facts = work.index.python
    if digest(kept.reads, facts) != kept.read or _passed(kept.summary.asked, given) != kept.given:
        return None
    return kept.summary if _said(work, kept.entries) == kept.said else None


def _said(work: _Work, entries: tuple[tuple[str, str], ...]) -> bytes:
    return said(entries, lambda table, key: entry(work.ev, table, key))


def _computed(work: _Work, path: str, given: Mapping[Key, Joined]) -> _Kept:
    work.read.clear()
    work.lookups.read.clear()
    passing = Passing(given)
    ev = Evaluator(work.index, work.libraries, tables=work.tables, inner=work.inner, passing=passing)
    ev.lookups = work.lookups
    summary = summarize(ev, path, work.known, passing)
    reads = packed(work.read)
    read = digest(reads, work.index.python)
    assert read is not None  # it has just been read
    entries = tuple(sorted(work.lookups.read))
    return _Kept(reads, read, entries, _said(work, entries), _passed(summary.asked, given), summary)


def _passed(asked: Iterable[tuple[str, int, str]], given: Mapping[Key, Joined]) -> bytes:
    """The hash of what callers give to some parameters."""
    hashed = hashlib.blake2b(digest_size=16)
    for one in asked:
        found = given.get(_key(one), _NOTHING)
        hashed.update(_ENCODE((found.atoms, found.rest and bool(found.atoms))))
    return hashed.digest()
