"""`--baseline`, `--write-baseline` and `--diff-base` → what a run knows before it starts, and what it accepts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..failure import NothingToScan, UserError
from ..model.finding import Problem
from ..model.known import Entry, Known
from .finish import say

if TYPE_CHECKING:
    from ..model.config import Config
    from ..model.report import Report
    from .outputs import Output
    from .progress import Watching

_LIMIT = 64 * 1024 * 1024  # bytes of a baseline


@dataclass(frozen=True, slots=True)
class _Earlier:
    """Follows the audit of the base revision, under names of its own."""

    watch: Watching

    def stage(self, name: str, total: int) -> None:
        self.watch.stage(f"base {name}", total)

    def advance(self, steps: int) -> None:
        self.watch.advance(steps)


def known(config: Config, written: Output | None) -> Known:
    """What the baseline accepts. Raises UserError for one that cannot be used; a file to be `written` may be missing.

    What is written goes on from the file itself where it is there, else from the baseline that is configured.
    """
    file = config.baseline
    if written is not None:
        file = next((place for place in (written.file, config.baseline) if place and os.path.exists(place)), "")
    if not file:
        return Known()
    from ..discover.root import locate

    root = locate(config).root
    entries = _without_unknown(_entries(file), config, os.path.basename(file), written is not None)
    paths = {entry.path for entry in entries}
    gone = frozenset(path for path in paths if not os.path.lexists(os.path.join(root, *path.split("/"))))
    inside = os.path.realpath(file).startswith(root.rstrip(os.sep) + os.sep)
    name = os.path.relpath(os.path.realpath(file), root).replace(os.sep, "/") if inside else os.path.basename(file)
    return Known(f"baseline {name}", entries, gone)


def _entries(file: str) -> tuple[Entry, ...]:
    from ..baselines import HINT, entries_of
    from ..discover.read import Refused, read

    name = os.path.basename(file)
    try:
        content = read(os.path.realpath(file), limit=_LIMIT)
    except FileNotFoundError:
        raise UserError(f"there is no baseline {file}", HINT) from None
    except OSError as error:
        raise UserError(f"the baseline {name} cannot be read: {error.strerror}") from None
    if content is None or isinstance(content, Refused):
        raise UserError(f"the baseline {name} cannot be read: not a regular file under {_LIMIT >> 20} MB")
    return entries_of(content, name)


def _without_unknown(entries: tuple[Entry, ...], config: Config, name: str, writing: bool) -> tuple[Entry, ...]:
    """The entries of rules that exist; others are a mistake, or dropped when it is written. Other tools' may be any."""
    from ..registry import load_rules
    from ..rule_names import names_of

    registry = load_rules(config.rules)
    names = {known for loaded in registry.rules for known in names_of(loaded)}
    unknown = Counter(entry.rule for entry in entries if entry.rule not in names and ":" not in entry.rule)
    if not unknown or registry.problems:  # a rule of the user's that could not be loaded is named as a problem
        return entries
    words = ", ".join(f"{rule} ({count})" for rule, count in sorted(unknown.items()))
    if not writing:
        raise UserError(
            f"the baseline {name} has entries of rules that do not exist: {words}",
            f"rules of your own are named with --rules; entries of no use are dropped by --write-baseline {name}",
        )
    say(f"dropped from {name}, because there are no such rules: {words}")
    return tuple(entry for entry in entries if entry.rule not in unknown)


def at_base(config: Config, watch: Watching) -> Known:
    """What was wrong where HEAD left the revision `config.diff_base`, by the same settings. Raises UserError."""
    from ..audit import audit
    from ..discover.kinds import by_name, may_be_script
    from ..discover.root import locate
    from ..revisions import merge_base, unpacked

    def worth(path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name == ".gitignore" or by_name(name, folder.rpartition("/")[2]) is not None or may_be_script(name)

    place = locate(config)
    watch.stage("base", 0)
    base = merge_base(place.root, config.diff_base)
    name = f"revision {base.commit[:12]}"
    with unpacked(base, worth) as there:
        targets = [os.path.join(there.folder, *target.split("/")) for target in place.targets]
        paths = tuple(target for target in targets if os.path.lexists(target))
        if not paths:
            return Known(name)  # all that is reported is new
        try:
            report = audit(replace(config, paths=paths, root=there.folder), _Earlier(watch))
        except NothingToScan:
            return Known(name)
    notes = [
        _note(f"submodule `{path}` is not compared with {name}: all that is wrong in it counts as new")
        for path in there.submodules
        if os.path.lexists(os.path.join(place.root, *path.split("/"), ".git"))
    ]
    if failed := sum(not problem.note for problem in report.problems):
        notes.append(_note(f"{failed} of {name} could not be checked: what was wrong there counts as new"))
    return Known(name, before=frozenset(f.fingerprint for f in report.findings), notes=tuple(notes))


def _note(message: str) -> Problem:
    return Problem("triage", "", message, note=True)


def together(parts: Sequence[Known]) -> Known:
    """What any of them knows."""
    return Known(
        ", ".join(part.name for part in parts if part.name),
        tuple(entry for part in parts for entry in part.entries),
        frozenset[str]().union(*(part.gone for part in parts)),
        frozenset[str]().union(*(part.before for part in parts)),
        tuple(note for part in parts for note in part.notes),
    )


def accepted(report: Report) -> str:
    """The baseline that accepts all that a run shows or knows, and keeps what it did not look at."""
    from ..baselines import text_of

    found = [Entry(f.at.path, f.rule, f.fingerprint, f.message) for f in (*report.findings, *report.baselined)]
    return text_of((*found, *report.untouched))


def say_written(report: Report, given: str) -> None:
    """What has become of the baseline."""
    known, new = len(report.baselined), len(report.findings)
    dropped = sum(count.count for count in report.stale)
    parts = [f"{known + new} finding{'' if known + new == 1 else 's'} accepted, {new} of them new"]
    if dropped:
        parts.append(f"{dropped} dropped that nothing matches any more")
    if report.untouched:
        parts.append(f"{len(report.untouched)} kept that this run did not look at")
    say(f"wrote {given}: {'; '.join(parts)}")
