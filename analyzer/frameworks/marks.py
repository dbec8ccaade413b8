"""Names from outside the project → what they do besides limits and log-in: checks of requests, caches, size limits."""

from __future__ import annotations

from ..link.evaluate import Evaluator
from ..model.location import Location
from .evidence import BODY_LIMIT, CACHING, CSRF, KINDS, NONE, Evidence, doubt, merged, protection
from .harmless import harmless
from .languages import LANGUAGES, marked

MARKED = (CSRF, CACHING, BODY_LIMIT)


def of_marks(ev: Evaluator, name: str, at: Location, why: str) -> Evidence:
    """What a name from outside the project gives besides limits and log-in; `why` where nobody knows it."""
    return merged(_of_mark(ev, kind, name, at, why) for kind in MARKED)


def _of_mark(ev: Evaluator, kind: str, name: str, at: Location, why: str) -> Evidence:
    if marked(ev, name, f"{kind}-exempt"):
        return Evidence(exempt=(kind,))
    if marked(ev, name, kind):
        return protection(name, at, kind)
    if harmless(name) or any(language.speaks(name) for language in LANGUAGES):
        return NONE
    known = (*KINDS, *MARKED, *(f"{one}-exempt" for one in MARKED), "transparent", "identification")
    return NONE if any(marked(ev, name, other) for other in known) else doubt(why, kind)
