"""Command line and configuration file → Config; every mistake is named before anything is read."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..discover.root import locate
from ..failure import UserError
from ..model.config import Config
from .check import check_table, inside
from .find import Found, named, nearest

_SETTING = re.compile(r"\s*([A-Za-z][\w.\"*/-]*)\s*=(.*)", re.DOTALL)
_ADDED = ("extend_select", "ignore", "exclude", "include", "libraries", "semgrep_rules")
_FOLDERS = {"libraries": "libraries", "semgrep-rules": "semgrep_rules"}  # relative to the file, and inside its folder


def load(
    paths: Sequence[str], overrides: Mapping[str, object], *, config: Sequence[str] = (), isolated: bool = False
) -> Config:
    """The settings of a run: defaults, then the file, then `config`'s KEY=VALUE, then `overrides` (fields of Config).

    `config` holds the values of `--config`: one file in place of the one found, and any number of KEY=VALUE. Lists
    of globs and of ignored rules add to those of the file, all else replaces. Raises UserError with every mistake.
    """
    given = dict(overrides)
    root = str(given.get("root", ""))
    base = Config(paths=tuple(paths) or (root or ".",), root=root)
    place = locate(base)  # also refuses paths that do not exist
    settings = [text for text in config if _is_setting(text)]
    files = [text for text in config if not _is_setting(text)]
    if len(files) > 1:
        raise UserError(f"--config names {len(files)} files", "one file, and any number of KEY=VALUE")
    found = named(files[0]) if files else None
    if found is None and not isolated:
        first = os.path.realpath(base.paths[0])
        found = nearest(first if os.path.isdir(first) else os.path.dirname(first), place.root)
    values, source = _of_file(found) if found else ({}, "")
    values.update(_of_settings(settings))
    _, mistakes = check_table({key.replace("_", "-"): given[key] for key in ("include", "exclude") if key in given})
    if mistakes:
        raise UserError("\n  ".join(mistakes))
    for name, value in given.items():
        before = values.get(name, ())
        if name in _ADDED and isinstance(before, tuple) and isinstance(value, tuple):
            value = (*before, *(item for item in value if item not in before))
        values[name] = value
    return replace(base, source=source, **values)  # type: ignore[arg-type]  # `check_table` has made the types right


def _of_file(found: Found) -> tuple[dict[str, object], str]:
    values, mistakes = check_table(found.table)
    folder = os.path.dirname(os.path.realpath(found.file))
    for key, field in _FOLDERS.items():
        given = values.get(field, ())
        places = {path: inside(folder, path) for path in given} if isinstance(given, tuple) else {}
        if places:
            values[field] = tuple(place for place in places.values() if place)
        for path, place in places.items():
            if not place or not os.path.isdir(place):
                mistakes.append(f'`{key}`: {path!r} is no folder under {folder}, for example: {key} = ["models"]')
    if file := values.get("baseline"):
        values["baseline"] = inside(folder, str(file))
        if not values["baseline"]:
            mistakes.append(f'`baseline`: {file!r} leads out of {folder}; right is: baseline = "audit-baseline.json"')
    if mistakes:
        raise _error(found.file, mistakes)
    return values, found.file


def _is_setting(text: str) -> bool:
    return bool(_SETTING.fullmatch(text)) and not os.path.exists(text)


def _of_settings(settings: Sequence[str]) -> dict[str, object]:
    """The values of `--config KEY=VALUE`. A value is TOML, or a bare word where that is a string."""
    values: dict[str, object] = {}
    mistakes = []
    for text in settings:
        try:
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            match = _SETTING.fullmatch(text)
            table = {match[1]: match[2].strip()} if match else {}
        checked, wrong = check_table(table)
        for field in _FOLDERS.values():
            if isinstance(folders := checked.get(field), tuple):
                checked[field] = tuple(os.path.abspath(folder) for folder in folders)
        if file := checked.get("baseline"):
            checked["baseline"] = os.path.abspath(str(file))
        values.update(checked)
        mistakes += wrong
    if mistakes:
        raise _error("--config", mistakes)
    return values


def _error(where: str, mistakes: Sequence[str]) -> UserError:
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return UserError("\n  ".join((f"{where} has {count}:", *mistakes)))
