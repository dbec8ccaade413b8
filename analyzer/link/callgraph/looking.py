"""One file of a project → its summary, with everything that the summary leans on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ...libraries import Libraries
from ..evaluate import Evaluator
from ..index import Index, ScopeRef
from ..lookups import Lookups, entry
from .implicit import Defined, defined
from .passing import Joined, Key, Passing
from .reads import Reads, Watched, digest, packed, said
from .summarize import summarize
from .summary import Summary


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A summary with what it leans on."""

    reads: Reads
    read: bytes  # the hash of what was read
    entries: tuple[tuple[str, str], ...]  # of tables over the whole project: table and key
    said: bytes  # the hash of what these said
    given: bytes  # the hash of what callers were taken to pass
    summary: Summary


ENCODE = msgspec.msgpack.Encoder().encode
_DECODER = msgspec.msgpack.Decoder(Kept)
_NOTHING = Joined((), True)


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that all files have in common."""

    index: Index  # watched
    libraries: Libraries
    known: Defined
    read: set[Any]
    tables: dict[ScopeRef, Any]
    inner: dict[ScopeRef, Any]
    lookups: Lookups
    ev: Evaluator  # that only looks up entries


def work(index: Index, libraries: Libraries) -> Work:
    """What is needed to look at any file of a project."""
    read: set[Any] = set()
    watched = replace(index, python=Watched(index.python, read), raws=Watched(index.raws, read), expressions={})
    lookups = Lookups(index=index)
    ev = Evaluator(index, libraries, lookups=lookups)
    return Work(watched, libraries, defined(index.python), read, Watched({}, read), Watched({}, read), lookups, ev)


def looked_at(common: Work, path: str, given: Mapping[Key, Joined]) -> Kept:
    """The summary of a file, by what callers are taken to pass; it owes nothing to files looked at before."""
    common.read.clear()
    common.lookups.read.clear()
    passing = Passing(given)
    ev = Evaluator(common.index, common.libraries, tables=common.tables, inner=common.inner, passing=passing)
    ev.lookups = common.lookups
    summary = summarize(ev, path, common.known, passing)
    reads = packed(common.read)
    read = digest(reads, common.index.python)
    assert read is not None  # it has just been read
    entries = tuple(sorted(common.lookups.read))
    return Kept(reads, read, entries, _said(common, entries), _passed(summary.asked, given), summary)


def decoded(stored: bytes) -> Kept | None:
    """What was stored; a bad entry is none."""
    try:
        return _DECODER.decode(stored)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def still_true(kept: Kept, common: Work, given: Mapping[Key, Joined]) -> bool:
    """Whether everything that a summary leans on is what it was."""
    facts = common.index.python
    if digest(kept.reads, facts) != kept.read or _passed(kept.summary.asked, given) != kept.given:
        return False
    return _said(common, kept.entries) == kept.said


def passed_to(asked: tuple[str, int, str], given: Mapping[Key, Joined]) -> Joined:
    """What callers are taken to pass to a parameter."""
    return given.get((ScopeRef(asked[0], asked[1]), asked[2]), _NOTHING)


def _said(common: Work, entries: tuple[tuple[str, str], ...]) -> bytes:
    return said(entries, lambda table, key: entry(common.ev, table, key))


def _passed(asked: Iterable[tuple[str, int, str]], given: Mapping[Key, Joined]) -> bytes:
    """The hash of what callers give to some parameters."""
    hashed = hashlib.blake2b(digest_size=16)
    for one in asked:
        found = passed_to(one, given)
        hashed.update(ENCODE((found.atoms, found.rest and bool(found.atoms))))
    return hashed.digest()
