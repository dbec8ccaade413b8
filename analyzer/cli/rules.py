"""`backend-audit rules`: every rule, for people or for machines."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from . import options as o
from .finish import Exit, finish, put, say

if TYPE_CHECKING:
    from ..model.report import RuleSummary


class Listing(StrEnum):
    """How the rules are listed."""

    TEXT = "text"
    JSON = "json"


def rules(
    format: Annotated[
        Listing, typer.Option("--format", "-f", help="text for people, json for machines.")
    ] = Listing.TEXT,
    folders: o.Rules = None,
    semgrep_rules: o.SemgrepRules = None,
    verbose: o.Verbose = False,
) -> None:
    """List the rules with their severity, confidence and first sentence; (off): only where it is selected."""
    finish(lambda: _work(format, tuple(folders or ()), tuple(semgrep_rules or ())), verbose=verbose)


def _work(format: Listing, folders: tuple[str, ...], patterns: tuple[str, ...]) -> int:
    from ..assemble import summary
    from ..catalogue import catalogue
    from ..model.config import Config

    everything = catalogue(Config(rules=folders, semgrep_rules=patterns))
    found = [summary(loaded) for loaded in everything.rules if not loaded.reports]
    for problem in everything.problems:
        say(problem.message)
    put(_text(found) if format is Listing.TEXT else _json(found))
    return Exit.CLEAN


def _text(rules: Sequence[RuleSummary]) -> str:
    widest = max((len(rule.id) for rule in rules), default=0)
    off = {True: "", False: "(off) "}
    return "".join(
        f"{rule.id:<{widest}}  {rule.severity:<8}  {rule.confidence:<6}  {off[rule.by_default]}{rule.title}\n"
        for rule in rules
    )


def _json(rules: Sequence[RuleSummary]) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(list(rules)), indent=2).decode() + "\n"
