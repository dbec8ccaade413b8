"""Calls that name a hash function → which one it is, whether it protects anything, and what it is applied to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..model.answer import Known
from ..model.project import Argument
from ..model.provenance import Derivation, Hashing


def hashings(
    algorithms: Sequence[Argument], purposes: Sequence[Argument], derivations: Sequence[Derivation]
) -> Iterator[Hashing]:
    """One for each call, sorted by place, where the function's name is known."""
    harmless = {argument.call.at for argument in purposes if _is_off(argument)}
    for at, same in groupby(sorted(algorithms, key=lambda a: a.call.at), key=lambda a: a.call.at):
        arguments = list(same)
        name = next((str(a.value.value) for a in arguments if isinstance(a.value, Known)), "")
        # Of several that may be chosen, the first is what is used for new hashes.
        first = [str(text.pieces[0]) for a in arguments for text in a.texts[:1] if text.pieces]
        applied = tuple(d for d in derivations if at in (d.argument.call.at, d.made))
        protects = not any(d.argument.call.at in harmless for d in applied) and at not in harmless
        if algorithm := name or next(iter(first), ""):
            yield Hashing(arguments[0].call, algorithm, protects, applied)


def _is_off(argument: Argument) -> bool:
    return isinstance(argument.value, Known) and argument.value.value is False
