"""Payloads → results, in processes of our own that a hostile payload may crash, stall or bloat: it costs itself alone.

Why not `concurrent.futures`: one broken process ends that whole pool, `spawn` and `forkserver` run `__main__` again and
import from the working directory, and a stalled task cannot be stopped. A bare interpreter in isolated mode with two
pipes starts in the same way on every system and Python, and starts sooner.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from .start import import_path
from .worker import allowed, frame, take

CHUNK = 256 << 10  # bytes per request
_START = 60  # seconds
SMALL = 1 << 20  # bytes in all below which a second process does not pay
_HOME = str(Path(__file__).resolve().parents[1])
_BOOT = (
    "import sys; sys.path[:] = sys.argv[5:]; import __future__, typing; sys.path.insert(0, sys.argv[1]); "
    "import analyzer; del sys.path[0]; from analyzer.worker import serve; "
    "serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The last guards; whoever meets one gets a Failure."""

    seconds: int = 20  # for one payload, and one more for every BYTES_A_SECOND of it
    memory: int = 4 << 30  # bytes of address space of one process


@dataclass(frozen=True, slots=True)
class Failure:
    """A payload without a result, and why: in words for the reader of a report."""

    why: str


Result = bytes | Failure


class _Stopped(Exception):
    """The caller wants no more results."""


@dataclass(slots=True)
class _Reader:
    """A process and what it is expected to say by when."""

    process: subprocess.Popen[bytes]
    deadline: float = float("inf")
    overdue: bool = False


@dataclass(slots=True)
class _Pool:
    """What the driving threads share. `chunks` and `readers` are touched under the lock."""

    function: str
    payloads: Sequence[bytes]
    limits: Limits
    chunks: deque[list[int]]
    results: queue.SimpleQueue[tuple[int, Result] | BaseException] = field(default_factory=queue.SimpleQueue)
    readers: list[_Reader] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: bool = False


def workers(jobs: int, size: int) -> int:
    """How many processes to start for `size` bytes; `jobs` 0 means as many as this process may use cores."""
    if jobs <= 0:
        jobs = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return 1 if size < SMALL else jobs


