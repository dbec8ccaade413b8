"""A table of the configuration → values of `Config`, or every mistake in it, each with an example of what is right."""

from __future__ import annotations

import datetime
import difflib
import os
import re
from collections.abc import Callable, Mapping

from ..model.config import Assumption, FileIgnore
from ..model.rule import Confidence, Engine, Severity

FRONT_ENDS = ("auto", "ast", "libcst")
FAIL_ON = tuple(Severity)
ENGINES = tuple(Engine)
_HONOR = ("nosec", "nosemgrep", "noqa")
_MOST_JOBS = 256
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
COMMAND_LINE_ONLY = ("rules", "root", "cache-dir", "paths", "diff-base")


class Mistake(ValueError):
    """One thing wrong with a value; says what is expected."""


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Mistake(f"`{key}` must be true or false, for example: {key} = true")
    return value


def _number(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_JOBS:
        raise Mistake(f"`{key}` must be a whole number from 0 to {_MOST_JOBS}, for example: {key} = 2")
    return value


def _texts(key: str, value: object, example: str = "raw-sql") -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item.strip() for item in value):
        raise Mistake(f'`{key}` must be a list of strings, for example: {key} = ["{example}"]')
    return tuple(value)


def _globs(key: str, value: object) -> tuple[str, ...]:
    texts = _texts(key, value, "legacy/**")
    for text in texts:
        if text.startswith(("!", "#")):
            raise Mistake(
                f"`{key}`: {text!r} is no glob: it is read as in .gitignore, where ! and # begin other things"
            )
        check_glob(key, text)
    return texts


def check_glob(key: str, glob: str) -> None:
    """Raises Mistake for a glob that names nothing in a `.gitignore`, or takes too long to match."""
    from ..discover.patterns import compile_lines

    patterns, _ = compile_lines([glob])
    if not patterns.names and not patterns.globs:
        raise Mistake(f'`{key}`: {glob!r} is no usable glob; one is "legacy/**"')


def _one_of(choices: tuple[str, ...]) -> Callable[[str, object], str]:
    def check(key: str, value: object) -> str:
        if value not in choices:
            named = ", ".join(choices)
            raise Mistake(f'`{key}` must be one of {named}, for example: {key} = "{choices[1]}"')
        return str(value)

    return check


def _honor(key: str, value: object) -> tuple[str, ...]:
    texts = _texts(key, value, "nosec")
    for text in texts:
        if text not in _HONOR:
            raise Mistake(f"`{key}` knows {', '.join(_HONOR)}, not {text!r}{did_you_mean(text, _HONOR)}")
    return texts


def _engines(key: str, value: object) -> tuple[str, ...]:
    texts = _texts(key, value, "native")
    for text in texts:
        if text not in ENGINES:
            raise Mistake(f"`{key}` knows {', '.join(ENGINES)}, not {text!r}{did_you_mean(text, ENGINES)}")
    return texts


def _file(key: str, value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise Mistake(f'`{key}` must be a file, for example: {key} = "audit-baseline.json"')
    return value


def _ignores(key: str, value: object) -> tuple[FileIgnore, ...]:
    example = '"legacy/**" = {rules = ["raw-sql"], reason = "frozen, replaced in May"}'
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        raise Mistake(f"`{key}` must be a table of globs, for example: {example}")
    ignores = []
    for glob, entry in value.items():
        where = f'{key}."{glob}"'
        _known(where, entry, ("rules", "reason", "expires"))
        if "rules" not in entry:
            raise Mistake(f"`{where}` names no rules, for example: {example}")
        check_glob(where, glob)
        rules = _texts(f"{where}.rules", entry["rules"])
        ignores.append(FileIgnore(glob, rules, _reason(where, entry, example), _date(f"{where}.expires", entry)))
    return tuple(ignores)


def _assumptions(key: str, value: object) -> tuple[Assumption, ...]:
    example = 'rate-limit = {value = "gateway", reason = "limits are set in the API gateway, repository infra"}'
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        raise Mistake(f"`{key}` must be a table with a reason for each entry, for example: {example}")
    found = []
    for name, entry in value.items():
        where = f"{key}.{name}"
        _known(where, entry, ("value", "reason"))
        if not _KEY.fullmatch(name):
            raise Mistake(f"`{where}`: names are lower case with hyphens, for example: {example}")
        if not isinstance(entry.get("value"), str) or not entry["value"].strip():
            raise Mistake(f"`{where}` needs a value, for example: {example}")
        found.append(Assumption(name, entry["value"], _reason(where, entry, example)))
    return tuple(sorted(found, key=lambda assumption: assumption.key))


def _known(where: str, entry: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in entry:
        if key not in keys:
            raise Mistake(f"unknown key `{where}.{key}`{did_you_mean(key, keys)}")


def _reason(where: str, entry: Mapping[str, object], example: str) -> str:
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise Mistake(f"`{where}` needs a reason, for example: {example}")
    return reason.strip()


def _date(where: str, entry: Mapping[str, object]) -> str:
    value = entry.get("expires", "")
    if value == "":
        return ""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    try:
        return datetime.date.fromisoformat(value).isoformat() if isinstance(value, str) else _bad_date(where)
    except ValueError:
        return _bad_date(where)


def _bad_date(where: str) -> str:
    raise Mistake(f'`{where}` must be a date, for example: expires = "2030-01-31"')


_CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "select": _texts,
    "extend-select": _texts,
    "ignore": _texts,
    "engines": _engines,
    "supersede": _flag,
    "severity": _one_of(tuple(Severity)),
    "confidence": _one_of(tuple(Confidence)),
    "fail-on": _one_of(FAIL_ON),
    "strict": _flag,
    "include": _globs,
    "exclude": _globs,
    "per-file-ignores": _ignores,
    "assume": _assumptions,
    "honor": _honor,
    "libraries": _texts,
    "semgrep-rules": _texts,
    "baseline": _file,
    "jobs": _number,
    "cache": _flag,
    "front-end": _one_of(FRONT_ENDS),
    "show-suppressed": _flag,
}
KEYS = tuple(_CHECKS)


def check_table(table: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Config fields and their values, and every mistake in the table."""
    values: dict[str, object] = {}
    mistakes = []
    for key, value in table.items():
        if key in COMMAND_LINE_ONLY:
            mistakes.append(
                f"`{key}` is for the command line only: a project under audit decides neither what code is run"
                " nor where files are read and written"
            )
        elif key not in _CHECKS:
            mistakes.append(f"unknown key `{key}`{did_you_mean(key, KEYS)}")
        else:
            try:
                values[key.replace("-", "_")] = _CHECKS[key](key, value)
            except Mistake as mistake:
                mistakes.append(str(mistake))
    return values, mistakes


def did_you_mean(word: str, known: tuple[str, ...]) -> str:
    """`: did you mean …?` with the nearest known word, else the list of them."""
    near = difflib.get_close_matches(word.lower().replace("_", "-"), known, 1, 0.6)
    return f": did you mean `{near[0]}`?" if near else f"; there are {', '.join(sorted(known))}"


def inside(folder: str, path: str) -> str | None:
    """The absolute place of a relative path, None where it leads out of the folder."""
    place = os.path.realpath(os.path.join(folder, path))
    return place if place == folder or place.startswith(folder.rstrip(os.sep) + os.sep) else None
