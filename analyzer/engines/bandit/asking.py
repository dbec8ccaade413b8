"""Files with the tests to run → bandit's replies: from the cache where it has them, else from the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...pool import Failure, Limits, run
from .installed import identity
from .replies import Asked, Reply, decode

if TYPE_CHECKING:
    from ...model.source import SourceFile
    from ...store import Store

FUNCTION = "analyzer.engines.bandit.run:run"
LIMITS = Limits()
_PACKAGE = Path(__file__).resolve().parent
_SOURCES = (
    *("run.py", "placing.py", "replies.py"),
    *("../../decode.py", "../../model/location.py", "../../model/rule.py"),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the files, in path order."""

    replies: tuple[tuple[str, Reply], ...]
    failures: tuple[tuple[str, str], ...]  # path and why: what a guard stopped, what came back garbled
    known: tuple[str, ...] | None  # every test that this bandit has; None where it would not say
    lasting: bool


def ask(
    asked: Sequence[tuple[SourceFile, tuple[str, ...]]],
    jobs: int,
    store: Store | None,
    advance: Callable[[int], None],
) -> Answers:
    """Ask bandit about files; equal bytes with equal tests are asked about once."""
    reader = _reader()
    inventory = _key("", (), reader)
    keys = [_key(file.digest, tests, reader) for file, tests in asked]
    wanted = {inventory: Asked(b"", ())}
    wanted |= {key: Asked(file.content, tests) for key, (file, tests) in zip(keys, asked, strict=True)}
    replies = _cached(store, list(wanted))
    copies = Counter(keys)
    advance(sum(copies[key] for key in replies))
    missing = {key: msgspec.msgpack.encode(one) for key, one in wanted.items() if key not in replies}
    failures = _fetch(missing, replies, jobs, store, lambda key: advance(copies[key]))
    paths = [(file.path, key) for (file, _), key in zip(asked, keys, strict=True)]
    return Answers(
        replies=tuple((path, replies[key]) for path, key in paths if key in replies),
        failures=tuple((path, failures[key]) for path, key in paths if key in failures),
        known=replies[inventory].known if inventory in replies else None,
        lasting=not failures,
    )


def _fetch(
    payloads: dict[bytes, bytes],
    replies: dict[bytes, Reply],
    jobs: int,
    store: Store | None,
    done: Callable[[bytes], None],
) -> dict[bytes, str]:
    """Run what is missing in the pool and keep it; why there is no reply, by key, where there is none."""
    keys = list(payloads)
    failures: dict[bytes, str] = {}
    fresh: list[tuple[bytes, bytes]] = []
    try:
        for index, result in run(FUNCTION, list(payloads.values()), jobs=jobs, limits=LIMITS):
            key = keys[index]
            reply = None if isinstance(result, Failure) else decode(result)
            if reply is not None and not isinstance(result, Failure):
                replies[key] = reply
                fresh.append((key, result))
            else:
                failures[key] = result.why if isinstance(result, Failure) else "its reply is garbled"
            done(key)
    except OSError as error:
        for key in keys:
            if key not in replies:
                failures.setdefault(key, f"cannot be run: {error.strerror or error}")
    if store and fresh:
        store.put_many(fresh)
    return failures


def _cached(store: Store | None, keys: list[bytes]) -> dict[bytes, Reply]:
    """What the store holds; an entry that is no reply is as good as none."""
    kept = store.get_many(keys) if store else {}
    return {key: reply for key, value in kept.items() if (reply := decode(value)) is not None}


def _key(content: str, tests: Sequence[str], reader: bytes) -> bytes:
    """The 32 bytes under which the reply about a file is kept."""
    parts = (b"bandit", content.encode(), ",".join(tests).encode(), reader)
    return blake2b(b"\0".join(parts), digest_size=32).digest()


def _reader() -> bytes:
    """What else replies depend on: bandit, the host's grammar, and our own source on the other side of the pool."""
    digest = blake2b(identity().encode(), digest_size=16)
    for name in _SOURCES:
        content = (_PACKAGE / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.digest()
