"""Rules → what the names mean that people write into suppressions: ids, families and other tools' names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from ..model.rule import LoadedRule


class Names:
    """The names of all known rules, and which of the rules ran."""

    def __init__(self, rules: Mapping[str, LoadedRule], ran: frozenset[str]) -> None:
        self.rules, self.ran = rules, ran
        self._meaning: dict[str, set[str]] = {rule: {rule} for rule in rules}
        for identity in sorted(rules):
            for alias in (identity, *rules[identity].rule.aliases):
                for name in (alias, alias.partition(":")[2]):
                    if name:
                        self._meaning.setdefault(name, set()).add(identity)

    def meaning(self, name: str) -> tuple[str, ...]:
        """The ids that a rule's id or alias ("bandit:B113", "B113") stands for; none if it is unknown."""
        return tuple(sorted(self._meaning.get(name, ())))

    def silences(self, name: str, rule: str) -> bool:
        """Whether to ignore what a name stands for is to ignore a rule: also one of another tool's for that failure."""
        meant = self._meaning.get(name, set())
        return rule in meant or any(rule in self.rules[ours].rule.aliases for ours in meant)

    def family(self, name: str) -> tuple[str, ...]:
        """The ids of the rules of a family or a standard."""
        found = (rule for rule, loaded in self.rules.items() if name in (loaded.family, loaded.rule.standard))
        return tuple(sorted(found))

    def nearest(self, name: str) -> str:
        """The known name that looks most like this one, or ""."""
        return next(iter(difflib.get_close_matches(name, sorted(self._meaning), 1)), "")

    def of_tool(self, tool: str, rule: str) -> tuple[str, ...]:
        """What another tool calls the failure that this rule finds: of "bandit:B113" the "B113"."""
        if rule.startswith(f"{tool}:"):
            return (rule.partition(":")[2],)
        if tool == "ruff" and rule.startswith("bandit:B"):
            return (f"S{rule.removeprefix('bandit:B')}",)  # ruff has taken over bandit's numbers
        aliases = self.rules[rule].rule.aliases if rule in self.rules else ()
        return tuple(sorted(alias.partition(":")[2] for alias in aliases if alias.startswith(f"{tool}:")))
