"""Containers and what comes out of them: items, elements, unpacked parts, and what `with` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import is_subclass, method
from ..model.code import Comprehension, Dict, Expr, Literal, Sequence, Slice, Starred, Subscript
from ..model.location import Location
from ..model.project import Origin
from . import classes, grown, library_types
from .index import ScopeRef
from .library_types import Asked
from .values import Const, Container, External, Frame, Function, Instance, Opaque, Txt, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_ITEMS = 64  # items of a container that are read
_TUPLE = "builtins.tuple"


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
    if isinstance(value, Instance) and (found := _of_instance(ev, value, keys, expr, frame)):
        return found
    if isinstance(value, External) and value.name in ev.libraries.markers.get("environment", ()):
        return ev.opaque("read from the environment", frame, expr.at, value.name, Origin.OPERATOR)
    if isinstance(value, External) and ev.libraries.classes.get(value.name) is not None:
        return (value,)  # a generic class with its parameters: Queue[int]
    return ev.opaque("an item that is not followed", frame, expr.at, dotted(expr.value), Origin.ATTRIBUTE)


def _of_instance(ev: Evaluator, value: Instance, keys: Values, expr: Subscript, frame: Frame) -> Values:
    """`value[index]`: a part of a list is a list, else what `__getitem__` gives or what it holds; () if unknown."""
    asked = Asked(Location(frame.ref.path, expr.at), frame, value)
    if isinstance(expr.index, Slice):
        return (value,) if value.of or isinstance(value.cls, str) else ()
    if isinstance(value.cls, ScopeRef):
        target = next((v for v in classes.member(ev, value.cls, "__getitem__", value) or ()), None)
        if isinstance(target, Function):
            from .calling import call_function

            return call_function(ev, target, {}, frame, asked.at)
        if not isinstance(target, External):
            return value.of
    names = [b for b in classes.bases(ev, value.cls) if isinstance(b, str)] if isinstance(value.cls, ScopeRef) else []
    for name in names or [str(value.cls)]:
        known = method(ev.libraries, name, "__getitem__")
        if known is not None and known[1].returns:
            return library_types.values(ev, known[1].returns, asked)
    if _is_row(ev, value) and not (len(keys) == 1 and isinstance(keys[0], Const) and keys[0].value == 0):
        return ()
    return library_types.held(ev, value, asked)


def _is_row(ev: Evaluator, value: Instance) -> bool:
    """Whether only the first of a tuple's items is known: a class of tuples, not a tuple as such."""
    return isinstance(value.cls, str) and value.cls != _TUPLE and is_subclass(ev.libraries, value.cls, _TUPLE)


def picked(ev: Evaluator, container: Container, keys: Values) -> Values:
    """The items that constant keys pick; all of them where a key is not constant."""
    # `kept[name] = every[name]; every = kept`, some times over, is an item of itself in many ways.
    return ev.remember(
        ("picked", container.at, container.frame, keys),
        lambda: _picked(ev, container, keys),
        lambda: ev.opaque("an item that depends on itself", container.frame, container.expr.at, "", Origin.LOOP),
    )


def _picked(ev: Evaluator, container: Container, keys: Values) -> Values:
    wanted = [k.value for k in keys if isinstance(k, Const)]
    sure = len(wanted) == len(keys) and bool(keys)
    expr = container.expr
    if isinstance(expr, Dict):
        pairs = grown.pairs(ev, container)[:MOST_ITEMS]
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
    if isinstance(expr, Comprehension) and expr.value is not None:
        return ev.expr(expr.value, inside(ev, expr, container.frame))
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

    def compute() -> Values:
        written = (_spread(ev, part, container.frame) for part in expr.items[:MOST_ITEMS])
        return join(*written, grown.later(ev, container))

    # `xs = [*xs, x]` in a loop holds what it held before, which says nothing new.
    return ev.remember(("items", container.at, container.frame), compute, lambda: ())


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
        elif isinstance(value, Instance) and (held := _iterated(ev, value, iterable, frame)):
            found = join(found, _parts(ev, held, path, iterable, frame) if path else held)
        elif isinstance(value, Opaque):
            at = Location(frame.ref.path, iterable.at)
            origin = value.origin if value.origin in (Origin.REQUEST, Origin.OPERATOR) else Origin.LOOP
            found = join(
                found, (Opaque("an item of something not understood", origin, at, value.written, value.trace),)
            )
        else:
            found = join(found, _looped(ev, iterable, frame))
    return found or _looped(ev, iterable, frame)


def _iterated(ev: Evaluator, value: Instance, iterable: Expr, frame: Frame) -> Values:
    """What iterating over an instance gives; () where nobody knows."""
    asked = Asked(Location(frame.ref.path, iterable.at), frame, value)
    if isinstance(value.cls, ScopeRef):
        for name in ("__iter__", "__aiter__"):
            for target in classes.member(ev, value.cls, name, value) or ():
                if isinstance(target, Function) and ev.scope(target.ref).is_generator:
                    from .calling import call_function

                    return call_function(ev, target, {}, frame, asked.at)
        if found := _next_of(ev, value, frame, asked.at):
            return found
    if found := library_types.iterated(ev, value, asked):
        return found
    model = ev.libraries.classes.get(value.cls) if isinstance(value.cls, str) else None
    if model is not None and model.request:
        return ev.opaque("what the client sent", frame, iterable.at, dotted(iterable), Origin.REQUEST)
    return (Instance("builtins.int"),) if value.cls == "builtins.int" else ()


def _next_of(ev: Evaluator, value: Instance, frame: Frame, at: Location) -> Values:
    """What the iterator that an object of the project gives, or is itself, gives next; () where there is none."""
    from .calling import call_function

    found: Values = ()
    for name, following in (("__iter__", "__next__"), ("__aiter__", "__anext__")):
        for target in classes.member(ev, value.cls, name, value) or () if isinstance(value.cls, ScopeRef) else ():
            given = call_function(ev, target, {}, frame, at) if isinstance(target, Function) else ()
            for iterator in given:
                if isinstance(iterator, Instance) and isinstance(iterator.cls, ScopeRef):
                    nexts = classes.member(ev, iterator.cls, following, iterator) or ()
                    found = join(
                        found, *(call_function(ev, n, {}, frame, at) for n in nexts if isinstance(n, Function))
                    )
                elif isinstance(iterator, Instance) and iterator.of:
                    found = join(found, iterator.of)
    return found


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
            elif isinstance(value, Instance) and (held := _unpacked(ev, value, position, expr, frame)):
                inner = join(inner, held)
            elif isinstance(value, Opaque):
                inner = join(inner, (value,))
            else:
                inner = join(inner, ev.opaque("an unpacked part that is not followed", frame, expr.at, dotted(expr)))
        values = inner
    return values or ev.opaque("an unpacked part that is not followed", frame, expr.at, dotted(expr))


def _unpacked(ev: Evaluator, value: Instance, position: int, expr: Expr, frame: Frame) -> Values:
    if value.cls == library_types.PAIR:
        return library_types.iterated(ev, value, Asked(Location(frame.ref.path, expr.at), frame)) if position else ()
    if _is_row(ev, value) and position:
        return ()
    return library_types.iterated(ev, value, Asked(Location(frame.ref.path, expr.at), frame))
