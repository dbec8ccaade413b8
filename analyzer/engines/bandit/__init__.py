"""Python files → suspicions by bandit's tests, run as a library in processes of ours, told in our words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from ...model.finding import Problem
from ...model.rule import LoadedRule
from ..detected import Detected

if TYPE_CHECKING:
    from ...model.source import SourceFile
    from ...store import Store


def load_rules() -> tuple[tuple[LoadedRule, ...], tuple[Problem, ...]]:
    """Bandit's tests as rules, sorted by id, and what is wrong with their definitions."""
    return (), ()


def version() -> str:
    """The installed bandit's version; "" where it is missing."""
    return ""


def identity() -> str:
    """What else findings of this engine depend on: bandit's version, the host's grammar."""
    return ""


def detect(
    rules: Sequence[LoadedRule],
    files: Sequence[SourceFile],
    *,
    superseded: Collection[str],
    unread: Collection[str],
    jobs: int,
    store: Store | None,
    advance: Callable[[int], None],
) -> Detected:
    """Run the tests over the files that they can match."""
    return Detected()
