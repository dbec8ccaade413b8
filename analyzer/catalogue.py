"""A configuration → every rule of every engine, and which of them run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .engines import bandit, semgrep
from .model.config import Config
from .model.finding import Problem
from .model.rule import Engine, LoadedRule
from .registry import load_rules
from .rule_names import names_of, refuse_unknown


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every rule that could be loaded: ours first, sorted by id within an engine."""

    rules: tuple[LoadedRule, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rules that run, and which of them are replaced by a rule of ours."""

    rules: tuple[LoadedRule, ...]
    superseded: Mapping[str, str]  # "bandit:B113" → the rule of ours that looks where it does; both are chosen

    def of(self, engine: Engine) -> tuple[LoadedRule, ...]:
        """Those of one engine."""
        return tuple(loaded for loaded in self.rules if loaded.engine is engine)


def catalogue(config: Config) -> Catalogue:
    """Every rule: built in, of the user's folders, and those of the other tools.

    Raises UserError where a folder that the user names does not exist.
    """
    ours = load_rules(config.rules)
    patterns, broken = semgrep.load_rules(config.semgrep_rules)
    tests, amiss = bandit.load_rules()
    return Catalogue((*ours.rules, *patterns, *tests), (*ours.problems, *broken, *amiss))


def choose(rules: Sequence[LoadedRule], config: Config) -> Chosen:
    """The rules that run. Raises UserError for a word that names none, with the nearest one that does.

    Without a selection those run that do so by default. A rule that is left out takes the other tools' tests for the
    same failure with it, but not the other way round: `bandit:B610` in full is that test alone. A second detector runs
    where the rule does whose findings it makes.
    """
    refuse_unknown((*config.select, *config.extend_select, *config.ignore), rules)
    picked = [loaded for loaded in rules if not loaded.reports and _picked(loaded, config)]
    ids = {loaded.rule.id for loaded in rules}
    exact, words = set(config.ignore) & ids, [word for word in config.ignore if word not in ids]
    ignored = [loaded for loaded in rules if loaded.rule.id in exact or _named(loaded, words)]
    silent = {loaded.rule.id for loaded in ignored} | {alias for loaded in ignored for alias in loaded.rule.aliases}
    wanted = {loaded.rule.id for loaded in picked} - silent
    running = [
        loaded
        for loaded in rules
        if (loaded.reports or loaded.rule.id) in wanted and loaded.rule.id not in silent
        and loaded.engine in config.engines
    ]  # fmt: skip
    return Chosen(tuple(running), dict(_superseded(running)) if config.supersede else {})


def _picked(loaded: LoadedRule, config: Config) -> bool:
    if _named(loaded, config.extend_select):
        return True
    return _named(loaded, config.select) if config.select else loaded.rule.by_default


def _named(loaded: LoadedRule, words: Sequence[str]) -> bool:
    return any(word in names_of(loaded) for word in words)


def _superseded(running: Iterable[LoadedRule]) -> Iterator[tuple[str, str]]:
    ids = {loaded.rule.id for loaded in running}
    for loaded in running:
        if loaded.engine is Engine.NATIVE:
            yield from ((name, loaded.rule.id) for name in loaded.rule.supersedes if name in ids)


def identities(chosen: Chosen, root: str) -> list[str]:
    """What the engines' findings depend on besides files and rules: their versions. Starts no process."""
    known = {Engine.SEMGREP: lambda: semgrep.identity(root), Engine.BANDIT: bandit.identity}
    return [f"{engine} {identity()}" for engine, identity in known.items() if chosen.of(engine)]
