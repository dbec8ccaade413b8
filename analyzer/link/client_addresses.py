"""A function or lambda → the header, written by whoever sends the request, that it gives back as who is asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    BoolOp,
    Call,
    Compare,
    Expr,
    IfExp,
    Lambda,
    Literal,
    Name,
    NamedExpr,
    Return,
    Subscript,
    Yield,
)  # fmt: skip
from ..model.location import Location
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Const, External, Frame, Function
from .walk import dotted, nodes

# Proxies put the address that they see behind what the client has written: the first one is the client's own word.
APPENDED = frozenset({"x-forwarded-for", "forwarded", "x-original-forwarded-for"})
# These a proxy writes anew, if it is one that knows them; without it they are the client's own word as well.
OVERWRITTEN = frozenset({
    "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip", "fly-client-ip",
    "x-forwarded", "x-remote-addr", "x-remote-ip", "fastly-client-ip", "x-envoy-external-address",
})  # fmt: skip
_FREE = frozenset({"user-agent", "accept-language", "referer", "origin", "x-device-id", "x-client-id", "x-session-id"})
HEADERS = APPENDED | OVERWRITTEN | _FREE
_HOLDERS = frozenset({"headers", "META", "environ", "header"})
# Whoever speaks of these looks at more than the header: how many proxies there are, or whether this is one of them.
_TRUSTS = re.compile(r"trust|hops|num_prox|prox(?:y|ies)_?(?:count|depth|number|ips|list)|depth|ip_network|is_private")
_KNOWN = re.compile(r"user|account|token|api_?key|session|principal|identity|subject|auth", re.IGNORECASE)
_DEEPEST = 3  # functions that call each other


class Told(NamedTuple):
    """A header that a function gives back."""

    header: str  # "x-forwarded-for"
    at: Location  # where it is read
    within: ScopeRef  # the function that reads it
    beside: bool  # other ways out of the function give back who has logged in


def given_back(ev: Evaluator, ref: ScopeRef, marked: frozenset[str], depth: int = 0) -> Told | None:
    """The header that a function gives back; None where it gives back none, or looks at who has written it."""
    inside = body(ev.index, ref)
    if any(_TRUSTS.search(word.lower()) for word in _words(inside)):
        return None
    answers = [node.value for node in nodes(inside) if isinstance(node, Return | Yield) and node.value is not None]
    frame, held = Frame(ref), _held(ev, ref, marked, depth)
    for answer in answers:
        found = _in(ev, answer, frame, held, marked, depth)
        if found is not None:
            beside = any(other is not answer and _KNOWN.search(_written(other)) for other in answers)
            return found._replace(beside=found.beside or beside)
    return None


def of_lambda(ev: Evaluator, made: Lambda, frame: Frame, marked: frozenset[str]) -> Told | None:
    """The header that a lambda gives back."""
    return _in(ev, made.body, frame, {}, marked, 0)


def read_in(ev: Evaluator, ref: ScopeRef, marked: frozenset[str]) -> Told | None:
    """The header that a function reads, or has read for it, whatever it does with it afterwards."""
    inside = body(ev.index, ref)
    if any(_TRUSTS.search(word.lower()) for word in _words(inside)):
        return None
    for node in _kept(inside):
        found = _one(ev, node, Frame(ref), {}, marked, 0)
        if found is not None:
            return found
    return None


def _held(ev: Evaluator, ref: ScopeRef, marked: frozenset[str], depth: int) -> dict[str, Told]:
    """The names of a function that hold what a header says, in the order of the code."""
    held: dict[str, Told] = {}
    for node in nodes(body(ev.index, ref)):
        match node:
            case Assign(targets=targets, value=value):
                names = [target.id for target in targets if isinstance(target, Name)]
            case AnnAssign(target=Name(id=name), value=value) | NamedExpr(target=name, value=value):
                names = [name]
            case _:
                continue
        found = _in(ev, value, Frame(ref), held, marked, depth) if value is not None else None
        if found is not None:
            held.update(dict.fromkeys(names, found))
    return held


def _in(
    ev: Evaluator, expr: Expr, frame: Frame, held: dict[str, Told], marked: frozenset[str], depth: int
) -> Told | None:
    """The first header whose words are in an expression."""
    return next(filter(None, (_one(ev, node, frame, held, marked, depth) for node in _kept(expr))), None)


def _one(
    ev: Evaluator, node: object, frame: Frame, held: dict[str, Told], marked: frozenset[str], depth: int
) -> Told | None:
    match node:
        case Name(id=name):
            return held.get(name)
        case (
            Call(callee=Attribute(name="get" | "getlist" | "getone" | "get_all", value=owner), args=(key, *_))
            | Subscript(value=owner, index=key)
        ) if _holds(owner):
            return _read(ev, key, node, frame)
        case Call(callee=Attribute(name="get_header"), args=(key, *_)):
            return _read(ev, key, node, frame)
        case Subscript(value=Attribute(name="access_route") as route):
            return Told("x-forwarded-for", Location(frame.ref.path, route.at), frame.ref, False)
        case Call(callee=callee) if depth < _DEEPEST:
            return _called(ev, node, callee, frame, marked, depth)
        case _:
            return None


def _holds(owner: Expr) -> bool:
    """Whether an expression is what holds a request's headers."""
    return (owner.name if isinstance(owner, Attribute) else dotted(owner)) in _HOLDERS


def _read(ev: Evaluator, key: Expr, node: Expr, frame: Frame) -> Told | None:
    """The header that a key names; one that is handed over may be another one in each call."""
    if isinstance(key, Name) and ev.param(frame.ref, key.id) is not None:
        return None
    for value in ev.expr(key, frame):
        if isinstance(value, Const) and isinstance(value.value, str):
            name = value.value.lower().replace("_", "-").removeprefix("http-")
            if name in HEADERS:
                return Told(name, Location(frame.ref.path, node.at), frame.ref, False)
    return None


def _called(ev: Evaluator, node: Call, callee: Expr, frame: Frame, marked: frozenset[str], depth: int) -> Told | None:
    """What a function of the project gives back, or one of a library that is known to believe a header."""
    for value in ev.expr(callee, frame):
        if isinstance(value, Function) and value.ref != frame.ref:
            return given_back(ev, value.ref, marked, depth + 1)
        if isinstance(value, External) and value.name in marked:
            return Told("x-forwarded-for", Location(frame.ref.path, node.at), frame.ref, False)
    return None


def _kept(value: object) -> Iterator[object]:
    """The nodes of an expression or body, without what a choice of the last, or of the n-th from behind, leaves out."""
    cut: set[int] = set()
    for node in nodes(value):
        if id(node) in cut:
            continue
        for part in _left_out(node):
            cut.update(id(inner) for inner in nodes(part))
        if id(node) not in cut:
            yield node


def _left_out(node: object) -> tuple[object, ...]:
    """What of a node is none of its value, or not what the client wrote first: `….split(",")[-1]`, `parts.pop()`."""
    match node:
        case IfExp(test=test):
            return (test,)
        case BoolOp(op="and", values=(*first, _)):
            return tuple(first)
        case Subscript(index=Literal(value=0 | str())):
            return ()
        case Subscript(value=owner) if not _holds(owner):
            return (node,)
        case Compare() | Call(callee=Attribute(name="pop"), args=()) | Call(callee=Name(id="reversed")):
            return (node,)
        case _:
            return ()


def _words(inside: object) -> Iterator[str]:
    for node in nodes(inside):
        if isinstance(node, Name):
            yield node.id
        elif isinstance(node, Attribute):
            yield node.name


def _written(expr: Expr) -> str:
    return " ".join(_words(expr))
