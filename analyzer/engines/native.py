"""The rules over a linked project → suspicions and what could not be judged; a rule that raises costs itself only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from ..model.finding import Problem, Suspicion, Unjudged
from ..model.location import Location
from ..model.project import Project
from ..model.rule import LoadedRule
from .detected import Detected


def detect(
    rules: Sequence[LoadedRule],
    project: Project,
    tests: Collection[str],
    reaching: Callable[[Location], tuple[str, ...]],
    advance: Callable[[int], None],
) -> Detected:
    """Run every rule. `tests` are the paths of test code; `reaching` names the endpoints that reach a place."""
    suspicions: list[Suspicion] = []
    unjudged: list[Unjudged] = []
    problems: list[Problem] = []
    for loaded in rules:
        try:
            said = loaded.detect(project) if loaded.detect else ()
            found = [item for item in said if item.at.path not in tests or loaded.rule.tests]
            unjudged += [item for item in found if isinstance(item, Unjudged)]
            suspicions += [_reached(item, reaching) for item in found if isinstance(item, Suspicion)]
        except Exception as error:  # noqa: BLE001 - a bug in one rule must not cost the others
            message = f"rule {loaded.rule.id} failed: {type(error).__name__}: {error}"
            problems.append(Problem("detect", "", message))
        advance(1)
    return Detected(tuple(suspicions), tuple(unjudged), tuple(problems))


def _reached(suspicion: Suspicion, reaching: Callable[[Location], tuple[str, ...]]) -> Suspicion:
    return msgspec.structs.replace(suspicion, endpoints=reaching(suspicion.at))
