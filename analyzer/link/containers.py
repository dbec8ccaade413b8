"""Containers and what comes out of them: items, elements, unpacked parts, and what `with` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import method
from ..model.code import Comprehension, Dict, Expr, Literal, Sequence, Starred, Subscript
from ..model.location import Location
from ..model.project import Origin
from . import classes, grown
from .index import ScopeRef
from .values import Const, Container, External, Frame, Function, Instance, Opaque, Txt, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_ITEMS = 64  # items of a container that are read


def item(ev: Evaluator, expr: Subscript, frame: Frame) -> Values:
    """`value[index]`."""
    found: Values = ()
    keys = ev.expr(expr.index, frame)
    for value in ev.expr(expr.value, frame):
        found = join(found, _item(ev, value, keys, expr, frame))
    return found or ev.opaque("an item that is not followed", frame, expr.at, dotted(expr.value))


def _item(ev: Evaluator, value: Value, keys: Values, expr: Subscript, frame: Frame) -> Values:
    if isinstance(value, Container):
        return picked(ev, value, keys)
    if isinstance(value, Opaque):
        return (
            Opaque(
                "an item of something not understood",
                value.origin,
                Location(frame.ref.path, expr.at),
                value.written,
                value.trace,
            ),
        )
    if isinstance(value, Txt):
        return (value,)
    if isinstance(value, Const) and isinstance(value.value, str):
        return (value,)  # a part of a constant is one
    if isinstance(value, Instance) and isinstance(value.cls, str):
        model = ev.libraries.classes.get(value.cls)
        if model is not None and model.request:
            at = Location(frame.ref.path, expr.at)
            return (Opaque("what the client sent", Origin.REQUEST, at, dotted(expr.value)),)
        if model is not None and model.element:
            return (Instance(model.element),)
    if isinstance(value, External) and value.name in ev.libraries.markers.get("environment", ()):
        return ev.opaque("read from the environment", frame, expr.at, value.name, Origin.OPERATOR)
    if isinstance(value, External) and ev.libraries.classes.get(value.name) is not None:
        return (value,)  # a generic class with its parameters: Queue[int]
    return ev.opaque("an item that is not followed", frame, expr.at, dotted(expr.value), Origin.ATTRIBUTE)


def picked(ev: Evaluator, container: Container, keys: Values) -> Values:
    """The items that constant keys pick; all of them where a key is not constant."""
    wanted = [k.value for k in keys if isinstance(k, Const)]
    sure = len(wanted) == len(keys) and bool(keys)
    expr = container.expr
    if isinstance(expr, Dict):
        pairs = list(zip(expr.keys, expr.values, strict=True))[:MOST_ITEMS]
        if sure:
            pairs = [
                (k, v)
                for k, v in pairs
                if k is None or any(isinstance(c, Const) and c.value in wanted for c in ev.expr(k, container.frame))
            ]
        return join(*(ev.expr(v, container.frame) for k, v in pairs if k is not None))
    if (
        isinstance(expr, Sequence)
        and sure
        and all(isinstance(w, int) and -len(expr.items) <= w < len(expr.items) for w in wanted)
    ):
        return join(*(ev.expr(expr.items[w], container.frame) for w in wanted if isinstance(w, int)))
    return items(ev, container)


def items(ev: Evaluator, container: Container) -> Values:
    """The join over what a container holds; for a dict its keys."""
    expr = container.expr
    if isinstance(expr, Comprehension):
        # `self.xs = [x for x in self.xs if …]` iterates over itself.
        return ev.remember(
            ("items", container.at, container.frame),
            lambda: ev.expr(expr.element, inside(ev, expr, container.frame)),
            lambda: ev.opaque("a list that depends on itself", container.frame, expr.at, "", Origin.LOOP),
        )
    if isinstance(expr, Dict):
        return join(*(ev.expr(k, container.frame) for k in expr.keys[:MOST_ITEMS] if k is not None))
    assert isinstance(expr, Sequence)
    return join(*(_spread(ev, part, container.frame) for part in expr.items[:MOST_ITEMS]))


def _spread(ev: Evaluator, part: Expr, frame: Frame) -> Values:
    if isinstance(part, Starred):
        return element(ev, part.value, (), frame)
    return ev.expr(part, frame)


def inside(ev: Evaluator, expr: Comprehension, frame: Frame) -> Frame:
    """The frame that a comprehension's element is read in: its loop variables known by what they iterate over."""
    from ..model.code import For
    from .bindings import Bind, bindings_of

    for clause in expr.clauses:
        loop = For(clause.at, clause.target, clause.iterable, (), (), False)
        for binding in bindings_of(loop, (), ()):
            if binding.how is Bind.ELEMENT and "." not in binding.name:
                values = element(ev, clause.iterable, binding.path, frame)
                frame = ev.frame(frame.ref, ((binding.name, values), *frame.known), frame.depth)
    return frame


