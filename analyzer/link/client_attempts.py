"""Calls through clients that try again by themselves → how often, where all clients of a library do alike."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.answer import Constant
from .calls import KnownCall, given
from .evaluate import Evaluator
from .index import ScopeRef
from .values import Const

ROLE = "client-retries"


def client_attempts(
    ev: Evaluator, calls: tuple[KnownCall, ...]
) -> Mapping[ScopeRef, tuple[tuple[KnownCall, int], ...]]:
    """By function, the calls that a client makes up to so many times."""
    tries = {library: number for library, number in _by_library(ev, calls).items() if number > 1}
    found: dict[ScopeRef, tuple[tuple[KnownCall, int], ...]] = {}
    for known in calls:
        operation = known.operation
        number = tries.get(_library(known), 0)
        leaves = operation.blocks or operation.waits or operation.asks is not None
        if number and leaves and known.target.name not in ev.libraries.classes:
            found[known.frame.ref] = (*found.get(known.frame.ref, ()), (known, number))
    return found


def _library(known: KnownCall) -> str:
    return known.target.name.partition(".")[0]


def _by_library(ev: Evaluator, calls: tuple[KnownCall, ...]) -> dict[str, int]:
    """A library whose clients differ, or are not understood, is left out."""
    found: dict[str, set[int | None]] = {}
    for known in calls:
        for name, parameter in known.operation.parameters.items():
            if parameter.role == ROLE:
                default = parameter.default if isinstance(parameter.default, int) else None
                found.setdefault(_library(known), set()).add(_tries(ev, known, name, default))
    agreed = {library: next(iter(counts)) for library, counts in sorted(found.items()) if len(counts) == 1}
    return {library: tries for library, tries in agreed.items() if tries is not None}


def _tries(ev: Evaluator, known: KnownCall, name: str, default: Constant) -> int | None:
    told = given(ev, known.call, known.frame, name, known.operation.parameters[name])
    if told.why:
        return None
    if told.expr is None:
        return default + 1 if isinstance(default, int) else None
    numbers = {v.value for v in ev.expr(told.expr, told.frame) if isinstance(v, Const) and isinstance(v.value, int)}
    return numbers.pop() + 1 if len(numbers) == 1 else None
