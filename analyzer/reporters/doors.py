"""The endpoints that reach a finding → their names, the most open first, and the word that says how open."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.exposure import Exposure
from ..model.finding import Finding
from ..model.report import Report

Doors = Mapping[str, Exposure]  # "POST /login" → how open it is

WORDS: Mapping[str, str] = {
    Exposure.PUBLIC: "public",
    Exposure.UNKNOWN: "perhaps public",
    Exposure.AUTHENTICATED: "authenticated",
    Exposure.INTERNAL: "internal",
}
WIDEST_FIRST = tuple(Exposure)


def doors(report: Report) -> Doors:
    """How open each endpoint of a report is; of two with one name, the more open one counts."""
    found: dict[str, Exposure] = {}
    for endpoint in sorted(report.endpoints, key=lambda endpoint: -WIDEST_FIRST.index(endpoint.exposure)):
        found.update({f"{method} {endpoint.path}": endpoint.exposure for method in endpoint.methods})
    return found


def widest_first(finding: Finding, known: Doors) -> tuple[str, ...]:
    """The names of the endpoints that reach a finding, the most open first."""
    return tuple(
        sorted(finding.endpoints, key=lambda name: (WIDEST_FIRST.index(known.get(name, Exposure.UNREACHED)), name))
    )


def reached(finding: Finding, known: Doors, most: int) -> str:
    """ "POST /login (public), GET /me and 3 more"; "" where no endpoint reaches it."""
    names = widest_first(finding, known)
    if not names:
        return ""
    word = WORDS.get(finding.exposure, "")
    first = names[0] + (f" ({word})" if word else "")
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join((first, *names[1:most])) + rest
