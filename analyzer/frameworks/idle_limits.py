"""Limiters and their decorators, and where they stand → the limits that an application has in writing alone."""

from __future__ import annotations

from dataclasses import replace

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.pins import all_before, all_from
from ..link.values import Const, External, Frame, Function, Lambda, Opaque
from ..model.code import Attribute, Call, Expr, Literal, LiteralKind
from ..model.endpoint import Idle
from ..model.location import Location
from .evidence import LIMIT, NONE, Evidence, merged, protection
from .guards import Guards, of_expr
from .limiting import idle
from .lists import items
from .objects import Made, meant, objects
from .routes import Handler
from .sources import argument, code, read, sites
from .speech import body_speaks, family

SLOWAPI = ("slowapi.middleware.SlowAPIMiddleware", "slowapi.middleware.SlowAPIASGIMiddleware")
_SLOWAPI, _FLASK, _QUART = "slowapi.Limiter", "flask_limiter.Limiter", "quart_rate_limiter.RateLimiter"
_QUART_LIMIT = "quart_rate_limiter.rate_limit"
_WRAPPING = tuple(f"{limiter}.{name}" for limiter in (_SLOWAPI, _FLASK) for name in ("limit", "shared_limit"))
_DEFAULTS = (("default_limits", 1), ("application_limits", 2))
_OLDER, _NEWER = "fastapi<0.137", "fastapi>=0.137"


# ------------------------------------------------------------------- above the route


def above_route(guards: Guards, handler: Handler, above: tuple[Expr, ...], frame: Frame) -> Handler:
    """A handler with the limits that wrap it only after the framework has taken it.

    The libraries note the name of what they wrap, and leave it out of the default limits from then on.
    """
    parts = [_above(guards, one, frame) for one in above]
    found = idle(merged(parts), Idle.ABOVE_ROUTE)
    if not found.found:
        return handler
    noted = any(p.what in _WRAPPING for p in found.found)
    held = Evidence(found.found, exempt=(LIMIT,) if noted else ())
    return replace(handler, evidence=merged([handler.evidence, held]))


def _above(guards: Guards, one: Expr, frame: Frame) -> Evidence:
    """The limit that a decorator gives to what it returns: a library's, or one of the project's that wraps."""
    evidence = of_expr(guards, one, frame, Location(frame.ref.path, one.at), "")
    maker = one.callee if isinstance(one, Call) else one
    wraps = any(isinstance(v, Function) and _wraps(guards.ev, v.ref) for v in guards.ev.expr(maker, frame))
    return Evidence(tuple(p for p in evidence.found if wraps or p.what in _WRAPPING))


