"""Names of rules as users write them → rules, or a usage error that names the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from .failure import UserError
from .model.rule import LoadedRule

_FAR = 0.2  # of likeness, below the nearest name


def short(name: str) -> str:
    """A name of another tool's without the tool: "B113" of "bandit:B113"."""
    return name.partition(":")[2] or name


def names_of(loaded: LoadedRule) -> frozenset[str]:
    """Every name of a rule: its id, family and standard, and its names in other tools, with and without the tool's."""
    known = (loaded.rule.id, *loaded.rule.aliases)
    return frozenset((*known, *map(short, known), loaded.family, str(loaded.rule.standard)))


def named(name: str, rules: Sequence[LoadedRule]) -> LoadedRule:
    """The rule with this id or alias, with or without the tool's name; ours before the test that it replaces.

    Raises UserError with the nearest names.
    """
    wanted = name.strip()
    for loaded in rules:
        if wanted in loaded.rule.supersedes or loaded.rule.id in (wanted, wanted.lower().replace("_", "-")):
            return loaded
    for loaded in rules:
        for known in (*loaded.rule.aliases, loaded.rule.id):
            if wanted.lower() in (known.lower(), short(known).lower()):
                return loaded
    groups = {name for loaded in rules for name in (loaded.family, str(loaded.rule.standard))}
    raise _unknown([wanted], {known for loaded in rules for known in names_of(loaded)} - groups)


def refuse_unknown(names: Iterable[str], rules: Sequence[LoadedRule]) -> None:
    """Raises UserError for names that are neither a rule's id, nor a family or standard, nor an alias."""
    known = {name for loaded in rules for name in names_of(loaded)}
    unknown = sorted({name for name in names if name not in known})
    if unknown:
        raise _unknown(unknown, known)


def _unknown(names: Sequence[str], known: set[str]) -> UserError:
    lower = {word.lower(): word for word in sorted(known)}
    hints = []
    for name in names:
        meant = name.lower().replace("_", "-")
        near = difflib.get_close_matches(meant, lower, 3, 0.5)
        likeness = {word: difflib.SequenceMatcher(None, meant, word).ratio() for word in near}
        near = [word for word in near if likeness[word] > max(likeness.values()) - _FAR]  # one slip has one meaning
        if near:
            hints.append(f"{name}: did you mean {' or '.join(lower[word] for word in near)}?")
    hints.append("backend-audit rules lists them all")
    plural = "no rule is" if len(names) == 1 else "no rules are"
    return UserError(f"{plural} called {', '.join(names)}", "\n".join(hints))
