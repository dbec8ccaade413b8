"""The lines of an ignore file → what they say of one path, judged as git does: by the path itself, not its parents.

`pathspec` translates each glob; its own verdict also lets a pattern that names a folder speak for everything below,
which undoes the patterns of other files when the folder is re-included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pathspec

_STARS = re.compile(r"\*+")
_MOST_STARS = 3  # in one segment: each one more multiplies the steps of a hostile pattern by the name's length
_MOST_RUNS = 6
_MOST_LINES = 5_000
_SPECIAL = re.compile(r"[*?\[\]\\/]")
_EVERYTHING = frozenset({"*", "**", "**/*"})


@dataclass(frozen=True, slots=True)
class Patterns:
    """The usable patterns of one ignore file. A later one beats an earlier one."""

    names: dict[str, tuple[int, bool]]  # a plain name, folders with slash → the last line with it, and its verdict
    globs: tuple[tuple[int, bool, re.Pattern[str]], ...]  # last line first

    def decide(self, path: str) -> bool | None:
        """Whether a path relative to the file's folder (a folder ends in a slash) is ignored; None to say nothing."""
        name = path[path.rfind("/", 0, -1) + 1 :]
        last, verdict = self.names.get(name, (-1, None))
        if name.endswith("/") and (plain := self.names.get(name[:-1], (-1, None)))[0] > last:
            last, verdict = plain
        for line, ignored, regex in self.globs:
            if line < last:
                break
            if regex.fullmatch(path):
                return ignored
        return verdict


def compile_lines(lines: list[str]) -> tuple[Patterns, int]:
    """The patterns of an ignore file, and how many lines cannot be used: invalid, or too costly to match."""
    names: dict[str, tuple[int, bool]] = {}
    globs = []
    refused = max(len(lines) - _MOST_LINES, 0)
    for number, line in enumerate(lines[:_MOST_LINES]):
        text = line.rstrip() if not line.endswith("\\ ") else line
        bare = text.removeprefix("!")
        if not text or text.startswith("#") or bare in ("", "/"):
            continue
        if not _SPECIAL.search(bare.removesuffix("/")):
            names[bare] = (number, bare == text)
        elif regex := _translate(bare):
            globs.append((number, bare == text, regex))
        else:
            refused += 1
    return Patterns(names, tuple(reversed(globs))), refused


def _translate(glob: str) -> re.Pattern[str] | None:
    """The expression that matches exactly the paths that a glob names; None for one that cannot be used."""
    folder = glob.endswith("/")
    glob = re.sub(r"(?:\*\*/)+", "**/", glob)
    if (
        any(len(_STARS.findall(part)) > _MOST_STARS for part in glob.split("/"))
        or len(_STARS.findall(glob)) > _MOST_RUNS
    ):
        return None
    if glob.strip("/") in _EVERYTHING and glob != "/*" and glob != "/*/":
        glob = "?*/" if folder else "?*"  # `pathspec` shortens these to what matches a part of a path
    elif glob.endswith("/**"):
        glob += "/*"  # what is in the folder, not the folder
    try:
        regex = pathspec.GitIgnoreSpec.from_lines(["\\" + glob if glob[0] in "!#" else glob]).patterns[0].regex
    except (ValueError, re.error):
        return None
    return regex if isinstance(regex, re.Pattern) else None
