"""The filters of `backend-audit endpoints` → which endpoints they choose; a word that means nothing is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from ..failure import UserError
from ..model.answer import Unknown
from ..model.endpoint import Endpoint
from ..model.exposure import Exposed, Exposure
from ..model.surface import Doubt, Guard, guarded

METHODS = (
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PROPPATCH", "MKCOL",
    "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "PURGE", "WEBSOCKET", "QUERY", "MUTATION", "SUBSCRIPTION",
    "RPC", "TASK", "EVENT",
)  # fmt: skip
_ALSO = {"authorization": "authorisation", "auth": "authentication", "limits": "rate-limit", "ratelimit": "rate-limit"}
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the endpoints must be like; an empty part asks for nothing."""

    paths: tuple[str, ...] = ()  # one of these
    methods: tuple[str, ...] = ()  # one of these, in upper case
    missing: tuple[Guard, ...] = ()  # none of these
    unknown: tuple[Guard, ...] = ()  # each of these is not known
    frameworks: tuple[str, ...] = ()  # one of these, in lower case

    @property
    def by_guard(self) -> bool:
        """Whether it goes by what protects an endpoint."""
        return bool(self.missing or self.unknown)


def choice(
    paths: Sequence[str],
    methods: Sequence[str],
    missing: Sequence[str],
    unknown: Sequence[str],
    frameworks: Sequence[str],
) -> Choice:
    """The filters as given on the command line. Raises UserError for a word that means nothing."""
    if not all(paths):
        raise UserError("--path is empty", "for example: --path /api/v1, or --path '*/export'")
    return Choice(
        tuple(paths),
        tuple(_known("--method", word.upper(), METHODS) for word in methods),
        tuple(_guard("--missing", word) for word in missing),
        tuple(_guard("--unknown", word) for word in unknown),
        tuple(word.lower() for word in frameworks),
    )


def chosen(found: Iterable[Exposed], wanted: Choice) -> tuple[tuple[Exposed, ...], tuple[Doubt, ...]]:
    """The endpoints, and how many more might lack what was asked for."""
    near = [one for one in found if fits(one.endpoint, wanted)]
    if wanted.by_guard:  # there is nothing to protect tasks and events from
        near = [one for one in near if one.exposure is not Exposure.INTERNAL]
    near = [one for one in near if all(isinstance(guarded(one.endpoint, g), Unknown) for g in wanted.unknown)]
    lacking = tuple(one for one in near if all(_lacks(one.endpoint, guard) for guard in wanted.missing))
    doubts = [Doubt(g, sum(isinstance(guarded(one.endpoint, g), Unknown) for one in near)) for g in wanted.missing]
    return lacking, tuple(doubts)


def fits(endpoint: Endpoint, wanted: Choice) -> bool:
    """Whether path, methods and framework are as asked for."""
    return (
        (not wanted.paths or any(under(endpoint.path, pattern) for pattern in wanted.paths))
        and (not wanted.methods or answers(endpoint.methods, wanted.methods))
        and (not wanted.frameworks or endpoint.framework.lower() in wanted.frameworks)
    )


def answers(methods: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the methods is wanted; "*" is all of them."""
    return "*" in methods or bool(set(methods) & set(wanted))


def under(path: str, pattern: str) -> bool:
    """Whether a path looks like a glob, or begins with whole parts: "/api" is before "/api/users", not "/apis"."""
    if _GLOB & set(pattern):
        return fnmatchcase(path, pattern)
    start = pattern.rstrip("/")
    return any(path == begin or path.startswith((f"{begin}/", f"{begin}.")) for begin in (start, f"/{start}"))


def _lacks(endpoint: Endpoint, guard: Guard) -> bool:
    found = guarded(endpoint, guard)
    return not isinstance(found, Unknown) and not found.value


def _guard(option: str, word: str) -> Guard:
    return Guard(_known(option, _ALSO.get(word.lower(), word.lower()), tuple(Guard)))


def _known(option: str, word: str, every: Sequence[str]) -> str:
    if word in every:
        return word
    near = get_close_matches(word, every, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(every[:8])}"
    raise UserError(f"{option} {word}: there is no such {'method' if option == '--method' else 'protection'}", hint)
