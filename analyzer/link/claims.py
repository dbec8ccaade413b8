"""Calls that sign a token → the names of what it says, where all of them are known."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known, Unknown
from ..model.code import Dict, Expr, Literal
from ..model.expressions import Keyword
from ..model.options import Claims
from . import grown
from .calls import KnownCall, describe, given
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Container, Frame
from .walk import nodes

ROLE = "token-claims"
_DEEPEST = 4  # dicts that are unpacked into one another
_EXPIRY = "exp"


def claims(ev: Evaluator, calls: tuple[KnownCall, ...]) -> Iterator[Claims]:
    """One for each call that signs claims which it is given."""
    for known in calls:
        for name, parameter in known.operation.parameters.items():
            found = given(ev, known.call, known.frame, name, parameter) if parameter.role == ROLE else None
            if found is not None and found.expr is not None:
                names = _names(ev, found.expr, found.frame, 0)
                # What is added by `claims.update(…)` or by whoever hands the dict on is seen by its name alone.
                if names is not None and _EXPIRY not in names and _speaks_of_expiry(ev, known.frame.ref):
                    names = None
                told = Unknown("claims that are not known") if names is None else Known(tuple(sorted(names)))
                yield Claims(describe(ev, known), told)


def _names(ev: Evaluator, expr: Expr, frame: Frame, depth: int) -> set[str] | None:
    """The keys of a dict, what is stored in it or unpacked into it included; None where there may be others."""
    found: set[str] = set()
    values = ev.expr(expr, frame)
    for value in values:
        if depth > _DEEPEST or not (isinstance(value, Container) and isinstance(value.expr, Dict)):
            return None
        if _speaks_of_expiry(ev, value.frame.ref) and value.frame.ref != frame.ref:
            return None
        for key, item in grown.pairs(ev, value):
            inner = {key.value} if isinstance(key, Literal) and isinstance(key.value, str) else None
            inner = _names(ev, item, value.frame, depth + 1) if key is None else inner
            if inner is None:
                return None
            found |= inner
    return found if values else None


def _speaks_of_expiry(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function names the claim at all."""
    return any(
        (isinstance(node, Literal) and node.value == _EXPIRY) or (isinstance(node, Keyword) and node.name == _EXPIRY)
        for node in nodes(body(ev.index, ref))
    )
