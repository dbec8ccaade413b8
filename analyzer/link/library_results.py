"""Calling something of a library → what it gives back, by the library's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import constructor, gathers, method
from ..model.code import Call
from ..model.library import Operation
from ..model.location import Location
from ..model.project import Origin
from . import grown, library_types, loaded, related, texts, typehints
from .index import SiteRef
from .library_types import looks_like_class as looks_like_class  # also asked for here
from .values import Const, Container, External, Frame, Instance, Opaque, Txt, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Calls that hand their first argument through.
_SAME = frozenset({
    "copy.copy", "copy.deepcopy", "functools.lru_cache", "functools.cache", "contextlib.closing", "contextlib.aclosing",
    "builtins.dict", "builtins.iter", "builtins.aiter",
})  # fmt: skip
# Calls that make something new of what their first argument holds; of a literal it is one that holds the same.
_COPIES = {
    "builtins.list": "builtins.list", "builtins.tuple": "builtins.tuple", "builtins.set": "builtins.set",
    "builtins.frozenset": "builtins.frozenset", "builtins.sorted": "builtins.list",
    "builtins.reversed": "builtins.list",
}  # fmt: skip
_NEXT = frozenset({"builtins.next", "builtins.anext", "builtins.min", "builtins.max"})
_CAST = "typing.cast"
_DICT = "builtins.dict"
_ITERATOR = "collections.abc.Iterator"


def operation(ev: Evaluator, target: External) -> Operation | None:
    """What the library models say of calling something: a function, a method, or a class (its constructor)."""
    if target.name in ev.libraries.functions:
        return ev.libraries.functions[target.name]
    if target.name in ev.libraries.classes:
        made = constructor(ev.libraries, target.name)
        return made[1] if made else ev.libraries.classes[target.name].constructor
    owner, _, name = target.name.rpartition(".")
    found = method(ev.libraries, owner, name) if owner in ev.libraries.classes else None
    return found[1] if found else None


def result(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    """What calling something of a library gives back (awaited, where it must be)."""
    text = texts.string_method(ev, target, call, frame, at)
    if text is not None:
        return text
    handed = _handed(ev, target.name, call, frame, at) if call.args else None
    if handed is not None:
        return handed
    if target.name in ev.libraries.markers.get("environment", ()):
        return (Opaque("read from the environment", Origin.OPERATOR, at, dotted(call.callee)),)
    literal = grown.method(ev, target, call, frame, at)  # a literal's own items say more than any model
    if literal is not None:
        return literal
    known = operation(ev, target)
    found = _by_model(ev, known, target, call, frame, at, made) if known is not None else None
    if found is not None:
        return found
    if target.name in ev.libraries.classes or (known is None and looks_like_class(target.name)):
        return (Instance(target.name, made),)
    if isinstance(target.receiver, Instance) and isinstance(target.receiver.cls, str):
        model = ev.libraries.classes.get(target.receiver.cls)
        if model is not None and model.request:
            return (Opaque("what the client sent", Origin.REQUEST, at, dotted(call.callee)),)
    return unknown(call, at)


def _handed(ev: Evaluator, name: str, call: Call, frame: Frame, at: Location) -> Values | None:
    """The result of calls that hand on what their argument is or holds; None for others."""
    first = call.args[0]
    if name == _CAST:
        return typehints.instances(ev, first, frame) or ev.expr(call.args[1 if len(call.args) > 1 else 0], frame)
    if name in _SAME:
        values = ev.expr(first, frame)
        return tuple(_as_dict(value) for value in values) if name == _DICT else values
    if name in loaded.LOADERS:
        return loaded.loaded(ev, first, frame)
    if name in _COPIES:
        return join(*(_copied(ev, value, _COPIES[name], frame, at) for value in ev.expr(first, frame)))
    if name == "builtins.filter" and len(call.args) == 2:
        return join(*(_copied(ev, value, "builtins.list", frame, at) for value in ev.expr(call.args[1], frame)))
    if name in _NEXT and len(call.args) == 1:
        return join(*(_next(ev, value, frame, at) for value in ev.expr(first, frame)))
    return None


def _as_dict(value: Value) -> Value:
    """What `dict(…)` makes of rows and other pairs is a dict, and no query any more; of a mapping it is the same."""
    if not (isinstance(value, Instance) and isinstance(value.cls, str)):
        return value
    mapping = value.cls.rpartition(".")[2].lower()
    return value if "dict" in mapping or "map" in mapping else Instance(_DICT)


def _copied(ev: Evaluator, value: Value, cls: str, frame: Frame, at: Location) -> Values:
    if not isinstance(value, Instance):
        return (value,)
    held = library_types.iterated(ev, value, library_types.Asked(at, frame))
    return (Instance(cls, of=library_types.holding(held)),)


def _next(ev: Evaluator, value: Value, frame: Frame, at: Location) -> Values:
    if isinstance(value, Container | Instance):
        return library_types.iterated(ev, value, library_types.Asked(at, frame)) or (value,)
    return (value,)


def _gathered(ev: Evaluator, target: External) -> bool:
    """Whether the receiver only collects the call: a pipeline gives itself then, so that calls can be chained."""
    receiver = target.receiver
    return (
        isinstance(receiver, Instance)
        and isinstance(receiver.cls, str)
        and gathers(ev.libraries, receiver.cls, target.name)
    )


def _by_model(
    ev: Evaluator, known: Operation, target: External, call: Call, frame: Frame, at: Location, made: SiteRef
) -> Values | None:
    """The result as a library model tells it; None where it does not."""
    if "sql" in known.safe_for:
        return (Txt(('"quoted"',), at),)  # as harmless as a constant, and none: nobody knows it from the source
    asked = library_types.Asked(at, frame, target.receiver, lambda: _first(ev, known, call, frame), made)
    if known.returns_by and call.args:
        keys = [v.value for v in ev.expr(call.args[0], frame) if isinstance(v, Const)]
        chosen = [known.returns_by[key] for key in keys if isinstance(key, str) and key in known.returns_by]
        if chosen:
            return join(*(library_types.values(ev, text, asked) for text in chosen))
    if target.receiver is not None and (known.self_typed or _gathered(ev, target)):
        return (target.receiver,)
    if known.text_of is not None and len(call.args) > known.text_of:
        return ev.expr(call.args[known.text_of], frame)
    special = related.result(ev, target, call, asked)
    if special is not None:
        return special
    if not known.returns:
        return _iterator(ev, known.element, asked) if known.element else None
    unknown_type = (library_types.unknown_item(at, Origin.CALL, dotted(call.callee)),)
    return library_types.values(ev, known.returns, asked) or unknown_type


def _iterator(ev: Evaluator, element: str, asked: library_types.Asked) -> Values:
    """Of a result that has no name, what a loop over it gives."""
    return (Instance(_ITERATOR, asked.made, library_types.holding(library_types.values(ev, element, asked))),)


def _first(ev: Evaluator, known: Operation, call: Call, frame: Frame) -> Values:
    """The first argument, also where it is given by the name that the model knows it by."""
    if call.args:
        return ev.expr(call.args[0], frame)
    names = {name for name, parameter in known.parameters.items() if parameter.position == 0}
    return next((ev.expr(k.value, frame) for k in call.keywords if k.name in names), ())


def unknown(call: Call, at: Location) -> Values:
    """The result of a call that nobody understands."""
    return (Opaque("a call that is not understood", Origin.CALL, at, dotted(call.callee)),)
