"""A retry → every function and part of one that an attempt runs, with the calls on the way down."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known
from ..model.code import Attribute, Call, Expr, Handler, Name, Sequence
from ..model.location import Span
from .asking import Asking, Way, called, within
from .handlers import caught
from .index import ScopeRef
from .retries import Attempted
from .values import Frame
from .walk import dotted, nodes

MOST = 40  # functions looked at below one retry

Part = tuple[ScopeRef, tuple[Span, ...], Way]

# Parameters of libraries by which a function of the project decides what is tried again.
_DECIDED = frozenset({
    "giveup", "retry_on_exception", "retry_on_result", "dont_autoretry_for", "retry_error_callback", "retry_if",
})  # fmt: skip
_ANYTHING = ("builtins.Exception",)


def parts(asks: Asking, one: Attempted, deepest: int) -> Iterator[Part]:
    """The parts of functions that an attempt runs, nearest first."""
    waiting: list[Part] = [(one.ref, one.spans, ())] if one.spans else []
    seen = {one.ref}
    for ref, spans, way in waiting:
        yield ref, spans, way
        if len(way) >= deepest:
            continue
        for callee, site in called(asks, ref):
            if callee not in seen and len(seen) < MOST and within(asks.ev.index.site(site).at, spans):
                seen.add(callee)
                waiting.append((callee, (asks.ev.scope(callee).at,), (*way, site)))


def leading_to_another(asks: Asking, one: Attempted) -> tuple[str, ...] | None:
    """The exceptions after which something is tried again, qualified; None where something else decides, or may."""
    frame = Frame(one.ref)
    if one.handlers:
        names: list[str] = []
        for handler in one.handlers:
            kinds = caught(asks.ev, handler.caught, frame)
            if not isinstance(kinds, Known) or _sorts_out(handler):
                return None
            names += kinds.value or ("builtins.BaseException",)
        return tuple(sorted(set(names)))
    return _ANYTHING if one.decorator is None else _of_decorator(asks, one.decorator, frame)


def _of_decorator(asks: Asking, call: Call, frame: Frame) -> tuple[str, ...] | None:
    if any(keyword.name is None or keyword.name in _DECIDED for keyword in call.keywords):
        return None
    named = {keyword.name: keyword.value for keyword in call.keywords}
    if (told := named.get("retry")) is not None:  # tenacity
        if not (isinstance(told, Call) and dotted(told.callee).endswith("retry_if_exception_type")):
            return None
        return _names(asks, told.args, frame)
    told = named.get("autoretry_for") or named.get("exceptions") or named.get("exception")
    classes = (told,) if told is not None else tuple(_exceptions(asks, call.args, frame))
    return _names(asks, classes, frame)


def _exceptions(asks: Asking, args: tuple[Expr, ...], frame: Frame) -> Iterator[Expr]:
    """Of what a decorator is given by position: classes of exceptions, and tuples of them."""
    for arg in args:
        items = arg.items if isinstance(arg, Sequence) else (arg,)
        words = [dotted(item).rpartition(".")[2] for item in items]
        if words and all(word.endswith(("Error", "Exception", "Timeout")) for word in words):
            yield arg


def _names(asks: Asking, classes: tuple[Expr, ...], frame: Frame) -> tuple[str, ...] | None:
    found: list[str] = []
    for given in classes:
        kinds = caught(asks.ev, given, frame)
        if not isinstance(kinds, Known):
            return None
        found += kinds.value
    return tuple(sorted(set(found))) or _ANYTHING


def _sorts_out(handler: Handler) -> bool:
    """Whether a clause looks at what it caught before it goes on: at its status, its class, or by a function."""
    for node in nodes(handler.body):
        match node:
            case Attribute(value=value, name=name) if _is(value, handler.name) and name not in ("args", "__class__"):
                return True
            case Call(callee=Name(id="isinstance" | "getattr" | "hasattr")):
                return True
            case Call(callee=callee, args=args) if any(_is(arg, handler.name) for arg in args):
                if dotted(callee).rpartition(".")[2] not in _SHOWING:
                    return True
            case _:
                pass
    return False


_SHOWING = frozenset({
    "str", "repr", "type", "print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log",
    "append", "capture_exception", "record_exception", "format",
})  # fmt: skip


def _is(expr: Expr, name: str | None) -> bool:
    return isinstance(expr, Name) and expr.id == name
