"""Decorators and calls that add rules to Flask's applications, blueprints, APIs and namespaces → routes by object."""

from __future__ import annotations

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Frame
from ..model.code import Attribute, Call, Expr, Sequence, Starred
from ..model.facts import Scope, ScopeKind
from ..model.location import Location
from .adding import LOOP, frames, unseen
from .evidence import NONE, Evidence, merged
from .graphql_routes import class_view
from .idle_limits import above_route
from .lists import items, strings
from .objects import meant
from .routes import Handler, Route, of_decorators, of_function, of_reference
from .sources import HOLE, argument, code, definition, read, sites, text, text_of
from .tree import Tree
from .views import METHODS, class_attribute, functions, grouped, listed

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_WORDS = _VERBS | {"route", "websocket"}
_WHY = "a decorator that is not understood"

_MOST_WRAPPERS = 8  # around one view


def add_routes(tree: Tree) -> None:
    """Every rule that the project adds."""
    for path, facts in code(tree.guards.ev):
        for number, scope in enumerate(facts.scopes):
            if scope.decorators:
                _decorated(tree, ScopeRef(path, number), scope)
    for site in sites(tree.guards.ev, "add_url_rule", "add_resource"):
        _added(tree, site)


def _verb(expr: Expr) -> tuple[Call, Attribute] | None:
    if isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name in _WORDS:
        return expr, expr.callee
    return None


def _decorated(tree: Tree, ref: ScopeRef, scope: Scope) -> None:
    frame = Frame(ScopeRef(ref.path, scope.parent))
    mine = [(n, verb) for n, one in enumerate(scope.decorators) if (verb := _verb(one)) is not None]
    for position, (call, callee) in mine:
        owners = meant(tree.objects, callee.value, frame).keys
        if not owners:
            continue
        skipped = {n for n, other in mine if meant(tree.objects, other[1].value, frame).keys}
        # A decorator above the route's wraps the function only after the framework has taken it.
        below = tuple(d for n, d in enumerate(scope.decorators) if n > position and n not in skipped)
        at, is_function = Location(ref.path, call.at), scope.kind is ScopeKind.FUNCTION
        above = tuple(d for n, d in enumerate(scope.decorators) if n < position and n not in skipped)
        answers = [(m, above_route(tree.guards, h, above, frame)) for m, h in _answers(tree, ref, below, frame)]
        for inner, _ in frames(tree.guards.ev, call, frame):
            for path in _paths(tree.guards.ev, call, inner):
                for methods, handler in answers:
                    named = _methods(tree.guards.ev, call, callee.name, inner) if is_function else methods
                    for owner in owners:
                        tree.routes[owner].append(Route(named, path, handler, at, NONE))


def _answers(tree: Tree, ref: ScopeRef, below: tuple[Expr, ...], frame: Frame) -> list[tuple[tuple[str, ...], Handler]]:
    if tree.guards.ev.scope(ref).kind is ScopeKind.FUNCTION:
        tree.functions.setdefault(ref)
        return [((), of_function(tree.guards, ref, below, frame))]
    return _class(tree, ref, of_decorators(tree.guards, below, frame))


def _class(tree: Tree, ref: ScopeRef, around: Evidence) -> list[tuple[tuple[str, ...], Handler]]:
    """A `View`, `MethodView` or `Resource`: its methods, and the decorators that it lists for all of them."""
    ev = tree.guards.ev
    lists = (listed(tree.guards, ref, name, _WHY) for name in ("decorators", "method_decorators"))
    whole = merged([around, *lists])
    found = functions(ev, ref, METHODS)
    if not found:
        single = functions(ev, ref, ("dispatch_request",))
        tree.functions.update(dict.fromkeys(single.values()))
        given = class_attribute(ev, ref, "methods")
        names = [text(ev.expr(expr, frame)) for expr, frame in items(ev, *given).found] if given else ["GET"]
        return [
            (tuple(sorted(name.upper() for name in names)), handler)
            for _, handler in grouped(tree.guards, ref, single, whole)
        ]
    tree.functions.update(dict.fromkeys(found.values()))
    return grouped(tree.guards, ref, found, whole)


