"""A program that is not ours and its arguments → what it printed; found by absolute path, started without a shell.

The one place besides the pool that starts processes: semgrep and git.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")  # of the environment; all else is left out
_NAMED = 2_000  # characters of what a program complains about


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended."""

    code: int  # its exit code; negative: the signal that ended it
    output: bytes
    errors: str  # the end of what it said on stderr
    why: str = ""  # why it did not end by itself: "did not end within 60 seconds"; "" where it did


def find(name: str, root: str) -> Path | None:
    """A program of our own environment, else of an absolute entry of PATH that lies outside of the audited `root`."""
    inside = os.path.realpath(root)
    own = [os.path.dirname(sys.executable), os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin")]
    for folder in (*own, *os.environ.get("PATH", "").split(os.pathsep)):
        if not os.path.isabs(folder):
            continue
        found = shutil.which(name, path=folder)
        if found is None:
            continue
        place = os.path.realpath(found)
        if folder in own or not (place == inside or place.startswith(inside.rstrip(os.sep) + os.sep)):
            return Path(found)
    return None


def run(
    program: Path,
    arguments: Sequence[str],
    *,
    cwd: str,
    seconds: float,
    environment: Mapping[str, str] = {},
    given: bytes = b"",
) -> Ran:
    """Run a program to its end, or to the end of its time: then it and its children are killed.

    `environment` is added to a small one that names no HOME and no PYTHONPATH. Raises OSError where it cannot start.
    """
    clean = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = subprocess.Popen(
        [str(program), *arguments], cwd=cwd, env={**clean, "PYTHONSAFEPATH": "1", **environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=os.name != "nt",
    )  # fmt: skip
    late = threading.Event()
    timer = threading.Timer(seconds, _end, (process, late))
    timer.daemon = True
    timer.start()
    try:
        output, errors = process.communicate(given)
    finally:
        timer.cancel()
        _kill(process)  # also its children, which may outlive it
        process.wait()
    said = errors.decode("utf-8", "replace")[-_NAMED:]
    return Ran(process.returncode, output, said, f"did not end within {seconds:g} seconds" if late.is_set() else "")


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group. The group of one that has ended may still hold its children."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
