"""Endpoints beside each other → the protections that nearly all of them carry, and the few that do not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ..model.access import Norm
from ..model.answer import Known
from ..model.endpoint import App, Audience, Endpoint, Guarded, Purpose

SIBLINGS = 8  # fewer make no norm
NEARLY_ALL = 0.9
UNDERSTOOD = 0.8  # of the siblings, or a norm of the few that are would pass for one of all
_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "*"})
_PARAMETER = re.compile(r"[{<(*…^\\]")


def norms(apps: Iterable[App]) -> Iterator[Norm]:
    """The norms of every application; an endpoint strays from the nearest norm alone."""
    for app in apps:
        for writing in (False, True):
            judged = [e for e in app.endpoints if _for_somebody(e) and _writes(e) is writing]
            for kind in ("authentication", "authorisation", "rate-limit"):
                yield from _of_kind(app.key, kind, writing, judged)


def _for_somebody(endpoint: Endpoint) -> bool:
    known = not endpoint.path.startswith("…") and "WEBSOCKET" not in endpoint.methods
    return known and endpoint.purpose is Purpose.OTHER and endpoint.audience is not Audience.ANYBODY


def _writes(endpoint: Endpoint) -> bool:
    return not _READING.issuperset(endpoint.methods)


def _of_kind(app: str, kind: str, writing: bool, judged: Sequence[Endpoint]) -> Iterator[Norm]:
    groups: dict[tuple[str, ...], list[Endpoint]] = defaultdict(list)
    for endpoint in judged:
        segments = _fixed(endpoint.path)
        for length in range(len(segments) + 1):
            groups[segments[:length]].append(endpoint)
    told: set[Endpoint] = set()
    for prefix, held in sorted(groups.items(), key=lambda item: (-len(item[0]), item[0])):
        sure = [(e, found.value) for e in held if isinstance(found := _answer(e, kind), Known)]
        followed = sum(1 for _, found in sure if found)
        enough = len(sure) >= SIBLINGS and len(sure) >= UNDERSTOOD * len(held)
        if not enough or followed < NEARLY_ALL * len(sure):
            continue
        beside = {_fixed(e.path)[:1] for e, found in sure if found}
        strangers = tuple(
            e for e, found in sure if not found and _strays(e, kind) and e not in told and _beside(e, beside)
        )
        if strangers:
            told.update(strangers)
            yield Norm(kind, app, "/" + "/".join(prefix), writing, followed, len(sure), strangers)


def _beside(endpoint: Endpoint, followers: set[tuple[str, ...]]) -> bool:
    """Whether an endpoint stands in one folder with others; what answers at the folder itself is a way in."""
    return _fixed(endpoint.path)[:1] in followers and len(endpoint.path.strip("/").split("/")) > 1


def _answer(endpoint: Endpoint, kind: str) -> Guarded:
    if kind == "rate-limit":
        return endpoint.limits
    return endpoint.authentication if kind == "authentication" else endpoint.authorisation


def _strays(endpoint: Endpoint, kind: str) -> bool:
    """Where nobody asks who is calling, nobody can ask what he may: one cause."""
    asks = endpoint.authentication
    return kind != "authorisation" or (isinstance(asks, Known) and bool(asks.value))


def _fixed(path: str) -> tuple[str, ...]:
    """The segments of a path up to its first parameter."""
    found = []
    for segment in path.strip("/").split("/"):
        if not segment or _PARAMETER.search(segment):
            break
        found.append(segment)
    return tuple(found)
