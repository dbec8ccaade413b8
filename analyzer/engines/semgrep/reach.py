"""A semgrep rule and a file → whether the rule looks at that file: language, kind, path filters, test code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from ...model.rule import LoadedRule
from ...model.source import FileKind, SourceFile
from .prefilter import Clauses, clauses_of
from .words import words_of

_YAML = (FileKind.YAML, FileKind.COMPOSE, FileKind.KUBERNETES)
_LANGUAGES = {
    **dict.fromkeys(("python", "py", "python3", "python2"), (FileKind.PYTHON,)),
    **dict.fromkeys(("javascript", "js"), (FileKind.JAVASCRIPT,)),
    **dict.fromkeys(("typescript", "ts"), (FileKind.TYPESCRIPT,)),
    **dict.fromkeys(("dockerfile", "docker"), (FileKind.DOCKERFILE,)),
    **dict.fromkeys(("yaml",), _YAML),
    **dict.fromkeys(("html",), (FileKind.TEMPLATE,)),
    **dict.fromkeys(("generic", "spacegrep", "regex", "none"), tuple(k for k in FileKind if k is not FileKind.LOCK)),
}
# The suffix under which the program gets a file: it tells languages by suffix, and knows neither .mts nor .d.ts.
_SUFFIXES = {
    FileKind.PYTHON: "py",
    FileKind.JAVASCRIPT: "js",
    FileKind.TYPESCRIPT: "ts",
    FileKind.DOCKERFILE: "dockerfile",
    FileKind.TEMPLATE: "html",
    **dict.fromkeys(_YAML, "yaml"),
}
_OWN_SUFFIXES = ("tsx",)  # read with another grammar


@dataclass(frozen=True, slots=True)
class Reach:
    """Which files a rule looks at."""

    kinds: frozenset[FileKind]
    tests: bool
    include: tuple[re.Pattern[str], ...]  # () for all
    exclude: tuple[re.Pattern[str], ...]
    clauses: Clauses  # of each, some literal must occur in the file


def reach_of(loaded: LoadedRule) -> Reach:
    """What a rule's definition says of the files that it is for."""
    definition = msgspec.json.decode(loaded.definition)
    words = words_of(definition)
    kinds = {kind for language in definition["languages"] for kind in _LANGUAGES.get(language.lower(), ())}
    if words and words.kinds:
        kinds &= set(words.kinds)
    paths = definition.get("paths")
    paths = paths if isinstance(paths, dict) else {}
    return Reach(
        frozenset(kinds), loaded.rule.tests, _globs(paths.get("include")), _globs(paths.get("exclude")),
        clauses_of(definition, words.needs if words else ()),
    )  # fmt: skip


def covers(reach: Reach, file: SourceFile) -> bool:
    """Whether the rule judges this file at all; the file's bytes are not asked."""
    if file.kind not in reach.kinds or (file.test and not reach.tests):
        return False
    if reach.include and not any(glob.fullmatch(file.path) for glob in reach.include):
        return False
    return not any(glob.fullmatch(file.path) for glob in reach.exclude)


def suffix_of(file: SourceFile) -> str:
    """The suffix that tells the program the file's language."""
    written = file.path.rpartition(".")[2].lower()
    return written if written in _OWN_SUFFIXES else _SUFFIXES.get(file.kind, str(file.kind))


def _globs(patterns: Any) -> tuple[re.Pattern[str], ...]:
    return tuple(_glob(str(pattern)) for pattern in patterns) if isinstance(patterns, Sequence) else ()


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """As semgrep has it: at any depth unless it begins with a slash, and with all that lies below."""
    anchored = pattern.startswith("/")
    body = "".join(_piece(piece) for piece in re.split(r"(\*\*/|\*+|\?|\[!?[^\]/]+\])", pattern.strip("/")))
    begin, end = "" if anchored else "(?:.*/)?", "(?:/.*)?"
    try:
        return re.compile(begin + body + end, re.DOTALL)
    except re.error:  # a class like [z-a]
        return re.compile(begin + re.escape(pattern.strip("/")) + end, re.DOTALL)


def _piece(piece: str) -> str:
    if piece == "**/":
        return "(?:.*/)?"
    if piece.startswith("**"):
        return ".*"
    if piece in ("*", "?"):
        return "[^/]*" if piece == "*" else "[^/]"
    if piece.startswith("[") and piece.endswith("]"):
        inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return "[" + ("^" + inner[1:] if inner.startswith("!") else inner) + "]"
    return re.escape(piece)
