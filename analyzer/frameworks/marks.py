"""What else stands around an endpoint, by library models: checks against forged requests, caches, size limits."""

from __future__ import annotations

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.settings import settings
from ..link.values import ClassRef, External, Function, Values
from ..model.answer import Known
from ..model.location import Location
from .evidence import BODY_LIMIT, CACHING, CSRF, KINDS, MIDDLEWARE, NONE, Evidence, doubt, merged, protection
from .harmless import harmless
from .languages import LANGUAGES, marked
from .sources import qualified

MARKED = (CSRF, CACHING, BODY_LIMIT)


def of_marks(ev: Evaluator, name: str, at: Location, why: str) -> Evidence:
    """What a name from outside the project gives besides limits and log-in; `why` where nobody knows it."""
    return merged(_of_mark(ev, kind, name, at, why) for kind in MARKED)


def standing(ev: Evaluator, values: Values, at: Location) -> Evidence:
    """A middleware as such, by its name, whatever it does."""
    names = [canonical(ev.libraries, v.name) for v in values if isinstance(v, External)]
    names += [qualified(ev, v.ref) for v in values if isinstance(v, ClassRef | Function)]
    return merged(protection(name, at, MIDDLEWARE) for name in names)


def of_configuration(ev: Evaluator, setting: str) -> Evidence:
    """The limit of a body that a setting sets, as MAX_CONTENT_LENGTH in Flask's configuration; None is none."""
    found = [s for s in settings(ev, setting) if not (isinstance(s.value, Known) and s.value.value is None)]
    return merged(protection(setting, one.at, BODY_LIMIT) for one in found)


def _of_mark(ev: Evaluator, kind: str, name: str, at: Location, why: str) -> Evidence:
    if marked(ev, name, f"{kind}-exempt"):
        return Evidence(exempt=(kind,))
    if marked(ev, name, kind):
        return protection(name, at, kind)
    if harmless(name) or any(language.speaks(name) for language in LANGUAGES):
        return NONE
    known = (*KINDS, *MARKED, *(f"{one}-exempt" for one in MARKED), "transparent", "identification")
    return NONE if any(marked(ev, name, other) for other in known) else doubt(why, kind)
