"""The text of a type, and what it is asked of → the values it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..libraries import canonical, is_subclass, lineage
from ..model.location import Location, Span
from ..model.project import Origin
from ..type_texts import Term, parse, starts
from .index import ScopeRef, SiteRef
from .values import ClassRef, Container, External, Frame, Function, Instance, Opaque, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_CLASSES = 4  # alternatives that something holds; with more of them nobody knows what it holds
# Iterating over one of these gives its keys.
_MAPPINGS = (
    "builtins.dict", "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.defaultdict",
    "collections.OrderedDict",
)  # fmt: skip
NOWHERE = Span(1, 0, 1, 0)
PAIR = "builtins.dict_items"  # not a class of Python's: what `dict.items()` gives, of which only the values are known


def _nothing() -> Values:
    return ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of a type mean: whom it is asked of, what is given to it first, and where."""

    at: Location
    frame: Frame
    receiver: Value | None = None
    argument: Callable[[], Values] = _nothing
    made: SiteRef | None = None


def values(ev: Evaluator, text: str, asked: Asked) -> Values:
    """What a type stands for; () where its words lead nowhere that is known."""
    return join(*(_values(ev, term, asked) for term in parse(text)))


def _values(ev: Evaluator, term: Term, asked: Asked) -> Values:
    found = _started(ev, term, asked)
    for step in term.steps:
        found = join(*(_step(ev, value, step, asked) for value in found))
    if term.steps[-1:] != ("class",):
        found = join(*(_instance(ev, value) for value in found))
    if term.holds:
        inner = holding(join(*(_values(ev, one, asked) for one in term.holds)))
        found = tuple(replace(v, of=inner) if isinstance(v, Instance) else v for v in found)
    return found


def holding(found: Values) -> Values:
    """What may be said of the items of something: nothing where too much is possible, or nothing is known."""
    known = {value.cls if isinstance(value, Instance) else value for value in found if not isinstance(value, Opaque)}
    return found if 0 < len(known) <= MOST_CLASSES else ()


def _started(ev: Evaluator, term: Term, asked: Asked) -> Values:
    from . import orm

    match term.start:
        case "item":
            return held(ev, asked.receiver, asked) if asked.receiver is not None else ()
        case "argument":
            return join(*(orm.meant(ev, value, asked) for value in asked.argument()))
        case "self":
            return (asked.receiver,) if asked.receiver is not None else ()
        case name:
            return orm.swapped(ev, name) or (Instance(canonical(ev.libraries, name), asked.made),)


def _instance(ev: Evaluator, value: Value) -> Values:
    """A class stands for an instance of it."""
    match value:
        case ClassRef(ref=ref):
            return (Instance(ref),)
        case External(name=name) if name in ev.libraries.classes:
            return (Instance(name),)
        case Instance() | Container():
            return (value,)
        case _:
            return ()


def _step(ev: Evaluator, value: Value, step: str, asked: Asked) -> Values:
    if step == "item":  # a class holds its instances
        return held(ev, value, asked) or (() if isinstance(value, Instance) else _instance(ev, value))
    if step == "class":
        return _class(value)
    found = _member(ev, value, step.removesuffix("()"))
    return join(*(_called(ev, target, asked) for target in found)) if step.endswith("()") else found


def _class(value: Value) -> Values:
    match value:
        case Instance(cls=ScopeRef() as ref):
            return (ClassRef(ref),)
        case Instance(cls=str() as cls):
            return (External(cls),)
        case ClassRef() | External():
            return (value,)
        case _:
            return ()


def _member(ev: Evaluator, value: Value, name: str) -> Values:
    from . import classes, related

    match value:
        case ClassRef(ref=ref) if name == "objects":
            return related.manager_of(ev, ref)
        case ClassRef(ref=ref):
            return classes.member(ev, ref, name, None) or ()
        case Instance(cls=ScopeRef() as ref):
            return classes.member(ev, ref, name, value) or ()
        case Instance(cls=str() as cls) | External(name=cls, receiver=None):
            return classes.of_library(ev, cls, name, value) or ()
        case _:
            return ()


