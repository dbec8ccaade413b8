"""Files and rules → what semgrep said of each, in runs so made that one bad file, or one bad rule, costs itself alone.

A run that fails is repeated with the ordinary front; if that fails too, a tiny file shows whether the program works at
all and which rules it cannot bear, and the files are parted until the bad ones stand alone. All of it is bounded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .binary import FILES, RULES, Fault, Front, Match, Said, scan

MOST_FILES, MOST_BYTES = 1_000, 16 << 20  # of one run
MOST_FAILURES = 24  # runs that may fail before the rest is left
_TINY = ("x.py", b"x = 1\n")
_PLAIN = {"id": "plain", "languages": ["python"], "message": "plain", "severity": "INFO", "pattern": "x"}
_PIECES = 8  # a piece that fails may cost a minute, one that does not a second
_LATE = "did not end"  # as `tools` has it
_SLOW = 4  # failures that a run counts for which had to be ended


@dataclass(frozen=True, slots=True)
class Target:
    """A file as the program gets it."""

    name: str  # neutral: a number and the suffix of its language
    content: bytes


@dataclass(slots=True)
class Runs:
    """The runs of one audit, and what was learned from them."""

    program: Path
    rules: dict[str, dict[str, Any]]  # by their neutral names; those that the program cannot bear leave
    jobs: int
    failures: int = 0
    broken: str = ""  # why the program is of no use at all
    ordinary: str = ""  # why the ordinary front took the native one's place
    hopeless: bool = False  # the ordinary front has failed as well
    sound: bool = False  # a tiny file was read
    unbearable: list[str] = field(default_factory=list)  # rules on which the program fails


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one file; `failed` says why nothing was."""

    matches: tuple[Match, ...] = ()
    faults: tuple[Fault, ...] = ()
    failed: str = ""


def read(runs: Runs, targets: Sequence[Target]) -> Iterator[tuple[Target, Answer]]:
    """Each file with its answer; rules that are refused are faults of every file in the run."""
    for batch in _batches(targets):
        yield from _read(runs, batch)


def _batches(targets: Sequence[Target]) -> Iterator[list[Target]]:
    batch: list[Target] = []
    room = MOST_BYTES
    for target in targets:
        if batch and (len(batch) >= MOST_FILES or len(target.content) > room):
            yield batch
            batch, room = [], MOST_BYTES
        batch.append(target)
        room -= len(target.content)
    if batch:
        yield batch


def _read(runs: Runs, batch: list[Target]) -> Iterator[tuple[Target, Answer]]:
    """One run, and what it takes where it fails."""
    stack = [batch]
    while stack:
        part = stack.pop()
        said: Said | str = runs.broken or "left after too many failures"
        if not runs.broken and runs.failures < MOST_FAILURES:
            said = _run(runs, part, Front.NATIVE)
            if isinstance(said, str):
                said = _otherwise(runs, part, said)
        if isinstance(said, Said):
            yield from _answers(part, said)
        elif len(part) == 1 or runs.broken or runs.failures >= MOST_FAILURES:
            yield from ((target, Answer(failed=said)) for target in part)
        else:
            step = -(-len(part) // _PIECES)
            stack += reversed([part[start : start + step] for start in range(0, len(part), step)])


def _otherwise(runs: Runs, part: list[Target], why: str) -> Said | str:
    """After a failure of the native front: the ordinary one; then the native one without rules that it cannot bear."""
    if not runs.hopeless and not why.startswith(_LATE):  # behind both stands the same engine
        said = _run(runs, part, Front.ORDINARY)
        if isinstance(said, Said):
            runs.ordinary = runs.ordinary or why
            return said
        runs.hopeless = True
    if runs.sound:
        return why
    runs.sound = _bears(runs, [_PLAIN])
    if not runs.sound:
        runs.broken = why
        return why
    _drop_unbearable(runs)
    return _run(runs, part, Front.NATIVE) if runs.unbearable and runs.rules else why


def _drop_unbearable(runs: Runs) -> None:
    """Take out the rules with which not even a tiny file can be read, found by halving."""
    stack = [sorted(runs.rules)]
    while stack:
        names = stack.pop()
        if _bears(runs, [runs.rules[name] for name in names]):
            continue
        if len(names) == 1 or runs.failures >= MOST_FAILURES:
            runs.unbearable += names
            runs.rules = {name: rule for name, rule in runs.rules.items() if name not in names}
        else:
            middle = len(names) // 2
            stack += [names[middle:], names[:middle]]


def _bears(runs: Runs, rules: Sequence[dict[str, Any]]) -> bool:
    """Whether a tiny file can be read with these rules."""
    trial = Runs(runs.program, {str(rule["id"]): rule for rule in rules}, 1)
    good = isinstance(_run(trial, [Target(*_TINY)], Front.NATIVE), Said)
    runs.failures += trial.failures
    return good


def _run(runs: Runs, part: Sequence[Target], front: Front) -> Said | str:
    """One start of the program in a folder of its own; a failure is counted."""
    size = sum(len(target.content) for target in part)
    try:
        with tempfile.TemporaryDirectory(prefix="backend-audit-", ignore_cleanup_errors=True) as folder:
            _fill(folder, runs, part)
            said = scan(runs.program, folder, front, size, runs.jobs)
    except OSError as error:  # no room, or no folder for temporary files
        said = f"cannot be given its files: {error.strerror or error}"
    if isinstance(said, str):
        runs.failures += _SLOW if said.startswith(_LATE) else 1
    return said


def _fill(folder: str, runs: Runs, part: Sequence[Target]) -> None:
    """What a run reads. Raises OSError where it cannot be written."""
    for name in (FILES, "home"):
        os.mkdir(os.path.join(folder, name))
    Path(folder, RULES).write_bytes(msgspec.json.encode({"rules": list(runs.rules.values())}))
    for target in part:
        Path(folder, FILES, target.name).write_bytes(target.content)


def _answers(part: Sequence[Target], said: Said) -> Iterator[tuple[Target, Answer]]:
    """The answer for each file; one that semgrep did not look at, without a word, failed."""
    matches: dict[str, list[Match]] = {}
    faults: dict[str, list[Fault]] = {}
    for match in said.results:
        matches.setdefault(os.path.basename(match.path), []).append(match)
    for fault in said.errors:
        faults.setdefault(os.path.basename(fault.path or ""), []).append(fault)
    everywhere = [fault for name in ("", RULES) for fault in faults.get(name, ())]
    scanned = {os.path.basename(path) for path in said.paths.scanned}
    for target in part:
        own = faults.get(target.name, [])
        silent = "was not looked at" if target.name not in scanned and not own else ""
        yield target, Answer(tuple(matches.get(target.name, ())), (*own, *everywhere), silent)
