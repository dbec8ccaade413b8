"""What bandit left out → notes in the words of a report: each reason once, counted, with the first examples."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from ...model.finding import Problem

if TYPE_CHECKING:
    from .asking import Answers

_EXAMPLES = 3


def missing() -> Problem:
    """There is no bandit."""
    return _note("bandit is not installed: none of its tests ran")


def of(
    answers: Answers, chosen: Sequence[str], mapped: Collection[str], unread: Collection[str]
) -> tuple[Problem, ...]:
    """Every note on one run. `chosen` are test ids; `mapped` those that we have words for."""
    return tuple(_note(message) for message in _messages(answers, chosen, mapped, unread))


def _messages(
    answers: Answers, chosen: Sequence[str], mapped: Collection[str], unread: Collection[str]
) -> Iterator[str]:
    silent: defaultdict[str, list[str]] = defaultdict(list)
    crashed: defaultdict[str, list[str]] = defaultdict(list)
    first: dict[str, str] = {}
    for path, reply in answers.replies:
        if reply.unread == "syntax":
            newer = f"newer syntax than Python {sys.version_info[0]}.{sys.version_info[1]}"
            silent["no Python that can be parsed" if path in unread else newer].append(path)
        elif reply.unread:
            silent[reply.unread].append(path)
        for test, error in reply.crashed:
            crashed[test].append(path)
            first.setdefault(test, error)
    for path, why in answers.failures:
        silent[why].append(path)
    for why, paths in sorted(silent.items()):
        yield f"bandit could not read {_counted(paths)}: {why}"
    for test, paths in sorted(crashed.items()):
        yield f"bandit's test `{test}` failed on {_counted(paths)}: {first[test]}"
    if answers.known is not None:
        yield from _differences(set(answers.known), chosen, mapped)


def _differences(known: set[str], chosen: Sequence[str], mapped: Collection[str]) -> Iterator[str]:
    if gone := [f"`{test}`" for test in chosen if test not in known]:
        yield f"the installed bandit has no {', '.join(gone)}"
    if new := [f"`{test}`" for test in sorted(known - set(mapped))]:
        yield f"bandit has tests that backend-audit does not know and did not run: {', '.join(new)}"


def _counted(paths: Sequence[str]) -> str:
    some = ", ".join(f"`{path}`" for path in sorted(paths)[:_EXAMPLES])
    more = ", …" if len(paths) > _EXAMPLES else ""
    return f"{len(paths)} file{'s' if len(paths) != 1 else ''} ({some}{more})"


def _note(message: str) -> Problem:
    return Problem("detect", "", message, note=True)
