"""Values ⇄ atoms: what an expression may be as far as its type goes, in a form that can be kept between runs."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.location import Location
from ...model.project import Origin
from ..index import ScopeRef
from ..values import ClassRef, Const, External, Function, Instance, Module, Opaque, Txt, Value, Values
from .summary import Atom

MOST = 4  # classes in a join; with more of them nothing is known
MOST_FUNCTIONS = 8  # a parameter that is called may be any of these
DEEPEST = 2  # a list of lists of something
UNKNOWN = "a parameter that its callers fill in different ways"


def atoms(values: Values, depth: int = 0) -> tuple[tuple[Atom, ...], bool]:
    """The atoms of some values, in order and once each, and whether there may be something else."""
    found: dict[Atom, None] = {}
    rest = not values
    for value in values:
        if isinstance(value, Const) and value.value is None:
            continue
        one = _atom(value, depth)
        if one is None:
            rest = True
        else:
            found.setdefault(one)
    return tuple(found), rest


def _atom(value: Value, depth: int) -> Atom | None:
    match value:
        case Instance(cls=ScopeRef(path, scope)):
            return Atom("instance", "", path, scope, _held(value, depth))
        case Instance(cls=str() as name):
            return Atom("instance", name, of=_held(value, depth))
        case ClassRef(ref=ref):
            return Atom("class", "", ref.path, ref.scope)
        case Function(ref=ref, receiver=receiver):
            return Atom("function", "", ref.path, ref.scope, receiver=_receiver(receiver, depth))
        case External(name=name, receiver=receiver):
            return Atom("library", name, receiver=_receiver(receiver, depth))
        case Module(path=path, name=name):
            return Atom("module", name, path)
        case Const(value=constant):
            return Atom("instance", f"builtins.{type(constant).__name__}")
        case Txt():
            return Atom("instance", "builtins.str")
        case _:
            return None


def _held(value: Instance, depth: int) -> tuple[Atom, ...]:
    return atoms(value.of, depth + 1)[0] if depth < DEEPEST else ()


def _receiver(receiver: Value | None, depth: int) -> tuple[Atom, ...]:
    return atoms((receiver,), depth + 1)[0] if receiver is not None and depth < DEEPEST else ()


def values(found: Iterable[Atom]) -> Values:
    """The values that atoms stand for; those that stand for a parameter are left out."""
    return tuple(value for atom in found if (value := _value(atom)) is not None)


def _value(atom: Atom) -> Value | None:
    receiver = next(iter(values(atom.receiver)), None)
    match atom.kind:
        case "instance":
            return Instance(atom.name or ScopeRef(atom.path, atom.scope), of=values(atom.of))
        case "class":
            return ClassRef(ScopeRef(atom.path, atom.scope))
        case "function":
            return Function(ScopeRef(atom.path, atom.scope), receiver)
        case "library":
            return External(atom.name, receiver)
        case "module":
            return Module(atom.path, atom.name)
        case _:
            return None


def unknown(at: Location, name: str) -> Opaque:
    """What else a parameter may be."""
    return Opaque(UNKNOWN, Origin.PARAMETER, at, name)