def _wraps(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a decorator puts a function of its own, which limits, into the place of what it is given."""
    inner = family(ev, ref)[1:]
    return bool(inner) and body_speaks(ev, inner[-1])


# --------------------------------------------------------------------------- slowapi


def past_routers(ev: Evaluator, around: Evidence) -> Evidence:
    """What slowapi's middleware guards of an included router: from FastAPI 0.137 on it finds no endpoint there."""
    if all_before(ev, _OLDER) or not any(p.what in SLOWAPI for p in around.found):
        return around
    gone = idle(_of_slowapi(around), Idle.INCLUDED if all_from(ev, _NEWER) else Idle.INCLUDED_NEWER)
    kept = _without_slowapi(around) if all_from(ev, _NEWER) else around
    return merged([kept, gone])


def past_mount(around: Evidence) -> Evidence:
    """slowapi's middleware finds no endpoint behind a mount and lets the request pass (slowapi 0.1.10)."""
    return merged([_without_slowapi(around), idle(_of_slowapi(around), Idle.MOUNTED)])


def _of_slowapi(around: Evidence) -> Evidence:
    return Evidence(tuple(p for p in around.found if p.what in SLOWAPI))


def _without_slowapi(around: Evidence) -> Evidence:
    kept = (p for p in around.found if p.what not in SLOWAPI or not p.kind.startswith(LIMIT))
    return Evidence(tuple(kept), around.unknown, around.exempt)


def slowapi_defaults(ev: Evaluator) -> tuple[tuple[Location, ...], bool]:
    """The slowapi limiters of a project that have default limits; and whether that is sure."""
    return _with_defaults(ev, _SLOWAPI)


def _with_defaults(ev: Evaluator, limiter: str) -> tuple[tuple[Location, ...], bool]:
    found, sure = [], True
    for made in objects(ev, (limiter,)).made.values():
        for name, position in _DEFAULTS:
            given = argument(ev, made.call, made.frame, name, position if limiter == _SLOWAPI else None)
            held = items(ev, given.expr, given.frame) if given.expr is not None else None
            if given.hidden or (held is not None and (held.found or not held.complete)):
                found.append(Location(made.site.path, made.call.at))
                sure = sure and held is not None and bool(held.found)
    return tuple(dict.fromkeys(found)), sure


def without_middleware(ev: Evaluator) -> Evidence:
    """Default limits of slowapi in a project that nowhere names its middleware, nor asks the limiter by itself."""
    found, sure = slowapi_defaults(ev)
    if not found or not sure:
        return NONE
    names = {word.rpartition(".")[2] for word in SLOWAPI} | {"_check_request_limit"}
    if any(names & {*facts.names, *facts.attributes, *(i.name for i in facts.imports)} for _, facts in code(ev)):
        return NONE
    return merged(protection(_SLOWAPI, at, Idle.WITHOUT_MIDDLEWARE) for at in found)


# ---------------------------------------------------------------------- Flask and Quart


def unattached(guards: Guards) -> None:
    """Notes that the limiters of a project guard no application, where none of them is given to one."""
    ev = guards.ev
    if _registers(ev):
        return
    for limiter, names in ((_FLASK, _WRAPPING[2:]), (_QUART, (_QUART_LIMIT,))):
        made = objects(ev, (limiter,)).made.values()
        if any(_given(ev, one) for one in made):
            continue
        places = [Location(one.site.path, one.call.at) for one in made] or _asked_for(ev, limiter)
        if places:
            guards.idle.update(dict.fromkeys((*names, limiter), (Idle.UNATTACHED, min(places))))


def defaults_unattached(guards: Guards) -> Evidence:
    """The default limits of Flask's limiters, where these guard no application."""
    if _FLASK not in guards.idle or not _with_defaults(guards.ev, _FLASK)[0]:
        return NONE
    why, at = guards.idle[_FLASK]
    return protection(_FLASK, at, why)


def _asked_for(ev: Evaluator, limiter: str) -> list[Location]:
    """The limits of Quart's extension, which mean nothing without one; Flask's are methods of a limiter."""
    called = ((site, read(ev, site)) for site in sites(ev, "rate_limit")) if limiter == _QUART else ()
    named = ((site, *found) for site, found in called if found is not None)
    return [Location(s.path, call.at) for s, call, frame in named if _QUART_LIMIT in ev.qualified(call.callee, frame)]


def _given(ev: Evaluator, limiter: Made) -> bool:
    """Whether a limiter's constructor is given an application, or may be; before release 3 that came first."""
    call = limiter.call
    given = argument(ev, call, limiter.frame, "app", 0 if limiter.kind == _QUART else None)
    none = isinstance(given.expr, Literal) and given.expr.kind is LiteralKind.NONE
    keyed = any(keyword.name == "key_func" for keyword in call.keywords)
    first = ev.expr(call.args[0], limiter.frame) if call.args else ()
    key = all(isinstance(value, Function | External | Lambda) for value in first)
    by_place = limiter.kind == _FLASK and (len(call.args) > 1 or (bool(call.args) and (keyed or not key)))
    return given.hidden or limiter.cls is not None or by_place or (given.expr is not None and not none)


def _registers(ev: Evaluator) -> bool:
    """Whether anything that may be a limiter is given to an application later."""
    held = objects(ev, (_FLASK, _QUART))
    for site in sites(ev, "init_app"):
        called = read(ev, site)
        if called is None or not isinstance(called[0].callee, Attribute):
            return True
        owner, frame = called[0].callee.value, called[1]
        values = ev.expr(owner, frame)
        if meant(held, owner, frame).keys or not values or any(isinstance(v, Opaque | Const) for v in values):
            return True
    return False
