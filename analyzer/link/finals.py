"""`finally` blocks → the statements in them that leave early, and take the exception with them."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.code import Body, For, Return, Simple, Stmt, Try, While
from ..model.failing import LostInFinally
from ..model.location import Location
from .evaluate import Evaluator
from .index import ScopeRef, body
from .walk import blocks, statements


def lost_in_finally(ev: Evaluator, with_tests: bool) -> Iterator[LostInFinally]:
    """The first `return`, `break` or `continue` that leaves each `finally`, sorted by place."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        found: list[LostInFinally] = []
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            for statement in statements(body(ev.index, ref)):
                if isinstance(statement, Try) and statement.final:
                    leaving = next(_leaving(statement.final, in_loop=False), None)
                    if leaving is not None:
                        at = Location(path, leaving[0].at)
                        found.append(LostInFinally(at, leaving[1], ev.scope(ref).qualname))
        yield from sorted(set(found), key=lambda one: one.at)


def _leaving(block: Body, *, in_loop: bool) -> Iterator[tuple[Stmt, str]]:
    """What leaves a block: a loop's own `break` and `continue` do not."""
    for statement in block:
        match statement:
            case Return():
                yield statement, "return"
            case Simple(kind="break" | "continue" as word) if not in_loop:
                yield statement, word
            case _:
                inside = in_loop or isinstance(statement, For | While)
                for inner in blocks(statement):
                    yield from _leaving(inner, in_loop=inside)
