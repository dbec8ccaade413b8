"""What the code of a handler reads of the request (`request.args["page"]`) → inputs."""

from __future__ import annotations

from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import Const, Frame, Opaque
from ..link.walk import dotted, nodes
from ..model.answer import Constant, Known, Unknown
from ..model.code import Attribute, Call, Expr, Name, Subscript
from ..model.endpoint import Input, Place
from ..model.location import Location
from ..model.project import Origin
from ..model.rule import Node
from .clamps import clamped

# The attributes of request objects: Flask and Quart, Django and DRF, Starlette, aiohttp, Sanic, Falcon, Bottle.
_HOLDERS = {
    "args": Place.QUERY, "GET": Place.QUERY, "query_params": Place.QUERY, "query": Place.QUERY,
    "form": Place.FORM, "POST": Place.FORM, "forms": Place.FORM,
    "headers": Place.HEADER, "META": Place.HEADER,
    "cookies": Place.COOKIE, "COOKIES": Place.COOKIE,
    "files": Place.FILE, "FILES": Place.FILE,
    "json": Place.BODY, "data": Place.BODY, "media": Place.BODY,
    "match_info": Place.PATH, "path_params": Place.PATH, "view_args": Place.PATH, "matchdict": Place.PATH,
}  # fmt: skip
_METHODS = {
    "get_argument": Place.QUERY, "get_query_argument": Place.QUERY, "get_body_argument": Place.FORM,
    "get_arguments": Place.QUERY, "get_cookie": Place.COOKIE, "get_param": Place.QUERY, "get_header": Place.HEADER,
    "get_param_as_int": Place.QUERY, "get_param_as_bool": Place.QUERY,
}  # fmt: skip
_GETTERS = frozenset({"get", "getlist", "getone", "getall", "get_all", "pop"})
_CASTS = frozenset({"int", "float", "bool", "UUID", "str"})


def read_inputs(ev: Evaluator, ref: ScopeRef) -> Iterator[Input]:
    """The inputs that a function reads by constant names, in source order."""
    statements, frame = body(ev.index, ref), Frame(ref)
    whole = list(nodes(statements))
    for node in whole:
        match node:
            case Call(callee=Attribute(value=holder, name=getter), args=(key, *rest)) if getter in _GETTERS:
                place = _place(ev, holder, frame)
            case Call(callee=Attribute(value=holder, name=getter), args=(key, *rest)) if getter in _METHODS:
                place = _METHODS[getter] if _sent(ev, node, frame) or dotted(holder) == "self" else None
            case Subscript(value=holder, index=key):
                place, rest = _place(ev, holder, frame), []
            case _:
                continue
        name = _constant(ev, key, frame) if place is not None else None
        if place is None or not isinstance(name, str):
            continue
        required = isinstance(node, Subscript)
        kind = _kind(ev, node, whole, frame)
        most = clamped(ev, ref, "", node.at) if kind == "int" else None
        bounds = () if most is None else (("le", most),)
        at = Location(ref.path, node.at)
        yield Input(name, place, kind, required, bounds, at, _default(ev, node, rest, frame), Node.EXPRESSION)


def _place(ev: Evaluator, holder: Expr, frame: Frame) -> Place | None:
    """The part of a request that an expression is: an attribute of a request object, known as one or called one."""
    if isinstance(holder, Call) and isinstance(holder.callee, Attribute) and not holder.args:
        word = holder.callee.name
        return Place.BODY if word in ("get_json", "json") and _sent(ev, holder, frame) else None
    if not isinstance(holder, Attribute) or holder.name not in _HOLDERS:
        return None
    return _HOLDERS[holder.name] if _sent(ev, holder, frame) else None


def _sent(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    """Whether an expression is something that the client sent."""
    if any(isinstance(v, Opaque) and v.origin is Origin.REQUEST for v in ev.expr(expr, frame)):
        return True
    return dotted(expr).split(".")[:-1][-1:] in (["request"], ["req"])


def _constant(ev: Evaluator, expr: Expr, frame: Frame) -> Constant:
    values = ev.expr(expr, frame)
    return values[0].value if len(values) == 1 and isinstance(values[0], Const) else None


def _default(ev: Evaluator, node: Expr, rest: list[Expr], frame: Frame) -> Known[Constant] | Unknown:
    given = rest[0] if rest else None
    if given is None and isinstance(node, Call):
        given = next((k.value for k in node.keywords if k.name == "default"), None)
    if given is None:
        return Known(None)
    values = ev.expr(given, frame)
    known = len(values) == 1 and isinstance(values[0], Const)
    return Known(_constant(ev, given, frame)) if known else Unknown("a default that is not understood")


def _kind(ev: Evaluator, node: Expr, whole: list[object], frame: Frame) -> str:
    """The type that the code turns a value into: `type=int`, `int(request.args["page"])`."""
    if isinstance(node, Call):
        given = next((k.value for k in node.keywords if k.name == "type"), None)
        if isinstance(given, Name):
            return given.id
    for other in whole:
        if not (isinstance(other, Call) and isinstance(other.callee, Name) and other.args):
            continue
        if other.callee.id in _CASTS and other.args[0].at == node.at:
            return other.callee.id
    return "str"
