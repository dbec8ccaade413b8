"""A place in a body → what around it bounds how long it may take: a `with`, an awaiting call, a decorator."""

from __future__ import annotations

import re

from ..model.code import Attribute, Call, Expr, Literal, LiteralKind, Name, With
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, body
from .walk import contains, nodes

# What bounds everything that stands in it: `async with asyncio.timeout(5)`, `with Timeout(5)`, `@timeout(5)`.
_LIMITING = re.compile(r"time_?out|time_?limit|deadline|fail_after|move_on_after|wait_for", re.IGNORECASE)
_WAITING = frozenset({"wait", "result", "join"})  # these wait no longer than their `timeout=…`

Limit = tuple[With | Call, str]


def decorated(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a decorator may set a function a time limit."""
    return any(_limits(decorator) for decorator in ev.scope(ref).decorators)


def limits(ev: Evaluator, ref: ScopeRef) -> tuple[Limit, ...]:
    """What in a scope bounds what stands in it, outermost first, and how to say so."""
    if ref not in ev.limiting:
        found: list[Limit] = []
        for node in nodes(body(ev.index, ref)):
            if isinstance(node, With) and any(
                isinstance(i.value, Call) and _limits(i.value.callee) and not _endless(i.value) for i in node.items
            ):
                found.append((node, "a `with` that may set a time limit"))
            elif isinstance(node, Call) and (_limits(node.callee) or _waits(node)) and not _endless(node):
                found.append((node, "a call around it that may set a time limit"))
        ev.limiting[ref] = tuple(found)
    return ev.limiting[ref]


def around(ev: Evaluator, ref: ScopeRef, at: Span) -> str:
    """How to say what bounds a place of a scope; "" where nothing does."""
    return next((why for node, why in limits(ev, ref) if contains(node.at, at) and node.at != at), "")


def _limits(expr: Expr) -> bool:
    if isinstance(expr, Call):
        return _limits(expr.callee) or any(k.name and _LIMITING.search(k.name) for k in expr.keywords)
    return _LIMITING.search(_last(expr)) is not None


def _waits(call: Call) -> bool:
    """`asyncio.wait(tasks, timeout=5)`, `future.result(timeout=5)`."""
    return _last(call.callee) in _WAITING and any(keyword.name == "timeout" for keyword in call.keywords)


def _endless(call: Call) -> bool:
    """`wait_for(task, None)`: the limit is none."""
    given = [*call.args[-1:], *(k.value for k in call.keywords if k.name and _LIMITING.search(k.name))]
    return any(isinstance(value, Literal) and value.kind is LiteralKind.NONE for value in given)


def _last(expr: Expr) -> str:
    return expr.id if isinstance(expr, Name) else expr.name if isinstance(expr, Attribute) else ""
