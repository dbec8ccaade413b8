"""A path → the bytes of a regular file, opened so that nothing else can block, be followed, or fill the memory."""

from __future__ import annotations

import os
import stat
from enum import Enum

LIMIT = 2 * 1024 * 1024
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


class Refused(Enum):
    """Why a file has no bytes for us."""

    NOT_REGULAR = "not a regular file"
    TOO_BIG = "over 2 MB"


def read(path: str, opening: bytes = b"", limit: int = LIMIT) -> bytes | Refused | None:
    """The content of a file, or why it is not read; None when it does not begin with `opening`.

    Raises OSError when the system refuses.
    """
    handle = os.open(path, _FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return Refused.NOT_REGULAR
        start = os.read(handle, len(opening)) if opening else b""
        if start != opening:
            return None
        if status.st_size > limit:
            return Refused.TOO_BIG
        return _rest(handle, start, status.st_size, limit)
    finally:
        os.close(handle)


def _rest(handle: int, start: bytes, size: int, limit: int) -> bytes | Refused:
    """What follows `start`; the size is a guess that the file may break while it is read."""
    content = start
    while block := os.read(handle, min(max(size - len(content), 0), limit) + 1):
        content += block
        if len(content) > limit:
            return Refused.TOO_BIG
    return content
