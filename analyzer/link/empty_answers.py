"""Answers with the status 204, which have no body → those that say something in one all the same."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.api import LostBody
from ..model.code import Attribute, Call, Dict, Expr, Format, Literal, Name, Return, Sequence
from ..model.location import Location
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Const, Frame
from .walk import nodes

_STATUSES = frozenset({"NO_CONTENT", "HTTP_204_NO_CONTENT"})
# Where a response takes its body and its status, the first positions being those of both.
_RESPONSES = (
    "starlette.responses.", "fastapi.responses.", "fastapi.Response", "rest_framework.response.Response",
    "django.http.HttpResponse", "django.http.JsonResponse", "flask.Response", "flask.make_response",
    "werkzeug.wrappers.Response", "quart.Response", "quart.make_response",
)  # fmt: skip
_OTHERS = ("Redirect", "File", "Streaming")  # their first argument is no body, or is no text
_BODIES = frozenset({"content", "data", "response", "body"})
_TAKES_STATUS = frozenset({"status", "status_code"})
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "api_route", "route"})
_MAKES = frozenset({"dict", "jsonify"})
_PLAIN = frozenset({"flask", "quart"})  # a handler may return a body and a status side by side
_DECLARED = frozenset({"fastapi"})  # the route says the status


def lost_bodies(ev: Evaluator, with_tests: bool) -> Iterator[LostBody]:
    """Every body that a 204 drops, in whatever way the status is given."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            declared = ev.handlers.get(ref) in _DECLARED and _route_says(ev, ref)
            for node in nodes(body(ev.index, ref)):
                if isinstance(node, Call) and _response(ev, node, Frame(ref)):
                    yield LostBody(Location(path, node.at), "call")
                elif isinstance(node, Return) and node.value is not None and _returned(ev, ref, node.value, declared):
                    yield LostBody(Location(path, node.at), "return")


def _returned(ev: Evaluator, ref: ScopeRef, value: Expr, declared: bool) -> bool:
    if declared:
        return _says(value)
    match value:
        case Sequence(kind="tuple", items=(said, status, *_)) if ev.handlers.get(ref) in _PLAIN:
            return _empty(ev, status, Frame(ref)) and _says(said)
        case _:
            return False


def _route_says(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether every route of a handler declares the status 204."""
    above = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    routes = [
        next((k.value for k in decorator.keywords if k.name == "status_code"), None)
        for decorator in ev.scope(ref).decorators
        if isinstance(decorator, Call) and isinstance(decorator.callee, Attribute) and decorator.callee.name in _ROUTES
    ]
    return bool(routes) and all(status is not None and _empty(ev, status, above) for status in routes)


def _response(ev: Evaluator, call: Call, frame: Frame) -> bool:
    """Whether a call makes a response with the status 204 and a body."""
    status = next((k.value for k in call.keywords if k.name in _TAKES_STATUS), call.args[1] if call.args[1:] else None)
    if status is None or not _empty(ev, status, frame):
        return False
    said = next((k.value for k in call.keywords if k.name in _BODIES), call.args[0] if call.args else None)
    names = [n for n in ev.qualified(call.callee, frame) if n.startswith(_RESPONSES)]
    plain = [name for name in names if not any(word in name for word in _OTHERS)]
    return bool(plain) and said is not None and (_says(said) or _bound(ev, said, frame))


def _empty(ev: Evaluator, status: Expr, frame: Frame) -> bool:
    if isinstance(status, Attribute) and status.name in _STATUSES:
        return True
    values = ev.expr(status, frame) if isinstance(status, Literal | Name) else ()
    return bool(values) and all(isinstance(value, Const) and value.value in (204, "204") for value in values)


def _bound(ev: Evaluator, said: Expr, frame: Frame) -> bool:
    """Whether a name is something said, wherever it is bound."""
    bound = ev.bindings(frame.ref).get(said.id, ()) if isinstance(said, Name) else ()
    return bool(bound) and all(binding.expr is not None and _says(binding.expr) for binding in bound)


def _says(expr: Expr) -> bool:
    """Whether an expression is something to read for certain: what may as well be empty or None is not."""
    match expr:
        case Literal(value=str() as text):
            return bool(text)
        case Dict(keys=keys):
            return bool(keys)
        case Sequence(kind="list", items=items):
            return bool(items)
        case Format():
            return True
        case Call(callee=Name(id=name), args=args, keywords=keywords) if name in _MAKES:
            return bool(keywords) or any(map(_says, args))
        case _:
            return False
