"""Where a run starts → the configuration file that rules it, and its table."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass

from ..discover.read import Refused, read
from ..failure import UserError

_DEDICATED = ("backend-audit.toml", ".backend-audit.toml")


@dataclass(frozen=True, slots=True)
class Found:
    """A configuration file."""

    file: str  # absolute
    table: dict[str, object]


def nearest(start: str, root: str) -> Found | None:
    """The nearest configuration from a folder up to the root, both absolute; files are never merged.

    In one folder a file of our own wins over `pyproject.toml`; a `pyproject.toml` without our table does not count.
    Raises UserError for one that cannot be read or parsed.
    """
    folder = start
    while True:
        for name in (*_DEDICATED, "pyproject.toml"):
            file = os.path.join(folder, name)
            if os.path.lexists(file) and (found := _open(file, root)):
                return found
        parent = os.path.dirname(folder)
        if folder == root or parent == folder:
            return None
        folder = parent


def named(file: str) -> Found:
    """The configuration in a file that the user names. Raises UserError."""
    place = os.path.realpath(file)
    if not os.path.exists(place):
        raise UserError(f"--config {file}: there is no such file", "settings are given as KEY=VALUE")
    table = _parse(place, _content(place))
    return Found(place, _ours(place, table) or {} if os.path.basename(place) == "pyproject.toml" else table)


def _open(file: str, root: str) -> Found | None:
    place = os.path.realpath(file)
    if os.path.islink(file) and not place.startswith(root.rstrip(os.sep) + os.sep):
        raise UserError(f"{file} leads out of the project", "give it with --config, or leave it out with --isolated")
    content = _content(place)
    if os.path.basename(file) != "pyproject.toml":
        return Found(file, _parse(file, content))
    if b"backend-audit" not in content:
        return None
    table = _ours(file, _parse(file, content))
    return None if table is None else Found(file, table)


def _content(file: str) -> bytes:
    try:
        content = read(file)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    if isinstance(content, Refused) or content is None:
        raise UserError(f"{file} cannot be read: not a regular file under 2 MB")
    return content


def _parse(file: str, content: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8 (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is not valid TOML: {error}") from None
    except RecursionError:
        raise UserError(f"{file} is nested too deeply") from None


def _ours(file: str, document: dict[str, object]) -> dict[str, object] | None:
    tools = document.get("tool", {})
    table = tools.get("backend-audit") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UserError(f"{file}: [tool.backend-audit] must be a table")
    return table
