"""Applications → the rate limits that they have in writing alone, one for each cause, with the endpoints concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model.access import IdleLimit
from ..model.answer import Known
from ..model.endpoint import App, Endpoint, Idle, Protection
from ..model.location import Location

# Limits for whatever has none of its own: an endpoint with another limit does not miss them.
_DEFAULTS = frozenset({
    Idle.INCLUDED, Idle.INCLUDED_NEWER, Idle.MOUNTED, Idle.WITHOUT_MIDDLEWARE, Idle.RATES_ALONE,
})  # fmt: skip
_TOGETHER = frozenset({Idle.SCOPE_ALONE})  # one cause, wherever it shows: nothing in the settings asks for scopes


def idle_limits(apps: Iterable[App]) -> Iterator[IdleLimit]:
    """Each rate limit that limits nothing, by its cause."""
    held: dict[tuple[Idle, Location | None], list[tuple[Protection, Endpoint]]] = {}
    for app in apps:
        for endpoint in app.endpoints:
            for found in endpoint.idle_limits:
                why = Idle(found.kind)
                if why not in _DEFAULTS or not _limited(endpoint, found):
                    cause = None if why in _TOGETHER else found.at
                    held.setdefault((why, cause), []).append((found, endpoint))
    for (why, _), group in held.items():
        places = sorted({found.at for found, _ in group})
        endpoints = tuple(dict.fromkeys(endpoint for _, endpoint in group))
        yield IdleLimit(why, group[0][0].what, places[0], endpoints, tuple(places[1:]))


def _limited(endpoint: Endpoint, idle: Protection) -> bool:
    """Whether an endpoint has another limit, or may have one."""
    return not isinstance(endpoint.limits, Known) or any(p.what != idle.what for p in endpoint.limits.value)
