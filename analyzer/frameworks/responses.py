"""A route's declaration and its handler's signature → the model that shapes the answer."""

from __future__ import annotations

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.answer import Known, Unknown
from ..model.code import Call, Expr, Literal, LiteralKind
from ..model.facts import ScopeKind
from ..model.location import Location
from .sources import argument
from .type_words import type_words
from .views import class_attribute, functions

_UNSEEN = Unknown("arguments that are not understood")
# What is sent as it is: FastAPI makes no model of a response class (fastapi/routing.py).
_RESPONSES = (
    "starlette.responses.", "fastapi.responses.", "fastapi.Response", "starlette.background.", "litestar.response.",
    "litestar.Response",
)  # fmt: skip


def declared_response(ev: Evaluator, call: Call, frame: Frame, handler: ScopeRef | None) -> Known[str] | Unknown:
    """FastAPI's: `response_model=` of the route, else the annotation of what the handler returns; "" for none."""
    given = argument(ev, call, frame, "response_model")
    if given.expr is not None:
        none = isinstance(given.expr, Literal) and given.expr.kind is LiteralKind.NONE
        words = "" if none else type_words(ev, given.expr, given.frame)
        return Known(words, (Location(given.frame.ref.path, given.expr.at),))
    if given.hidden:
        return _UNSEEN
    return annotated(ev, handler)


def annotated(ev: Evaluator, handler: ScopeRef | None) -> Known[str] | Unknown:
    """The annotation of what a handler returns; "" for none, and for what is sent as it is."""
    if handler is None:
        return Unknown("a handler that is not understood")
    scope = ev.scope(handler)
    if scope.kind is ScopeKind.CLASS or scope.returns is None:
        return Known("")
    return _returned(ev, scope.returns, Frame(ScopeRef(handler.path, scope.parent)))


def _returned(ev: Evaluator, annotation: Expr, above: Frame) -> Known[str]:
    words = type_words(ev, annotation, above)
    at = (Location(above.ref.path, annotation.at),)
    return Known("" if words in ("None", "Any") or words.startswith(_RESPONSES) else words, at)


def serializer(ev: Evaluator, view: ScopeRef | None) -> Known[str] | Unknown | None:
    """The serializer class of a DRF view; unknown where a method chooses it, None where it is no such view."""
    if view is None or ev.scope(view).kind is not ScopeKind.CLASS:
        return None
    if functions(ev, view, ("get_serializer_class", "get_serializer")):
        return Unknown("a serializer chosen at run time")
    found = class_attribute(ev, view, "serializer_class")
    if found is None or (isinstance(found[0], Literal) and found[0].kind is LiteralKind.NONE):
        return None
    return Known(type_words(ev, *found), (Location(found[1].ref.path, found[0].at),))
