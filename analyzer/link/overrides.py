"""Statements that put something in the place of a dependency, for every request → what is replaced, and where."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from ..model.access import Override
from ..model.code import Assign, Attribute, Call, Expr, If, Stmt, Subscript
from ..model.location import Location
from . import imports
from .evaluate import Evaluator
from .index import ScopeRef, body
from .walk import blocks, dotted

_TABLE = "dependency_overrides"


def overrides(ev: Evaluator) -> Iterator[Override]:
    """Every `app.dependency_overrides[dependency] = …` in code that some other module imports."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests or _TABLE not in facts.attributes:
            continue
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            for statement, switched in _statements(body(ev.index, ref), False):
                target = _replaced(statement)
                if target is not None:
                    yield Override(Location(path, statement.at), dotted(target), switched, _imported(ev, path))


def _statements(block: tuple[Stmt, ...], switched: bool) -> Iterator[tuple[Stmt, bool]]:
    for statement in block:
        yield statement, switched
        for inner in blocks(statement):
            yield from _statements(inner, switched or isinstance(statement, If))


def _replaced(statement: Stmt) -> Expr | None:
    """The dependency that a statement replaces."""
    match statement:
        case Assign(targets=(Subscript(value=Attribute(name=name), index=key),)) if name == _TABLE:
            return key.callee if isinstance(key, Call) else key
        case _:
            return None


def _imported(ev: Evaluator, path: str) -> bool:
    """Whether another module that is no test imports this one: a script that nobody imports is run by hand."""
    for other, facts in ev.index.python.items():
        if other != path and other not in ev.index.tests:
            for item in facts.imports:
                below = structs.replace(item, module=".".join(filter(None, (item.module, item.name))))
                if path in (imports.import_path(ev, item, other), imports.import_path(ev, below, other)):
                    return True
    return False
