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
from .responses import serializer
from .views import METHODS, functions

# Frameworks that fill a handler's parameters from the request by their names and annotations.
_BY_SIGNATURE = frozenset({"fastapi", "litestar", "django-ninja"})
_PARAMETER = re.compile(
    r"\(\?P<(?P<group>\w+)>(?P<regex>(?:[^()]|\([^()]*\))*)\)"
    r"|\{(?P<brace>\w+)(?::(?P<after>[^}]*))?\}"
    r"|<(?:(?P<before>\w+)(?:\([^)]*\))?:)?(?P<angle>\w+)(?::[^>]*)?>"
)
_CONVERTERS = {
    "int": "int", "float": "float", "uuid": "UUID", "path": "str", "str": "str", "string": "str", "slug": "str",
    "date": "date", "any": "str", "re": "str", "number": "float", "alpha": "str", "timestamp": "datetime",
    "decimal": "Decimal", "time": "time", "datetime": "datetime", "dt": "datetime",
}  # fmt: skip
_WRITING = frozenset({"POST", "PUT", "PATCH"})
_DIGITS = re.compile(r"\[0-9\][+*{]?[\d,}]*|\\d[+*{]?[\d,}]*")


def inputs(
    ev: Evaluator, ref: ScopeRef | None, at: Location, methods: tuple[str, ...], path: str, framework: str
) -> tuple[tuple[Input, ...], Known[bool] | Unknown]:
    """The inputs of one endpoint, by its path, its signature and what its handler reads; and whether that is all."""
    found: dict[tuple[Place, str], Input] = {}
    reasons: list[str] = []
    in_path = dict(path_parameters(path))
    ran = answering(ev, ref, methods) if ref is not None else []
    if not ran:
        reasons.append("a handler that is not understood")
    elif ref is not None and ev.scope(ref).kind is ScopeKind.CLASS and len(ran) < len(methods):
        reasons.append("a method that a library brings")
    sent = serializer(ev, ref)
    if isinstance(sent, Known) and not _WRITING.isdisjoint(methods):
        found[Place.BODY, ""] = Input("", Place.BODY, sent.value, True, (), sent.at[0])
    for function in ran:
        declared = signature_inputs(ev, function, in_path) if framework in _BY_SIGNATURE else ()
        for one in (*declared, *read_inputs(ev, function)):
            if isinstance(one, Input):
                found.setdefault((one.place, one.name), one)
            else:
                reasons.append(one.why)
    for name, kind in in_path.items():
        found.setdefault((Place.PATH, name), Input(name, Place.PATH, kind, True, (), at))
    return tuple(found.values()), Unknown(reasons[0]) if reasons else Known(True)


def path_parameters(path: str) -> Iterator[tuple[str, str]]:
    """The parameters of a path in any framework's notation, each with its type; "str" where nothing says more."""
    for match in _PARAMETER.finditer(path):
        if match["group"]:
            yield match["group"], "int" if _DIGITS.fullmatch(match["regex"]) else "str"
            continue
        name = match["brace"] or match["angle"]
        converter = match["after"] or match["before"] or ""
        if match["before"] and converter not in _CONVERTERS:
            name, converter = converter, name  # Sanic's `<name:type>`, where others write `<type:name>`
        yield name, _CONVERTERS.get(converter.partition("(")[0], "str")


def answering(ev: Evaluator, ref: ScopeRef, methods: tuple[str, ...]) -> list[ScopeRef]:
    """What runs for an endpoint: the function itself, or those methods of a class that answer its HTTP methods."""
    if ev.scope(ref).kind is not ScopeKind.CLASS:
        return [ref]
    wanted = METHODS if methods == ("*",) else tuple(name.lower() for name in methods)
    found = functions(ev, ref, (*wanted, *(f"on_{name}" for name in wanted), "dispatch_request", "__call__"))
    return [found[name] for name in sorted(found)]
