"""The code of an endpoint → what it finds by a key that the client sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..model.code import Attribute, Call, Compare, Expr, Name, Subscript
from ..model.endpoint import Endpoint, Place
from ..model.facts import ScopeKind
from . import ownership
from .bindings import Bind
from .callgraph import Edge, EdgeKind
from .evaluate import Evaluator
from .index import ScopeRef, body, call_at
from .values import ClassRef, Frame
from .walk import contains, dotted, nodes

_DEEPEST = 2  # helpers one below another
_SENT = re.compile(
    r"^(?:self\.)?(?:request|req|info\.context)\.(?:args|json|form|values|data|GET|POST|query_params|path_params|match_info"
    r"|view_args|params|get_json)\b|^self\.kwargs\b|^kwargs\b"
)
_IN_PATH = re.compile(r"[{<](?:[\w.]+:)?(\w+)(?::[^}>]*)?[}>]")
_KEY = re.compile(r"^(?:pk|id|uuid|guid|ident)(?:__exact)?$|^(?:pk|id|uuid)$")
_FINDS = frozenset({
    "get", "get_or_404", "get_object_or_404", "aget_object_or_404", "first_or_404", "one_or_404", "get_or_none",
    "get_one", "aget", "filter", "filter_by", "where", "find_one", "get_by_id", "afilter", "delete", "update",
})  # fmt: skip
_SENT_IN = frozenset({Place.PATH, Place.QUERY, Place.BODY, Place.FORM})


class Found(NamedTuple):
    """A call that finds a row by a key of the client's."""

    call: Call
    where: ScopeRef
    model: ScopeRef
    parameter: str
    depth: int


def found(ev: Evaluator, endpoint: Endpoint, functions: tuple[ScopeRef, ...]) -> Iterator[Found]:
    """What the functions of an endpoint, and those that they hand a key to, find by it."""
    for ref in functions:
        names = {name: name for name in _sent(ev, endpoint, ref)}
        yield from _in(ev, ref, names, 0, {ref})


def _sent(ev: Evaluator, endpoint: Endpoint, ref: ScopeRef) -> list[str]:
    """The parameters of a function that a client fills."""
    said = {one.name for one in endpoint.inputs if one.place in _SENT_IN} | set(_IN_PATH.findall(endpoint.path))
    return [param.name for param in ev.scope(ref).params.items if param.name in said]


def _in(ev: Evaluator, ref: ScopeRef, names: dict[str, str], depth: int, seen: set[ScopeRef]) -> Iterator[Found]:
    outermost: list[Call] = []
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Call) and not any(contains(outer.at, node.at) for outer in outermost):
            hit = _lookup(ev, ref, node, names)
            if hit is not None:
                outermost.append(node)
                yield Found(node, ref, hit[0], hit[1], depth)
    for edge in ev.graph.callees.get(ref, ()) if ev.graph is not None and depth < _DEEPEST else ():
        below = edge.callee
        if isinstance(below, ScopeRef) and below not in seen and edge.kind in (EdgeKind.DIRECT, EdgeKind.VIRTUAL):
            handed = _handed(ev, ref, edge, below, names) if ev.scope(below).kind is ScopeKind.FUNCTION else {}
            if handed:
                yield from _in(ev, below, handed, depth + 1, seen | {below})


def _handed(ev: Evaluator, ref: ScopeRef, edge: Edge, below: ScopeRef, names: dict[str, str]) -> dict[str, str]:
    """The parameters of a called function that get a key of the client's."""
    call = call_at(ev.index, edge.site) if edge.site is not None else None
    if call is None:
        return {}
    scope = ev.scope(below)
    params = [p.name for p in scope.params.items]
    if params and params[0] in ("self", "cls"):
        params = params[1:]
    result = {}
    for position, given in enumerate(call.args):
        key = _client(ev, ref, given, names)
        if key and position < len(params):
            result[params[position]] = key
    for keyword in call.keywords:
        key = _client(ev, ref, keyword.value, names)
        if key and keyword.name in params:
            result[keyword.name] = key
    return result


def _lookup(ev: Evaluator, ref: ScopeRef, call: Call, names: dict[str, str]) -> tuple[ScopeRef, str] | None:
    """The class that a call finds rows of, and the client's key that it goes by."""
    parts = list(nodes(call))
    key = next(filter(None, (_key(ev, ref, part, names) for part in parts)), "")
    if not key:
        return None
    for part in parts:
        if isinstance(part, Name | Attribute):
            for value in ev.expr(part, Frame(ref)):
                if isinstance(value, ClassRef) and ownership.owner(ev, value.ref):
                    return value.ref, key
    return None


def _key(ev: Evaluator, ref: ScopeRef, part: object, names: dict[str, str]) -> str:
    """The client's key that a call or comparison goes by; "" where it goes by none."""
    match part:
        case Call(callee=callee, args=args, keywords=keywords):
            if dotted(callee).rpartition(".")[2] not in _FINDS and not (
                isinstance(callee, Attribute) and callee.name in _FINDS
            ):
                return ""
            given = [k.value for k in keywords if k.name is not None and _KEY.match(k.name)]
            word = callee.name if isinstance(callee, Attribute) else dotted(callee)
            if word in ("get", "get_or_404", "get_or_none", "get_by_id") and not keywords:
                given += args
            return next(filter(None, (_client(ev, ref, value, names) for value in given)), "")
        case Compare(left=left, ops=("==",), comparators=(right,)):
            for column, value in ((left, right), (right, left)):
                if isinstance(column, Attribute) and _KEY.match(column.name):
                    return _client(ev, ref, value, names)
    return ""


def _client(ev: Evaluator, ref: ScopeRef, expr: Expr, names: dict[str, str], depth: int = 0) -> str:
    """The client's name of a value that a client sends; "" where it is none."""
    match expr:
        case Name(id=name):
            if name in names:
                return names[name]
            for binding in ev.bindings(ref).get(name, ()) if depth < 2 else ():
                made = binding.expr if binding.how is Bind.VALUE else None
                if made is not None and (key := _client(ev, ref, made, names, depth + 1)):
                    return key
            return ""
        case Subscript(value=inner):
            return dotted(inner) if _SENT.search(dotted(inner)) else ""
        case Attribute(value=inner):
            return _client(ev, ref, inner, names, depth + 1) or (dotted(expr) if _SENT.search(dotted(expr)) else "")
        case Call(callee=Attribute(value=owner, name="get" | "pop")) if _SENT.search(dotted(owner)):
            return dotted(owner)
        case Call(callee=Name(id="int" | "str" | "UUID"), args=(inner,)):
            return _client(ev, ref, inner, names, depth + 1)
        case _:
            return ""
