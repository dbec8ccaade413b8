"""The beginning of a rule's name → the names that the shell offers."""

from __future__ import annotations

from ..assets import rules as rules_folder

_NOT_RULES = frozenset({"libraries", "semgrep"})


def complete(incomplete: str) -> list[str]:
    """Ids of built-in rules that begin like this, for the shell; no rule is loaded for it."""
    files = rules_folder().glob("*/*.py")
    ids = {file.stem.replace("_", "-") for file in files if file.parent.name not in _NOT_RULES and file.stem[0] != "_"}
    return sorted(rule for rule in ids if rule.startswith(incomplete))
