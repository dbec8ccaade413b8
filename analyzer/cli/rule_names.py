"""Names of rules as users write them → rules, or a usage error that names the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..assets import rules as rules_folder
from ..failure import UserError

if TYPE_CHECKING:
    from ..model.rule import LoadedRule, Rule

_NOT_RULES = frozenset({"libraries", "semgrep"})


def complete(incomplete: str) -> list[str]:
    """Ids of built-in rules that begin like this, for the shell; no rule is loaded for it."""
    files = rules_folder().glob("*/*.py")
    ids = {file.stem.replace("_", "-") for file in files if file.parent.name not in _NOT_RULES and file.stem[0] != "_"}
    return sorted(rule for rule in ids if rule.startswith(incomplete))


def short(alias: str) -> str:
    """An alias without its tool: "B113" of "bandit:B113"."""
    return alias.partition(":")[2] or alias


def named(name: str, rules: Sequence[LoadedRule]) -> LoadedRule:
    """The rule with this id or alias, with or without the tool's name. Raises UserError with the nearest names."""
    wanted = name.strip()
    for loaded in rules:
        if loaded.rule.id == wanted.lower().replace("_", "-"):
            return loaded
    for loaded in rules:
        for alias in loaded.rule.aliases:
            if wanted.lower() in (alias.lower(), short(alias).lower()):
                return loaded
    raise _unknown([wanted], {loaded.rule.id for loaded in rules} | _aliases(loaded.rule for loaded in rules))


def refuse_unknown(names: Iterable[str], rules: Sequence[LoadedRule]) -> None:
    """Raises UserError for names that are neither a rule's id, nor a family, nor an alias."""
    known = {loaded.rule.id for loaded in rules} | {loaded.family for loaded in rules}
    known |= _aliases(loaded.rule for loaded in rules)
    unknown = sorted({name for name in names if name not in known})
    if unknown:
        raise _unknown(unknown, known)


def _aliases(rules: Iterable[Rule]) -> set[str]:
    aliases = {alias for rule in rules for alias in rule.aliases}
    return aliases | {short(alias) for alias in aliases}


def _unknown(names: Sequence[str], known: set[str]) -> UserError:
    lower = {word.lower(): word for word in sorted(known)}
    hints = []
    for name in names:
        near = difflib.get_close_matches(name.lower().replace("_", "-"), lower, 3, 0.5)
        if near:
            hints.append(f"{name}: did you mean {' or '.join(lower[word] for word in near)}?")
    hints.append("backend-audit rules lists them all")
    plural = "no rule is" if len(names) == 1 else "no rules are"
    return UserError(f"{plural} called {', '.join(names)}", "\n".join(hints))
