"""django-ninja-extra's controllers → their routes, with what the controller and each route say of who may ask."""

from __future__ import annotations

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import External, Frame
from ..model.answer import Known
from ..model.code import Call, Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from .evidence import NONE
from .fastapi_routes import named_methods
from .guards import Guards
from .ninja_layers import Layer, inner, layer
from .response_models import of_argument
from .routes import Route, of_function
from .sources import argument, text_of

_PACKAGE = "ninja_extra."


def of_controller(guards: Guards, ref: ScopeRef) -> list[tuple[Route, Layer]]:
    """The routes of a controller's methods, and of those that it inherits, under its prefix."""
    ev = guards.ev
    scope = ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    made = next((d for d in scope.decorators if _word(ev, d, frame) == "api_controller"), None)
    call = made if isinstance(made, Call) else None
    prefix = text_of(ev, argument(ev, call, frame, "prefix_or_class", 0)) if call is not None else ""
    around = layer(guards, call, frame) if call is not None else Layer()
    return [
        (route, inner(around, own))
        for base in classes.bases(ev, ref)
        if isinstance(base, ScopeRef)
        for number in ev.index.children[base.path].get(base.scope, ())
        for route, own in _of_method(guards, ScopeRef(base.path, number), prefix)
    ]


def _of_method(guards: Guards, ref: ScopeRef, prefix: str) -> list[tuple[Route, Layer]]:
    """`@http_get("/x")`, `@route.get("/x")` and `@http_generic("/x", methods=[…])`."""
    ev, found = guards.ev, []
    scope = ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    for position, one in enumerate(scope.decorators if scope.kind is ScopeKind.FUNCTION else ()):
        word = _word(ev, one, frame)
        if not isinstance(one, Call) or word in ("", "api_controller"):
            continue
        generic = word == "generic"
        methods = named_methods(ev, argument(ev, one, frame, "methods")) if generic else (word.upper(),)
        handler = of_function(guards, ref, scope.decorators[position + 1 :], frame)
        path = f"{prefix}/{text_of(ev, argument(ev, one, frame, 'path', 0))}"
        response = of_argument(ev, one, frame, "response") or Known("")
        route = Route(methods, path, handler, Location(ref.path, one.at), NONE, response)
        found.append((route, layer(guards, one, frame)))
    return found


def _word(ev: Evaluator, decorator: Expr, frame: Frame) -> str:
    """The verb of a decorator of django-ninja-extra, "generic" or "api_controller"; "" for any other."""
    callee = decorator.callee if isinstance(decorator, Call) else decorator
    for value in ev.expr(callee, frame):
        if isinstance(value, External) and value.name.startswith(_PACKAGE):
            word = value.name.rpartition(".")[2].removeprefix("http_")
            if word in ("get", "post", "put", "patch", "delete", "generic", "api_controller"):
                return word
    return ""
