"""`except` clauses of coroutines that catch a cancellation → those that end it there, and what they do instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model import concurrency
from ..model.answer import Known
from ..model.code import (
    Assign,
    Attribute,
    Await,
    Body,
    Call,
    Comprehension,
    Expr,
    For,
    Handler,
    Name,
    Raise,
    Return,
    Simple,
    Stmt,
    Try,
    While,
    With,
)  # fmt: skip
from ..model.location import Location
from .asking import last_word
from .callgraph import CallGraph
from .evaluate import Evaluator
from .handlers import LOGS, caught, header
from .index import ScopeRef, body
from .values import Frame
from .walk import blocks, nodes

_CANCELLED = frozenset({"asyncio.CancelledError", "asyncio.exceptions.CancelledError"})
_EVERYTHING = frozenset({"builtins.BaseException"})
_KNOWS = frozenset({"uncancel", "cancelling"})  # who asks this does know about cancellation
_GATHERS = frozenset({"gather", "wait", "wait_for", "shield"})  # waits for tasks that are given


def swallowed(ev: Evaluator, _: CallGraph, with_tests: bool) -> Iterator[concurrency.Swallowed]:
    """Each clause of a coroutine that keeps a cancellation to itself."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        found = (ScopeRef(path, n) for n, scope in enumerate(facts.scopes) if scope.is_async)
        yield from sorted((one for ref in found for one in _in_function(ev, ref)), key=lambda one: one.at)


@dataclass(frozen=True, slots=True)
class _Place:
    """A `try` in a function."""

    statement: Try
    loops: tuple[While | For, ...]  # around it, outermost first
    later: tuple[Stmt, ...]  # what runs after it, outside of these loops or in them
    tidies: bool  # in a `finally` or an `except`: what went wrong before goes on its way afterwards


def _in_function(ev: Evaluator, ref: ScopeRef) -> Iterator[concurrency.Swallowed]:
    places = list(_tries(body(ev.index, ref), (), (), False))
    if not places:
        return
    asked = {node.name for node in nodes(body(ev.index, ref)) if isinstance(node, Attribute)}
    if asked & _KNOWS:
        return
    for place in places:
        block = place.statement.body
        if not waits(block) or ("cancel" in asked and _tasks_alone(block)):
            continue
        if handler := _catching(ev, ref, place.statement):
            yield concurrency.Swallowed(
                at=Location(ref.path, header(handler)),
                within=ev.scope(ref).qualname,
                named=(named := bool(_names(ev, ref, handler) & _CANCELLED)),
                goes_on=not place.tidies and _goes_on(place, handler, named=named),
                quiet=all(isinstance(statement, Simple) for statement in handler.body),
            )


def _tries(block: Body, loops: tuple[While | For, ...], later: tuple[Stmt, ...], tidies: bool) -> Iterator[_Place]:
    for number, statement in enumerate(block):
        after = (*block[number + 1 :], *later)
        if isinstance(statement, Try):
            yield _Place(statement, loops, (*statement.final, *after), tidies)
        around = (*loops, statement) if isinstance(statement, While | For) else loops
        for inner in blocks(statement):
            main = not isinstance(statement, Try) or inner in (statement.body, statement.orelse)
            yield from _tries(inner, around, after, tidies or not main)


def waits(part: object) -> bool:
    """Whether a body hands the loop to others."""
    return any(
        isinstance(n, Await)
        or (isinstance(n, For | With) and n.is_async)
        or (isinstance(n, Comprehension) and any(c.is_async for c in n.clauses))
        for n in nodes(part)
    )


def _tasks_alone(block: Body) -> bool:
    """Whether a body waits for nothing but tasks that were started before."""
    awaited = [node.value for node in nodes(block) if isinstance(node, Await)]
    return bool(awaited) and all(map(_of_a_task, awaited))


def _of_a_task(awaited: Expr) -> bool:
    """Whether what is awaited was started before: the cancellation that comes out of it is its own."""
    match awaited:
        case Name() | Attribute():
            return True
        case Call(callee=callee, args=args):
            return last_word(callee) in _GATHERS and not any(isinstance(arg, Call) for arg in args)
        case _:
            return False


def _names(ev: Evaluator, ref: ScopeRef, handler: Handler) -> frozenset[str]:
    found = caught(ev, handler.caught, Frame(ref))
    return frozenset(found.value or _EVERYTHING) if isinstance(found, Known) else frozenset()


def _catching(ev: Evaluator, ref: ScopeRef, statement: Try) -> Handler | None:
    """The clause that a cancellation meets first, if it ends there."""
    for handler in statement.handlers:
        if _names(ev, ref, handler) & (_CANCELLED | _EVERYTHING):
            return None if _passes_on(handler) else handler
    return None


def _passes_on(handler: Handler) -> bool:
    """Whether a clause raises, or hands what it caught to somebody: `future.set_exception(error)`."""
    inside = list(nodes(handler.body))
    if any(isinstance(node, Raise) for node in inside):
        return True
    if handler.name is None:
        return False
    told = [n for n in inside if isinstance(n, Call) and last_word(n.callee) in LOGS - {"set_exception"}]
    seen = {n.at for call in told for n in nodes((call.args, call.keywords)) if isinstance(n, Name)}
    shown = {n.at for part in inside if type(part).__name__ == "Format" for n in nodes(part) if isinstance(n, Name)}
    text = {
        n.at
        for call in inside
        if isinstance(call, Call) and last_word(call.callee) in ("str", "repr", "type", "isinstance")
        for n in nodes(call.args)
        if isinstance(n, Name)
    }
    uses = {node.at for node in inside if isinstance(node, Name) and node.id == handler.name}
    return bool(uses - seen - shown - text)


def _goes_on(place: _Place, handler: Handler, *, named: bool) -> bool:
    """Whether the coroutine waits again after the clause: in the next round of a loop, or further down.

    Who names the cancellation and then waits outside of a loop is about to end, and tidies up.
    """
    inside = list(nodes(handler.body))
    if any(isinstance(node, Return) for node in inside):
        return False
    ends_loop = any(isinstance(node, Simple) and node.kind == "break" for node in inside)
    changed = {_written(target) for node in inside if isinstance(node, Assign) for target in node.targets}
    for loop in place.loops[: -1 if ends_loop else None]:
        stops = isinstance(loop, While) and any(_written(n) in changed for n in nodes(loop.test) if _written(n))
        if not stops and not (named and _tasks_alone(place.statement.body)):
            return True
    return not named and (waits(handler.body) or (not place.loops and waits(place.later)))


def _written(node: object) -> str:
    return node.id if isinstance(node, Name) else node.name if isinstance(node, Attribute) else ""