def attribute(ev: Evaluator, text: str, name: str, receiver: Value | None) -> Values:
    """What an attribute of a library's class is, asked of an instance or of the class."""
    at, made = Location("", NOWHERE), receiver.made if isinstance(receiver, Instance) else None
    if made is not None:
        at = Location(made.path, ev.index.site(made).at)
    asked = Asked(at, Frame(ScopeRef(at.path, 0)), receiver, made=made)
    unknown = Opaque("an item of something whose items are not known", Origin.ATTRIBUTE, at, name)
    return values(ev, text, asked) or (unknown,)


def _called(ev: Evaluator, target: Value, asked: Asked) -> Values:
    """What calling a member without arguments gives."""
    from .calling import call_function, operation

    match target:
        case Function():
            return call_function(ev, target, {}, asked.frame, asked.at)
        case External(receiver=receiver):
            known = operation(ev, target)
            if known is None:
                return ()
            if known.self_typed and receiver is not None:
                return (receiver,)
            return values(ev, known.returns, Asked(asked.at, asked.frame, receiver)) if known.returns else ()
        case _:
            return _instance(ev, target)


def said(ev: Evaluator, value: Value, field: str) -> str:
    """What the class of an instance, or its nearest base, says under a field of its model: "awaits", "read"."""
    if not isinstance(value, Instance):
        return ""
    key = (value.cls, field)
    if key in ev.said_of:
        return ev.said_of[key]
    text = _said(ev, value.cls, field)
    if isinstance(value.cls, str) or value.cls in ev.lineages:  # else its bases are being found out just now
        ev.said_of[key] = text
    return text


def _said(ev: Evaluator, cls: ScopeRef | str, field: str) -> str:
    from . import classes

    above = (cls,) if isinstance(cls, str) else classes.bases(ev, cls)
    models = (model for base in above if isinstance(base, str) for _, model in lineage(ev.libraries, base))
    return str(next((text for model in models if (text := getattr(model, field))), ""))


def held(ev: Evaluator, value: Value, asked: Asked) -> Values:
    """What a value holds: the items of a list, the values of a dict, the rows of a query; () where nobody knows."""
    from . import containers

    match value:
        case Container():
            return containers.items(ev, value)
        case Instance(of=of) if of:
            return of
        case _:
            text = said(ev, value, "element")
            told = text and "item" not in starts(text)
            return values(ev, text, Asked(asked.at, asked.frame, value)) if told else ()


def iterated(ev: Evaluator, value: Value, asked: Asked) -> Values:
    """What iterating over a value gives: what it holds, unless its class says something else; () if nobody knows."""
    text = said(ev, value, "element")
    if text:
        return values(ev, text, Asked(asked.at, asked.frame, value))
    return () if is_mapping(ev, value) else held(ev, value, asked)


def is_mapping(ev: Evaluator, value: Value) -> bool:
    """Whether something holds its items under keys."""
    if not isinstance(value, Instance) or not isinstance(value.cls, str):
        return False
    return any(is_subclass(ev.libraries, value.cls, name) for name in _MAPPINGS)


def awaited(ev: Evaluator, found: Values, frame: Frame, at: Location) -> Values:
    """What awaiting something gives: its own type, unless its class says another one."""
    return join(*(_awaited(ev, value, frame, at) for value in found))


def _awaited(ev: Evaluator, value: Value, frame: Frame, at: Location) -> Values:
    text = said(ev, value, "awaits")
    if not text:
        return (value,)
    return values(ev, text, Asked(at, frame, value)) or (unknown_item(at),)


def unknown_item(at: Location, origin: Origin = Origin.LOOP, written: str = "") -> Opaque:
    """What comes out of something that holds nobody knows what."""
    return Opaque("an item of something whose items are not known", origin, at, written)


def looks_like_class(name: str) -> bool:
    """A capitalised last word is a class by the conventions of PEP 8; its instances keep its name."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()
