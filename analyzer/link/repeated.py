"""Loops over data and the calls that ask other services → which are asked once for each item, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model import outbound
from ..model.code import Assign, Attribute, BinOp, BoolOp, Call, Compare, Expr, If, IfExp, Literal, Name
from ..model.location import Location, Span
from .asking import Asking, Way, below, kind, last_word, runs, step, steps, within
from .calls import KnownCall, describe, given, in_main_guard, only_from_main
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .loop import on_the_spot
from .loops import Loop, by_data, loops
from .values import Frame
from .walk import contains, dotted, handlers, nodes

DEEPEST = 2  # functions below the one that the loop calls
_OWN_KEYS = frozenset({"row_id", "record_id", "entry_id", "object_id", "item_id"})  # each item has another one


@dataclass(frozen=True, slots=True)
class _Round:
    """One call in a loop that asks, or leads to one that does."""

    site: SiteRef
    at: Span
    way: Way
    known: KnownCall
    target: ScopeRef | None  # the project's function that the loop calls


def repeated(asks: Asking, with_tests: bool) -> Iterator[outbound.Repeated]:
    """Each loop that asks another service once for each of its items, sorted by place; one answer for each loop."""
    ev = asks.ev
    own = {known.site for several in asks.by_scope.values() for known in several}
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        calls: dict[int, list[int]] = {}
        for number, site in enumerate(facts.calls):
            if (path, number) in own or SiteRef(path, number) in asks.sites:
                calls.setdefault(site.scope, []).append(number)
        for scope in sorted(calls):
            ref = ScopeRef(path, scope)
            found = loops(ev, ref)
            if found:
                yield from sorted(_in_scope(asks, ref, found, calls[scope]), key=lambda r: r.at)


def _in_scope(asks: Asking, ref: ScopeRef, found: tuple[Loop, ...], calls: list[int]) -> Iterator[outbound.Repeated]:
    ev, frame = asks.ev, Frame(ref)
    own = {known.site.site: known for known in asks.by_scope.get(ref, ())}
    later = on_the_spot(ev, ref).elsewhere
    rounds: dict[int, list[_Round]] = {}
    judged: dict[int, bool] = {}
    for number in calls:
        site = SiteRef(ref.path, number)
        at = ev.index.site(site).at
        around = [n for n, loop in enumerate(found) if within(at, loop.each)]
        if not around or at in later or any(within(at, found[n].failing) for n in around):
            continue
        asked = _asked(asks, site, own.get(number))
        for n in around if asked else ():
            if n not in judged:
                judged[n] = by_data(ev, found[n], frame)
            if judged[n]:
                rounds.setdefault(n, []).append(asked)  # type: ignore[arg-type]  # not None here
                break
    for n, several in rounds.items():
        yield _answer(asks, ref, found[n], several)


def _asked(asks: Asking, site: SiteRef, known: KnownCall | None) -> _Round | None:
    """What a call in a loop asks: itself, or the first that the function which it runs comes to."""
    at = asks.ev.index.site(site).at
    if known is not None:
        return _Round(site, at, (), known, None)
    for target in runs(asks, site):
        if asks.ev.scope(target).is_generator:
            continue
        if found := below(asks, target, DEEPEST, site):
            return _Round(site, at, (site, *found[0]), found[1], target)
    return None


def _answer(asks: Asking, ref: ScopeRef, loop: Loop, several: list[_Round]) -> outbound.Repeated:
    rare = {r.at: _rarely(asks, ref, r.at, loop) or _by_reference(r) for r in several}
    first, *rest = sorted(several, key=lambda r: (rare[r.at], not r.known.sure, len(r.way), r.at))
    way = first.way
    told = steps(asks.ev, way, first.known)
    return outbound.Repeated(
        kind=kind(asks.ev, first.known),
        call=describe(asks.ev, first.known),
        at=Location(ref.path, first.at),
        loop=Location(ref.path, loop.iterable.at),
        over=dotted(loop.iterable),
        path=told,
        others=tuple(step(asks.ev, r.site) for r in sorted(rest, key=lambda r: r.at)),
        helpers=len(way),
        at_once=loop.gathered or _only_made(asks, ref, first),
        searching=loop.searching,
        seldom=_conditional(asks, first, loop),
        script=_script(asks.ev, ref, several[0].site),
        rarely=rare[first.at] or _cleans_up(asks, ref, loop) or _to_each(asks, first, loop),
    )


def _conditional(asks: Asking, first: _Round, loop: Loop) -> bool:
    """Whether a condition stands between the loop and the call that asks, in any of the functions on the way."""
    places = [(ScopeRef(s.path, asks.ev.index.site(s).scope), asks.ev.index.site(s).at) for s in first.way]
    if not places or places[-1][1] != first.known.call.at:
        places.append((first.known.frame.ref, first.known.call.at))
    return any(_guarded(asks, ref, at, loop.at if number == 0 else None) for number, (ref, at) in enumerate(places))


def _guarded(asks: Asking, ref: ScopeRef, at: Span, inside: Span | None) -> bool:
    for node in nodes(body(asks.ev.index, ref)):
        if isinstance(node, If):
            branches = any(contains(s.at, at) for s in (*node.body, *node.orelse))
        elif isinstance(node, BoolOp):
            first, *rest = node.values
            branches = node.op == "or" and _looked_up(first) and any(contains(value.at, at) for value in rest)
        else:
            branches = isinstance(node, IfExp) and (contains(node.body.at, at) or contains(node.orelse.at, at))
        if branches and (inside is None or contains(inside, node.at)):
            return True
    return False


def _script(ev: Evaluator, ref: ScopeRef, site: SiteRef) -> bool:
    """Whether a loop runs when its file is loaded or run, under `if __name__ == "__main__":`, or as a command."""
    call = call_at(ev.index, site)
    guarded = ref.scope == 0 or (call is not None and in_main_guard(ev, ref.path, call))
    commands = (last_word(decorator) for decorator in ev.scope(ref).decorators)
    return guarded or "command" in commands or only_from_main(ev, ref)


def _only_made(asks: Asking, ref: ScopeRef, first: _Round) -> bool:
    """Whether the loop only makes coroutines, which something else awaits together."""
    makes = first.known.operation.is_async if first.target is None else asks.ev.scope(first.target).is_async
    return makes and first.at not in on_the_spot(asks.ev, ref).awaited


def _rarely(asks: Asking, ref: ScopeRef, at: Span, loop: Loop) -> bool:
    """Whether the loop asks for one item, for what it has not seen yet, or once for several: by the `if` around it."""
    items = frozenset(n.id for n in nodes(loop.target) if isinstance(n, Name))
    for node in nodes(body(asks.ev.index, ref)):
        match node:
            case If(test=test, body=then) if contains(loop.at, node.at) and any(contains(s.at, at) for s in then):
                if _seldom_true(test, items) or _only_once(node):
                    return True
            case BoolOp(op="or", values=(first, *rest)) if contains(loop.at, node.at) and _looked_up(first):
                if any(contains(value.at, at) for value in rest):
                    return True
            case _:
                pass
    return False


def _looked_up(expr: Expr) -> bool:
    """`prices.get(name) or fetch(name)`: what is on the left was found before."""
    return any(isinstance(n, Call) and last_word(n.callee) in ("get", "pop") for n in nodes(expr))


def _by_reference(one: _Round) -> bool:
    """`session.get(Person, bill.payer_id)`: many items name the same one, which is loaded once."""
    args = one.known.call.args if one.known.operation.remembers and not one.way else ()
    names = (arg.name for arg in args if isinstance(arg, Attribute))
    return any(name.endswith("_id") and name not in _OWN_KEYS for name in names)


def _only_once(node: If) -> bool:
    """`if highest is None: highest = …`: what is asked for is kept for the rounds that follow."""
    match node.test:
        case Compare(left=Name(id=name), ops=("is",), comparators=(Literal(value=None),)):
            targets = (target for s in node.body if isinstance(s, Assign) for target in s.targets)
            return any(isinstance(target, Name) and target.id == name for target in targets)
        case _:
            return False


def _cleans_up(asks: Asking, ref: ScopeRef, loop: Loop) -> bool:
    """Whether the loop stands in an `except` clause, which undoes what was begun."""
    return any(contains(clause.at, loop.at) for _, clause in handlers(body(asks.ev.index, ref)))


def _to_each(asks: Asking, first: _Round, loop: Loop) -> bool:
    """Whether the items are the addresses themselves: each is somebody else, whom nobody can ask for all."""
    items = frozenset(n.id for n in nodes(loop.target) if isinstance(n, Name))
    known = first.known
    for name, parameter in known.operation.parameters.items() if not first.way else ():
        if parameter.role == "url":
            url = given(asks.ev, known.call, known.frame, name, parameter).expr
            return isinstance(url, Name) and url.id in items
    return False


def _seldom_true(test: Expr, items: frozenset[str]) -> bool:
    """`if key not in answers`, `if len(rows) >= 500`, `if number % 100 == 0`, `if item == "the one"`."""
    for node in nodes(test):
        if isinstance(node, BinOp) and node.op == "%":
            return True
        if isinstance(node, Compare):
            counts = any(isinstance(n, Call) and dotted(n.callee) == "len" for n in nodes(node.left))
            counts = counts and not (isinstance(node.comparators[0], Literal) and node.comparators[0].value in (0, 1))
            one = isinstance(node.left, Name) and node.left.id in items and node.ops == ("==",)
            if one and isinstance(node.comparators[0], Literal):
                return True
            if "not in" in node.ops or (counts and node.ops[0] in (">", ">=", "==")):
                return True
    return False
