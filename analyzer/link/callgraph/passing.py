"""What the calls of a project give to parameters without annotation: from summaries, for the evaluator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...model.code import Param
from ...model.location import Location
from ...model.project import Origin
from ..index import ScopeRef
from ..values import Opaque, Values
from . import atoms
from .summary import Atom, Passed

Key = tuple[ScopeRef, str]  # a function and the name of its parameter
_UNASKED = "a parameter whose callers are not known"
_MOST_STEPS = 64  # parameters handed on to one another


@dataclass(frozen=True, slots=True)
class Joined:
    """What all calls together give to one parameter."""

    atoms: tuple[Atom, ...]
    rest: bool  # and perhaps something that is not known


@dataclass(slots=True)
class Passing:
    """Answers the evaluator for one file, and remembers which parameters it was asked for."""

    known: Mapping[Key, Joined]
    asked: set[Key] = field(default_factory=set)
    places: dict[Location, Key] = field(default_factory=dict)  # where those stand of which nothing is known

    def values(self, ref: ScopeRef, param: Param) -> Values:
        """What a parameter may be, by the calls that the project makes of its function."""
        key = (ref, param.name)
        self.asked.add(key)
        found = self.known.get(key)
        at = Location(ref.path, param.at)
        if found is None or not found.atoms:
            self.places[at] = key
            return (Opaque(_UNASKED, Origin.PARAMETER, at, param.name),)
        known = atoms.values(found.atoms)
        return (*known, atoms.unknown(at, param.name)) if found.rest else known

    def atom(self, value: Opaque) -> Atom | None:
        """A parameter that is handed on as it is."""
        key = self.places.get(value.at) if value.why == _UNASKED else None
        return Atom("parameter", key[1], key[0].path, key[0].scope) if key else None


def joined(passed: Iterable[Passed]) -> dict[Key, Joined]:
    """What all calls give to each parameter; a parameter that is handed on is what it is itself given."""
    given, rest = _grouped(passed)
    return {key: _bounded(*_resolved(key, given, rest)) for key in sorted(given)}


def _grouped(passed: Iterable[Passed]) -> tuple[dict[Key, dict[Atom, None]], dict[Key, bool]]:
    """What is given to each parameter itself, and whether there is more that is not known."""
    given: dict[Key, dict[Atom, None]] = defaultdict(dict)
    rest: dict[Key, bool] = {}
    for one in passed:
        key = (ScopeRef(one.path, one.scope), one.name)
        given[key].update(dict.fromkeys(one.atoms))
        rest[key] = rest.get(key, False) or one.rest
    return given, rest


def functions(passed: Iterable[Passed], wanted: Iterable[Key]) -> dict[Key, tuple[ScopeRef, ...]]:
    """The functions that plain calls give to some parameters, however many; what else these may be is left out."""
    given, rest = _grouped(one for one in passed if one.plain)
    found = {key: _resolved(key, given, rest)[0] for key in sorted(set(wanted))}
    return {
        key: tuple(sorted({ScopeRef(atom.path, atom.scope) for atom in reached if atom.kind == "function"}))
        for key, reached in found.items()
    }


def _resolved(
    key: Key, given: Mapping[Key, Mapping[Atom, None]], rest: Mapping[Key, bool]
) -> tuple[dict[Atom, None], bool]:
    """The atoms that reach a parameter, also through others that hand theirs on."""
    found: dict[Atom, None] = {}
    unknown = False
    seen = {key}
    for current in (waiting := [key]):
        unknown = unknown or rest.get(current, True) or len(seen) > _MOST_STEPS
        for atom in given.get(current, ()):
            if atom.kind != "parameter":
                found.setdefault(atom)
                continue
            handed_on = (ScopeRef(atom.path, atom.scope), atom.name)
            if handed_on not in seen and len(seen) <= _MOST_STEPS:
                seen.add(handed_on)
                waiting.append(handed_on)
    return found, unknown


def _bounded(found: dict[Atom, None], unknown: bool) -> Joined:
    """At most four classes, or eight functions: a parameter that may be more than that may be anything."""
    functions = [atom for atom in found if atom.kind in ("function", "class")]
    others = [atom for atom in found if atom.kind not in ("function", "class")]
    if len(others) > atoms.MOST or len(functions) > atoms.MOST_FUNCTIONS:
        return Joined((), True)
    return Joined(tuple(sorted((*functions, *others), key=lambda a: (a.kind, a.name, a.path, a.scope))), unknown)
