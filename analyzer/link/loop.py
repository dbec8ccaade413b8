"""Functions and the calls in them → what runs when the function does, what is awaited, and who else needs the loop."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..model.code import Await, Body, Call, Comprehension, Expr, For, If, Lambda, Name, With
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, body, decoded, raw
from .parameters import callers
from .walk import dotted, nodes

# What takes an awaitable and waits for it: its arguments are coroutines, so they block nothing where they are made.
_AWAITING = frozenset({
    "gather", "wait_for", "create_task", "ensure_future", "shield", "as_completed", "start_soon",
    "run_coroutine_threadsafe",
})  # fmt: skip
# Functions that a framework runs once, before it answers anybody, or when it stops.
_ONCE = re.compile(r"(?:on_)?(?:startup|shutdown)(?:_event)?|\w*lifespan\w*")
_ONCE_DECORATORS = frozenset({"on_event", "before_serving", "after_serving", "on_startup", "on_shutdown", "listener"})
_RUNNING = frozenset({"asyncio.run", "anyio.run", "trio.run", "uvloop.run", "curio.run"})
# Decorators after which a call still runs the function there and then.
_PLAIN = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        "cached_property",
        "cache",
        "lru_cache",
        "wraps",
        "override",
        "overload",
        "abstractmethod",
    }
)


_TELLING = frozenset({Lambda, Await, Call, For, With, Comprehension})  # nodes that say something of calls


@dataclass(frozen=True, slots=True)
class Spot:
    """Places of a body by what becomes of them."""

    elsewhere: frozenset[Span]  # calls that are not run there and then: in a lambda, or of a coroutine
    awaited: frozenset[Span]  # calls whose result is awaited


def on_the_spot(ev: Evaluator, ref: ScopeRef) -> Spot:
    """What becomes of the calls of a scope's body."""
    return _spot(raw(ev.index, ref))


@lru_cache(maxsize=4096)
def _spot(undecoded: bytes) -> Spot:
    block: Body = decoded(undecoded)
    return spot_of(nodes(block))


def spot_of(found: Iterable[Any]) -> Spot:
    """What becomes of the calls among the nodes of a body."""
    later: set[Span] = set()
    awaited: set[Span] = set()
    for node in found:
        if type(node) not in _TELLING:
            continue
        match node:
            case Lambda(body=inner):
                later.update(call.at for call in nodes(inner) if isinstance(call, Call))
            case Await(value=Call() as call):
                awaited.add(call.at)
            case Call(callee=callee, args=args) if _last(callee) in _AWAITING:
                awaited.update(_coroutines(args))
            case For(is_async=True, iterable=Call() as call):
                awaited.add(call.at)
            case With(is_async=True, items=items):
                awaited.update(item.value.at for item in items if isinstance(item.value, Call))
            case Comprehension(clauses=clauses):
                awaited.update(c.iterable.at for c in clauses if c.is_async and isinstance(c.iterable, Call))
            case _:
                pass
    return Spot(frozenset(later), frozenset(awaited))


def _coroutines(args: tuple[Expr, ...]) -> list[Span]:
    """The calls among arguments that are awaited, also in `*[f(x) for x in xs]`."""
    found = []
    for arg in args:
        inner = getattr(arg, "value", arg) if not isinstance(arg, Call) else arg
        if isinstance(inner, Comprehension):
            inner = inner.element
        parts = getattr(inner, "items", (inner,))
        found += [part.at for part in parts if isinstance(part, Call)]
    return found


def plain(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether calling a function runs its body there and then, for all that its decorators say."""
    return all(plain_decorator(decorator) for decorator in ev.scope(ref).decorators)


def plain_decorator(decorator: Expr) -> bool:
    """Whether what a decorator gives back is called as the function itself would be."""
    return _last(decorator) in _PLAIN


def alone(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether nobody else waits for the loop while a function runs: at start-up, or in a script with its own loop."""
    scope = ev.scope(ref)
    if _ONCE.fullmatch(scope.name) or any(_last(decorator) in _ONCE_DECORATORS for decorator in scope.decorators):
        return True
    if ref in ev.handlers or scope.decorators:
        return False
    return _script(ev, ref.path) and not _served(ev, ref)


def _script(ev: Evaluator, path: str) -> bool:
    """Whether a file starts a loop of its own under `if __name__ == "__main__":`."""
    for statement in body(ev.index, ScopeRef(path, 0)):
        if isinstance(statement, If) and any(isinstance(n, Name) and n.id == "__name__" for n in nodes(statement.test)):
            calls = [dotted(n.callee) for n in nodes(statement.body) if isinstance(n, Call)]
            return any(name in _RUNNING or name.endswith("run_until_complete") for name in calls)
    return False


def _served(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether another file calls it, or an endpoint does."""
    seen = {ref}
    for current in (waiting := [ref]):
        if current in ev.handlers or current.path != ref.path:
            return True
        for site in callers(ev, current):
            above = ScopeRef(site.path, ev.index.site(site).scope)
            if above not in seen and len(seen) < 40:
                seen.add(above)
                waiting.append(above)
    return False


def _last(expr: Expr) -> str:
    while isinstance(expr, Call):
        expr = expr.callee
    return expr.id if isinstance(expr, Name) else getattr(expr, "name", "") or ""
