"""What is known of an endpoint → the words that every listing of endpoints uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..model.answer import Known, Unknown
from ..model.endpoint import NOBODY_LOOKED, Endpoint, Guarded, Input
from ..model.exposure import Exposed, Exposure
from ..model.surface import Guard, guarded

PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"
HEADS: Mapping[Guard, str] = {
    Guard.AUTHENTICATION: "auth",
    Guard.AUTHORISATION: "roles",
    Guard.RATE_LIMIT: "rate",
    Guard.CSRF: "csrf",
    Guard.BODY_LIMIT: "body",
    Guard.CACHING: "cache",
}


def state(found: Guarded) -> str:
    """Whether a protection is there: PRESENT, ABSENT or UNKNOWN."""
    if isinstance(found, Unknown):
        return UNKNOWN
    return PRESENT if found.value else ABSENT


def from_outside(endpoints: Iterable[Exposed]) -> list[Exposed]:
    """Without tasks and events, which nobody outside asks: there is nothing to protect them from."""
    return [one for one in endpoints if one.exposure is not Exposure.INTERNAL]


def looked_at(endpoints: Iterable[Exposed]) -> tuple[Guard, ...]:
    """The kinds of protection that somebody has looked for in one at least of those that are asked from outside."""
    found = {
        guard
        for one in from_outside(endpoints)
        for guard in Guard
        if (known := guarded(one.endpoint, guard)) != NOBODY_LOOKED or isinstance(known, Known)
    }
    return tuple(guard for guard in Guard if guard in found)


def tally(endpoints: Sequence[Exposed], guard: Guard) -> tuple[Counter[str], Counter[str]]:
    """How many that are asked from outside have, lack or may have a protection, and of how many why it is not known."""
    every = [guarded(one.endpoint, guard) for one in from_outside(endpoints)]
    return Counter(map(state, every)), Counter(found.why for found in every if isinstance(found, Unknown))


def methods(endpoint: Endpoint) -> tuple[str, ...]:
    """The methods as people say them."""
    return ("any",) if endpoint.methods == ("*",) else endpoint.methods


def place(path: str, line: int) -> str:
    """ "app/api.py:12"."""
    return f"{path}:{line}"


def evidence(found: Guarded) -> tuple[str, ...]:
    """What gives a protection and where, one line for each; else why that is not known, or that there is none."""
    if isinstance(found, Unknown):
        return (f"unknown: {found.why}",)
    return tuple(f"{p.what}  {place(p.at.path, p.at.span.line)}" for p in found.value) or ("none",)


def taken(one: Input) -> str:
    """ "limit (query, int, optional, le=100)"."""
    bounds = [f"{name}={value}" for name, value in one.bounds]
    parts = [one.place, one.type, "" if one.required else "optional", *bounds]
    return f"{one.name} ({', '.join(part for part in parts if part)})"


def response(endpoint: Endpoint) -> str:
    """The model that shapes the answer; "" where none is declared, or nobody looked."""
    return endpoint.response.value if isinstance(endpoint.response, Known) else ""