def element(ev: Evaluator, iterable: Expr, path: tuple[int, ...], frame: Frame) -> Values:
    """What `for target in iterable` gives the target at `path`."""
    known = grown.counted(ev, iterable, path, frame)
    if known is not None:
        return known
    found: Values = ()
    for value in ev.expr(iterable, frame):
        if isinstance(value, Container):
            held = items(ev, value)
            found = join(found, _parts(ev, held, path, iterable, frame) if path else held)
        elif isinstance(value, Instance) and isinstance(value.cls, str):
            model = ev.libraries.classes.get(value.cls)
            if model is not None and model.element:
                found = join(found, (Instance(model.element),))
            elif model is not None and model.request:
                found = join(
                    found, ev.opaque("what the client sent", frame, iterable.at, dotted(iterable), Origin.REQUEST)
                )
            elif value.cls in ("builtins.range", "builtins.int"):
                found = join(found, (Instance("builtins.int"),))
            else:
                found = join(found, _looped(ev, iterable, frame))
        elif isinstance(value, Opaque):
            at = Location(frame.ref.path, iterable.at)
            origin = value.origin if value.origin in (Origin.REQUEST, Origin.OPERATOR) else Origin.LOOP
            found = join(
                found, (Opaque("an item of something not understood", origin, at, value.written, value.trace),)
            )
        else:
            found = join(found, _looped(ev, iterable, frame))
    return found or _looped(ev, iterable, frame)


def _looped(ev: Evaluator, iterable: Expr, frame: Frame) -> Values:
    return ev.opaque("an item of something not understood", frame, iterable.at, dotted(iterable), Origin.LOOP)


def unpacked(ev: Evaluator, expr: Expr, path: tuple[int, ...], frame: Frame) -> Values:
    """What `a, (b, c) = expr` gives the target at `path`."""
    return _parts(ev, ev.expr(expr, frame), path, expr, frame)


def _parts(ev: Evaluator, values: Values, path: tuple[int, ...], expr: Expr, frame: Frame) -> Values:
    for position in path:
        inner: Values = ()
        for value in values:
            if isinstance(value, Container):
                index = Literal(expr.at, "int", position)  # type: ignore[arg-type]  # a LiteralKind by its text
                inner = join(inner, picked(ev, value, ev.expr(index, frame)))
            elif isinstance(value, Opaque):
                inner = join(inner, (value,))
            else:
                inner = join(inner, ev.opaque("an unpacked part that is not followed", frame, expr.at, dotted(expr)))
        values = inner
    return values or ev.opaque("an unpacked part that is not followed", frame, expr.at, dotted(expr))


def entered(ev: Evaluator, expr: Expr, is_async: bool, frame: Frame) -> Values:
    """What `with expr as name`, or `async with`, binds."""
    found: Values = ()
    for value in ev.expr(expr, frame):
        if isinstance(value, Instance) and isinstance(value.cls, str):
            found = join(found, (_enter_library(ev, value),))
        elif isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
            found = join(found, _enter_own(ev, value, expr, is_async, frame))
        else:
            found = join(found, (value,))
    return found


def _enter_library(ev: Evaluator, value: Instance) -> Instance:
    assert isinstance(value.cls, str)
    model = ev.libraries.classes.get(value.cls)
    if model is not None and model.enters:
        return Instance(model.enters, value.made)
    known = method(ev.libraries, value.cls, "__enter__") or method(ev.libraries, value.cls, "__aenter__")
    if known is not None and known[1].returns:
        return Instance(known[1].returns, value.made)
    return value


def _enter_own(ev: Evaluator, value: Instance, expr: Expr, is_async: bool, frame: Frame) -> Values:
    """Nothing, where a class of the project only has the other kind of entrance: then it is another alternative."""
    from .calling import call_function

    assert isinstance(value.cls, ScopeRef)
    own, other = ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__")
    for target in classes.member(ev, value.cls, own, value) or ():
        if isinstance(target, Function):
            return call_function(ev, target, {}, frame, Location(frame.ref.path, expr.at))
    return () if classes.member(ev, value.cls, other, value) else (value,)
