"""Lock files, requirements and project tables → which releases of a library may be installed, and their defaults."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from ..model.facts import LOCKED, Entry
from ..model.library import Parameter
from .evaluate import Evaluator

Version = tuple[int, ...]  # four numbers; a fifth one, 1, stands for "just above"
Default = str | int | float | bool | None | msgspec.UnsetType

_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*\(?\s*([=<>~!^].*)?")
_CLAUSE = re.compile(r"(?<![\w.!])(===|==|=|~=|<=|>=|!=|<|>|\^|~|)\s*v?(\d+(?:\.\d+)*)(\.\*)?(?!!)")
_TABLE = re.compile(r"(?:.*\.)?(?:[\w-]*dependencies|[\w-]*packages)\.([^.]+)(?:\.\d+)?(?:\.version)?")
_FIRST: Version = (0, 0, 0, 0)
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of a library that one place allows."""

    start: Version
    end: Version | None  # the first one that is left out, and all after it; None for no upper end
    exact: bool = False


@dataclass(frozen=True, slots=True)
class _Pin:
    folder: str
    locked: bool
    releases: Releases


def all_before(ev: Evaluator, limit: str) -> bool:
    """Whether every release of a library that may be installed is older ("redis<8.0"); False where nothing says so."""
    library, _, version = limit.partition("<")
    found = allowed(ev, library)
    return bool(found) and all(one.end is not None and one.end <= _version(version) for one in found)


def all_from(ev: Evaluator, limit: str) -> bool:
    """Whether every release that may be installed is this or a later one ("fastapi>=0.137")."""
    library, _, version = limit.partition(">=")
    found = allowed(ev, library)
    return bool(found) and all(one.start >= _version(version) for one in found)


def defaults(ev: Evaluator, parameter: Parameter) -> tuple[Default, ...]:
    """Every default that a parameter has in a release that may be installed; the newest where nothing is said of it."""
    if not parameter.default_before:
        return (parameter.default,)
    library = next(iter(parameter.default_before)).partition("<")[0]
    steps = sorted((_version(limit.partition("<")[2]), limit) for limit in parameter.default_before)
    ends = [*((end, parameter.default_before[limit]) for end, limit in steps), (None, parameter.default)]
    found = allowed(ev, library) or (Releases(steps[-1][0], None),)
    values: list[Default] = []
    start = _FIRST
    for end, value in ends:
        here = any((end is None or one.start < end) and (one.end is None or one.end > start) for one in found)
        if here and value not in values:
            values.append(value)
        start = end or start
    return tuple(values)


def allowed(ev: Evaluator, library: str) -> tuple[Releases, ...]:
    """What each place that still counts allows: a lock file beats a range, and so does an exact pin that is in it."""
    pins = list(_pins(ev, _normal(library)))
    exact = [pin for pin in pins if pin.releases.exact]
    return tuple(pin.releases for pin in pins if pin.releases.exact or not any(_beats(one, pin) for one in exact))


def _beats(exact: _Pin, pin: _Pin) -> bool:
    """Whether an exact pin settles what a range leaves open: it holds for the same folder, or one around it."""
    around = not exact.folder or f"{pin.folder}/".startswith(f"{exact.folder}/")
    return around and (exact.locked or _within(exact.releases, pin.releases))


def _within(exact: Releases, of: Releases) -> bool:
    return exact.start >= of.start and (of.end is None or exact.start < of.end)


def _pins(ev: Evaluator, library: str) -> Iterator[_Pin]:
    """What each file of the project asks of a library."""
    for path, facts in sorted(ev.index.text.items()):
        folder = posixpath.dirname(path)
        if posixpath.basename(folder) == "requirements":
            folder = posixpath.dirname(folder)
        for entry in facts.entries:
            locked = entry.key == LOCKED + library
            for specifier in (entry.value,) if locked else _specifiers(path, entry, library):
                yield from (_Pin(folder, locked, one) for one in ranges(specifier))


def _specifiers(path: str, entry: Entry, library: str) -> Iterator[str]:
    """What an entry asks of a library: "==4.5.1", "^4.5", "" for any; nothing where it is about something else."""
    name = posixpath.basename(path)
    if name.endswith((".yml", ".yaml")) and not name.startswith("environment"):
        return  # `dependencies:` of a chart, a workflow, an API
    table = _TABLE.fullmatch(entry.key)
    if table and _normal(table[1]) == library or name.endswith((".txt", ".in")) and entry.key == library:
        yield entry.value
    elif "dependencies" in entry.key or "requires" in entry.key:
        for line in entry.value.splitlines():
            match = _REQUIREMENT.fullmatch(line.partition(";")[0].strip())
            if match and _normal(match[1]) == library:
                yield match[2] or ""


def ranges(specifier: str) -> list[Releases]:
    """A specifier as the releases that it allows, one for each alternative ("^4 || ^5"); one that no release fits says
    nothing, and allows any."""
    return [_range(part.strip()) for part in specifier.partition(";")[0].split("||")]


def _range(bare: str) -> Releases:
    start, end, exact = _FIRST, None, False
    for operator, text, star in _CLAUSE.findall(bare):
        if operator == "!=" or (not operator and bare not in (text, text + star)):
            continue
        low, high = _clause(operator, text, bool(star))
        start = max(start, low)
        end = high if end is None or (high is not None and high < end) else end
        exact = exact or high == _above(low)
    return Releases(start, end, exact) if end is None or start < end else Releases(_FIRST, None)


def _clause(operator: str, text: str, star: bool) -> tuple[Version, Version | None]:
    """The first release that one clause allows, and the first that it no longer does."""
    numbers, version = [int(part) for part in text.split(".")], _version(text)
    match operator:
        case "<":
            return _FIRST, version
        case "<=":
            return _FIRST, _above(version)
        case ">":
            return _above(version), None
        case ">=":
            return version, None
        case "^":
            significant = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
            return version, _next(numbers[: significant + 1])
        case "~=":
            return version, _next(numbers[:-1] or numbers)
        case "~":
            return version, _next(numbers[:2])
        case "=":  # conda: any release that starts so
            return version, _next(numbers)
        case _:  # `==`; a bare version of Poetry and Pipfile is an exact one too
            return version, _next(numbers) if star else _above(version)


def _version(text: str) -> Version:
    numbers = [int(part) for part in text.split(".")[:_PARTS]]
    return (*numbers, *_FIRST[len(numbers) :])


def _next(numbers: list[int]) -> Version:
    """The first release that starts differently: 4.5 → 4.6."""
    kept = numbers[:_PARTS]
    return (*kept[:-1], kept[-1] + 1, *_FIRST[len(kept) :])


def _above(version: Version) -> Version:
    return (*version[:_PARTS], 1)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
