"""Config → Snapshot: the whole project, each file's bytes read once, and what was left out with the reason."""

from __future__ import annotations

import hashlib

from ..failure import NothingToScan
from ..model.config import Config
from ..model.finding import Problem
from ..model.source import FileKind, LeftOut, Snapshot, SourceFile
from .kinds import machine_made, settle
from .read import Refused, read
from .root import Place, locate
from .testcode import is_test
from .walk import Candidate, Walk, printable, walk

_EXAMPLES = 5


def discover(config: Config) -> tuple[Snapshot, tuple[Problem, ...]]:
    """Read the project that `config.paths` belong to.

    Returns the snapshot, sorted by path, and the places that could not be read. Raises UserError for a path that
    does not exist or lies outside `config.root`, NothingToScan where no Python file is reported.
    """
    place = locate(config)
    gathered = Walk(place.root, config.include, config.exclude)
    walk(gathered, place.targets, place.whole)
    targets = tuple(printable(target) for target in place.targets)
    files = []
    for path in sorted(gathered.found):
        if file := _open(gathered, gathered.found[path], targets):
            files.append(file)
    left_out = tuple(
        LeftOut(reason, len(paths), tuple(sorted(paths)[:_EXAMPLES]))
        for reason, paths in sorted(gathered.left_out.items())
    )
    problems = tuple(sorted(set(gathered.problems)))
    if not any(file.reported and file.kind is FileKind.PYTHON for file in files):
        raise _nothing(place, targets, left_out, problems)
    return Snapshot(place.root, targets, tuple(files), left_out), problems


def _open(gathered: Walk, candidate: Candidate, targets: tuple[str, ...]) -> SourceFile | None:
    """Read one candidate; None where it is left out, which is counted, or is no file for us."""
    path, name = candidate.path, candidate.path.rpartition("/")[2]
    try:
        content = read(candidate.place, b"#!" if candidate.kind is None else b"")
    except OSError as error:
        gathered.problems.append(Problem("discover", path, f"file cannot be read: {error.strerror}"))
        return None
    if content is None:
        if candidate.wanted:
            gathered.note(path, "not a kind of file that is analysed")
        return None
    if content is Refused.NOT_REGULAR:
        gathered.note(path, "a pipe, a socket or a device: not read")
        return None
    if isinstance(content, Refused):
        gathered.leave_out(content.value, path)
        return None
    kind = settle(candidate.kind, name, content)
    if kind is None:
        return None
    if not candidate.wanted and (reason := machine_made(kind, name, content)):
        gathered.leave_out(reason, path)
        return None
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return SourceFile(path, content, digest, kind, _covers(targets, path), is_test(path, content))


def _covers(targets: tuple[str, ...], path: str) -> bool:
    return any(target == "." or path == target or path.startswith(f"{target}/") for target in targets)


def _nothing(
    place: Place, targets: tuple[str, ...], left_out: tuple[LeftOut, ...], problems: tuple[Problem, ...]
) -> NothingToScan:
    """The error for paths without Python, with everything that may explain it."""
    where = "here" if targets == (".",) else f"under {', '.join(targets)}"
    reasons = [f"left out: {entry.count} × {entry.reason} ({', '.join(entry.examples)})" for entry in left_out]
    reasons += [f"{problem.path}: {problem.message}" for problem in problems]
    hint = "\n".join(reasons[:10]) or f"looked in {place.root}"
    return NothingToScan(f"no Python file {where}", hint)