def run(
    function: str, payloads: Sequence[bytes], *, jobs: int, limits: Limits = Limits()
) -> Iterator[tuple[int, Result]]:
    """Each payload's index and result, as they come; no process outlives the iterator, however it ends.

    `function` is "package.module:name" of a function bytes → bytes of ours. A payload whose process dies is tried once
    more, first in a new process; then it is a Failure, as is at once one that takes too long. Raises OSError where no
    process can be started.
    """
    if not payloads:
        return
    pool = _Pool(function, payloads, limits, deque(chunks([len(payload) for payload in payloads])))
    count = min(workers(jobs, sum(map(len, payloads))), len(pool.chunks))
    threads = [threading.Thread(target=_drive, args=(pool,), daemon=True) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        for _ in payloads:
            yield _next(pool, threads)
    finally:
        _stop(pool, threads)


def chunks(sizes: Sequence[int]) -> list[list[int]]:
    """Indexes in groups of about CHUNK bytes, biggest first, so that nobody ends with the biggest."""
    groups: list[list[int]] = []
    room = 0
    for index in sorted(range(len(sizes)), key=lambda index: (-sizes[index], index)):
        if not groups or sizes[index] > room:
            groups.append([])
            room = CHUNK
        groups[-1].append(index)
        room -= sizes[index] + 64
    return groups


def _next(pool: _Pool, threads: list[threading.Thread]) -> tuple[int, Result]:
    """The next result; meanwhile ends the processes that are overdue."""
    while True:
        try:
            result = pool.results.get(timeout=0.2)
        except queue.Empty:
            now = time.monotonic()
            with pool.lock:
                late = [reader for reader in pool.readers if reader.deadline < now]
            for reader in late:
                reader.overdue = True
                reader.process.kill()
            if not any(thread.is_alive() for thread in threads) and pool.results.empty():
                raise RuntimeError("the pool lost a payload") from None
            continue
        if isinstance(result, BaseException):
            raise result
        return result


def _stop(pool: _Pool, threads: list[threading.Thread]) -> None:
    with pool.lock:
        pool.stopping = True
        pool.chunks.clear()
        for reader in pool.readers:
            reader.process.kill()
    for thread in threads:
        if thread.ident is not None:
            thread.join()
    for reader in list(pool.readers):
        _end(pool, reader)


def _drive(pool: _Pool) -> None:
    """One thread: keeps one process busy with chunks until there are none."""
    reader: _Reader | None = None
    try:
        while (chunk := _next_chunk(pool)) is not None:
            reader = reader or _start(pool)
            left = _converse(pool, reader, chunk)
            if left:
                _give_back(pool, left[1:])
                reader = _second_try(pool, reader, left[0])
    except _Stopped:
        return
    except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
        pool.results.put(error)


def _next_chunk(pool: _Pool) -> list[int] | None:
    with pool.lock:
        return pool.chunks.popleft() if pool.chunks else None


def _give_back(pool: _Pool, left: list[int]) -> None:
    with pool.lock:
        if pool.stopping:
            raise _Stopped
        if left:
            pool.chunks.appendleft(left)


def _second_try(pool: _Pool, reader: _Reader, index: int) -> _Reader | None:
    """Bury a process; unless it was too slow, try its victim in a new one: that one, or None where it died too."""
    if not reader.overdue:
        _end(pool, reader)
        reader = _start(pool)
        if not _converse(pool, reader, [index]):
            return reader
    pool.results.put((index, Failure(_epitaph(pool, reader, index))))
    return None


def _converse(pool: _Pool, reader: _Reader, chunk: list[int]) -> list[int]:
    """Send a chunk and pass the replies on; what is left of it when the process dies."""
    source, target = reader.process.stdin, reader.process.stdout
    assert source is not None and target is not None
    decode = msgspec.msgpack.Decoder(tuple[int, bool, bytes]).decode
    try:
        source.write(frame([(index, pool.payloads[index]) for index in chunk]))
        source.flush()
    except OSError:
        return chunk
    for position, expected in enumerate(chunk):
        reader.deadline = time.monotonic() + allowed(pool.limits.seconds, pool.payloads[expected])
        try:
            body = take(target)
            index, good, result = decode(body) if body is not None else (-1, False, b"")
        except (OSError, msgspec.DecodeError):
            index = -1
        if index != expected:
            return chunk[position:]
        pool.results.put((index, result if good else Failure(result.decode("utf-8", "replace"))))
    reader.deadline = float("inf")
    return []


def _start(pool: _Pool) -> _Reader:
    """A new process that has said that it is ready. Raises OSError where none can be had."""
    limits = pool.limits
    command = [
        *(sys.executable, "-I", "-S", "-W", "ignore", "-c", _BOOT),
        *(_HOME, pool.function, str(limits.seconds), str(limits.memory)),
        *import_path(),
    ]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    environment.pop("PYTHONPATH", None)
    with pool.lock:
        if pool.stopping:
            raise _Stopped
        process = subprocess.Popen(
            command, cwd=_HOME, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        reader = _Reader(process, time.monotonic() + _START)
        pool.readers.append(reader)
    assert reader.process.stdout is not None
    if take(reader.process.stdout) is None:
        code = _end(pool, reader)
        _give_back(pool, [])
        raise OSError(f"a reader's process did not start (exit code {code})")
    return reader


def _end(pool: _Pool, reader: _Reader) -> int:
    """Bury a process: its exit code."""
    with pool.lock:
        pool.readers.remove(reader)
    process = reader.process
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # bytes that it never read
                continue
    return process.wait()


def _epitaph(pool: _Pool, reader: _Reader, index: int) -> str:
    code = _end(pool, reader)
    if reader.overdue:
        return f"not read within {allowed(pool.limits.seconds, pool.payloads[index])} seconds"
    if code < 0:
        return f"the reader's process died ({signal.Signals(-code).name})"
    return f"the reader's process died (exit code {code})"
