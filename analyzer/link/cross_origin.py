"""Calls that set up cross-origin requests → which origins may read answers, and whether with cookies."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Constant, Known, Unknown
from ..model.code import Dict, Literal
from ..model.options import CrossOrigin
from .calls import KnownCall, arguments, given
from .evaluate import Evaluator
from .listed import Items, held
from .options import of_call
from .values import Container, Values

ORIGINS, PATTERNS, CREDENTIALS, RESOURCES = "cors-origins", "cors-pattern", "cors-credentials", "cors-resources"
_MATCHING = frozenset("*\\]?$^[]()")  # what makes an origin a regular expression to Flask-CORS


def cross_origins(ev: Evaluator, calls: tuple[KnownCall, ...]) -> Iterator[CrossOrigin]:
    """One for each call that has a parameter for origins, and one for each resource that has origins of its own."""
    for known in calls:
        roles = {parameter.role for parameter in known.operation.parameters.values()}
        if ORIGINS not in roles:
            continue
        resources = list(_resources(ev, known)) if RESOURCES in roles else []
        for origins, soft, credentials in resources or [(*of_call(ev, known, ORIGINS), None)]:
            allowed = credentials if credentials is not None else _truth(of_call(ev, known, CREDENTIALS)[0])
            yield _policy(ev, known, (origins, soft), allowed)


def _policy(ev: Evaluator, known: KnownCall, given_: tuple[Items, bool], allowed: Known[bool] | Unknown) -> CrossOrigin:
    origins, soft = given_
    separate = any(parameter.role == PATTERNS for parameter in known.operation.parameters.values())
    patterns: Items = Known(())
    if separate:
        patterns, replaceable = of_call(ev, known, PATTERNS)
        soft = soft or replaceable
    elif isinstance(origins, Known):
        patterns = Known(tuple(o for o in origins.value if o != "*" and not _MATCHING.isdisjoint(str(o))))
    by_default = all(not argument.given for argument in arguments(ev, (known,), ORIGINS))
    return CrossOrigin(known.at, known.target.name, origins, patterns, separate, allowed, soft, known.sure, by_default)


def _truth(items: Items) -> Known[bool] | Unknown:
    if isinstance(items, Unknown):
        return items
    return Known(bool(items.value and items.value[0]), items.at)


def _resources(ev: Evaluator, known: KnownCall) -> Iterator[tuple[Items, bool, Known[bool] | Unknown | None]]:
    """`resources={"/api/*": {"origins": "*", "supports_credentials": True}}` → each with what it says of its own."""
    for name, parameter in known.operation.parameters.items():
        found = given(ev, known.call, known.frame, name, parameter)
        if parameter.role != RESOURCES or found.expr is None:
            continue
        for value in _under(ev, ev.expr(found.expr, found.frame), None):
            origins = _under(ev, (value,), "origins")
            if origins:
                own = _under(ev, (value,), "supports_credentials")
                yield (*held(ev, origins), _truth(held(ev, own)[0]) if own else None)


def _under(ev: Evaluator, values: Values, wanted: Constant) -> Values:
    """What dicts hold under a key; under any of them for None."""
    return tuple(
        found
        for value in values
        if isinstance(value, Container) and isinstance(value.expr, Dict)
        for key, item in zip(value.expr.keys, value.expr.values, strict=True)
        if wanted is None or (isinstance(key, Literal) and key.value == wanted)
        for found in ev.expr(item, value.frame)
    )
