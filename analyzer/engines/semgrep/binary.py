"""A folder of files and rules → what semgrep says of them; and which semgrep there is, told without starting it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from ... import tools

RULES, FILES = "rules.json", "files"  # in the folder that a run is given
LARGEST = 1_000_000  # bytes of a file, semgrep's own limit
PATIENCE = 5  # seconds for one rule on one file, semgrep's own limit
UNKNOWN = "unknown"
_START = 20  # seconds for a run, and one more for so many bytes:
_BYTES_A_SECOND = 50_000
_DISTRIBUTION = re.compile(r"semgrep-(\d[\w.]*)\.dist-info")
_OLDEST = (1, 120)
_ENDED_WELL = (0, 1, 2)  # nothing found, something found, a rule refused


class Front(StrEnum):
    """The two programs behind the one name."""

    NATIVE = "--experimental"  # 0.2 seconds to start
    ORDINARY = ""  # 4 seconds


class Place(msgspec.Struct, frozen=True):
    """Where a match begins or ends."""

    offset: int  # in bytes, from 0


class Extra(msgspec.Struct, frozen=True):
    """What a match says."""

    message: str = ""


class Match(msgspec.Struct, frozen=True):
    """One match of one rule."""

    check_id: str
    path: str
    start: Place
    end: Place
    extra: Extra


class Fault(msgspec.Struct, frozen=True):
    """Something that semgrep could not do."""

    message: str = ""
    type: str | list[Any] = ""
    path: str | None = None
    rule_id: str | None = None


class Scanned(msgspec.Struct, frozen=True):
    """The files that semgrep looked at."""

    scanned: list[str]


class Said(msgspec.Struct, frozen=True):
    """What semgrep prints, as far as we read it."""

    results: list[Match]
    errors: list[Fault]
    paths: Scanned


def find(root: str) -> Path | None:
    """The program: of our own environment first, else of PATH; never one that lies in the audited tree."""
    return tools.find("semgrep", root)


def scan(program: Path, folder: str, front: Front, size: int, jobs: int) -> Said | str:
    """Run RULES over FILES in a folder that nobody else knows, or say why there is no result; `size` in bytes."""
    arguments = [
        "scan", *filter(None, [str(front)]), "--metrics=off", "--disable-version-check", "--disable-nosem",
        "--no-git-ignore", "--json", "--quiet", "--no-rewrite-rule-ids", f"--timeout={PATIENCE}",
        f"--max-target-bytes={LARGEST + 1}", f"--jobs={jobs}", f"--config={RULES}", FILES,
    ]  # fmt: skip
    seconds = _START + size / _BYTES_A_SECOND
    try:
        ran = tools.run(program, arguments, cwd=folder, seconds=seconds, environment=_environment(program, folder))
    except OSError as error:
        return f"cannot be started: {error.strerror or error}"
    if ran.why:
        return ran.why
    if ran.code < 0:
        return f"was ended by signal {-ran.code}"
    if ran.code not in _ENDED_WELL:
        return f"ended with code {ran.code}"
    try:
        return msgspec.json.decode(ran.output, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"ended with code {ran.code} and printed no result that can be read"


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


def outdated(root: str) -> str:
    """Its version where that is known and older than any that the rules were tried with, else ""."""
    known = version(root)
    numbers = tuple(int(part) for part in known.split(".") if part.isdigit())
    return known if numbers and numbers < _OLDEST else ""


def _environment(program: Path, folder: str) -> Mapping[str, str]:
    """No home but the folder, no network, no other programs than those beside semgrep and the system's."""
    home = os.path.join(folder, "home")
    beside = dict.fromkeys((os.path.dirname(program), os.path.dirname(os.path.realpath(program))))
    return {
        "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "XDG_DATA_HOME": home, "USERPROFILE": home,
        "PATH": os.pathsep.join((*beside, os.defpath)),
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1",
        "SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off",
    }  # fmt: skip


def _is_own(program: Path) -> bool:
    return str(program).startswith((os.path.dirname(sys.executable) + os.sep, sys.prefix + os.sep))


def _version_of(program: Path) -> str:
    """From the name of its distribution's folder, which lies in the same environment as the program."""
    own = [Path(entry) for entry in sys.path if _is_own(program)]
    environment = Path(os.path.realpath(program)).parent.parent
    beside = [*sorted(environment.glob("lib/python3*/site-packages")), environment / "Lib" / "site-packages"]
    for folder in (*own, *beside):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if found := _DISTRIBUTION.fullmatch(name):
                return found[1]
    return UNKNOWN
