"""The endpoints of a project → the end of their table: who has which protection, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from ..model.answer import Unknown
from ..model.endpoint import NOBODY_LOOKED
from ..model.surface import Guard, Surface
from .endpoints_words import ABSENT, PRESENT, UNKNOWN, from_outside, tally
from .fitted import folded
from .terminal_summary import number
from .visible import visible

_REASONS = 3  # why something is not known, named of each kind
_PROBLEMS = 5
_LABEL = max(map(len, Guard))
_INDENT = 10  # of the reasons, with their number


def summary(surface: Surface, looked: Sequence[Guard], shown: Sequence[Guard], width: int) -> Iterator[Text]:
    """The lines. `looked` are the kinds that somebody has looked for, `shown` those that are columns."""
    if from_outside(surface.endpoints):
        yield Text(f"{'':{_LABEL}}  {'yes':>5}  {'no':>5}  {'?':>5}", "dim")
        for guard in looked:
            yield from _counted(surface, guard, width)
        if rest := [guard.value for guard in Guard if guard not in looked]:
            yield Text(f"nobody looked: {', '.join(rest)}", "dim")
        if len(shown) < len(looked):
            yield Text("in a wider terminal, and in every other format, there are more columns", "dim")
        yield Text()
    yield Text(_total(surface), "bold")
    yield from _remarks(surface)


def _counted(surface: Surface, guard: Guard, width: int) -> Iterator[Text]:
    counts, reasons = tally(surface.endpoints, guard)
    numbers = (f"{counts[state]:>5,}" for state in (PRESENT, ABSENT, UNKNOWN))
    yield Text(f"{guard.value:{_LABEL}}  {'  '.join(numbers)}")
    for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:_REASONS]:
        head = f"{count:>{_INDENT - 4},} ?  "
        for line in folded(visible(why), width - _INDENT):
            yield Text(head + line, "dim", no_wrap=True)
            head = " " * _INDENT
    if len(reasons) > _REASONS:
        yield Text(f"{'':{_INDENT}}and {number(len(reasons) - _REASONS, 'more reason')}", "dim")


def _total(surface: Surface) -> str:
    some = len(surface.endpoints)
    if not surface.all:
        return "0 endpoints recognised"
    apps = len({one.endpoint.app for one in surface.endpoints})
    return (
        f"{number(some, 'endpoint')} of {number(apps, 'application')}"
        if some == surface.all
        else f"{some:,} of {number(surface.all, 'endpoint')}"
    )


def incomplete(surface: Surface) -> Iterator[Text]:
    """The applications that may have endpoints which are not listed, and why."""
    for app in surface.apps:
        if isinstance(app.complete, Unknown) and app.complete != NOBODY_LOOKED:
            yield Text(visible(f"`{app.name}` may have more endpoints: {app.complete.why}"), "yellow")


def _remarks(surface: Surface) -> Iterator[Text]:
    """What a reader must know to trust the table."""
    if not surface.all:
        seen = ", ".join(surface.frameworks) or "none that we know"
        yield Text(visible(f"frameworks seen in imports: {seen}"))
    for doubt in surface.doubts:
        if doubt.count:
            words = f"of {number(doubt.count, 'other')} it is not known: --unknown {doubt.guard.value}"
            yield Text(f"{doubt.guard.value}: {words}", "yellow")
    yield from incomplete(surface)
    for problem in surface.problems[:_PROBLEMS]:
        yield Text(visible(f"{problem.path}: {problem.message}" if problem.path else problem.message), "dim")
    if len(surface.problems) > _PROBLEMS:
        yield Text(f"and {number(len(surface.problems) - _PROBLEMS, 'more note')}", "dim")
