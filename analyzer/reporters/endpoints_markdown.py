"""The endpoints of a project, or where they differ from a document → Markdown for a page or a comment.

Tables are HTML blocks without a blank line, in which Markdown has no meaning; words of the code are in `<code>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..model.contract import Comparison, Difference, Differs
from ..model.endpoint import NOBODY_LOOKED, Endpoint
from ..model.exposure import Exposed
from ..model.surface import Guard, Surface, guarded
from .contract_table import HEADINGS, by_words
from .endpoints_words import ABSENT, PRESENT, UNKNOWN, evidence, looked_at, methods, place, state, tally
from .markdown import LIMIT
from .markdown_text import LONGEST_PATH, code, prose

_CUT = "<tr><td>and more, for which there is no room here</td></tr>"


def endpoints_markdown(surface: Surface) -> str:
    """The text, at most `LIMIT` bytes of UTF-8."""
    if surface.comparison is not None:
        return "\n".join(_compared(surface.comparison))
    guards = looked_at(surface.endpoints)
    some, every = len(surface.endpoints), surface.all
    count = f"{some:,}" if some == every else f"{some:,} of {every:,}"
    head = [f"## backend-audit: {count} {'endpoint' if every == 1 else 'endpoints'}\n", *_coverage(surface, guards)]
    return "\n".join(
        [*head, _table(("methods", "path", *guards, "handler"), (_cells(o, guards) for o in surface.endpoints))]
    )


def _coverage(surface: Surface, guards: Sequence[Guard]) -> Iterator[str]:
    if not guards:
        return
    yield "| | yes | no | not known |\n|:--|--:|--:|--:|"
    for guard in guards:
        counts, _ = tally(surface.endpoints, guard)
        yield f"| {guard.value} | {counts[PRESENT]:,} | {counts[ABSENT]:,} | {counts[UNKNOWN]:,} |"
    yield ""


def _cells(one: Exposed, guards: Sequence[Guard]) -> Iterator[str]:
    endpoint = one.endpoint
    yield ", ".join(code(method) for method in methods(endpoint))
    yield code(endpoint.path, LONGEST_PATH)
    yield from (_guarded(endpoint, guard) for guard in guards)
    yield code(place(endpoint.handler_at.path, endpoint.handler_at.span.line), LONGEST_PATH)


def _guarded(endpoint: Endpoint, guard: Guard) -> str:
    found = guarded(endpoint, guard)
    match state(found):
        case "absent":
            return "<b>no</b>"
        case "present":
            return "yes: " + ", ".join(code(line) for line in evidence(found))
    return "–" if found == NOBODY_LOOKED else prose(evidence(found)[0])


def _compared(comparison: Comparison) -> Iterator[str]:
    total = len(comparison.differences)
    heading = f"{total:,} {'difference' if total == 1 else 'differences'}" if total else "no differences"
    yield f"## backend-audit: {heading} from the API's document\n"
    counts = f"{comparison.operations:,} operations, {comparison.matched:,} found in the code"
    yield f"{code(comparison.document)}: {counts}.\n"
    for kind in Differs:
        found = [difference for difference in comparison.differences if difference.kind is kind]
        if found:
            yield f"### {len(found):,} {HEADINGS[kind]}\n"
            yield _table(("method", "path", "what differs", "handler"), _differences(found))
    if comparison.unjudged:
        items = [f"<li>{count:,} {prose(why)}</li>" for why, count in comparison.unjudged]
        yield "\n".join(["### Not compared\n", "<ul>", *items, "</ul>\n"])


def _differences(found: Sequence[Difference]) -> Iterator[tuple[str, ...]]:
    for _, shown, rest in by_words(found):
        for d in shown:
            where = code(place(d.at.path, d.at.span.line), LONGEST_PATH) if d.at else ""
            yield code(d.method), code(d.path, LONGEST_PATH), prose(d.says), where
        if rest:
            yield "", f"and {rest:,} more", prose(shown[0].says), ""


def _table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["<table>", "<tr>" + "".join(f"<th>{name}</th>" for name in head) + "</tr>"]
    room = LIMIT // 2
    for row in rows:
        line = "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        room -= len(line.encode("utf-8")) + 1
        if room < 0:
            lines.append(_CUT)
            break
        lines.append(line)
    return "\n".join([*lines, "</table>"]) + "\n"
