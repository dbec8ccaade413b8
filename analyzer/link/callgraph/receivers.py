"""Summaries → of how many method calls it is known what they are called on, and why not of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from ...model.report import Count, Receivers
from ..index import Index
from .summary import Place, Summary

MOST_EXAMPLES = 3


def receivers(index: Index, summaries: Mapping[str, Summary], words: Collection[str]) -> Receivers:
    """Counts of the method calls by these names, which are those of calls that wait, block or ask in some library."""
    told: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    for path, place in _methods(summaries):
        if index.python[path].calls[place.site].callee.rpartition(".")[2] not in words:
            continue
        told[place.receiver] += 1
        if len(examples[place.receiver]) < MOST_EXAMPLES:
            examples[place.receiver].append(f"{path}:{place.at.line}")
    known, partly = told.pop("known", 0), told.pop("partly", 0)
    ordered = sorted(told.items(), key=lambda item: (-item[1], item[0]))
    return Receivers(known, partly, tuple(Count(why, count, tuple(examples[why])) for why, count in ordered))


def _methods(summaries: Mapping[str, Summary]) -> Iterable[tuple[str, Place]]:
    for path, summary in sorted(summaries.items()):
        yield from ((path, place) for place in summary.places if place.receiver and place.site >= 0)
