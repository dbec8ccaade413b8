"""List and dict literals, and what is done with them afterwards → everything that they may hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    Body,
    Call,
    Dict,
    Expr,
    ExprStmt,
    Name,
    Sequence,
    Slice,
    Subscript,
)  # fmt: skip
from ..model.location import Location, Span
from . import containers
from .index import decoded, raw
from .values import Const, Container, External, Frame, Instance, Values, identity, join
from .walk import statements

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Methods that put their last argument in, and those that put in what it holds.
_ADDING = frozenset({"append", "add", "insert", "appendleft"})
_EXTENDING = frozenset({"extend", "update"})
MOST_ADDED = 64


def added(ev: Evaluator, container: Container) -> Iterator[Values]:
    """What the function that made a list puts into it later, under the name that it first gave it."""
    frame = container.frame
    for expr, extends in _grown(raw(ev.index, frame.ref)).get(container.expr.at, ()):
        yield containers.element(ev, expr, (), frame) if extends else ev.expr(expr, frame)


def later(ev: Evaluator, container: Container) -> Values:
    """All that `added` gives, joined; () where a list is filled with what it holds itself."""
    if container.expr.at not in _grown(raw(ev.index, container.frame.ref)):
        return ()
    key = ("grown", identity(container.frame), container.expr.at)
    return ev.remember(key, lambda: join(*added(ev, container)), lambda: ())


def pairs(ev: Evaluator, container: Container) -> list[tuple[Expr | None, Expr]]:
    """The keys and values of a dict literal, and those that the function that made it stores in it later."""
    expr = container.expr
    assert isinstance(expr, Dict)
    stored = _stored(raw(ev.index, container.frame.ref)).get(expr.at, ())
    return [*zip(expr.keys, expr.values, strict=True), *stored]


@lru_cache(maxsize=1024)
def _stored(undecoded: bytes) -> dict[Span, tuple[tuple[Expr, Expr], ...]]:
    """The place of a dict → what is assigned to its keys under the name that it was first given."""
    made: dict[str, list[Span]] = {}
    found: dict[Span, list[tuple[Expr, Expr]]] = {}
    for statement in statements(decoded(undecoded)):
        match statement:
            case (
                Assign(targets=(Name(id=name),), value=Dict(at=at)) | AnnAssign(target=Name(id=name), value=Dict(at=at))
            ):
                made.setdefault(name, []).append(at)
            case Assign(targets=(Subscript(value=Name(id=name), index=key),), value=value):
                for place in made.get(name, ()) if not isinstance(key, Slice) else ():
                    found.setdefault(place, []).append((key, value))
            case ExprStmt(value=Call(callee=Attribute(value=Name(id=name), name="setdefault"), args=(key, value))):
                for place in made.get(name, ()):
                    found.setdefault(place, []).append((key, value))
            case _:
                pass
    return {place: tuple(more[:MOST_ADDED]) for place, more in found.items()}


@lru_cache(maxsize=1024)
def _grown(undecoded: bytes) -> dict[Span, tuple[tuple[Expr, bool], ...]]:
    """The place of a list or set → the expressions put into it, and whether their items are meant."""
    body: Body = decoded(undecoded)
    made: dict[str, list[Span]] = {}
    found: dict[Span, list[tuple[Expr, bool]]] = {}
    for statement in statements(body):
        match statement:
            case Assign(targets=(target,), value=value) | AnnAssign(target=target, value=value):
                if isinstance(target, Name):
                    made.setdefault(target.id, []).extend(_literals(value))
            case ExprStmt(value=Call(callee=Attribute(value=Name(id=name), name=method), args=(*_, last))):
                for place in made.get(name, ()) if method in _ADDING | _EXTENDING else ():
                    found.setdefault(place, []).append((last, method in _EXTENDING))
            case _:
                pass
    return {place: tuple(more[:MOST_ADDED]) for place, more in found.items()}


def _literals(value: Expr | None) -> Iterator[Span]:
    """The literal itself, or each of `a, b = [], []`."""
    if isinstance(value, Sequence) and value.kind != "tuple":
        yield value.at


def method(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location) -> Values | None:
    """The result of a method of a literal list or dict; None where it is not followed."""
    container = target.receiver
    if not isinstance(container, Container):
        return None
    expr, name = container.expr, target.name.rpartition(".")[2]
    if name == "copy":
        return (container,)
    if name in ("get", "pop", "setdefault") and isinstance(expr, Dict) and call.args:
        default = ev.expr(call.args[1], frame) if len(call.args) > 1 else (Const(None, at),)
        return join(containers.picked(ev, container, ev.expr(call.args[0], frame)), default)
    if name == "pop" and isinstance(expr, Sequence):
        return containers.items(ev, container)
    if isinstance(expr, Dict) and all(key is not None for key in expr.keys):
        known = [(key, value) for key, value in pairs(ev, container) if key is not None]
        parts: dict[str, tuple[Expr, ...]] = {
            "keys": tuple(key for key, _ in known),
            "values": tuple(value for _, value in known),
            "items": tuple(Sequence(k.at, "tuple", (k, v)) for k, v in known),
        }
        if name in parts:
            return (Container(at, Sequence(expr.at, "list", parts[name]), container.frame),)
    return None


def counted(ev: Evaluator, iterable: Expr, path: tuple[int, ...], frame: Frame) -> Values | None:
    """What `for number, item in enumerate(items)` and `for a, b in zip(x, y)` give; None for other iterables."""
    if not path or not isinstance(iterable, Call) or not isinstance(iterable.callee, Name) or not iterable.args:
        return None
    first, *rest = path
    names = ev.qualified(iterable.callee, frame)
    if names == ("builtins.enumerate",):
        number = Instance("builtins.int")
        return (number,) if first == 0 else containers.element(ev, iterable.args[0], tuple(rest), frame)
    if names == ("builtins.zip",) and first < len(iterable.args):
        return containers.element(ev, iterable.args[first], tuple(rest), frame)
    return None
