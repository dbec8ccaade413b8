"""A loop that tries again → how long it waits before the next attempt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model.code import Assign, Attribute, AugAssign, Call, Compare, Expr, For, Handler, Name, While
from ..model.location import Span
from .asking import last_word, within
from .evaluate import Evaluator
from .index import ScopeRef
from .values import Const, Frame
from .walk import dotted, nodes

_SURE = frozenset({"min", "max", "int", "float", "pow", "range", "enumerate"})
_CHANCE = re.compile(r"random|jitter|uniform|retry_?after|noise|spread", re.IGNORECASE)
_PERSON = re.compile(r"(?:^|_)(?:input|getpass|prompt|confirm)(?:_|$)")  # who answers takes his time
_WAITING = re.compile(r"sleep|back_?off|wait|delay|pause", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a loop waits before the next attempt."""

    kind: str  # "none", "fixed", "grows" (alike for all) or "varies"
    at: Span | None = None
    seconds: float | None = None


def pause(ev: Evaluator, ref: ScopeRef, loop: For | While, again: list[Handler]) -> Pause:
    """The pause by the calls in the loop that wait: before, in or after what is caught."""
    waiting = [n for n in nodes(loop.body) if isinstance(n, Call) and _WAITING.search(last_word(n))]
    waiting = [call for call in waiting if last_word(call) not in ("wait_for", "wait_closed")]
    if any(isinstance(n, Call) and _PERSON.search(last_word(n)) for n in nodes(loop.body)):
        return Pause("varies")
    if not waiting:
        mended = any(isinstance(n, Name) and _WAITING.search(n.id) for n in nodes(loop.body))
        return Pause("varies" if mended else "none")
    for call in waiting:
        if last_word(call) != "sleep" or len(call.args) != 1 or not _steady(ev, ref, loop, call.args[0]):
            in_step = last_word(call) == "sleep" and len(call.args) == 1 and _in_step(loop, call.args[0])
            return Pause("grows", call.at) if in_step and len(waiting) == 1 else Pause("varies")
    seconds = [v.value for v in ev.expr(waiting[0].args[0], Frame(ref)) if isinstance(v, Const)]
    known = [float(s) for s in seconds if isinstance(s, int | float) and not isinstance(s, bool)]
    return Pause("fixed", waiting[0].at, max(known) if known else None)


def _in_step(loop: For | While, length: Expr) -> bool:
    """Whether a pause that grows is as long for everybody: it is computed of numbers alone, without chance."""
    changed = [(target, n.value) for n in nodes(loop.body) if isinstance(n, Assign) for target in n.targets]
    changed += [(n.target, n.value) for n in nodes(loop.body) if isinstance(n, AugAssign)]
    counted = {n.id for n in nodes(getattr(loop, "target", ())) if isinstance(n, Name)}
    used: set[str] = set()
    parts: list[Expr] = [length]
    for part in parts:
        for node in nodes(part):
            if isinstance(node, Call) and last_word(node) not in _SURE:
                return False
            if isinstance(node, Name | Attribute) and _CHANCE.search(last_word(node)):
                return False
            if isinstance(node, Name) and node.id not in used:
                used.add(node.id)
                parts += [value for target, value in changed if dotted(target) == node.id]
    return bool(used & (counted | {dotted(target) for target, _ in changed}))


def _steady(ev: Evaluator, ref: ScopeRef, loop: For | While, length: Expr) -> bool:
    """Whether a pause is as long each time: nothing in it is bound in the loop or computed by a call."""
    for node in nodes(length):
        if isinstance(node, Call) and last_word(node) not in ("float", "int"):
            return False
        name = dotted(node) if isinstance(node, Name | Attribute) else ""
        bound = ev.bindings(ref).get(name, ()) if name else ()
        if any(within(b.at, (loop.at,)) for b in bound) or isinstance(node, Compare):
            return False
    return True
