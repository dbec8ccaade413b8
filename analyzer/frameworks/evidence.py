"""What is known of the guards around something, and how the evidence of several comes together to an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..model.answer import Known, Unknown
from ..model.endpoint import Protection
from ..model.location import Location

if TYPE_CHECKING:
    from ..link.evaluate import Evaluator

LIMIT = "rate-limit"
IDENTITY = "authentication"
IDENTITY_TO_WRITE = "authentication-to-write"  # DRF's `IsAuthenticatedOrReadOnly`: anybody may read
OPENED = "authentication-exempt"  # somebody wrote that everybody may: DRF's `AllowAny` on a view
AUTHORISATION = "authorisation"  # who may, once it is known who asks: a role, a permission, an owner
AUTHORISATION_TO_WRITE = "authorisation-to-write"  # whoever is known may read
KINDS = (LIMIT, IDENTITY, AUTHORISATION)
CSRF = "csrf"  # a browser's request is meant by whoever sits before it
CACHING = "caching"  # answers without the handler, or tells clients how long an answer holds
BODY_LIMIT = "body-limit"  # refuses what is too large
MIDDLEWARE = "middleware"  # stands around every endpoint of an application, whatever it does
_MORE = (CSRF, CACHING, BODY_LIMIT, MIDDLEWARE)
_TO_WRITE = {IDENTITY_TO_WRITE: IDENTITY, AUTHORISATION_TO_WRITE: AUTHORISATION}
_BY_URL = {f"{kind}-by-url": kind for kind in (IDENTITY, AUTHORISATION)}  # asked for what the URL names, if it does
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Doubt(NamedTuple):
    """Why it is not known whether there is a protection."""

    why: str
    kind: str = ""  # "" for all kinds


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the guards on something: who guards, what was not understood, and what it is taken out of."""

    found: tuple[Protection, ...] = ()
    unknown: tuple[Doubt, ...] = ()
    exempt: tuple[str, ...] = ()  # kinds


NONE = Evidence()


def protection(what: str, at: Location, kind: str = LIMIT) -> Evidence:
    """Evidence of one guard."""
    return Evidence((Protection(kind, what, at),))


def doubt(why: str, kind: str = "") -> Evidence:
    """Evidence of something that may guard, or not."""
    return Evidence(unknown=(Doubt(why, kind),))


def merged(parts: Iterable[Evidence]) -> Evidence:
    """The evidence of several guards together, each protection and each reason once."""
    held = [part for part in parts if part is not NONE]
    if len(held) < 2:
        return held[0] if held else NONE
    return Evidence(
        tuple(dict.fromkeys(p for part in held for p in part.found)),
        tuple(dict.fromkeys(why for part in held for why in part.unknown)),
        tuple(sorted({kind for part in held for kind in part.exempt})),
    )


def only(evidence: Evidence, *kinds: str) -> Evidence:
    """What evidence says of some kinds of protection."""
    return Evidence(
        tuple(p for p in evidence.found if p.kind in kinds),
        tuple(Doubt(d.why, kind) for d in evidence.unknown for kind in kinds if d.kind in ("", kind)),
        tuple(kind for kind in evidence.exempt if kind in kinds),
    )


def inside(own: Evidence, around: Evidence) -> Evidence:
    """What guards something with evidence of its own inside something guarded; an exemption lets nothing in."""
    freed = {kind for kind in own.exempt if not any(p.kind == kind for p in own.found)}
    kept = [kind for kind in (*KINDS, *_TO_WRITE, *_BY_URL, OPENED, *_MORE) if kind not in freed]
    if LIMIT not in freed:  # limits for some methods, and those that limit nothing
        kept += sorted({p.kind for p in around.found if p.kind.startswith(f"{LIMIT}-")})
    passing = only(around, *kept) if freed else around
    outer = Evidence(tuple(p for p in passing.found if p.kind == MIDDLEWARE))  # middlewares are told outermost first
    together = merged([outer, own, passing])
    return Evidence(together.found, together.unknown)


def settle(ev: Evaluator, evidence: Evidence, kind: str = LIMIT) -> Known[tuple[Protection, ...]] | Unknown:
    """The answer: who guards; else why it is not known; else that nobody does, which an unread file forbids to say.

    The places of "nobody" are those where it is written that everybody may.
    """
    found = tuple(p for p in evidence.found if p.kind == kind)
    if found:
        return Known(found, tuple(sorted({p.at for p in found})))
    reasons = [d.why for d in evidence.unknown if d.kind in ("", kind)] or list(filter(None, [_unread(ev)]))
    opened = tuple(sorted({p.at for p in evidence.found if p.kind == f"{kind}-exempt"}))
    return Unknown(reasons[0]) if reasons else Known((), opened)


def complete(ev: Evaluator, why: str = "") -> Known[bool] | Unknown:
    """Whether a table of routes holds all that there are: not where `why` or an unread file speaks against it."""
    reason = why or _unread(ev)
    return Unknown(reason) if reason else Known(True)


def _unread(ev: Evaluator) -> str:
    """Why nothing can be said to be absent: a file of the project could not be read; "" where all were."""
    lost = any(path.endswith(".py") and path not in ev.index.tests for path in ev.index.unread)
    return "an unread file" if lost else ""


def asked(evidence: Evidence, methods: tuple[str, ...]) -> Evidence:
    """The evidence for these methods: what asks only writers guards an endpoint that may write."""
    if READING.issuperset(methods):
        return evidence
    made = tuple(Protection(_TO_WRITE.get(p.kind, p.kind), p.what, p.at) for p in evidence.found)
    return Evidence(made, evidence.unknown, evidence.exempt)


def by_url(evidence: Evidence) -> Evidence:
    """The evidence of a guard that looks at the values of a URL: it may let pass whoever's URL holds none."""
    kinds = {kind: name for name, kind in _BY_URL.items()}
    found = tuple(Protection(kinds.get(p.kind, p.kind), p.what, p.at) for p in evidence.found)
    return Evidence(found, evidence.unknown, evidence.exempt)


def at_path(evidence: Evidence, path: str) -> Evidence:
    """The evidence at this path: guards of what URLs name guard a path with parameters, and may guard another."""
    asking = [p for p in evidence.found if p.kind in _BY_URL]
    if not asking:
        return evidence
    found = tuple(p for p in evidence.found if p.kind not in _BY_URL)
    if "<" in path or "{" in path:
        return merged([Evidence(found, evidence.unknown, evidence.exempt), *(_plain(p) for p in asking)])
    doubts = tuple(Doubt("a guard that asks for what the URL names", _BY_URL[p.kind]) for p in asking)
    return Evidence(found, (*evidence.unknown, *dict.fromkeys(doubts)), evidence.exempt)


def _plain(found: Protection) -> Evidence:
    return protection(found.what, found.at, _BY_URL[found.kind])
