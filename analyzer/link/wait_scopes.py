"""Bodies of coroutines → time limits around nothing that waits, scopes that a generator leaves open, loops that poll."""

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
from .asking import last_word
from .cancellation import waits
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Frame
from .walk import nodes

_LIMITS = frozenset({
    "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "async_timeout.timeout_at", "anyio.fail_after",
    "anyio.move_on_after", "trio.fail_after", "trio.move_on_after", "trio.fail_at", "trio.move_on_at",
})  # fmt: skip
_SCOPES = _LIMITS | {
    "asyncio.TaskGroup", "anyio.create_task_group", "anyio.CancelScope", "trio.open_nursery", "trio.CancelScope",
}  # fmt: skip
_WORDS = frozenset(name.rpartition(".")[2] for name in _SCOPES)
_SLEEPS = frozenset({"asyncio.sleep", "anyio.sleep", "trio.sleep"})


def idle_limits(ev: Evaluator, with_tests: bool) -> Iterator[concurrency.WaitScope]:
    """Each `async with asyncio.timeout(…)` in which nothing waits: it can stop nothing."""
    for ref, statement, name in _scopes(ev, with_tests):
        if name in _LIMITS and not waits(statement.body) and not _yields(statement.body):
            yield _described(ev, ref, statement, name)


def left_open(ev: Evaluator, with_tests: bool) -> Iterator[concurrency.WaitScope]:
    """Each scope or group that an asynchronous generator yields from the midst of."""
    for ref, statement, name in _scopes(ev, with_tests):
        scope = ev.scope(ref)
        if scope.is_async and scope.is_generator and not scope.decorators and _yields(statement.body):
            yield _described(ev, ref, statement, name)


def polls(ev: Evaluator, with_tests: bool) -> Iterator[concurrency.Poll]:
    """Each loop that does nothing but sleep until a variable of the same process has another value."""
    for path, facts in sorted(ev.index.python.items()):
        if (path in ev.index.tests and not with_tests) or "sleep" not in {*facts.attributes, *facts.names}:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            for node in nodes(body(ev.index, ref)) if scope.is_async else ():
                if isinstance(node, While) and _own(node.test) and _only_sleeps(ev, ref, node.body):
                    yield concurrency.Poll(Location(path, node.test.at), scope.qualname)


def _scopes(ev: Evaluator, with_tests: bool) -> Iterator[tuple[ScopeRef, With, str]]:
    for path, facts in sorted(ev.index.python.items()):
        if (path in ev.index.tests and not with_tests) or not _WORDS & {*facts.attributes, *facts.names}:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            for node in nodes(body(ev.index, ref)) if scope.is_async else ():
                for item in node.items if isinstance(node, With) else ():
                    if isinstance(item.value, Call) and last_word(item.value.callee) in _WORDS:
                        found = [n for n in ev.qualified(item.value.callee, Frame(ref)) if n in _SCOPES]
                        if found:
                            yield ref, node, found[0]


def _described(ev: Evaluator, ref: ScopeRef, statement: With, name: str) -> concurrency.WaitScope:
    at = next(i.value.at for i in statement.items if isinstance(i.value, Call) and last_word(i.value.callee) in _WORDS)
    return concurrency.WaitScope(Location(ref.path, at), name, ev.scope(ref).qualname)


def _yields(block: Body) -> bool:
    return any(isinstance(node, Yield) for node in nodes(block))


def _own(test: Expr) -> bool:
    """Whether only code of this process can change what a loop waits for: a flag, and no question to anybody."""
    match test:
        case UnaryOp(op="not", operand=operand):
            return _own(operand)
        case Compare(left=left, comparators=(Literal(),)):
            return _own(left)
        case Name() | Attribute():
            return True
        case Call(callee=Attribute(name="is_set" | "done"), args=()):
            return True
        case _:
            return False


def _only_sleeps(ev: Evaluator, ref: ScopeRef, block: Body) -> bool:
    match block:
        case (ExprStmt(value=Await(value=Call(callee=callee))),):
            return any(name in _SLEEPS for name in ev.qualified(callee, Frame(ref)))
        case _:
            return False
