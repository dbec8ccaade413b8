"""A number of frames → room for them on the stack, the same for every caller."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def room_for(frames: int) -> Iterator[None]:
    """Let the code inside nest this many frames deep, wherever it is called from, then restore the limit.

    What is refused for its depth is then refused by every caller, on a shallow stack as on a deep one.
    """
    depth, frame = 0, _caller()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _caller() -> FrameType | None:
    return sys._getframe(1)
