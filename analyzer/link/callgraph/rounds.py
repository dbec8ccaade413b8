"""Facts of all files → the summary of each: two rounds, of which the second knows what callers pass.

What a file's summary leans on is remembered with it (see `reads`), so that a later run computes again only those whose
reads have changed. Each file is looked at with an empty memory: what is kept is never the work of another question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...libraries import Libraries
from ...store import Store
from ..index import Index
from .implicit import Defined
from .looking import ENCODE, Kept, Work, decoded, looked_at, passed_to, still_true, work
from .parts import in_parts
from .passing import Joined, Key, joined
from .summary import Summary


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where summaries are kept from one run to the next, and what tells their inputs apart."""

    store: Store | None = None
    digests: Mapping[str, str] = field(default_factory=dict)  # path → the hash of its bytes
    tool: str = ""  # the hash of our own sources
    jobs: int = 1  # processes that may be at work; 0 for as many as there are cores


@dataclass(slots=True)
class Counts:
    """What it took."""

    files: int = 0
    computed: list[int] = field(default_factory=list)  # summaries computed, by round
    cut: int = 0  # questions that met a bound
    reached: int = 0  # files that the second round looked at, as parameters of theirs have become known


def summaries(index: Index, libraries: Libraries, keeping: Keeping) -> tuple[dict[str, Summary], Counts]:
    """The summary of every file that is no test, by path, and what it took."""
    common = work(index, libraries)
    prefix = _prefix(index, libraries, common.known, keeping.tool)
    paths = [path for path in sorted(index.python) if path not in index.tests]
    counts = Counts(len(paths))
    found = _round(common, paths, {}, prefix + b"first", keeping, counts)
    given = joined(one for path in paths for one in found[path].passed)
    again = [path for path in paths if any(passed_to(asked, given).atoms for asked in found[path].asked)]
    counts.reached = len(again)
    found |= _round(common, again, given, prefix + b"second", keeping, counts)
    counts.cut = sum(summary.cut for summary in found.values())
    return found, counts


def _prefix(index: Index, libraries: Libraries, known: Defined, tool: str) -> bytes:
    """The hash of what every summary leans on: our own code, library models, and which files and names there are."""
    hashed = hashlib.blake2b(digest_size=16)
    names = (*sorted(known.properties), "", *sorted(known.methods))
    for part in (tool, libraries.digest, *sorted(index.python), "", *sorted(index.unread), "", *names):
        hashed.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return hashed.digest()


def _round(
    common: Work, paths: list[str], given: Mapping[Key, Joined], prefix: bytes, keeping: Keeping, counts: Counts
) -> dict[str, Summary]:
    keys = {path: _store_key(prefix, path, keeping.digests.get(path, "")) for path in paths}
    stored = keeping.store.get_many(list(keys.values())) if keeping.store else {}
    known = {path: kept for path in paths if (kept := _still_true(stored.get(keys[path]), common, given)) is not None}
    missing = [path for path in paths if path not in known]
    made = in_parts(common.lookups.index or common.index, common.libraries, missing, keeping.jobs) if not given else {}
    fresh: list[tuple[bytes, bytes]] = []
    for path in missing:
        kept = decoded(made[path]) if path in made else None
        known[path] = kept or looked_at(common, path, given)
        fresh.append((keys[path], made[path] if kept else ENCODE(known[path])))
    if keeping.store and fresh:
        keeping.store.put_many(fresh)
    counts.computed.append(len(fresh))
    return {path: known[path].summary for path in paths}


def _store_key(prefix: bytes, path: str, file: str) -> bytes:
    text = f"callgraph\0{path}\0{file}"
    return hashlib.blake2b(prefix + text.encode("utf-8", "surrogateescape"), digest_size=32).digest()


def _still_true(stored: bytes | None, common: Work, given: Mapping[Key, Joined]) -> Kept | None:
    """What is stored, if everything that it leans on is what it was."""
    kept = decoded(stored) if stored is not None else None
    return kept if kept is not None and still_true(kept, common, given) else None
