"""Rate limits as they are written → for which methods they count, and those that limit nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.values import Const, External, Frame
from ..model.code import Call
from ..model.endpoint import Idle, Protection
from ..model.location import Location
from .evidence import LIMIT, READING, Evidence
from .lists import strings
from .sources import Argument, argument, code, text

_FOR = f"{LIMIT}-for:"  # the methods follow
_METHODS = {
    "slowapi.Limiter.limit": "methods",
    "slowapi.Limiter.shared_limit": "methods",
    "flask_limiter.Limiter.limit": "methods",
    "flask_limiter.Limiter.shared_limit": "methods",
    "django_ratelimit.decorators.ratelimit": "method",
}
_RATELIMIT = "django_ratelimit.decorators.ratelimit"
_UNSAFE = ("DELETE", "PATCH", "POST", "PUT")
IDLE = frozenset(str(one) for one in Idle)


# --------------------------------------------------------------- limits for some methods


def for_methods(evidence: Evidence, methods: Iterable[str]) -> Evidence:
    """The same evidence, its limits counting for requests with these methods alone."""
    kind = _FOR + ",".join(sorted({method.upper() for method in methods}))
    made = tuple(Protection(kind, p.what, p.at) if p.kind == LIMIT else p for p in evidence.found)
    return Evidence(made, evidence.unknown, evidence.exempt)


def limited(evidence: Evidence, methods: Iterable[str]) -> Evidence:
    """The evidence for these methods: a limit for some counts where it covers all that may change something."""
    if not any(p.kind.startswith(_FOR) for p in evidence.found):
        return evidence
    asked = set(methods)
    needed = {"POST"} if "*" in asked else asked - READING or asked
    found = (_settled(p, needed) for p in evidence.found)
    return Evidence(tuple(dict.fromkeys(p for p in found if p is not None)), evidence.unknown, evidence.exempt)


def _settled(found: Protection, needed: set[str]) -> Protection | None:
    if not found.kind.startswith(_FOR):
        return found
    covered = needed.issubset(found.kind.removeprefix(_FOR).split(","))
    return Protection(LIMIT, found.what, found.at) if covered else None


# --------------------------------------------------------------- limits that limit nothing


def idle(evidence: Evidence, why: Idle, at: Location | None = None) -> Evidence:
    """The limits of some evidence as what they are where they limit nothing; `at` is what is to blame for it."""
    held = (p for p in evidence.found if p.kind == LIMIT or p.kind.startswith(_FOR))
    return Evidence(tuple(dict.fromkeys(Protection(why, p.what, at or p.at) for p in held)))


def without(evidence: Evidence, blamed: Mapping[str, tuple[Idle, Location]]) -> Evidence:
    """The evidence of a project in which limits of these names limit nothing, for the whole of it."""
    if not blamed:
        return evidence
    found = (_blamed(p, blamed.get(p.what)) for p in evidence.found)
    return Evidence(tuple(dict.fromkeys(found)), evidence.unknown, evidence.exempt)


def _blamed(found: Protection, blame: tuple[Idle, Location] | None) -> Protection:
    limits = found.kind == LIMIT or found.kind.startswith(_FOR)
    return Protection(blame[0], found.what, blame[1]) if blame is not None and limits else found


# --------------------------------------------------------------- what a decorator is told


def as_called(ev: Evaluator, call: Call, frame: Frame, evidence: Evidence) -> Evidence:
    """The evidence of a limiting decorator, by what it is called with: for which methods, and whether it blocks."""
    if not any(p.what in _METHODS for p in evidence.found):
        return evidence
    names = (canonical(ev.libraries, one) for one in ev.qualified(call.callee, frame))
    name = next((one for one in names if one in _METHODS), "")
    if not name:
        return evidence
    if name == _RATELIMIT and _only_notes(ev, call, frame):
        return idle(evidence, Idle.NOBODY_LOOKS)
    given = argument(ev, call, frame, _METHODS[name], 3 if name == _RATELIMIT else None)
    methods = _methods(ev, given)
    return for_methods(evidence, methods) if methods else evidence


def _methods(ev: Evaluator, given: Argument) -> tuple[str, ...]:
    """The methods that an argument names; () for all, and where they are not known."""
    if given.expr is None:
        return ()
    values = ev.expr(given.expr, given.frame)
    names = {v.name.rpartition(".")[2] for v in values if isinstance(v, External)}
    if names:
        return _UNSAFE if names == {"UNSAFE"} else ()
    if all(isinstance(v, Const) and isinstance(v.value, str) for v in values):
        return (text(values),) if values else ()
    return strings(ev, given) or ()


def _only_notes(ev: Evaluator, call: Call, frame: Frame) -> bool:
    """Whether django-ratelimit is told, or by default in releases before 4, to note that there were too many."""
    given = argument(ev, call, frame, "block", 4)
    if given.hidden:
        return False
    if given.expr is None:
        return _imported_before_4(ev, frame.ref.path) and not _read(ev)
    values = ev.expr(given.expr, given.frame)
    return bool(values) and all(isinstance(v, Const) and v.value is False for v in values) and not _read(ev)


def _imported_before_4(ev: Evaluator, path: str) -> bool:
    """Its package was named `ratelimit` until release 4 (django-ratelimit 3.0.1, ratelimit/decorators.py:13)."""
    modules = {item.module.partition(".")[0] for item in ev.index.python[path].imports if item.level == 0}
    return "ratelimit" in modules and "django_ratelimit" not in modules


def _read(ev: Evaluator) -> bool:
    """Whether anything of the project looks at `request.limited`."""
    return any("limited" in facts.attributes or "limited" in facts.names for _, facts in code(ev))
