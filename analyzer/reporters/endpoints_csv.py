"""The endpoints of a project → CSV with a line of names: one row for each, or for each difference from a document."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..model.contract import Comparison
from ..model.exposure import Exposed
from ..model.surface import Guard, Surface, guarded
from .endpoints_words import evidence, place, response, state, taken
from .visible import encodable, visible

_FORMULA = ("=", "+", "-", "@")  # spreadsheets run what begins so
_COLUMNS = (
    "methods", "path", "framework", "app", "serves", "handler", "file", "line", "async", "purpose", "audience",
    "exposure", *(name for guard in Guard for name in (guard.value, f"{guard.value} by")), "middleware", "inputs",
    "response",
)  # fmt: skip


def endpoints_csv(surface: Surface) -> str:
    """The rows. A cell that a spreadsheet would run begins with an apostrophe."""
    if surface.comparison is not None:
        return _written(("kind", "method", "path", "says", "file", "line"), _differences(surface.comparison))
    return _written(_COLUMNS, (_row(one) for one in surface.endpoints))


def _row(one: Exposed) -> Sequence[object]:
    endpoint = one.endpoint
    row: list[object] = [
        " ".join(endpoint.methods), endpoint.path, endpoint.framework, endpoint.app, one.serves, endpoint.handler,
        endpoint.handler_at.path, endpoint.handler_at.span.line, str(endpoint.is_async).lower(), endpoint.purpose,
        endpoint.audience, one.exposure,
    ]  # fmt: skip
    for guard in Guard:
        found = guarded(endpoint, guard)
        row += [state(found), "; ".join(evidence(found)) if state(found) != "absent" else ""]
    around = "; ".join(f"{p.what}  {place(p.at.path, p.at.span.line)}" for p in endpoint.middleware)
    return [*row, around, "; ".join(map(taken, endpoint.inputs)), response(endpoint)]


def _differences(comparison: Comparison) -> Iterable[Sequence[object]]:
    for one in comparison.differences:
        where = (one.at.path, one.at.span.line) if one.at else ("", "")
        yield one.kind, one.method, one.path, one.says, *where


def _written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return encodable(text.getvalue())


def _cell(value: object) -> str:
    shown = visible(str(value))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
