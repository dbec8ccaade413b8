"""Decorators with a marker → the functions and classes that they are put on."""

from __future__ import annotations

from collections.abc import Iterator

from ..libraries import canonical
from ..model.code import Call, Expr
from ..model.location import Location, Step
from .evaluate import Evaluator
from .index import ScopeRef
from .values import External, Frame


def decorated(ev: Evaluator, marker: str, with_tests: bool) -> Iterator[Step]:
    """Each function and class under such a decorator: its name's place, and the decorator's qualified name."""
    marked = ev.libraries.markers.get(marker, ())
    words = {name.rpartition(".")[2] for name in marked}
    for path, facts in sorted(ev.index.python.items()) if words else ():
        if (path in ev.index.tests and not with_tests) or words.isdisjoint((*facts.names, *facts.attributes)):
            continue
        for scope in facts.scopes:
            above = Frame(ScopeRef(path, scope.parent))
            for decorator in scope.decorators:
                name = next((name for name in _names(ev, decorator, above) if name in marked), None)
                if name is not None:
                    yield Step(Location(path, scope.name_at), name)


def _names(ev: Evaluator, decorator: Expr, frame: Frame) -> Iterator[str]:
    """What a decorator is, what it is a call of, and what it is handed: `@method_decorator(csrf_exempt, …)`."""
    parts = [decorator, *((decorator.callee, *decorator.args) if isinstance(decorator, Call) else ())]
    for part in parts:
        for value in ev.expr(part, frame):
            if isinstance(value, External):
                yield canonical(ev.libraries, value.name)
