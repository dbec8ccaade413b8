"""Calls that make objects out of bytes or text → where these come from, and which objects they may be made into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..libraries import Libraries
from ..model.answer import Known, Unknown
from ..model.location import Location
from ..model.project import Argument
from ..model.provenance import Builds, Decoding, Derivation

_KINDS = {"unsafe": Builds.ANYTHING, "full": Builds.KNOWN}


def decodings(
    libraries: Libraries, arguments: Callable[[str], Sequence[Argument]], derivations: Sequence[Derivation]
) -> Iterator[Decoding]:
    """One for each argument that is deserialized, in the order of `derivations`."""
    limits = {argument.call.at: argument for argument in arguments("object-loader")}
    limits |= {argument.call.at: argument for argument in arguments("object-loader-kind")}
    switches = {a.call.at: _switched(a, off=True) for a in arguments("objects-refused")}
    switches |= {a.call.at: _switched(a, off=False) for a in arguments("objects-allowed")}
    for derivation in derivations:
        at = derivation.argument.call.at
        limit = limits.get(at) or limits.get(derivation.made or at)
        builds = _limited(libraries, limit) if limit is not None else switches.get(at, Known(Builds.ANYTHING))
        yield Decoding(derivation, builds, derivation.argument.role == "deserialized-file")


def _switched(argument: Argument, *, off: bool) -> Known[Builds] | Unknown:
    """By a parameter whose one value, True if `off`, refuses everything but data."""
    if isinstance(argument.value, Unknown):
        return argument.value
    return Known(Builds.DATA if bool(argument.value.value) is off else Builds.ANYTHING, _at(argument))


def _limited(libraries: Libraries, argument: Argument) -> Known[Builds] | Unknown:
    """By a class, or its name, that decides what may be built."""
    if not argument.classes:
        if not isinstance(argument.value, Known):
            return Unknown("a loader that is not understood")
        return Known(_KINDS.get(str(argument.value.value), Builds.DATA), _at(argument))
    marked = {kind for kind, names in libraries.markers.items() if not set(names).isdisjoint(argument.classes)}
    if "data-loader" in marked:
        return Known(Builds.DATA, _at(argument))
    return Known(Builds.KNOWN if "known-objects-loader" in marked else Builds.ANYTHING, _at(argument))


def _at(argument: Argument) -> tuple[Location, ...]:
    return (argument.at,)
