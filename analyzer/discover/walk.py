"""A root → the files worth opening, sorted by path, with everything that was left out on the way."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field, replace

import pathspec

from ..model.finding import Problem
from ..model.source import FileKind
from .ignore import Layer, from_globs, inner_layers, may_hold, outer_layers, verdict
from .kinds import by_name, may_be_script

_SILENT = frozenset(
    (
        *(".git", ".hg", ".svn", ".bzr", ".jj", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"),
        *(".hypothesis", ".import_linter_cache", ".cache", ".tox", ".nox", ".idea", ".vscode", ".ipynb_checkpoints"),
        *(".terraform", ".next", ".nuxt", ".parcel-cache", ".turbo", "htmlcov"),
    )
)  # hold no source of the project, and come and go with the tools that were run
_NAMED = {
    ".venv": "virtual environment",
    "node_modules": "installed packages",
    "bower_components": "installed packages",
    "site-packages": "installed packages",
    ".eggs": "installed packages",
    "_vendor": "vendored code",
    "_vendored": "vendored code",
    "vendored": "vendored code",
}
_UNLESS_PACKAGE = {
    "build": "build output",
    "dist": "build output",
    "vendor": "vendored code",
    "third_party": "vendored code",
}
_BUILT = (".egg-info", ".dist-info", ".egg")
IGNORED, EXCLUDED = "ignored by .gitignore", "excluded by the configuration"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file worth opening."""

    path: str  # relative to the root
    place: str  # as the system knows it
    kind: FileKind | None  # None to look for a shebang
    wanted: bool  # named on the command line or included: read whoever wrote it


@dataclass(slots=True)
class Walk:
    """What a walk gathers."""

    root: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    found: dict[str, Candidate] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)  # walked, with slash; "" for the root
    left_out: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    included: pathspec.GitIgnoreSpec | None = None
    excluded: pathspec.GitIgnoreSpec | None = None

    def leave_out(self, reason: str, path: str) -> None:
        """Count a path that is not read."""
        self.left_out.setdefault(reason, []).append(path)

    def take_back(self, path: str) -> None:
        """Count a path as read after all."""
        left = {reason: [other for other in paths if other != path] for reason, paths in self.left_out.items()}
        self.left_out = {reason: paths for reason, paths in left.items() if paths}

    def note(self, path: str, message: str) -> None:
        """Say what does not make the audit incomplete."""
        self.problems.append(Problem("discover", path, message, note=True))


@dataclass(frozen=True, slots=True)
class _Folder:
    place: str
    path: str  # with slash; "" for the root
    layers: tuple[Layer, ...]
    only_included: str = ""  # the reason why all is left out but what an include glob names


def walk(gathered: Walk, targets: tuple[str, ...], whole: bool) -> None:
    """Gather the files under the root (or the targets alone), then the targets that some rule had left out.

    A folder named on the command line is walked although a rule leaves it out; the rules in it still hold.
    """
    gathered.included, gathered.excluded = from_globs(gathered.include), from_globs(gathered.exclude)
    if whole:
        _descend(gathered, _Folder(gathered.root, "", outer_layers(gathered.root, gathered.problems)))
    for target in targets:
        place = os.path.join(gathered.root, target.replace("/", os.sep))
        path = "" if target == "." else f"{printable(target)}/"
        if not os.path.isdir(place):
            _take_named(gathered, target, place)
        elif path not in gathered.folders:
            gathered.take_back(path)
            _descend(gathered, _Folder(os.path.normpath(place), path, ()))


