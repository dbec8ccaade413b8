"""List expressions of audited code → their items, through names, sums, conditions, returned lists and `append`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..link import names, parameters
from ..link.bindings import Bind, Binding
from ..link.evaluate import Evaluator
from ..link.flow import Flow
from ..link.index import ScopeRef, body
from ..link.values import Const, Container, Frame, Thunk, Values
from ..link.walk import contains, statements
from ..model.code import (
    Attribute,
    BinOp,
    BoolOp,
    Call,
    Clause,
    Compare,
    Comprehension,
    Dict,
    Expr,
    For,
    IfExp,
    Literal,
    LiteralKind,
    Name,
    Sequence,
    Starred,
)  # fmt: skip
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
        case BoolOp(op=op, values=parts):
            some = next((n for n, part in enumerate(parts, 1) if op == "or" and _holds_some(ev, part, frame)), None)
            return _merged([items(ev, part, frame, keep, depth + 1) for part in parts[:some]])
        case Call(callee=Attribute(value=owner, name=word)) if word in _OF_DICTS:
            held = _of_dict(ev, owner, word, frame)
            return held if held.complete else _evaluated(ev, expr, frame, keep, depth)
        case Comprehension(element=element, value=None):
            turns = _turns(ev, expr.clauses, frame, depth)
            known = _merged([_item(ev, element, inner, keep, depth) for inner in turns or ()])
            return Items(known.found, known.complete and turns is not None)
        case Name(id=name) if name in ev.bindings(frame.ref) and not _of_a_round(ev, name, frame):
            return _named(ev, name, expr.at, frame, keep, depth)
        case _:
            return _evaluated(ev, expr, frame, keep, depth)


def _of_a_round(ev: Evaluator, name: str, frame: Frame) -> bool:
    """Whether a name is a loop variable that stands for something in this round."""
    return ev.param(frame.ref, name) is None and any(known == name for known, _ in frame.known)


def _holds_some(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    """Whether an expression is one list that is written with items: what stands behind an `or` does not count then."""
    values = ev.expr(expr, frame)
    held = values[0] if len(values) == 1 else None
    return isinstance(held, Container) and isinstance(held.expr, Sequence) and bool(held.expr.items)


def _item(ev: Evaluator, part: Expr, frame: Frame, keep: Keep, depth: int) -> Items:
    return items(ev, part.value, frame, keep, depth + 1) if isinstance(part, Starred) else Items(((part, frame),), True)


def _merged(groups: list[Items]) -> Items:
    return Items(tuple(one for group in groups for one in group.found), all(group.complete for group in groups))


def reaching(ev: Evaluator, name: str, until: Span, ref: ScopeRef) -> tuple[Binding, ...]:
    """The bindings of a name in a scope that may hold at a place, in source order."""
    return _reaching(ev, name, until, ref, ())


def _reaching(ev: Evaluator, name: str, until: Span, ref: ScopeRef, entry: tuple[Binding, ...]) -> tuple[Binding, ...]:
    facts = ev.index.python[ref.path]
    flow = Flow(name, until, tuple(ev.bindings(ref).get(name, ())), facts.scopes, facts.imports)
    return flow.reaching(body(ev.index, ref), entry)


def _named(ev: Evaluator, name: str, at: Span, frame: Frame, keep: Keep, depth: int) -> Items:
    """The items of a list by every binding that reaches the place, with what is appended to it in the same scope."""
    param = ev.param(frame.ref, name)
    entry = () if param is None else (Binding(Bind.MATCHED, name, param.at),)
    state = _reaching(ev, name, at, frame.ref, entry)
    groups = []
    for binding in state:
        if param is not None and binding in entry:
            groups.append(_held(ev, parameters.value(ev, frame, param), None, keep, depth))
        elif binding.how in (Bind.VALUE, Bind.ADDED) and binding.expr is not None:
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
            each = items if word == "extend" else _item
            turns = rounds(ev, found[0], frame, depth + 1) if depth <= MOST_DEEP else None
            groups.append(Items((), turns is not None))
            groups += [each(ev, part, in_turn(ev, turn, frame), keep, depth + 1) for turn in turns or [{}]]
    return _merged(groups)


def _evaluated(ev: Evaluator, expr: Expr, frame: Frame, keep: Keep, depth: int) -> Items:
    return _held(ev, ev.expr(expr, frame), expr, keep, depth)


def _held(ev: Evaluator, values: Values, expr: Expr | None, keep: Keep, depth: int) -> Items:
    """The items of the lists among some values."""
    groups: list[Items] = []
    for value in values:
        if isinstance(value, Container) and not isinstance(value.expr, Dict) and value.expr is not expr:
            groups.append(items(ev, value.expr, value.frame, keep, depth + 1))
            groups += [appended(ev, name, value.frame, keep, depth + 1) for name in _names_of(ev, value)]
        elif not (isinstance(value, Const) and not value.value):
            groups.append(Items((), False))
    return _merged(groups)


def _names_of(ev: Evaluator, made: Container) -> list[str]:
    """The names of a function's own list that it gives back: more may have been put into it by these."""
    ref = made.frame.ref
    if not ref.scope or ref.path not in ev.index.python:
        return []
    held = ev.bindings(ref).items()
    return sorted(name for name, bound in held if any(b.how is Bind.VALUE and b.expr is made.expr for b in bound))


# -------------------------------------------------------------------------- loops

Loop = Mapping[str, tuple[Expr, Frame]]  # loop variable → what it stands for in one round


