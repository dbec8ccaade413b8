"""The endpoints of a project → a table for a terminal: one row for each, and how many have which protection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..model.answer import Unknown
from ..model.endpoint import NOBODY_LOOKED, App, Endpoint, Guarded
from ..model.exposure import Exposed, Exposure
from ..model.surface import Guard, Surface, guarded
from .endpoints_summary import summary
from .endpoints_words import (
    ABSENT,
    HEADS,
    PRESENT,
    evidence,
    from_outside,
    looked_at,
    methods,
    place,
    response,
    state,
    taken,
)
from .fitted import folded, last_part
from .terminal import NARROWEST, in_memory, printed
from .terminal_summary import number
from .visible import visible

MARKS = {PRESENT: ("yes", "green"), ABSENT: ("no", "red"), "unknown": ("?", "yellow")}
_GAP = 2
_FEW = 4  # kinds of protection that are columns in a narrow terminal
_WIDE = 110  # cells from which on all are
_ROOMY = 90  # cells from which on there is room between marks, and for several methods on a line
_REPEATED = 40  # rows after which the heads are printed again
_LEAST_PLACE, _LEAST_PATH = 20, 16
_METHODS = 9  # cells in which several methods stand on one line


@dataclass(frozen=True, slots=True)
class _Widths:
    """Cells of each column."""

    methods: int
    path: int
    gap: int  # behind each mark
    place: int


def endpoints_table(surface: Surface, width: int, color: bool, details: bool = False) -> str:
    """The text, without any ANSI sequence unless `color`; with `details`, what protects each endpoint and where."""
    console = in_memory(max(width, NARROWEST), color)
    shown = looked_at(surface.endpoints)
    guards = shown if console.width >= _WIDE else shown[:_FEW]
    widths = _widths(surface.endpoints, guards, console.width)
    for app in surface.apps:
        rows = [one for one in surface.endpoints if one.endpoint.app == app.key]
        if rows:
            _rule(console, _called(app, len(rows)))
            _group(console, rows, guards if from_outside(rows) else (), widths, details)
    for line in summary(surface, shown, guards, console.width):
        console.print(line)
    return printed(console)


def _group(console: Console, rows: Sequence[Exposed], guards: Sequence[Guard], widths: _Widths, details: bool) -> None:
    """The rows of one application and a blank line."""
    for row, one in enumerate(rows):
        if row % _REPEATED == 0:
            console.print(_heads(guards, widths))
        for line in _row(one, guards, widths):
            console.print(line)
        for line in _details(one, console.width) if details else ():
            console.print(line)
    console.print()


def _called(app: App, count: int) -> str:
    where = place(app.at.path, app.at.span.line)
    return f"{app.name} · {app.framework} · {where} · {number(count, 'endpoint')}"


def _rule(console: Console, words: str) -> None:
    line = Text.assemble(("── ", "dim"), (visible(words), "bold"), " ")
    console.print(line.append("─" * max(console.width - line.cell_len, 0), "dim"), overflow="fold")


def _widths(endpoints: Sequence[Exposed], guards: Sequence[Guard], width: int) -> _Widths:
    """The path gets what it needs, up to three fifths of what the methods and marks leave; the place the rest."""
    gap = _GAP if width >= _ROOMY else 1
    marks = sum(len(HEADS[guard]) + gap for guard in guards)
    path = max((cell_len(visible(one.endpoint.path)) for one in endpoints), default=4)
    where = max((cell_len(_where(one.endpoint)) for one in endpoints), default=4)
    names = _of_methods(endpoints, width - path - where - marks - 2 * _GAP, _METHODS if width >= _ROOMY else 3)
    free = max(width - names - _GAP - marks - _GAP, _LEAST_PATH + _LEAST_PLACE)
    path_width = max(min(path, max(free * 3 // 5, free - where)), _LEAST_PATH)
    return _Widths(names, path_width, gap, min(where, free - path_width))


def _of_methods(endpoints: Sequence[Exposed], spare: int, least: int) -> int:
    """Cells for the methods: all on one line where nothing else needs the room, at least the longest one."""
    names = [methods(one.endpoint) for one in endpoints]
    together = max((len(" ".join(name)) for name in names), default=3)
    longest = max((len(word) for name in names for word in name), default=3)
    return max(min(together, max(spare, least)), longest, 3)


def _heads(guards: Sequence[Guard], widths: _Widths) -> Text:
    marks = "".join(f"{HEADS[guard]}{' ' * widths.gap}" for guard in guards)
    return Text(f"{'':{widths.methods}}  {'path':{widths.path}}  {marks}handler", "dim")


def _row(one: Exposed, guards: Sequence[Guard], widths: _Widths) -> Iterator[Text]:
    """The first line has everything but what does not fit of the path and the methods."""
    endpoint = one.endpoint
    paths = folded(visible(endpoint.path), widths.path)
    names = folded(visible(" ".join(methods(endpoint))), widths.methods)
    for row, (path, name) in enumerate(zip_longest(paths, names, fillvalue="")):
        line = Text(f"{name:{widths.methods}}  ", "bold", no_wrap=True)
        line.append(path + " " * (widths.path - cell_len(path) + _GAP), "not bold")
        if row == 0:
            for guard in guards:
                line.append_text(_mark(guarded(endpoint, guard), len(HEADS[guard]) + widths.gap))
            line.append(last_part(_where(endpoint), widths.place), "not bold dim")
        yield line


def _mark(found: Guarded, width: int) -> Text:
    word, style = ("–", "dim") if found == NOBODY_LOOKED else MARKS[state(found)]
    return Text(f"{word:{width}}", f"not bold {style}")


def _where(endpoint: Endpoint) -> str:
    return visible(place(endpoint.handler_at.path, endpoint.handler_at.span.line))


def _details(one: Exposed, width: int) -> Iterator[Text]:
    """What is known besides, a label before each kind; what nobody looked at is left out."""
    endpoint = one.endpoint
    told: list[tuple[str, Sequence[str]]] = [("handler", (f"{endpoint.handler}  {_where(endpoint)}",))]
    for guard in Guard if one.exposure is not Exposure.INTERNAL else ():
        found = guarded(endpoint, guard)
        if found != NOBODY_LOOKED:
            told.append((guard, evidence(found)))
    told.append(("around", [f"{p.what}  {place(p.at.path, p.at.span.line)}" for p in endpoint.middleware]))
    told.append(("takes", [taken(value) for value in endpoint.inputs]))
    if isinstance(endpoint.all_inputs, Unknown) and endpoint.all_inputs != NOBODY_LOOKED:
        told.append(("", (f"perhaps more: {endpoint.all_inputs.why}",)))
    told.append(("gives", [response(endpoint)] if response(endpoint) else []))
    for label, lines in told:
        for line in lines:
            for piece in folded(visible(line), width - 20):
                yield Text(f"    {label:14}  {piece}", "dim", no_wrap=True)
                label = ""
