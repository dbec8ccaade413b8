"""A coroutine that is made in a body → the names that hold it there, and whether it is waited for, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    Await,
    Call,
    Comprehension,
    For,
    Name,
    NamedExpr,
    Return,
    Subscript,
    With,
)  # fmt: skip
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, enclosing_class
from .limits import around, limits
from .parameters import bind
from .values import Frame, Thunk
from .walk import contains, dotted, nodes

_KEEPING = frozenset({"append", "add", "extend", "insert", "appendleft"})
_DEEPEST = 3  # functions that one hands on to another


class Fate(StrEnum):
    """What becomes of a coroutine in the function that makes it."""

    LIMITED = "limited"  # it is waited for, no longer than some time
    WAITED = "waited"  # it is waited for, or given back to the caller
    LEFT = "left"  # neither is seen


def fate(ev: Evaluator, ref: ScopeRef, at: Span) -> Fate:
    """What becomes of what the call at a place of a scope makes."""
    return Fate.LIMITED if around(ev, ref, at) else _followed(ev, ref, at, frozenset(), 0)


def _followed(ev: Evaluator, ref: ScopeRef, at: Span | None, held: frozenset[str], depth: int) -> Fate:
    found = list(nodes(body(ev.index, ref)))
    held = _held(found, at, held)
    if _limited(ev, ref, held) or _limited_by_siblings(ev, ref, held):
        return Fate.LIMITED
    if depth < _DEEPEST and any(_handed_on(ev, ref, call, at, held, depth) for call in _calls(found)):
        return Fate.LIMITED
    waiting = (n.value for n in found if isinstance(n, Await | Return))
    loops = (n.iterable for n in found if isinstance(n, For) and n.is_async)
    entered = (item.value for n in found if isinstance(n, With) and n.is_async for item in n.items)
    if any(_speaks(expr, at, held) for many in (waiting, loops, entered) for expr in many if expr is not None):
        return Fate.WAITED
    return Fate.LEFT


def _held(found: list[Any], at: Span | None, held: frozenset[str]) -> frozenset[str]:
    """The names of a body that hold a coroutine, a task made of it, or a list of such."""
    names = set(held)
    for node in found:
        for target, value in _given(node):
            if value is not None and _carries(value, at, names):
                names.update(_names(target))
    return frozenset(names - {""})


def _given(node: Any) -> Iterator[tuple[Any, Any]]:
    """What is put where by a node."""
    match node:
        case Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case AnnAssign(target=target, value=value) | NamedExpr(target=target, value=value):
            yield target, value
        case For(target=target, iterable=iterable):
            yield target, iterable
        case Comprehension(clauses=clauses):
            yield from ((clause.target, clause.iterable) for clause in clauses)
        case Call(callee=Attribute(value=owner, name=name), args=args) if name in _KEEPING:
            yield from ((owner, arg) for arg in args)
        case _:
            return


def _names(target: Any) -> list[str]:
    if isinstance(target, str):
        return [target]
    if isinstance(target, Subscript):
        return _names(target.value)
    parts = getattr(target, "items", None)
    return [name for part in parts for name in _names(part)] if parts else [dotted(target)]


def _carries(value: Any, at: Span | None, names: set[str] | frozenset[str]) -> bool:
    """Whether an expression hands a coroutine on: not what comes of awaiting it."""
    found = list(nodes(value))
    awaited = [node.at for node in found if isinstance(node, Await)]
    return any(_is(n, at, names) and not any(contains(one, n.at) for one in awaited) for n in found)


def _speaks(value: Any, at: Span | None, names: frozenset[str]) -> bool:
    return any(_is(node, at, names) for node in nodes(value))


def _is(node: Any, at: Span | None, names: set[str] | frozenset[str]) -> bool:
    if isinstance(node, Call):
        return node.at == at
    return isinstance(node, Name | Attribute) and dotted(node) in names


def _limited(ev: Evaluator, ref: ScopeRef, held: frozenset[str]) -> bool:
    """Whether something in a scope waits for what these names hold, and no longer than some time."""
    for limit, _ in limits(ev, ref) if held else ():
        if isinstance(limit, With):
            inside = [node.value for node in nodes(limit.body) if isinstance(node, Await)]
        else:
            inside = [limit.callee, *limit.args, *(keyword.value for keyword in limit.keywords)]
        if any(_speaks(expr, None, held) for expr in inside):
            return True
    return False


def _limited_by_siblings(ev: Evaluator, ref: ScopeRef, held: frozenset[str]) -> bool:
    """`self.task`: another method of the class waits for it."""
    owner = enclosing_class(ev.index, ref)
    own = frozenset(name for name in held if name.startswith("self."))
    if owner is None or not own:
        return False
    scopes = ev.index.python[ref.path].scopes
    methods = [ScopeRef(ref.path, n) for n, scope in enumerate(scopes) if scope.parent == owner.scope and n]
    return any(_limited(ev, method, own) for method in methods)


def _calls(found: list[Any]) -> Iterator[Call]:
    return (node for node in found if isinstance(node, Call))


def _handed_on(ev: Evaluator, ref: ScopeRef, call: Call, at: Span | None, held: frozenset[str], depth: int) -> bool:
    """Whether a function of the project takes the coroutine, and waits for it no longer than some time."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not any(_carries(expr, at, held) for expr in given) or ev.graph is None:
        return False
    for edge in ev.graph.sites.get(SiteRef(ref.path, call.site), ()):
        if not isinstance(edge.callee, ScopeRef):
            continue
        method = enclosing_class(ev.index, edge.callee) is not None
        bound = bind(ev, edge.callee, call, Frame(ref), has_receiver=method)
        names = [n for n, value in bound.items() if isinstance(value, Thunk) and _carries(value.expr, at, held)]
        if names and _followed(ev, edge.callee, None, frozenset(names), depth + 1) is Fate.LIMITED:
            return True
    return False
