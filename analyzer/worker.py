"""The reader's process: chunks of payloads arrive on its standard input, one reply per payload leaves on its output.

A frame is eight bytes of length and that many bytes of msgpack. A request is a list of (index, payload); a reply is
(index, ok, bytes), where the bytes are the function's result, or the reason why there is none, as UTF-8. A reply is
written before the next payload is begun, so that the parent knows whose fault a death is.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import IO

import msgspec

HEADER = 8
BYTES_A_SECOND = 40_000  # of the slowest reader on a slow machine
_BIGGEST = 1 << 31  # bytes of a frame; more is the noise of a process that lost its mind
_STACK = 512 << 20  # bytes, reserved and not touched: C frames of CPython's parser for `_RECURSION` levels
_RECURSION = 12_000
_Function = Callable[[bytes], bytes]


def frame(message: object) -> bytes:
    """The bytes that carry a message."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(HEADER, "big") + body


def take(stream: IO[bytes]) -> bytes | None:
    """The body of the next frame, or None where the stream ends, also in the middle of a frame, or is no frame."""
    header = stream.read(HEADER)
    if len(header) < HEADER:
        return None
    size = int.from_bytes(header, "big")
    if size > _BIGGEST:
        return None
    body = stream.read(size)
    return body if len(body) == size else None


def allowed(seconds: int, payload: bytes) -> int:
    """How many seconds the payload may take."""
    return seconds + len(payload) // BYTES_A_SECOND


def serve(name: str, seconds: int, memory: int) -> None:
    """Answer requests with the function "package.module:name" until the input ends; never returns.

    `seconds` and its size bound one payload, even when the parent is gone; `memory` (bytes) bounds the address space.
    """
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not write into the replies
    _protect(memory)
    module, _, attribute = name.partition(":")
    function: _Function = getattr(importlib.import_module(module), attribute)
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)  # syntax trees hold no cycles
    sys.setrecursionlimit(_RECURSION)
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_loop, args=(source, target, function, seconds), daemon=True)
    thread.start()
    thread.join()
    os._exit(0)


def _protect(memory: int) -> None:
    """Leave Ctrl-C to the parent; bound the memory; leave no core dump in anybody's folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        return
    import resource

    for what, wanted in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory)):
        _, hard = resource.getrlimit(what)
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(what, (soft, hard))
        except (ValueError, OSError):  # macOS refuses RLIMIT_AS
            continue


def _alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.alarm(seconds)  # unhandled, it ends the process, also inside native code


def _loop(source: IO[bytes], target: IO[bytes], function: _Function, seconds: int) -> None:
    decode = msgspec.msgpack.Decoder(list[tuple[int, bytes]]).decode
    try:
        target.write(frame((-1, True, b"")))  # ready
        target.flush()
        while (body := take(source)) is not None:
            for index, payload in decode(body):
                _alarm(2 * allowed(seconds, payload))
                target.write(frame((index, *_answer(function, payload))))
                target.flush()
            _alarm(0)
    except OSError:  # the parent is gone
        os._exit(0)


def _answer(function: _Function, payload: bytes) -> tuple[bool, bytes]:
    try:
        return True, function(payload)
    except RecursionError:
        why = "nested too deeply"
    except MemoryError:
        why = "needs more memory than a reader may have"
    except Exception as error:  # noqa: BLE001 - a bug of ours costs one file
        why = f"the reader failed: {type(error).__name__}: {error}"[:300]
    return False, why.encode("utf-8", "replace")
