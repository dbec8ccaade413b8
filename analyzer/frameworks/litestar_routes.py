"""Functions and methods under Litestar's route decorators, and listeners → routes without the prefix of their owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Container, External, Frame
from ..model.answer import Known
from ..model.code import Call, Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from . import routes
from .evidence import IDENTITY, Evidence, inside, merged, only
from .guards import Guards, handled
from .lists import items
from .litestar_layers import Provided, layer, of_class, provided
from .response_models import of_argument, shape
from .responses import annotated
from .routes import Handler, Route
from .sources import HOLE, Argument, argument, name_place, qualified, text, text_of
from .views import class_attribute

_VERBS = ("get", "post", "put", "patch", "delete", "head")
_DTOS = ("return_dto", "dto")  # what shapes an answer in place of the annotation
_SOCKETS = ("websocket", "websocket_listener", "websocket_stream")
_DECORATORS = {f"litestar.{word}": word for word in (*_VERBS, *_SOCKETS, "route", "asgi")}


def of_function(guards: Guards, ref: ScopeRef, known: Provided) -> list[Route]:
    """The routes of a function by the decorators that stand above it."""
    scope = guards.ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    found: list[Route] = []
    for position, decorator in enumerate(scope.decorators):
        word = _word(guards.ev, decorator, frame)
        if word and isinstance(decorator, Call):
            handler = routes.of_function(guards, ref, scope.decorators[position + 1 :], frame)
            evidence = merged([layer(guards, decorator, frame), provided(guards, ref, known)])
            at, methods = Location(ref.path, decorator.at), _methods(guards.ev, decorator, word, frame)
            response = of_argument(guards.ev, decorator, frame, *_DTOS) or annotated(guards.ev, ref)
            for path in _paths(guards.ev, argument(guards.ev, decorator, frame, "path", 0)):
                found.append(Route(methods, path, handler, at, evidence, response))
    return found


def _word(ev: Evaluator, decorator: Expr, frame: Frame) -> str:
    """The last word of Litestar's decorator; "" for any other."""
    callee = decorator.callee if isinstance(decorator, Call) else decorator
    names = (canonical(ev.libraries, v.name) for v in ev.expr(callee, frame) if isinstance(v, External))
    return next((_DECORATORS[name] for name in names if name in _DECORATORS), "")


def _paths(ev: Evaluator, given: Argument) -> list[str]:
    """The path, or the list of them, that a decorator is given."""
    values = ev.expr(given.expr, given.frame) if given.expr is not None else ()
    if given.expr is None or not any(isinstance(value, Container) for value in values):
        return [text_of(ev, given)]
    held = items(ev, given.expr, given.frame)
    return [text(ev.expr(expr, frame)) for expr, frame in held.found] + ([] if held.complete else [HOLE])


def _methods(ev: Evaluator, call: Call, word: str, frame: Frame) -> tuple[str, ...]:
    if word in _SOCKETS:
        return ("WEBSOCKET",)
    if word in _VERBS:
        return (word.upper(),)
    given = argument(ev, call, frame, "http_method")
    if word == "asgi" or given.expr is None:
        return ("*",)
    held = items(ev, given.expr, given.frame)
    values = [v for expr, where in held.found or ((given.expr, given.frame),) for v in ev.expr(expr, where)]
    named = [v.name.rpartition(".")[2] if isinstance(v, External) else text((v,)) for v in values]
    return tuple(sorted({name.upper() for name in named})) if named and HOLE not in named else ("*",)


def of_controller(guards: Guards, ref: ScopeRef, known: Provided) -> list[Route]:
    """The routes of a controller's methods, and of those that it inherits, under its path."""
    ev, around = guards.ev, of_class(guards, ref)
    prefix = _attribute(ev, ref, "path")
    shaped = next((given for name in _DTOS if (given := class_attribute(ev, ref, name)) is not None), None)
    return [
        _shaped(ev, replace(route, path=f"{prefix}/{route.path}", evidence=_within(route.evidence, around)), shaped)
        for method in _methods_of(ev, ref)
        for route in of_function(guards, method, known)
    ]


def _shaped(ev: Evaluator, route: Route, given: tuple[Expr, Frame] | None) -> Route:
    """A controller's `return_dto` holds for handlers that give back something and have none of their own."""
    plain = isinstance(route.response, Known) and route.response.value and not route.response.value.endswith("DTO")
    if given is None or not plain:
        return route
    return replace(route, response=Known(shape(ev, *given), (Location(given[1].ref.path, given[0].at),)))


def _within(own: Evidence, around: Evidence) -> Evidence:
    """A handler's own evidence inside its controller's; what it is taken out of holds for the layers above too."""
    return replace(inside(own, around), exempt=own.exempt)


def _methods_of(ev: Evaluator, ref: ScopeRef) -> Iterator[ScopeRef]:
    """The functions of a class and of its bases in the project, each name once."""
    seen: set[str] = set()
    for base in (one for one in classes.bases(ev, ref) if isinstance(one, ScopeRef)):
        for number in ev.index.children[base.path].get(base.scope, ()):
            scope = ev.index.python[base.path].scopes[number]
            if scope.kind is ScopeKind.FUNCTION and scope.name not in seen:
                seen.add(scope.name)
                yield ScopeRef(base.path, number)


def of_listener(guards: Guards, ref: ScopeRef, at: Location) -> list[Route]:
    """A `WebsocketListener`: its `path` is a class attribute."""
    ev = guards.ev
    if not classes.derives(ev, ref, "litestar.handlers.WebsocketListener"):
        return []
    evidence = merged([only(handled(guards, ref), IDENTITY), of_class(guards, ref)])
    handler = Handler(qualified(ev, ref), name_place(ev, ref), ref, True, evidence)
    return [Route(("WEBSOCKET",), _attribute(ev, ref, "path"), handler, at, evidence)]


def _attribute(ev: Evaluator, ref: ScopeRef, name: str) -> str:
    found = class_attribute(ev, ref, name)
    return text(ev.expr(*found)) if found is not None else ""
