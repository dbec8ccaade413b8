"""List expressions of audited code → their items, through names, sums, conditions, returned lists and `append`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..link import names
from ..link.bindings import Bind, Binding
from ..link.evaluate import Evaluator
from ..link.flow import Flow
from ..link.index import ScopeRef, body
from ..link.values import Const, Container, Frame, Values
from ..model.code import BinOp, BoolOp, Comprehension, Dict, Expr, IfExp, Name, Sequence, Starred
from ..model.location import Span
from .sources import HOLE, MOST_DEEP, Argument, read, text


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a list expression with their frames; `complete` is False where some could not be seen."""

    found: tuple[tuple[Expr, Frame], ...]
    complete: bool


Keep = Callable[[Expr], bool]


def _never(_: Expr) -> bool:
    return False


def items(ev: Evaluator, expr: Expr, frame: Frame, keep: Keep = _never, depth: int = 0) -> Items:
    """Every item that a list expression may hold: literals, sums, both ways of a condition, names, returned lists.

    An expression for which `keep` is true stands for items of its own and is given back as it is.
    """
    if depth > MOST_DEEP:
        return Items((), False)
    if keep(expr):
        return Items(((expr, frame),), True)
    match expr:
        case Sequence(items=parts):
            return _merged([_item(ev, part, frame, keep, depth) for part in parts])
        case BinOp(op="+", left=left, right=right):
            return _merged([items(ev, left, frame, keep, depth + 1), items(ev, right, frame, keep, depth + 1)])
        case IfExp(body=then, orelse=other):
            return _merged([items(ev, then, frame, keep, depth + 1), items(ev, other, frame, keep, depth + 1)])
        case BoolOp(values=parts):
            return _merged([items(ev, part, frame, keep, depth + 1) for part in parts])
        case Name(id=name) if name in ev.bindings(frame.ref) and not any(known == name for known, _ in frame.known):
            return _named(ev, name, expr.at, frame, keep, depth)
        case _:
            return _evaluated(ev, expr, frame, keep, depth)


def _item(ev: Evaluator, part: Expr, frame: Frame, keep: Keep, depth: int) -> Items:
    return items(ev, part.value, frame, keep, depth + 1) if isinstance(part, Starred) else Items(((part, frame),), True)


def _merged(groups: list[Items]) -> Items:
    return Items(tuple(one for group in groups for one in group.found), all(group.complete for group in groups))


def reaching(ev: Evaluator, name: str, until: Span, ref: ScopeRef) -> tuple[Binding, ...]:
    """The bindings of a name in a scope that may hold at a place, in source order."""
    facts = ev.index.python[ref.path]
    return Flow(name, until, tuple(ev.bindings(ref).get(name, ())), facts.scopes, facts.imports).reaching(
        body(ev.index, ref)
    )


def _named(ev: Evaluator, name: str, at: Span, frame: Frame, keep: Keep, depth: int) -> Items:
    """The items of a list by every binding that reaches the place, with what is appended to it in the same scope."""
    state = reaching(ev, name, at, frame.ref)
    groups = []
    for binding in state:
        if binding.how in (Bind.VALUE, Bind.ADDED) and binding.expr is not None:
            groups.append(items(ev, binding.expr, frame, keep, depth + 1))
        else:
            groups.append(_held(ev, names.of_binding(ev, binding, frame), None, keep, depth))
    if not state:
        return _evaluated(ev, Name(at, name), frame, keep, depth)
    return _merged([*groups, appended(ev, name, frame, keep, depth)])


def appended(ev: Evaluator, name: str, frame: Frame, keep: Keep = _never, depth: int = 0) -> Items:
    """What `name.append/insert/extend(…)` in the same scope puts into a list."""
    groups: list[Items] = []
    for word, position in (("append", 0), ("insert", 1), ("extend", 0)):
        for site in ev.index.sites.get(word, ()):
            if site.path != frame.ref.path or ev.index.site(site).callee != f"{name}.{word}":
                continue
            found = read(ev, site)
            if found is None or found[1].ref != frame.ref or len(found[0].args) <= position:
                continue
            part = found[0].args[position]
            more = items(ev, part, frame, keep, depth + 1) if word == "extend" else _item(ev, part, frame, keep, depth)
            groups.append(more)
    return _merged(groups)


def _evaluated(ev: Evaluator, expr: Expr, frame: Frame, keep: Keep, depth: int) -> Items:
    return _held(ev, ev.expr(expr, frame), expr, keep, depth)


def _held(ev: Evaluator, values: Values, expr: Expr | None, keep: Keep, depth: int) -> Items:
    """The items of the lists among some values."""
    groups: list[Items] = []
    for value in values:
        if isinstance(value, Container) and not isinstance(value.expr, Comprehension | Dict) and value.expr is not expr:
            groups.append(items(ev, value.expr, value.frame, keep, depth + 1))
        elif not (isinstance(value, Const) and not value.value):
            groups.append(Items((), False))
    return _merged(groups)


def strings(ev: Evaluator, found: Argument) -> tuple[str, ...] | None:
    """The strings of a list argument; None where one of them is not known."""
    if found.expr is None:
        return None if found.hidden else ()
    held = items(ev, found.expr, found.frame)
    texts = [text(ev.expr(expr, frame)) for expr, frame in held.found]
    return tuple(texts) if held.complete and HOLE not in texts else None
