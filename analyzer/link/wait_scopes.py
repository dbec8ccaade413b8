"""Bodies of coroutines → time limits around nothing that waits, scopes left open by generators, loops that poll."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import concurrency
from ..model.code import (
    Attribute,
    Await,
    Body,
    Call,
    Compare,
    Expr,
    ExprStmt,
    Literal,
    Name,
    UnaryOp,
    While,
    With,
    Yield,
)
from ..model.location import Location
from .callgraph import CallGraph, EdgeKind
from .cancellation import waits
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Frame, Instance
from .walk import nodes

_LIMITS = frozenset({
    "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "async_timeout.timeout_at", "anyio.fail_after",
    "anyio.move_on_after", "trio.fail_after", "trio.move_on_after", "trio.fail_at", "trio.move_on_at",
})  # fmt: skip
_SCOPES = _LIMITS | {
    "asyncio.TaskGroup", "anyio.create_task_group", "anyio.CancelScope", "trio.open_nursery", "trio.CancelScope",
}  # fmt: skip
_SLEEPS = frozenset({"asyncio.sleep", "anyio.sleep", "trio.sleep"})
_OF_THREADS = ("threading.", "multiprocessing.", "concurrent.")


def limits_around_nothing(ev: Evaluator, _: CallGraph, with_tests: bool) -> Iterator[concurrency.WaitScope]:
    """Each `async with asyncio.timeout(…)` in which nothing waits: it can stop nothing."""
    for _ref, statement, found in _scopes(ev, with_tests):
        last = statement.items[-1].value.at == found.at.span or not statement.is_async  # what follows is entered in it
        if found.name in _LIMITS and last and not waits(statement.body) and not _yields(statement.body):
            yield found


def left_open(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.WaitScope]:
    """Each scope or group that an asynchronous generator yields from the midst of."""
    for ref, statement, found in _scopes(ev, with_tests):
        scope = ev.scope(ref)
        injected = any(edge.kind is EdgeKind.FRAMEWORK for edge in graph.callers.get(ref, ()))
        if scope.is_generator and not scope.decorators and not injected and _yields(statement.body):
            yield found


def polls(ev: Evaluator, _: CallGraph, with_tests: bool) -> Iterator[concurrency.Poll]:
    """Each loop that does nothing but sleep until a variable of the same process has another value."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            for node in nodes(body(ev.index, ref)) if scope.is_async else ():
                if isinstance(node, While) and _own(ev, ref, node.test) and _only_sleeps(ev, ref, node.body):
                    yield concurrency.Poll(Location(path, node.test.at), scope.qualname)


def _scopes(ev: Evaluator, with_tests: bool) -> Iterator[tuple[ScopeRef, With, concurrency.WaitScope]]:
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            for node in nodes(body(ev.index, ref)) if scope.is_async else ():
                for item in node.items if isinstance(node, With) else ():
                    if isinstance(item.value, Call):
                        names = ev.qualified(item.value.callee, Frame(ref))
                        if found := next((name for name in names if name in _SCOPES), ""):
                            yield ref, node, concurrency.WaitScope(Location(path, item.value.at), found, scope.qualname)


def _yields(block: Body) -> bool:
    return any(isinstance(node, Yield) for node in nodes(block))


def _own(ev: Evaluator, ref: ScopeRef, test: Expr) -> bool:
    """Whether only code on this loop can change what a loop waits for: a flag, and no question to anybody."""
    match test:
        case UnaryOp(op="not", operand=operand):
            return _own(ev, ref, operand)
        case Compare(left=left, comparators=(Literal(),)):
            return _own(ev, ref, left)
        case Name() | Attribute():
            return True
        case Call(callee=Attribute(value=owner, name="is_set" | "done"), args=()):
            made = [v.cls for v in ev.expr(owner, Frame(ref)) if isinstance(v, Instance) and isinstance(v.cls, str)]
            return not any(cls.startswith(_OF_THREADS) for cls in made)  # nobody can await one of these
        case _:
            return False


def _only_sleeps(ev: Evaluator, ref: ScopeRef, block: Body) -> bool:
    match block:
        case (ExprStmt(value=Await(value=Call(callee=callee))),):
            return any(name in _SLEEPS for name in ev.qualified(callee, Frame(ref)))
        case _:
            return False