def rounds_of(ev: Evaluator, target: Expr, iterable: Expr, frame: Frame, depth: int = 0) -> list[Loop] | None:
    """What the variables of a `for` stand for in each of its rounds; None where that is not known."""
    held = _iterated(ev, iterable, frame, depth)
    found = [_bound(target, expr, where) for expr, where in held.found]
    known: list[Loop] = [one for one in found if one is not None]
    return known if held.complete and len(known) == len(found) else None


def rounds(ev: Evaluator, call: Call, frame: Frame, depth: int = 0) -> list[Loop] | None:
    """The rounds of the loops around a call, by what variables stand for; [{}] outside any, None where not known."""
    around = [
        one for one in statements(body(ev.index, frame.ref)) if isinstance(one, For) and contains(one.at, call.at)
    ]
    turns: list[Loop] = [{}]
    for loop in sorted(around, key=lambda one: one.at.line):
        inner: list[Loop] = []
        for turn in turns:
            held = rounds_of(ev, loop.target, loop.iterable, in_turn(ev, turn, frame), depth)
            if not held:
                return None
            inner += [{**turn, **one} for one in held]
        turns = inner
    return turns


def _iterated(ev: Evaluator, iterable: Expr, frame: Frame, depth: int) -> Items:
    """The items of what a loop goes over: also `table.items()` of a dict, and `enumerate(…)`."""
    if isinstance(iterable, Call) and isinstance(iterable.callee, Attribute) and iterable.callee.name in _OF_DICTS:
        return _of_dict(ev, iterable.callee.value, iterable.callee.name, frame)
    if isinstance(iterable, Call) and ev.qualified(iterable.callee, frame) == ("builtins.enumerate",) and iterable.args:
        held = items(ev, iterable.args[0], frame, depth=depth + 1)
        numbers = (Literal(iterable.at, LiteralKind.INT, number) for number in range(len(held.found)))
        paired = zip(numbers, held.found, strict=False)
        return Items(tuple((Sequence(e.at, "tuple", (n, e)), where) for n, (e, where) in paired), held.complete)
    values = ev.expr(iterable, frame)
    if values and all(isinstance(v, Container) and isinstance(v.expr, Dict) for v in values):
        return _of_dict(ev, iterable, "keys", frame)
    return items(ev, iterable, frame, depth=depth + 1)


_OF_DICTS = ("items", "keys", "values")


def _of_dict(ev: Evaluator, owner: Expr, word: str, frame: Frame) -> Items:
    values = ev.expr(owner, frame)
    found: list[tuple[Expr, Frame]] = []
    for value in values:
        if not isinstance(value, Container) or not isinstance(value.expr, Dict):
            return Items((), False)
        for key, held in zip(value.expr.keys, value.expr.values, strict=True):
            if key is None:
                return Items((), False)
            pair = {"items": Sequence(key.at, "tuple", (key, held)), "keys": key, "values": held}
            found.append((pair[word], value.frame))
    return Items(tuple(found), len(values) == 1)


def _bound(target: Expr, expr: Expr, frame: Frame) -> dict[str, tuple[Expr, Frame]] | None:
    if isinstance(target, Name):
        return {target.id: (expr, frame)}
    if isinstance(target, Sequence) and isinstance(expr, Sequence) and len(target.items) == len(expr.items):
        found: dict[str, tuple[Expr, Frame]] = {}
        for part, item in zip(target.items, expr.items, strict=True):
            inner = _bound(part, item, frame)
            if inner is None:
                return None
            found |= inner
        return found
    return None


def _turns(ev: Evaluator, clauses: tuple[Clause, ...], frame: Frame, depth: int) -> list[Frame] | None:
    """The frames in which a comprehension's element is read, one for each round; None where they are not known."""
    turns = [frame]
    for clause in clauses:
        inner: list[Frame] = []
        for outer in turns:
            loops = rounds_of(ev, clause.target, clause.iterable, outer, depth)
            if loops is None or clause.is_async or len(loops) * len(turns) > _MOST_ROUNDS:
                return None
            for loop in loops:
                turn = in_turn(ev, loop, outer)
                passes = [_holds(ev, condition, turn) for condition in clause.conditions]
                if None in passes:
                    return None
                inner += [turn] if all(passes) else []
        turns = inner
    return turns


def in_turn(ev: Evaluator, loop: Loop, frame: Frame) -> Frame:
    """The frame of one round."""
    known = tuple((name, Thunk(expr.at, where, expr)) for name, (expr, where) in loop.items())
    return ev.frame(frame.ref, (*known, *frame.known), frame.depth, frame.outer) if known else frame


_MOST_ROUNDS = 500


def _holds(ev: Evaluator, condition: Expr, frame: Frame) -> bool | None:
    """Whether a comparison of two constants holds; None where it is not known."""
    if not isinstance(condition, Compare) or condition.ops not in (("==",), ("!=",)):
        return None
    sides = [ev.expr(side, frame) for side in (condition.left, *condition.comparators)]
    known = [side[0].value for side in sides if len(side) == 1 and isinstance(side[0], Const)]
    return (known[0] == known[1]) == (condition.ops == ("==",)) if len(known) == 2 else None


def strings(ev: Evaluator, found: Argument) -> tuple[str, ...] | None:
    """The strings of a list argument; None where one of them is not known."""
    if found.expr is None:
        return None if found.hidden else ()
    held = items(ev, found.expr, found.frame)
    texts = [text(ev.expr(expr, frame)) for expr, frame in held.found]
    return tuple(texts) if held.complete and HOLE not in texts else None
