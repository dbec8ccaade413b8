"""Sanic's middlewares, on applications, blueprints and groups → what guards all of their routes."""

from __future__ import annotations

from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.code import Attribute, Call, Expr, Literal
from ..model.location import Location
from .adding import calls
from .evidence import Evidence, merged
from .guards import of_expr, own
from .objects import Made, meant
from .sources import code
from .tree import Tree

_WORDS = frozenset({"middleware", "on_request"})
_WHY = "a middleware that is not understood"


def around(tree: Tree, made: Made) -> Evidence:
    """What an object's middlewares guard before a request is handled; those for responses guard nothing."""
    parts = _decorated(tree, made)
    for adding in calls(tree, _WORDS | {"register_middleware"}):
        arguments = [*adding.call.args, *(keyword.value for keyword in adding.call.keywords)]
        if made.site not in adding.owners or not arguments or isinstance(arguments[0], Literal):
            continue
        if not _of_responses(arguments):
            parts.append(of_expr(tree.guards, arguments[0], adding.frame, adding.at, _WHY))
    return merged(parts)


def _decorated(tree: Tree, made: Made) -> list[Evidence]:
    """`@app.middleware("request")`, `@app.on_request`."""
    parts = []
    for path, facts in code(tree.guards.ev):
        if _WORDS.isdisjoint(facts.attributes):
            continue
        for number, scope in enumerate(facts.scopes):
            frame = Frame(ScopeRef(path, scope.parent))
            for one in scope.decorators:
                callee = one.callee if isinstance(one, Call) else one
                given = [*one.args, *(k.value for k in one.keywords)] if isinstance(one, Call) else []
                if not isinstance(callee, Attribute) or callee.name not in _WORDS or _of_responses(given):
                    continue
                if made.site in meant(tree.objects, callee.value, frame).keys:
                    parts.append(own(tree.guards, ScopeRef(path, number), Location(path, one.at)))
    return parts


def _of_responses(arguments: list[Expr]) -> bool:
    return any(isinstance(one, Literal) and one.value == "response" for one in arguments)
