"""The audited root → which semgrep there is, and in which version, told without starting it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from ... import tools

_DISTRIBUTION = re.compile(r"semgrep-(\d[\w.]*)\.dist-info")
UNKNOWN = "unknown"


def find(root: str) -> Path | None:
    """The program: of our own environment first, else of PATH; never one that lies in the audited tree."""
    return tools.find("semgrep", root)


def version(root: str) -> str:
    """Its version, "unknown" where nothing beside it says so, "" where there is no semgrep."""
    program = find(root)
    return _version_of(program) if program else ""


def identity(root: str) -> str:
    """What tells one binary from another in cache keys (never in a report); "" where there is no semgrep."""
    program = find(root)
    if program is None:
        return ""
    known = _version_of(program)
    if _is_own(program) and known != UNKNOWN:
        return known
    status = program.stat()
    return f"{known}\0{os.path.realpath(program)}\0{status.st_size}\0{status.st_mtime_ns}"


def _is_own(program: Path) -> bool:
    return str(program).startswith((os.path.dirname(sys.executable) + os.sep, sys.prefix + os.sep))


def _version_of(program: Path) -> str:
    """From the name of its distribution's folder, which lies in the same environment as the program."""
    own = [Path(entry) for entry in sys.path if _is_own(program)]
    environment = Path(os.path.realpath(program)).parents[1]
    beside = [*environment.glob("lib/python3*/site-packages"), environment / "Lib" / "site-packages"]
    for folder in (*own, *beside):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if found := _DISTRIBUTION.fullmatch(name):
                return found[1]
    return UNKNOWN
