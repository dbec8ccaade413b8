"""Folders of semgrep rules in YAML → loaded rules, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from ... import assets
from ...failure import UserError
from ...library_files import LibraryError, called, decode_model, nearest
from ...model.finding import Problem
from ...model.rule import Engine, LoadedRule
from .words import rule_of, severities, words_of

FAMILY = "semgrep"
_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_RULES = re.compile(rb"""^[ \t{]*["']?rules["']?[ \t]*:""", re.MULTILINE)
_SUFFIXES = (".yaml", ".yml")
_MODES = ("search", "taint")
# What makes semgrep ask a server, run rules that are elsewhere, or judge more than files.
_REFUSED = {
    "validators": "asks servers on the network",
    "request": "asks servers on the network",
    "response": "asks servers on the network",
    "http": "asks servers on the network",
    "aws": "asks servers on the network",
    "r2c-internal-project-depends-on": "asks about dependencies, which needs semgrep's service",
    "join": "joins other rules, which may come from the network",
    "extract": "hands text on to other rules",
    "dest-language": "hands text on to other rules",
}
_PATTERNS = ("pattern", "patterns", "pattern-either", "pattern-regex", "match", "pattern-sources", "taint")
# What the program is told of a rule; the rest is ours to know.
_GIVEN = (
    "languages", "mode", "message", "severity", "options", "min-version", "max-version", *_PATTERNS,
    "pattern-sinks", "pattern-sanitizers", "pattern-propagators",
)  # fmt: skip


class _File(msgspec.Struct, frozen=True):
    """A file of semgrep rules."""

    rules: list[Any]


def load_rules(folders: Sequence[str] = ()) -> tuple[tuple[LoadedRule, ...], tuple[Problem, ...]]:
    """The built-in semgrep rules and the user's, sorted by id, and a problem for each that cannot be used.

    `folders` are folders or single files. Raises UserError where one does not exist.
    """
    loaded: dict[str, LoadedRule] = {}
    problems: list[Problem] = []
    for path, alone in [*_files(assets.rules() / "semgrep"), *(each for own in folders for each in _own(own))]:
        for found in _read(path, alone):
            if isinstance(found, Problem):
                problems.append(found)
            elif found.rule.id in loaded:
                name = found.rule.id.partition(":")[2]
                problems.append(_problem(path, f"rule `{name}` is defined twice; the second one is left out"))
            else:
                loaded[found.rule.id] = found
    return tuple(loaded[name] for name in sorted(loaded)), tuple(problems)


def given(loaded: LoadedRule, name: str) -> dict[str, Any]:
    """A rule as the program gets it: under a neutral name, without metadata, path filters and fixes."""
    definition = msgspec.json.decode(loaded.definition)
    return {"id": name, **{key: definition[key] for key in _GIVEN if key in definition}}


def _own(name: str) -> Iterator[tuple[Path, bool]]:
    path = Path(name)
    if path.is_file():
        return iter([(path, True)])
    if not path.is_dir():
        raise UserError(
            f"no semgrep rules at {name}",
            "name a folder or a file of semgrep rules; nothing is fetched, so p/… and URLs cannot be used",
        )
    return _files(path)


def _files(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The rule files below a folder, sorted; not hidden ones, nor the test targets that lie beside rules."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in _SUFFIXES and not hidden and ".test." not in path.name and path.is_file():
            yield path, False


def _read(path: Path, alone: bool) -> Iterator[LoadedRule | Problem]:
    try:
        if not alone and not _RULES.search(path.read_bytes()):  # rules may lie beside what they are tried on
            yield _problem(path, "it holds none", note=True)
            return
        raw = decode_model(path, _File).rules
    except LibraryError as error:
        yield _problem(path, f"cannot be used: {error.message.removeprefix(called(path)).lstrip(' :')}")
        return
    except (OSError, RecursionError) as error:
        yield _problem(path, f"cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}")
        return
    for position, definition in enumerate(raw, 1):
        try:
            yield _load(definition)
        except ValueError as error:
            name = definition.get("id") if isinstance(definition, dict) else None
            what = f"rule `{name}`" if isinstance(name, str) else f"rule {position}"
            yield _problem(path, f"{what} cannot be used: {error}")


def _problem(path: Path, message: str, note: bool = False) -> Problem:
    return Problem("detect", "", f"semgrep rules in {called(path)}: {message}", note=note)


def _load(definition: Any) -> LoadedRule:
    """One rule. Raises ValueError with the reason where it cannot be used."""
    if not isinstance(definition, dict):
        raise ValueError("it is no mapping; rules of the registry are not fetched")
    name = _checked(definition)
    words = words_of(definition)
    try:
        text = msgspec.json.encode(definition, order="deterministic")
    except (TypeError, msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(f"it holds what is no text, number, list or mapping ({type(error).__name__})") from None
    return LoadedRule(
        rule=rule_of(name, definition, words),
        family=FAMILY,
        digest=blake2b(text, digest_size=16).hexdigest(),
        detect=None,
        engine=Engine.SEMGREP,
        reports=words.reports if words else "",
        definition=text.decode(),
    )


def _checked(definition: dict[str, Any]) -> str:
    """The rule's id. Raises ValueError where semgrep would refuse the rule, or do with it what we do not allow."""
    name = definition.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ValueError("its id is no text of letters, digits, dots, dashes and underscores")
    for key, why in _REFUSED.items():
        if key in definition:
            raise ValueError(f"`{key}` {why}")
    mode = definition.get("mode", "search")
    if mode not in _MODES:
        raise ValueError(f"`mode: {mode}` is not run; known are {', '.join(_MODES)}")
    if not isinstance(definition.get("message"), str):
        raise ValueError("it has no `message`")
    if definition.get("severity") not in severities():
        raise ValueError(f"`severity` is none; {nearest(str(definition.get('severity')), severities())}")
    languages = definition.get("languages")
    if not isinstance(languages, list) or not languages or not all(isinstance(each, str) for each in languages):
        raise ValueError("`languages` is no list of names")
    if not any(key in definition for key in _PATTERNS):
        raise ValueError("it has no pattern")
    if not isinstance(definition.get("options", {}), dict):
        raise ValueError("`options` is no mapping")
    for key in ("min-version", "max-version"):
        if key in definition and not _VERSION.fullmatch(str(definition[key])):
            raise ValueError(f"`{key}` is no version of the form X.Y.Z")
    return name
