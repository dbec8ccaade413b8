"""A command's work → its exit code, whatever goes wrong on the way; no traceback unless it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn

from ..failure import UserError


class Exit(IntEnum):
    """The exit codes, the same for every command and format."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING = 3
    INTERNAL = 4
    INTERRUPTED = 130


def finish(work: Callable[[], int], *, verbose: bool = False) -> NoReturn:
    """Do the work and exit with its code, or with the code of what stopped it, said in human words on stderr."""
    raise SystemExit(_outcome(work, verbose))


def _outcome(work: Callable[[], int], verbose: bool) -> int:
    try:
        return work()
    except UserError as error:
        say(f"backend-audit: {error.message}")
        if error.hint:
            say("".join(f"  {line}\n" for line in error.hint.splitlines()).rstrip("\n"))
        return error.code
    except KeyboardInterrupt:
        return interrupted()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug of ours and has its own exit code
        if verbose:
            import traceback

            say(traceback.format_exc().rstrip("\n"))
        name = type(error).__name__
        first = str(error).split("\n", 1)[0][:200]
        say(f"backend-audit: internal error ({name}: {first})")
        hint = "with the lines above" if verbose else "with what the same command prints with -v"
        say(f"  this is a bug of ours: please report it {hint}")
        return Exit.INTERNAL


def interrupted() -> int:
    """Say that the user stopped the run; the exit code for that."""
    say("backend-audit: interrupted")
    return Exit.INTERRUPTED


def say(text: str) -> None:
    """Human words, to stderr; control characters of audited names are shown, not obeyed."""
    from ..reporters.visible import visible

    safe = "\n".join(visible(line) for line in text.split("\n"))
    try:
        sys.stderr.buffer.write(f"{safe}\n".encode("utf-8", "replace"))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens


def put(text: str) -> None:
    """A report, to stdout as UTF-8. A reader that has gone (`| head`) is no error; a full disk is a UserError."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at exit
        if not isinstance(error, BrokenPipeError):
            raise UserError(f"the report could not be written to stdout: {error.strerror}") from None
