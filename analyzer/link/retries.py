"""Loops that try again what failed → what they ask, how often, and how long they wait before the next attempt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import outbound
from ..model.answer import Known, Unknown
from ..model.code import (
    Assign,
    BinOp,
    Body,
    Call,
    Expr,
    For,
    Handler,
    If,
    Literal,
    Name,
    Raise,
    Return,
    Sequence,
    Simple,
    Stmt,
    Try,
    While,
    With,
)  # fmt: skip
from ..model.location import Location, Span
from .asking import Asking, Way, below, kind, last_word, runs, steps, within
from .calls import KnownCall
from .handlers import header
from .index import ScopeRef, SiteRef, body, raw
from .loop import on_the_spot
from .pauses import pause
from .values import Const, Frame
from .walk import blocks, dotted, nodes, statements

# How a Try begins in msgpack: six fields and the tag, a span of four; without one, nothing is caught.
_TRY = b"\x97\x39\x94"
DEEPEST = 2  # functions below the one that is tried
_TRYING = re.compile(r"attempt|retr(y|ies)|(^|_)tries|(^|_)trial", re.IGNORECASE)
# Functions that wait for a state: asking again is what they are for.
_POLLING = re.compile(r"(^|_)(wait|until|poll|ready|ping|health|alive|watch|monitor)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attempted:
    """A retry with what is tried again: the parts of a function's body, which ask another service or do not."""

    retry: outbound.Retry
    ref: ScopeRef
    spans: tuple[Span, ...]
    handlers: tuple[Handler, ...] = ()  # of a loop: the clauses that lead to another attempt
    decorator: Call | None = None  # of a library: the call that says how
    task: bool = False  # tried again by a queue's worker, and not where it is called


def loops_that_retry(asks: Asking, with_tests: bool) -> Iterator[Attempted]:
    """Every loop that tries something again, sorted by place; what asks another service has a `path` to it."""
    index = asks.ev.index
    for path, facts in sorted(index.python.items()):
        if path in index.tests and not with_tests:
            continue
        found: list[Attempted] = []
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            if _TRY in raw(index, ref) and not _POLLING.search(facts.scopes[number].name):
                found += _in_scope(asks, ref)
        yield from sorted(found, key=lambda a: a.retry.at)


def _in_scope(asks: Asking, ref: ScopeRef) -> Iterator[Attempted]:
    for node in nodes(body(asks.ev.index, ref)):
        if not isinstance(node, For | While):
            continue
        attempts = _attempts(asks, node, Frame(ref))
        if attempts is None:
            continue
        for block, tried in _tries(node.body):
            again = [h for h in tried.handlers if (not _ends(h.body) or _continues(h.body)) and not _mends(h, tried)]
            if again and _succeeds(node, block, tried):
                found = _asked(asks, ref, tried)
                if found is None or not _polls(asks, found[0]):
                    retry = _answer(asks, ref, node, again, attempts, found)
                    yield Attempted(retry, ref, tuple(s.at for s in tried.body), tuple(again))


def _attempts(asks: Asking, loop: For | While, frame: Frame) -> Known[int | None] | Unknown | None:
    """How often a loop tries; None where it goes over items, or repeats itself for another reason."""
    if isinstance(loop, While):
        endless = isinstance(loop.test, Literal) and not _gives_up(loop.body)
        return Known(None) if endless else Unknown("a loop that a condition ends")
    call = loop.iterable
    if not isinstance(call, Call) or last_word(call) not in ("range", "count"):
        return None
    if last_word(call) == "count":
        return Known(None)
    first, last = (call.args[0], call.args[1]) if len(call.args) == 2 else (None, call.args[0] if call.args else None)
    if last is None or len(call.args) > 2:
        return None
    tried = [v.value for v in asks.ev.expr(last, frame) if isinstance(v, Const) and isinstance(v.value, int)]
    if not tried and (usual := _usually(asks, last, frame)) is not None:
        tried = [usual]
    start = first.value if isinstance(first, Literal) and isinstance(first.value, int) else 0
    return Known(max(tried) - start) if tried else Unknown("a number of attempts that is not constant")


def _gives_up(block: Body) -> bool:
    """Whether a loop without end may stop trying: an `if` in it, or a clause, that raises or leaves."""
    for node in nodes(block):
        if isinstance(node, Handler) and any(isinstance(s, If) and _may_leave(s) for s in statements(node.body)):
            return True
        if isinstance(node, If) and any(isinstance(s, Raise) for s in statements((node,))):
            return True
    return False


def _may_leave(statement: Stmt) -> bool:
    return any(
        isinstance(s, Raise | Return) or (isinstance(s, Simple) and s.kind == "break") for s in statements((statement,))
    )