def _paths(ev: Evaluator, call: Call, frame: Frame) -> list[str]:
    """The rules of a decorator; flask-restx takes several."""
    first = [text_of(ev, argument(ev, call, frame, "rule", 0))]
    return first + [text(ev.expr(arg, frame)) for arg in call.args[1:] if not isinstance(arg, Starred)]


def _methods(ev: Evaluator, call: Call, verb: str, frame: Frame) -> tuple[str, ...]:
    if verb in _VERBS or verb == "websocket":
        return (verb.upper(),)
    given = argument(ev, call, frame, "methods")
    if given.expr is None and not given.hidden:
        return ("GET",)
    found = strings(ev, given)
    return tuple(sorted({name.upper() for name in found})) if found else ("*",)


def _added(tree: Tree, site: SiteRef) -> None:
    """`app.add_url_rule("/x", view_func=f)` and `api.add_resource(View, "/x", "/y")`, each time that it runs."""
    ev = tree.guards.ev
    found = read(ev, site)
    if found is None or not isinstance(found[0].callee, Attribute):
        return
    resource, at = found[0].callee.name == "add_resource", Location(site.path, found[0].at)
    for frame, sure in frames(ev, *found):
        call = found[0]
        owners = meant(tree.objects, found[0].callee.value, frame).keys
        if owners and not sure:
            tree.hidden = tree.hidden or LOOP
        given = argument(ev, call, frame, "resource" if resource else "view_func", 0 if resource else 2)
        if not owners and not resource:
            unseen(tree, found[0].callee, frame)
        if not owners or given.expr is None:
            continue
        answers = _referenced(tree, given.expr, given.frame)
        rule = argument(ev, call, frame, "rule", 0)
        paths = [HOLE if rule.expr is None else text_of(ev, rule)]
        if resource:
            held = items(ev, Sequence(call.at, "tuple", call.args[1:]), frame)
            paths = [text(ev.expr(*one)) for one in held.found] or [HOLE] * (not held.complete)
        for path in paths:
            for methods, handler in answers:
                route = Route(methods or _methods(ev, call, "route", frame), path, handler, at, NONE)
                for owner in owners:
                    tree.routes[owner].append(route)


def _referenced(tree: Tree, expr: Expr, frame: Frame, wrapped: int = 0) -> list[tuple[tuple[str, ...], Handler]]:
    """A view function, or a class by itself or by its `as_view(…)`; `view = wrapper(view)` is followed a few times."""
    ev = tree.guards.ev
    if wrapped > _MOST_WRAPPERS:
        return [((), of_reference(tree.guards, expr, frame))]
    if isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name == "as_view":
        return _referenced(tree, expr.callee.value, frame, wrapped + 1)
    for value in ev.expr(expr, frame):
        if isinstance(value, ClassRef):
            return _class(tree, value.ref, NONE)
        if served := class_view(value, Location(frame.ref.path, expr.at)):
            return served
    if isinstance(expr, Call) and expr.args:
        # `limiter.limit("5/minute")(view)`, `login_required(view)`
        inner = _referenced(tree, expr.args[0], frame, wrapped + 1)
        around = of_decorators(tree.guards, (expr.callee,), frame)
        return [
            (methods, Handler(h.name, h.at, h.ref, h.is_async, merged([h.evidence, around]))) for methods, h in inner
        ]
    if not isinstance(expr, Call) and (view := definition(ev, expr, frame)) is not None and isinstance(view[0], Call):
        return _referenced(tree, *view, wrapped + 1)
    handler = of_reference(tree.guards, expr, frame)
    if handler.ref is not None:
        tree.functions.setdefault(handler.ref)
    return [((), handler)]
