"""Loops that ask another service once for each item → those that ask for all items at once, without a bound."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import concurrency, outbound
from ..model.code import Attribute, Await, Call, Expr, Name, Slice, Starred, Subscript, With
from ..model.location import Location
from .asking import last_word
from .evaluate import Evaluator
from .index import ScopeRef, body
from .loops import Loop, loops
from .values import Frame, Instance
from .walk import contains, nodes

_STARTING = frozenset({"create_task", "ensure_future", "start_soon", "spawn"})
_RUNNING = frozenset({"run", "run_until_complete", "async_to_sync", "run_coroutine_threadsafe", "run_sync"})
_PORTIONS = re.compile(
    r"concurren|semaphore|throttl|batch|chunk|bounded|limited|max_(workers|tasks|parallel)", re.IGNORECASE
)
# Names of what the operator decides, which is short: the addresses of servers, the providers that are switched on.
_CONFIGURED = re.compile(r"^(settings|config|conf|state|[A-Z][A-Z0-9_]+)$|^(settings|config)_|_(settings|config)$")
# What bounds how many run at a time, by class and by the words that people call such objects.
_BOUNDS = ("Semaphore", "BoundedSemaphore", "CapacityLimiter", "AsyncLimiter", "Throttler", "Lock")
_BOUND_WORDS = re.compile(r"sem(aphore)?s?$|limit|throttl|concurren|slots?$|lock$|bulkhead|permits?$", re.IGNORECASE)


def fan_outs(ev: Evaluator, found: tuple[outbound.Repeated, ...]) -> Iterator[concurrency.FanOut]:
    """Each of these loops that starts all of its questions before it waits for one of them."""
    for one in found:
        ref = _around(ev, one.at)
        loop = next((loop for loop in loops(ev, ref) if loop.iterable.at == one.loop.span), None) if ref else None
        if ref is None or loop is None or _sliced(ev, ref, loop.iterable):
            continue
        call = next((n for n in nodes(body(ev.index, ref)) if isinstance(n, Call) and n.at == one.at.span), None)
        if call is None or not (_made(ev, ref, call) if one.at_once else _started(ev, ref, loop, call)):
            continue
        if not any(bounded(ev, scope) for scope in {ref, *_way(ev, one)}) and not _in_portions(ev, ref):
            configured = any(_CONFIGURED.search(node) for node in _words(loop.iterable))
            asked = not configured and _from_request(ev, ref, loop.iterable)
            yield concurrency.FanOut(one, ev.scope(ref).qualname, configured, asked)


def _around(ev: Evaluator, at: Location) -> ScopeRef | None:
    """The function whose body a place stands in."""
    scopes = ev.index.python[at.path].scopes
    holding = [n for n, scope in enumerate(scopes) if n == 0 or contains(scope.at, at.span)]
    return ScopeRef(at.path, max(holding)) if holding else None


def _way(ev: Evaluator, one: outbound.Repeated) -> Iterator[ScopeRef]:
    """The functions that the loop leads through down to the call that asks."""
    for step in one.path:
        if (ref := _around(ev, step.at)) is not None:
            yield ref


def _made(ev: Evaluator, ref: ScopeRef, call: Call) -> bool:
    """Whether a coroutine is only made: not run to its end there and then by `asyncio.run(…)`."""
    for node in nodes(body(ev.index, ref)):
        if (
            isinstance(node, Call)
            and last_word(node.callee) in _RUNNING
            and any(arg.at == call.at for arg in node.args)
        ):
            return False
    return True


def _in_portions(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether the function hands its coroutines to something that bounds them: `gather_with_concurrency(5, *tasks)`."""
    calls = [node for node in nodes(body(ev.index, ref)) if isinstance(node, Call)]
    words = [last_word(call.callee) for call in calls] + [k.name or "" for call in calls for k in call.keywords]
    return any(_PORTIONS.search(word) for word in words)


def _words(expr: Expr) -> Iterator[str]:
    for node in nodes(expr):
        if isinstance(node, Name | Attribute):
            yield node.id if isinstance(node, Name) else node.name


def _from_request(ev: Evaluator, ref: ScopeRef, iterable: Expr) -> bool:
    """Whether the items come from whoever asks: a parameter of an endpoint, or a part of one."""
    params = {param.name for param in ev.scope(ref).params.items} if ref in ev.handlers else set()
    return any(isinstance(node, Name) and node.id in params for node in nodes(iterable))


def _started(ev: Evaluator, ref: ScopeRef, loop: Loop, call: Call) -> bool:
    """Whether the loop makes a task of the call: `group.create_task(load(item))`, `start_soon(load, item)`."""
    for node in nodes(body(ev.index, ref)):
        if not (isinstance(node, Call) and last_word(node.callee) in _STARTING and contains(loop.at, node.at)):
            continue
        if any(contains(arg.at, call.at) for arg in node.args) and not _waited_for(ev, ref, loop, node):
            return True
    return False


def _waited_for(ev: Evaluator, ref: ScopeRef, loop: Loop, start: Call) -> bool:
    """Whether the loop waits before its next round: `await create_task(…)`, or of tasks that it gathers itself."""
    awaits = [n for n in nodes(body(ev.index, ref)) if isinstance(n, Await) and contains(loop.at, n.at)]
    gathers = ("wait", "gather", "wait_for")
    return any(
        contains(n.at, start.at)
        or (isinstance(n.value, Name) or (isinstance(n.value, Call) and last_word(n.value.callee) in gathers))
        for n in awaits
        if any(contains(part, n.at) for part in loop.each)
    )


def _sliced(ev: Evaluator, ref: ScopeRef, iterable: Expr) -> bool:
    """Whether the loop goes over a piece: `rows[start : start + 20]`."""
    if isinstance(iterable, Starred):
        return _sliced(ev, ref, iterable.value)
    if isinstance(iterable, Name):
        bound = [b.expr for b in ev.bindings(ref).get(iterable.id, ()) if b.expr is not None]
        return bool(bound) and all(_is_piece(expr) for expr in bound)
    return _is_piece(iterable)


def _is_piece(expr: Expr) -> bool:
    return isinstance(expr, Subscript) and isinstance(expr.index, Slice) and expr.index.upper is not None


def bounded(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function waits for its turn: `async with semaphore`, `await limiter.acquire()`."""
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, With) and node.is_async:
            if any(_is_bound(ev, item.value, ref) for item in node.items):
                return True
        elif isinstance(node, Await) and isinstance(node.value, Call) and last_word(node.value.callee) == "acquire":
            return True
    return False


def _is_bound(ev: Evaluator, expr: Expr, ref: ScopeRef) -> bool:
    inner: Expr = expr
    while isinstance(inner, Call | Subscript):
        inner = inner.callee if isinstance(inner, Call) else inner.value
    word = inner.name if isinstance(inner, Attribute) else inner.id if isinstance(inner, Name) else ""
    if _BOUND_WORDS.search(word):
        return True
    return any(
        isinstance(value, Instance) and isinstance(value.cls, str) and value.cls.rpartition(".")[2] in _BOUNDS
        for value in ev.expr(expr, Frame(ref))
    )