def _usually(asks: Asking, expr: Expr, frame: Frame) -> int | None:
    """A number that callers may change, by the parameter's default: `range(retries + 1)`."""
    match expr:
        case Literal(value=int(number)):
            return number
        case BinOp(left=left, op="+" | "-" as op, right=right):
            first, second = _usually(asks, left, frame), _usually(asks, right, frame)
            if first is None or second is None:
                return None
            return first + second if op == "+" else first - second
        case Name(id=name):
            params = asks.ev.scope(frame.ref).params.items
            default = next((p.default for p in params if p.name == name), None)
            return _usually(asks, default, frame) if isinstance(default, Literal) else None
        case _:
            return None


def _tries(block: Body) -> Iterator[tuple[Body, Try]]:
    """The `try` statements of a loop's body with the block that they stand in; inner loops have their own."""
    for statement in block:
        if isinstance(statement, Try):
            yield block, statement
        if isinstance(statement, If | With | Try):
            for inner in blocks(statement):
                yield from _tries(inner)


def _ends(block: Body) -> bool:
    """Whether a block always leaves the loop."""
    if not block:
        return False
    match block[-1]:
        case Return() | Raise():
            return True
        case Simple(kind=word):
            return word == "break"
        case If(body=then, orelse=other):
            return _ends(then) and _ends(other)
        case With(body=inner):
            return _ends(inner)
        case Try(body=inner, handlers=handlers):
            return _ends(inner) and all(_ends(h.body) for h in handlers)
        case _:
            return False


def _mends(handler: Handler, tried: Try) -> bool:
    """Whether a clause changes what is tried: the next attempt is another one, with a new token or a repaired text."""
    used = {node.id for node in nodes(tried.body) if isinstance(node, Name)}
    changed = {
        node.id
        for statement in statements(handler.body)
        if isinstance(statement, Assign)
        for target in statement.targets
        for node in nodes(target)
        if isinstance(node, Name)
    }
    return bool(used & changed)


def _continues(block: Body) -> bool:
    """Whether a block may go on with the loop's next round by `continue`; loops in it have their own."""
    for statement in block:
        if isinstance(statement, Simple) and statement.kind == "continue":
            return True
        if isinstance(statement, If | With | Try) and any(_continues(inner) for inner in blocks(statement)):
            return True
    return False


def _succeeds(loop: For | While, block: Body, tried: Try) -> bool:
    """Whether success ends the loop; where only a state that is waited for does, it polls."""
    after = block[[s is tried for s in block].index(True) + 1 :]
    if _ends(tried.body) or _ends(tried.orelse) or _ends(after):
        return True
    counted = isinstance(loop, For) and any(
        _TRYING.search(n.id) for n in (*nodes(loop.target), *nodes(loop.iterable)) if isinstance(n, Name)
    )
    return counted and any(_leaves(s) for s in (*tried.body, *tried.orelse, *after))


def _leaves(statement: Stmt) -> bool:
    if isinstance(statement, Return) or (isinstance(statement, Simple) and statement.kind == "break"):
        return True
    if isinstance(statement, For | While):
        return any(isinstance(s, Return) for s in statements((statement,)))
    return isinstance(statement, If | With) and any(_leaves(s) for inner in blocks(statement) for s in inner)


def _polls(asks: Asking, way: Way) -> bool:
    """Whether what is tried is the project's own look at a state: `check_server_healthy()`."""
    return any(_POLLING.search(asks.ev.index.site(site).callee.rpartition(".")[2]) for site in way)


def _asked(asks: Asking, ref: ScopeRef, tried: Try) -> tuple[Way, KnownCall] | None:
    """The call to another service that a `try` makes, itself or further down."""
    ev = asks.ev
    spans = tuple(statement.at for statement in tried.body)
    for known in asks.by_scope.get(ref, ()):
        if within(known.call.at, spans):
            return (), known
    later = on_the_spot(ev, ref).elsewhere
    for call in (node for node in nodes(tried.body) if isinstance(node, Call)):
        site = SiteRef(ref.path, call.site)
        for target in runs(asks, site) if call.at not in later else ():
            if found := below(asks, target, DEEPEST, site):
                return (site, *found[0]), found[1]
    return None


def _answer(
    asks: Asking,
    ref: ScopeRef,
    loop: For | While,
    again: list[Handler],
    attempts: Known[int | None] | Unknown,
    found: tuple[Way, KnownCall] | None,
) -> outbound.Retry:
    waits = pause(asks.ev, ref, loop, again)
    at = waits.at if waits.at is not None else header(again[0])
    what = f"for {dotted(loop.target) or '…'} in …" if isinstance(loop, For) else "while"
    return outbound.Retry(
        at=Location(ref.path, at),
        node="call" if waits.at is not None else "handler",
        what=what,
        pause=waits.kind,
        seconds=waits.seconds,
        attempts=attempts,
        caught=tuple(sorted({word for handler in again for word in _caught(handler.caught)})),
        kind=kind(asks.ev, found[1]) if found else "",
        path=steps(asks.ev, *found) if found else (),
        note="",
    )


def _caught(caught: Expr | None) -> list[str]:
    parts = caught.items if isinstance(caught, Sequence) else (caught,) if caught is not None else ()
    return [last_word(part) for part in parts]
