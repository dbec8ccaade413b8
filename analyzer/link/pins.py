"""Requirement files and project tables → whether the releases of a library that may be installed are older than one."""

from __future__ import annotations

import re

from .evaluate import Evaluator

_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*([=<>~!^].*)?")
_CLAUSE = re.compile(r"(===|==|~=|<=|>=|!=|<|>|\^|~|)\s*v?(\d+(?:\.\d+)*)")
Version = tuple[int, ...]


def all_before(ev: Evaluator, limit: str) -> bool:
    """Whether every pin of a library keeps it below a version ("redis<8.0"); False where none says so."""
    library, _, version = limit.partition("<")
    ends = [_end(specifier) for specifier in _specifiers(ev, library)]
    known = [end for end in ends if end is not None]
    return bool(known) and len(known) == len(ends) and all(end <= _version(version) for end in known)


def all_from(ev: Evaluator, limit: str) -> bool:
    """Whether every pin of a library keeps it at a version or later ("fastapi>=0.137"); False where none says so."""
    library, _, version = limit.partition(">=")
    starts = [_start(specifier) for specifier in _specifiers(ev, library)]
    known = [start for start in starts if start is not None]
    return bool(known) and len(known) == len(starts) and all(start >= _version(version) for start in known)


def _specifiers(ev: Evaluator, library: str) -> list[str]:
    """What the project's files ask of a library: "==4.5.1", "^4.5", ">=4,<6"."""
    found: list[str] = []
    for path, facts in sorted(ev.index.text.items()):
        for entry in facts.entries:
            *_, table, last = ("", "", *entry.key.split("."))
            if (
                entry.key == library
                and not path.endswith(".toml")
                or _normal(last) == library
                and (table == "dependencies" or "packages" in table)
            ):
                found.append(entry.value)
            elif "dependencies" in entry.key or "requires" in entry.key:
                match = _REQUIREMENT.fullmatch(entry.value.partition(";")[0].strip())
                if match and _normal(match[1]) == library:
                    found.append(match[2] or "")
    return found


def _end(specifier: str) -> Version | None:
    """The first release, and all after it, that a specifier leaves out; None where it has no upper end."""
    bare = specifier.partition(";")[0].strip()
    for operator, text in _CLAUSE.findall(bare):
        version = _version(text)
        match operator:
            case "<":
                return version
            case "==" | "===" | "<=":
                return (*version, 1)
            case "^":
                return (version[0] + 1,) if version[0] or len(version) < 2 else (0, version[1] + 1)
            case "~=" | "~":
                return (version[0] + 1,) if len(version) < 3 else (version[0], version[1] + 1)
            case "" if bare == text:  # Poetry and Pipfile: a bare version is an exact one
                return (*version, 1)
            case _:
                pass
    return None


def _start(specifier: str) -> Version | None:
    """The first release that a specifier allows; None where it has no lower end."""
    bare = specifier.partition(";")[0].strip()
    lower = [
        _version(text)
        for operator, text in _CLAUSE.findall(bare)
        if operator in ("==", "===", ">=", ">", "^", "~=", "~") or (not operator and bare == text)
    ]
    return max(lower, default=None)


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split(".")[:4])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
