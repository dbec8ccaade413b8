"""What a route is added for, a decorated thing or an expression → the methods that it answers, with their handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..link.index import ScopeRef
from ..link.values import ClassRef, Frame, Instance, Partial
from ..model.code import Attribute, Call, Expr
from ..model.location import Location
from .adding import Adding, Decorating
from .evidence import NONE, Evidence, merged
from .routes import Handler, Route, of_decorators, of_function, of_reference
from .sources import definition
from .tree import Tree
from .views import METHODS, functions, grouped, listed, of_class

Answers = list[tuple[tuple[str, ...], Handler]]  # () where the way in which it is added says which methods
OfClass = Callable[[Tree, ScopeRef, Evidence], Answers]

_MOST_WRAPPERS = 8  # around one handler
_WHY = "a decorator that is not understood"


def method_view(tree: Tree, ref: ScopeRef, around: Evidence) -> Answers:
    """A class whose `get`, `post`, … answer those methods; the `decorators` that it lists stand around each."""
    found = functions(tree.guards.ev, ref, METHODS)
    tree.functions.update(dict.fromkeys(found.values()))
    whole = merged([around, listed(tree.guards, ref, "decorators", _WHY), of_class(tree.guards, ref)])
    return grouped(tree.guards, ref, found, whole)


def of_decorated(tree: Tree, found: Decorating, view: OfClass = method_view) -> Answers:
    """What answers where a decorator adds a function or a class."""
    if found.is_class:
        return view(tree, found.ref, of_decorators(tree.guards, found.below, found.adding.frame))
    tree.functions.setdefault(found.ref)
    return [((), of_function(tree.guards, found.ref, found.below, found.adding.frame))]


def of_expression(tree: Tree, expr: Expr, frame: Frame, view: OfClass = method_view, wrapped: int = 0) -> Answers:
    """What answers where an expression is added: a function, a class or its `as_view(…)`, or a wrapper around one."""
    ev = tree.guards.ev
    if isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name == "as_view":
        return of_expression(tree, expr.callee.value, frame, view, wrapped + 1)
    for value in ev.expr(expr, frame):
        match value:
            case ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
                return view(tree, ref, NONE)
            case Partial(call=call, frame=where) if call.args and wrapped < _MOST_WRAPPERS:
                return of_expression(tree, call.args[0], where, view, wrapped + 1)
            case _:
                pass
    if isinstance(expr, Call) and expr.args and wrapped < _MOST_WRAPPERS:
        inner = of_expression(tree, expr.args[0], frame, view, wrapped + 1)
        around = of_decorators(tree.guards, (expr.callee,), frame)
        return [(methods, replace(h, evidence=merged([h.evidence, around]))) for methods, h in inner]
    defined = definition(ev, expr, frame) if wrapped < _MOST_WRAPPERS else None
    if defined is not None and isinstance(defined[0], Call):
        return of_expression(tree, *defined, view, wrapped + 1)
    handler = of_reference(tree.guards, expr, frame)
    if handler.ref is not None:
        tree.functions.setdefault(handler.ref)
    return [((), handler)]


def add(tree: Tree, adding: Adding, methods: tuple[str, ...], path: str, answers: Answers) -> None:
    """Adds a route for what answers; a class that is added for some methods answers those of them that it has."""
    for own, handler in answers:
        named = tuple(m for m in own if m in methods or methods == ("*",)) if own else methods
        for owner in adding.owners:
            if named:
                tree.routes[owner].append(Route(named, path, handler, adding.at, NONE))


def at_of(frame: Frame, expr: Expr) -> Location:
    """Where an expression stands."""
    return Location(frame.ref.path, expr.at)
