"""`per-file-ignores` of the configuration → why a finding is silenced by them, and which of them are amiss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from ..model.config import FileIgnore
from ..model.finding import Finding, Problem
from .names import Names


class FileIgnores:
    """The entries that hold today, asked about findings; an entry without a reason or past its day does not hold."""

    def __init__(self, entries: Sequence[FileIgnore], names: Names, today: date) -> None:
        self._names = names
        self._problems: list[Problem] = []
        self._used: set[tuple[int, str]] = set()
        self._holding = [(number, entry) for number, entry in enumerate(entries) if self._holds(entry, today)]
        self._covers = {number: _matcher(entry.glob) for number, entry in self._holding}

    def reason(self, finding: Finding) -> str | None:
        """Why the configuration silences the finding; None if it does not."""
        found: str | None = None
        for number, entry in self._holding:
            meant = [name for name in entry.rules if self._means(name, finding.rule)]
            if meant and self._covers[number](finding.at.path):
                self._used.update((number, name) for name in meant)
                found = found or entry.reason
        return found

    def notes(self) -> list[Problem]:
        """What is wrong with the entries, and which of them silence nothing although their rules ran."""
        unused = [
            _note(entry, f"`{name}` suppresses nothing there; remove it")
            for number, entry in self._holding
            for name in entry.rules
            if (number, name) not in self._used and self._ran(name)
        ]
        return self._problems + unused

    def _holds(self, entry: FileIgnore, today: date) -> bool:
        for name in entry.rules:
            if not self._meaning(name):
                nearest = self._names.nearest(name)
                advice = f"; did you mean `{nearest}`?" if nearest else ""
                self._problems.append(_note(entry, f"`{name}` is no rule and suppresses nothing{advice}"))
        if not entry.reason.strip():
            self._problems.append(_note(entry, "gives no reason and suppresses nothing"))
            return False
        if not entry.expires:
            return True
        try:
            last = date.fromisoformat(entry.expires)
        except ValueError:
            self._problems.append(_note(entry, f"`expires` is no date like 2030-12-31: `{entry.expires}`"))
            return False
        if last < today:
            self._problems.append(_note(entry, f"expired on {entry.expires} and suppresses nothing any more"))
        return last >= today

    def _means(self, name: str, rule: str) -> bool:
        return rule in self._meaning(name) or self._names.silences(name, rule)

    def _meaning(self, name: str) -> tuple[str, ...]:
        """Ids for an id, an alias or a family; a name of another tool's rule stands for itself."""
        found = self._names.meaning(name) or self._names.family(name)
        return found or ((name,) if name.startswith(("bandit:", "semgrep:")) else ())

    def _ran(self, name: str) -> bool:
        meant = self._names.meaning(name) or self._names.family(name)
        return bool(meant) and all(rule in self._names.ran for rule in meant)


def _matcher(glob: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([glob]).match_file


def _note(entry: FileIgnore, message: str) -> Problem:
    return Problem("triage", "", f"per-file-ignores `{entry.glob}`: {message}", note=True)
