"""A value that a client chose, where a function holds it → the most that the code lets through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body, enclosing_class
from ..link.parameters import bind
from ..link.values import ClassRef, Const, Frame, Function
from ..link.walk import contains, nodes
from ..model.answer import Constant
from ..model.code import Assign, Call, Compare, Expr, Name
from ..model.location import Span
from .views import functions

UNSAID = "…"  # there is a limit, and it is not known which
_MOST_HOPS = 3  # functions that a value is handed through


def clamped(ev: Evaluator, ref: ScopeRef, name: str, read: Span | None = None, hops: int = 0) -> Constant:
    """The upper bound that the code sets to a name, or to what is read at a place; None where none is seen.

    `min(size, 100)`, a comparison such as `if size > 100`, and either of them in a function that it is handed to.
    """
    frame, whole = Frame(ref), list(nodes(body(ev.index, ref)))
    names = {name} | set(_assigned(whole, read))

    def about(expr: Expr) -> bool:
        return (read is not None and contains(expr.at, read)) or any(
            isinstance(node, Name) and node.id in names for node in nodes(expr)
        )

    for node in whole:
        match node:
            case Call(callee=Name(id="min"), args=args) if any(map(about, args)):
                return _first(ev, (arg for arg in args if not about(arg)), frame)
            case Compare(left=left, ops=(op,), comparators=(right,)) if op in ("<", "<=", ">", ">="):
                if about(left) != about(right) and _bounds(ev, right if about(left) else left, frame):
                    return _first(ev, (right if about(left) else left,), frame)
            case Compare(left=left, ops=("<" | "<=", "<" | "<="), comparators=(middle, right)) if about(middle):
                return _first(ev, (right,), frame)
            case Compare(left=left, ops=("in" | "not in",), comparators=(_,)) if about(left):
                return UNSAID
            case _:
                pass
    return _handed(ev, whole, about, frame, hops) if hops < _MOST_HOPS else None


def _assigned(whole: Iterable[object], read: Span | None) -> Iterator[str]:
    """The names that hold what is read at a place."""
    for node in whole:
        if read is not None and isinstance(node, Assign) and contains(node.value.at, read):
            yield from (target.id for target in node.targets if isinstance(target, Name))


def _first(ev: Evaluator, bounds: Iterable[Expr], frame: Frame) -> Constant:
    for bound in bounds:
        values = ev.expr(bound, frame)
        if len(values) == 1 and isinstance(values[0], Const) and values[0].value is not None:
            return values[0].value
    return UNSAID


def _bounds(ev: Evaluator, bound: Expr, frame: Frame) -> bool:
    """Whether a comparison may set an upper bound: one with 0 or 1 sets a lower one."""
    return _first(ev, (bound,), frame) not in (0, 1, -1)


def _handed(ev: Evaluator, whole: Iterable[object], about: Callable[[Expr], bool], frame: Frame, hops: int) -> Constant:
    """What the project's functions do that the value is handed to."""
    for node in whole:
        if not isinstance(node, Call) or not any(map(about, (*node.args, *(k.value for k in node.keywords)))):
            continue
        for value in ev.expr(node.callee, frame):
            targets = [value.ref] if isinstance(value, Function) else []
            if isinstance(value, ClassRef):
                targets += functions(ev, value.ref, ("__init__",)).values()
            for target in targets:
                method = isinstance(value, ClassRef) or enclosing_class(ev.index, target) is not None
                for name, given in bind(ev, target, node, frame, has_receiver=method).items():
                    if isinstance(given, tuple) or not about(given.expr):
                        continue
                    found = clamped(ev, target, name, None, hops + 1)
                    if found is not None:
                        return found
    return None
