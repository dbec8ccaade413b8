"""Views that an admin interface is given → those that nobody guards: Flask-Admin lets everybody in by default."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.access import AdminView
from ..model.code import Attribute, Call
from ..model.location import Location
from . import classes
from .evaluate import Evaluator
from .index import ScopeRef, call_at
from .values import ClassRef, External, Frame

_VIEWS = ("flask_admin.",)
_GUARDS = ("is_accessible", "_handle_view", "inaccessible_callback")


def admin_views(ev: Evaluator) -> Iterator[AdminView]:
    """Every view given to a Flask-Admin, with whether its class asks who may see it."""
    for word in ("add_view", "add_views"):
        for site in ev.index.sites.get(word, ()):
            call = call_at(ev.index, site) if site.path not in ev.index.tests else None
            frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
            for given in call.args if call is not None else ():
                if isinstance(given, Call) and call is not None and isinstance(call.callee, Attribute):
                    guarded = _guarded(ev, given, frame)
                    if guarded is not None:
                        yield AdminView(Location(site.path, call.at), guarded)


def _guarded(ev: Evaluator, made: Call, frame: Frame) -> bool | None:
    """Whether the class of a view overrides what lets everybody in; None where it is no view of Flask-Admin."""
    for value in ev.expr(made.callee, frame):
        match value:
            case External(name=name) if name.startswith(_VIEWS):
                return False
            case ClassRef(ref=ref):
                bases = classes.bases(ev, ref)
                if any(isinstance(base, str) and base.startswith(_VIEWS) for base in bases):
                    own = [base for base in bases if isinstance(base, ScopeRef)]
                    return any(name in ev.bindings(base) for base in own for name in _GUARDS)
            case _:
                pass
    return None
