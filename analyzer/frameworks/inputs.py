"""A handler and its path → the values that an endpoint takes from a request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..model.answer import Known, Unknown
from ..model.endpoint import Input, Place
from ..model.facts import ScopeKind
from ..model.location import Location
from .inputs_read import read_inputs
from .inputs_signature import signature_inputs
from .views import METHODS, functions

# Frameworks that fill a handler's parameters from the request by their names and annotations.
_BY_SIGNATURE = frozenset({"fastapi", "litestar", "django-ninja"})
_PARAMETER = re.compile(
    r"\(\?P<(?P<group>\w+)>(?P<regex>(?:[^()]|\([^()]*\))*)\)"
    r"|\{(?P<brace>\w+)(?::(?P<after>[^}]*))?\}"
    r"|<(?:(?P<before>\w+(?:\([^)]*\))?):)?(?P<angle>\w+)(?::(?P<behind>\w+)[^>]*)?>"
)
_CONVERTERS = {
    "int": "int", "float": "float", "uuid": "UUID", "path": "str", "str": "str", "string": "str", "slug": "str",
    "date": "date", "any": "str", "re": "str", "number": "float", "alpha": "str", "timestamp": "datetime",
    "decimal": "Decimal", "time": "time", "datetime": "datetime", "dt": "datetime",
}  # fmt: skip
_DIGITS = re.compile(r"\[0-9\][+*{]?[\d,}]*|\\d[+*{]?[\d,}]*")
_NO_HANDLER = Unknown("a handler that is not understood")


def inputs(
    ev: Evaluator, ref: ScopeRef | None, methods: tuple[str, ...], path: str, framework: str
) -> Known[tuple[Input, ...]] | Unknown:
    """The inputs of one endpoint: of its path, its signature, and what its handler's own code reads of the request."""
    if ref is None:
        return _NO_HANDLER
    in_path = dict(path_parameters(path))
    found: dict[tuple[Place, str], Input] = {}
    for function in _functions(ev, ref, methods):
        if framework in _BY_SIGNATURE:
            for one in signature_inputs(ev, function, in_path):
                found.setdefault((one.place, one.name), one)
        for one in read_inputs(ev, function):
            found.setdefault((one.place, one.name), one)
    for name, kind in in_path.items():
        at = Location(ref.path, ev.scope(ref).name_at)
        found.setdefault((Place.PATH, name), Input(name, Place.PATH, kind, True, (), at))
    return Known(tuple(found.values()))


def path_parameters(path: str) -> Iterator[tuple[str, str]]:
    """The parameters of a path in any framework's notation, each with its type; "str" where nothing says more."""
    for match in _PARAMETER.finditer(path):
        name = match["group"] or match["brace"] or match["angle"]
        if match["group"]:
            yield name, "int" if _DIGITS.fullmatch(match["regex"]) else "str"
        else:
            converter = (match["after"] or match["before"] or match["behind"] or "").partition("(")[0]
            yield name, _CONVERTERS.get(converter, "str")


def _functions(ev: Evaluator, ref: ScopeRef, methods: tuple[str, ...]) -> list[ScopeRef]:
    """What runs for an endpoint: the function itself, or those methods of a class that answer its HTTP methods."""
    if ev.scope(ref).kind is not ScopeKind.CLASS:
        return [ref]
    wanted = METHODS if methods == ("*",) else tuple(name.lower() for name in methods)
    found = functions(ev, ref, (*wanted, *(f"on_{name}" for name in wanted), "dispatch_request", "__call__"))
    return [found[name] for name in sorted(found)]
