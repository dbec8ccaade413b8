"""Command-line paths → the project's root, what is reported under it, and where reading starts."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..failure import UserError
from ..model.config import Config

_MARKERS = ("pyproject.toml", "setup.cfg", "manage.py")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the project is."""

    root: str  # absolute, symbolic links resolved
    targets: tuple[str, ...]  # relative to the root, forward slashes, sorted; "." for all of it
    whole: bool  # whether the whole root is the project; else it is the targets alone


def locate(config: Config) -> Place:
    """Resolve `config.paths` and find the root.

    Without a marker in any parent the paths themselves are the project: the folders above them may be anything.
    Raises UserError for a path that does not exist, or that lies outside `config.root`.
    """
    paths = [_resolve(path) for path in config.paths or (".",)]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    try:
        common = os.path.commonpath(folders)
    except ValueError:
        raise UserError("the paths have no folder in common", "audit them one at a time") from None
    if config.root:
        root, whole = _given_root(config.root, paths), True
    else:
        root, whole = find_root(common)
        whole = whole or paths == [root]
    targets = sorted({_relative(path, root) for path in paths})
    return Place(root, (".",) if "." in targets else tuple(targets), whole)


def find_root(folder: str) -> tuple[str, bool]:
    """The project around an absolute folder, and whether a marker says so; else the folder itself.

    The top of the file system counts only when it is the folder itself: a stray file there would make
    the whole machine the project.
    """
    parents = [folder]
    while (parent := os.path.dirname(parents[-1])) != parents[-1] and os.path.dirname(parent) != parent:
        parents.append(parent)
    for candidate in parents:
        if os.path.lexists(os.path.join(candidate, ".git")):
            return candidate, True
    for candidate in parents:
        if any(os.path.isfile(os.path.join(candidate, name)) for name in _MARKERS):
            return candidate, True
    return folder, False


def _resolve(path: str) -> str:
    if not path or "\0" in path:
        raise UserError("a path is empty, or holds a NUL character")
    try:
        return os.path.realpath(path, strict=True)
    except FileNotFoundError:
        kind = "is a symbolic link to nothing" if os.path.islink(path) else "does not exist"
        raise UserError(f"{path} {kind}", f"relative paths start at {os.getcwd()}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _given_root(given: str, paths: list[str]) -> str:
    root = _resolve(given)
    if not os.path.isdir(root):
        raise UserError(f"--root {given} is not a folder")
    for path in paths:
        if os.path.commonpath((root, path)) != root:
            raise UserError(f"{path} is not under the root {root}", "give a --root that holds every path")
    return root


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")
