"""A lock file → one entry per package that is locked: its name behind `LOCKED`, and its version as an exact pin."""

from __future__ import annotations

import json
import re

from ...model.facts import LOCKED
from .sheet import Malformed, Sheet, add, line_of, rows

_KEY = re.compile(r'(name|version)\s*=\s*"([^"\\]*)"\s*')
_PACKAGES = ("[[package]]", "[[packages]]")  # poetry.lock, uv.lock and pdm.lock; pylock.toml
_CONFLICT = ("<<<<<<< ", ">>>>>>> ")


def read_lock(found: Sheet) -> None:
    """`name = "redis"` and `version = "5.0"` of a package → ("locked:redis", "==5.0").

    Lock files are long, and none of their other tables is needed: they are read line by line. Raises Malformed where
    two sides of a merge are in one.
    """
    if found.text.lstrip().startswith("{"):
        return _read_pipfile_lock(found)
    inside, said = False, dict[str, str]()
    for start, line in rows(found):
        if line.startswith(_CONFLICT):
            raise Malformed("a merge that was not finished", line_of(found, start))
        if line.startswith("["):
            inside, said = line.rstrip() in _PACKAGES, {}
        elif inside and (match := _KEY.fullmatch(line)):
            said[match[1]] = match[2]
            if len(said) == 2:
                _locked(found, said["name"], f"=={said['version']}", start, start + len(line.rstrip()))
                inside = False
    return None


def _read_pipfile_lock(found: Sheet) -> None:
    """`{"default": {"redis": {"version": "==5.0"}}}`; the places are those of the names."""
    try:
        document = json.loads(found.text)
    except (ValueError, RecursionError):
        raise Malformed("not valid JSON", 0) from None
    at = 0
    for section in ("default", "develop"):
        packages = document.get(section)
        for name, said in packages.items() if isinstance(packages, dict) else ():
            version = said.get("version") if isinstance(said, dict) else None
            if isinstance(version, str):
                at = max(found.text.find(f'"{name}"', at), at)
                _locked(found, name, version, at, at + len(name) + 2)


def _locked(found: Sheet, name: str, specifier: str, start: int, end: int) -> None:
    add(found, LOCKED + re.sub(r"[-_.]+", "-", name).lower(), specifier, start, end)