def printable(path: str) -> str:
    """A path in which bytes that are not UTF-8 are spelled out."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _take_named(gathered: Walk, target: str, place: str) -> None:
    """Take a file that is named on the command line."""
    folder, _, name = target.rpartition("/")
    kind = by_name(name, folder.rpartition("/")[2])
    path = printable(target)
    if kind is None and not may_be_script(name):
        gathered.note(path, "not a kind of file that is analysed")
        return
    gathered.found[path] = Candidate(path, place, kind, True)
    gathered.take_back(path)


def _descend(gathered: Walk, start: _Folder) -> None:
    stack = [start]
    while stack:
        folder = stack.pop()
        entries = _entries(gathered, folder)
        if folder is not start and any(entry.name.endswith(".dist-info") for entry in entries):
            if not may_hold(gathered.include, folder.path):
                gathered.leave_out("installed packages", folder.path)
                continue
            folder = replace(folder, only_included="installed packages")
        gathered.folders.add(folder.path)
        layers = folder.layers
        if any(entry.name == ".gitignore" for entry in entries):
            file = os.path.join(folder.place, ".gitignore")
            layers = inner_layers(layers, file, folder.path, gathered.problems)
            folder = _Folder(folder.place, folder.path, layers, folder.only_included)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if inner := _take_folder(gathered, folder, entry):
                    stack.append(inner)
            else:
                _take_file(gathered, folder, entry)


def _entries(gathered: Walk, folder: _Folder) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder.place) as entries:
            return list(entries)
    except OSError as error:
        message = f"folder cannot be read: {error.strerror}"
        gathered.problems.append(Problem("discover", folder.path or ".", message))
        return []


def _take_folder(gathered: Walk, folder: _Folder, entry: os.DirEntry[str]) -> _Folder | None:
    """The folder to walk, or None; what is left out is counted once, with a slash."""
    if entry.name in _SILENT:
        return None
    path = f"{folder.path}{printable(entry.name)}/"
    reason = _why_not(gathered, folder, path, _built_in(entry))
    if not reason:
        return _Folder(entry.path, path, folder.layers)
    if may_hold(gathered.include, path):
        return _Folder(entry.path, path, folder.layers, reason)
    gathered.leave_out(reason, path)
    return None


def _take_file(gathered: Walk, folder: _Folder, entry: os.DirEntry[str]) -> None:
    kind = by_name(entry.name, folder.path[:-1].rpartition("/")[2])
    link = entry.is_symlink()
    if kind is None and not link and not may_be_script(entry.name):
        return
    path = folder.path + printable(entry.name)
    reason = _why_not(gathered, folder, path)
    if reason:
        if kind is not None:
            gathered.leave_out(reason, path)
    elif link:
        _leave_link(gathered, entry, path, kind is not None)
    elif not entry.is_file(follow_symlinks=False):
        if kind is not None:
            gathered.note(path, "a pipe, a socket or a device: not opened")
    else:
        wanted = gathered.included is not None and gathered.included.match_file(path)
        gathered.found[path] = Candidate(path, entry.path, kind, wanted)


def _why_not(gathered: Walk, folder: _Folder, path: str, built_in: str = "") -> str:
    """The reason why a path is left out; "" to take it. An include glob beats every reason."""
    if gathered.included is not None and gathered.included.match_file(path):
        return ""
    if folder.only_included:
        return folder.only_included
    if gathered.excluded is not None and gathered.excluded.match_file(path):
        return EXCLUDED
    return built_in or (IGNORED if verdict(folder.layers, path) else "")


def _built_in(entry: os.DirEntry[str]) -> str:
    """The reason why a folder of this name and shape holds no source of the project; "" for any other."""
    name, place = entry.name, entry.path
    if name in _NAMED:
        return _NAMED[name]
    if name in _UNLESS_PACKAGE and not os.path.isfile(os.path.join(place, "__init__.py")):
        return _UNLESS_PACKAGE[name]
    if name.endswith(_BUILT):
        return "build output"
    if any(os.path.lexists(os.path.join(place, mark)) for mark in ("pyvenv.cfg", "conda-meta")):
        return "virtual environment"
    return ""


def _leave_link(gathered: Walk, entry: os.DirEntry[str], path: str, known: bool) -> None:
    """Count a symbolic link. None is followed: what it leads to inside the project is read at its own place."""
    try:
        real = os.path.realpath(entry.path, strict=True)
    except OSError as error:
        if error.errno == errno.ELOOP:
            gathered.note(path, "a symbolic link that leads back to itself: not followed")
        elif known:
            gathered.leave_out("symbolic link to nothing", path)
        return
    folder = os.path.isdir(real)
    if not known and not folder:
        return
    path = f"{path}/" if folder else path
    inside = real == gathered.root or real.startswith(gathered.root.rstrip(os.sep) + os.sep)
    gathered.leave_out("symbolic link, read at its own place" if inside else "symbolic link out of the project", path)
