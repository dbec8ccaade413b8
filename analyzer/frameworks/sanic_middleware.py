"""Sanic's middlewares, on applications, blueprints and groups → what guards all of their routes."""

from __future__ import annotations

from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.code import Attribute, Call, Expr, Literal
from ..model.location import Location
from .adding import calls
from .body_limits import configured
from .evidence import MIDDLEWARE, Evidence, merged, protection
from .extensions import extensions
from .middlewares import function, named, standing
from .objects import Made, meant
from .sources import code, qualified
from .tree import Tree

# 100 MB, unless it is told another number (sanic 25.12, sanic/config.py)
_APP, _SIZE = "sanic.Sanic", "REQUEST_MAX_SIZE"
_AFTER = "on_response"
_WORDS = frozenset({"middleware", "on_request", _AFTER})


def around(tree: Tree, made: Made) -> Evidence:
    """An object's middlewares, and what they guard before a request is handled; those for responses guard nothing."""
    parts = _decorated(tree, made)
    if made.kind == _APP:
        parts.append(extensions(tree.guards.ev, tree.objects, made))
        default = Location(made.site.path, made.call.at)
        parts.append(configured(tree.guards.ev, _SIZE, default, f"{_APP}.config.{_SIZE}"))
    for adding in calls(tree, _WORDS | {"register_middleware"}):
        arguments = [*adding.call.args, *(keyword.value for keyword in adding.call.keywords)]
        if made.site not in adding.owners or not arguments or isinstance(arguments[0], Literal):
            continue
        if adding.word != _AFTER and not _of_responses(arguments):
            parts.append(standing(tree.guards, arguments[0], adding.frame, at=adding.at))
        else:
            parts.append(named(tree.guards.ev, arguments[0], adding.frame, adding.at))
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
                if not isinstance(callee, Attribute) or callee.name not in _WORDS:
                    continue
                if made.site in meant(tree.objects, callee.value, frame).keys:
                    ref, at = ScopeRef(path, number), Location(path, one.at)
                    after = callee.name == _AFTER or _of_responses(given)
                    itself = protection(qualified(tree.guards.ev, ref), at, MIDDLEWARE)
                    parts.append(itself if after else function(tree.guards, ref, at))
    return parts


def _of_responses(arguments: list[Expr]) -> bool:
    return any(isinstance(one, Literal) and one.value == "response" for one in arguments)
