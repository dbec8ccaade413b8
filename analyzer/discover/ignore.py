"""`.gitignore` files and globs of the configuration → whether a path is left out, as git would judge it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import pathspec

from ..model.finding import Problem
from .patterns import Patterns, compile_lines
from .read import Refused, read

_PLAIN = re.compile(r"[^*?\[\]\\!]*")


@dataclass(frozen=True, slots=True)
class Layer:
    """One set of patterns, and how a path becomes relative to the folder that they stand in."""

    cut: int  # characters to take off, for a folder under the root
    prefix: str  # to put before, for a folder above the root
    patterns: Patterns


def verdict(layers: tuple[Layer, ...], path: str) -> bool:
    """Whether a path (a folder ends in a slash) is left out; the innermost layer that knows it decides."""
    for layer in reversed(layers):
        decided = layer.patterns.decide(layer.prefix + path[layer.cut :])
        if decided is not None:
            return decided
    return False


def inner_layers(layers: tuple[Layer, ...], file: str, path: str, problems: list[Problem]) -> tuple[Layer, ...]:
    """The layers with that of a folder's `.gitignore` added; `path` is the folder's, with slash or empty."""
    patterns = _read(file, f"{path}.gitignore", problems)
    return (*layers, Layer(len(path), "", patterns)) if patterns else layers


def outer_layers(root: str, problems: list[Problem]) -> tuple[Layer, ...]:
    """What rules the root from outside: `.git/info/exclude`, and `.gitignore` files above it in its repository."""
    layers: list[Layer] = []
    top, prefix = root, ""
    while not os.path.lexists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            return ()
        prefix = f"{os.path.basename(top)}/{prefix}"
        top = parent
        if patterns := _read(os.path.join(top, ".gitignore"), ".gitignore above the root", problems):
            layers.append(Layer(0, prefix, patterns))
    if patterns := _read(os.path.join(top, ".git", "info", "exclude"), ".git/info/exclude", problems):
        layers.append(Layer(0, prefix, patterns))
    return tuple(reversed(layers))


def _read(file: str, shown: str, problems: list[Problem]) -> Patterns | None:
    """The patterns of an ignore file, None where there are none; what cannot be used is a problem."""
    try:
        content = read(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problems.append(Problem("discover", shown, f"ignore file cannot be read: {error.strerror}", note=True))
        return None
    if isinstance(content, Refused) or content is None:
        problems.append(Problem("discover", shown, "ignore file is not a regular file under 2 MB", note=True))
        return None
    lines = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split("\n")
    patterns, refused = compile_lines(lines)
    if refused:
        problems.append(Problem("discover", shown, f"{refused} lines of this ignore file cannot be used", note=True))
    return patterns if patterns.names or patterns.globs else None


def from_globs(globs: tuple[str, ...]) -> pathspec.GitIgnoreSpec | None:
    """The patterns of the configuration; None where there are none. The configuration has checked them."""
    return pathspec.GitIgnoreSpec.from_lines(globs) if globs else None


def may_hold(globs: tuple[str, ...], folder: str) -> bool:
    """Whether an anchored include glob points into a folder (with slash) that is otherwise left out."""
    for glob in globs:
        plain = _PLAIN.match(glob)
        anchored = (plain[0] if plain else "").lstrip("/")
        if "/" in anchored and (anchored.startswith(folder) or folder.startswith(anchored[: anchored.rfind("/") + 1])):
            return True
    return False
