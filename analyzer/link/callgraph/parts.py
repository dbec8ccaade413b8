"""Many files to look at → their summaries, made by several processes that each know the whole project."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...libraries import Libraries
from ...model.facts import Extracted
from ...pool import Failure, run, workers
from ..index import Index, build
from .looking import ENCODE, looked_at, work

_MAKE = "analyzer.link.callgraph.parts:made"
WORTHWHILE = 12_000  # calls to look at; with fewer, telling other processes of the project costs more than it saves


class _Part(msgspec.Struct, frozen=True, array_like=True):
    """What one process is asked for."""

    paths: tuple[str, ...]
    files: tuple[Extracted, ...]  # the whole project
    tests: tuple[str, ...]
    libraries: Libraries


_DECODER = msgspec.msgpack.Decoder(_Part)


def in_parts(index: Index, libraries: Libraries, paths: Sequence[str], jobs: int) -> dict[str, bytes]:
    """Encoded summaries of the first round by path, as far as other processes made them; {} where none is worth it."""
    sizes = {path: len(index.python[path].calls) for path in paths}
    count = workers(jobs, 1 << 30)
    if count < 2 or sum(sizes.values()) < WORTHWHILE:
        return {}
    files = tuple(Extracted(path, facts) for path, facts in sorted(index.python.items()))
    payloads = [ENCODE(_Part(part, files, tuple(sorted(index.tests)), libraries)) for part in _balanced(sizes, count)]
    found: dict[str, bytes] = {}
    for _, result in run(_MAKE, payloads, jobs=count):
        if not isinstance(result, Failure):
            found.update(msgspec.msgpack.decode(result, type=dict[str, bytes]))
    return found


def _balanced(sizes: dict[str, int], count: int) -> list[tuple[str, ...]]:
    """The paths in so many groups with about as many calls in each."""
    groups: list[list[str]] = [[] for _ in range(count)]
    total = [0] * count
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        least = total.index(min(total))
        groups[least].append(path)
        total[least] += sizes[path] + 1
    return [tuple(sorted(group)) for group in groups]


def made(payload: bytes) -> bytes:
    """The encoded summaries that a part asks for; runs in a process of its own."""
    part = _DECODER.decode(payload)
    common = work(build(part.files, part.tests), part.libraries)
    return ENCODE({path: ENCODE(looked_at(common, path, {})) for path in part.paths})
