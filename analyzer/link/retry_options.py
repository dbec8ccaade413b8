"""Calls and decorators of libraries that try again → how often, after which pause, and what the function asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import outbound
from ..model.answer import Constant, Known, Unknown
from ..model.code import Attribute, BinOp, Call, Expr, Name
from ..model.facts import ScopeKind
from ..model.library import Operation, Parameter
from ..model.location import Location
from . import calling
from .asking import Asking, below, kind, last_word, steps
from .calls import Given, KnownCall, given
from .evaluate import Evaluator
from .index import ScopeRef, call_at
from .retries import Attempted
from .values import Const, External, Frame, Instance, Value, Values
from .walk import contains, dotted, nodes

_EXCEPTION = re.compile(r"(Error|Exception|Timeout|Exists|Conflict|Locked)$")
DEEPEST = 3  # functions below the decorated one

Attempts = Known[int | None] | Unknown


def configured(asks: Asking, calls: tuple[KnownCall, ...], with_tests: bool) -> Iterator[Attempted]:
    """Every use of a library's own retries, sorted by place."""
    for known in calls:
        found = _options(asks.ev, known.operation, known.call, known.frame)
        if found is not None and (with_tests or known.site.path not in asks.ev.index.tests):
            yield _answer(asks, known.target.name, known.operation, known.at, found, known.call)
    for path, facts in sorted(asks.ev.index.python.items()):
        if path in asks.ev.index.tests and not with_tests:
            continue
        for scope in facts.scopes:
            for decorator in scope.decorators:
                if isinstance(decorator, Name | Attribute):
                    yield from _bare(asks, decorator, Frame(ScopeRef(path, max(scope.parent, 0))))


def _bare(asks: Asking, decorator: Expr, frame: Frame) -> Iterator[Attempted]:
    """`@retry` without a call: all that the library says by default."""
    if "retry" not in dotted(decorator):
        return
    for value in asks.ev.expr(decorator, frame):
        operation = calling.operation(asks.ev, value) if isinstance(value, External) else None
        if operation is not None and isinstance(value, External):
            call = Call(decorator.at, decorator, (), (), -1)
            found = _options(asks.ev, operation, call, frame)
            if found is not None:
                at = Location(frame.ref.path, decorator.at)
                yield _answer(asks, value.name, operation, at, found, None)


_Options = tuple[str, float | None, Attempts]


def _options(ev: Evaluator, operation: Operation, call: Call, frame: Frame) -> _Options | None:
    """Pause, its seconds and the number of attempts that a call sets; None where it sets no retries."""
    roles = {parameter.role: (name, parameter) for name, parameter in operation.parameters.items()}
    counted = next((role for role in ("retry-attempts", "retry-repeats") if role in roles), "")
    if not (roles.keys() & {"retry-pause", "retry-growth"}) and not (operation.pause and counted):
        return None

    def of(role: str) -> tuple[Given, Constant]:
        name, parameter = roles[role]
        default = parameter.default
        return given(ev, call, frame, name, parameter), default if isinstance(default, Constant) else None

    if "retry-on" in roles and of("retry-on")[0].expr is None:
        return None
    attempts: Attempts = _count(ev, *of(counted)) if counted else Unknown("attempts not set")
    if counted == "retry-repeats" and isinstance(attempts, Known) and attempts.value is not None:
        attempts = Known(attempts.value + 1)
    limit = of("retry-deadline")[0] if "retry-deadline" in roles else None
    if limit is not None and (limit.expr is not None or limit.why) and attempts == Known(None):
        attempts = Unknown("a number of attempts that a deadline limits")
    seconds = _seconds(ev, *of("retry-seconds")) if "retry-seconds" in roles else None
    if seconds is not None and roles["retry-seconds"][1].unit == "ms":
        seconds /= 1000
    if "retry-pause" in roles:
        pause, own = _pause(ev, *of("retry-pause"))
        more = any(keyword.name is None for keyword in call.keywords)
        if pause == "grows" and "retry-jitter" in roles and (more or not _even(ev, *of("retry-jitter"))):
            pause = "varies"
        return pause, own if own is not None else seconds, attempts
    if "retry-growth" in roles:
        steady = not any(_grows(ev, call, frame, name, p) for name, p in operation.parameters.items())
        even = "retry-jitter" in roles and _even(ev, *of("retry-jitter"))
        growing = "grows" if even else "varies"
        return ("none" if steady and not seconds else "fixed" if steady else growing), seconds, attempts
    told = of(counted)[0]
    number = _number(ev.expr(told.expr, told.frame)) if told.expr is not None else None
    # An object with a policy of its own is judged where it is made.
    return (operation.pause, None, attempts) if number else None


def _even(ev: Evaluator, told: Given, default: Constant) -> bool:
    """Whether all who wait grow their pauses in step: chance is known to be left out."""
    if told.expr is None:
        return not told.why and not default
    values = ev.expr(told.expr, told.frame)
    return bool(values) and all(isinstance(v, Const) and not v.value for v in values)


def _grows(ev: Evaluator, call: Call, frame: Frame, name: str, parameter: Parameter) -> bool:
    """Whether a call sets a factor by which its pauses grow, or may do so."""
    if parameter.role != "retry-growth":
        return False
    told = given(ev, call, frame, name, parameter)
    factor = _number(ev.expr(told.expr, told.frame)) if told.expr is not None else 1
    return bool(told.why) or factor is None or factor > 1


def _number(values: Values) -> float | None:
    found = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, int | float)]
    return float(found[0]) if found and len(found) == len(values) else None


def _seconds(ev: Evaluator, told: Given, default: Constant) -> float | None:
    if told.expr is not None:
        return _number(ev.expr(told.expr, told.frame))
    return float(default) if isinstance(default, int | float) and not told.why else None


def _count(ev: Evaluator, told: Given, default: Constant) -> Attempts:
    """How often: a number, or the first argument of an object that counts."""
    if told.why:
        return Unknown(told.why)
    if told.expr is None:
        return Known(default if isinstance(default, int) and default >= 0 else None)
    for value in ev.expr(told.expr, told.frame):
        if isinstance(value, Const) and isinstance(value.value, int | None):
            return Known(None if value.value is None else int(value.value))
        if isinstance(value, Instance) and (inner := _made(ev, value)) is not None:
            call, frame, operation = inner
            for name, parameter in operation.parameters.items():
                if parameter.role in ("retry-attempts", "retry-repeats"):
                    return _count(ev, given(ev, call, frame, name, parameter), None)
    return Unknown("a number of attempts that is not constant")


def _pause(ev: Evaluator, told: Given, default: Constant) -> tuple[str, float | None]:
    if told.expr is None:
        if told.why:
            return "unknown", None
        return (default, None) if isinstance(default, str) else ("none" if not default else "grows", None)
    return _of_expr(ev, told.expr, told.frame)


def _of_expr(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[str, float | None]:
    """What an expression says of the pause; a sum varies where a part of it does."""
    if isinstance(expr, BinOp) and expr.op == "+":
        parts = [_of_expr(ev, expr.left, frame), _of_expr(ev, expr.right, frame)]
        kinds = {pause for pause, _ in parts}
        return next((p, None) for p in ("varies", "unknown", "grows", "fixed", "none") if p in kinds)
    found = [_of_value(ev, value) for value in ev.expr(expr, frame)]
    return found[0] if len({pause for pause, _ in found}) == 1 else ("unknown", None)


def _of_value(ev: Evaluator, value: Value) -> tuple[str, float | None]:
    """What a value says of the pause."""
    if isinstance(value, Const):
        return ("grows" if value.value else "none"), None
    if isinstance(value, External) and (operation := calling.operation(ev, value)) is not None:
        return operation.pause or "unknown", None
    if isinstance(value, Instance) and (inner := _made(ev, value)) is not None:
        call, frame, operation = inner
        for name, parameter in operation.parameters.items():
            if parameter.role == "retry-seconds":
                return operation.pause or "unknown", _seconds(ev, given(ev, call, frame, name, parameter), None)
        return operation.pause or "unknown", None
    return "unknown", None


def _made(ev: Evaluator, value: Instance) -> tuple[Call, Frame, Operation] | None:
    """The call that made an object of a library, with what the models say of it."""
    if value.made is None or not isinstance(value.cls, str):
        return None
    call = call_at(ev.index, value.made)
    operation = calling.operation(ev, External(value.cls))
    if call is None or operation is None:
        return None
    return call, Frame(ScopeRef(value.made.path, ev.index.site(value.made).scope)), operation


def _answer(
    asks: Asking, name: str, operation: Operation, at: Location, options: _Options, call: Call | None
) -> Attempted:
    pause, seconds, attempts = options
    decorated = _decorated(asks, at)
    found = below(asks, decorated, DEEPEST) if decorated is not None else None
    given_to = (*call.args, *(k.value for k in call.keywords)) if call is not None else ()
    caught = {last_word(node) for part in given_to for node in nodes(part) if isinstance(node, Name | Attribute)}
    retry = outbound.Retry(
        at=at,
        node="call" if call is not None else "expression",
        what=name,
        pause=pause,
        seconds=seconds,
        attempts=attempts,
        caught=tuple(sorted(word for word in caught if _EXCEPTION.search(word))),
        kind=kind(asks.ev, found[1]) if found else "",
        path=steps(asks.ev, *found) if found else (),
        note=operation.note,
    )
    spans = (asks.ev.scope(decorated).at,) if decorated is not None else ()
    task = bool(operation.registers)
    return Attempted(retry, decorated or ScopeRef(at.path, 0), spans, decorator=call, task=task)


def _decorated(asks: Asking, at: Location) -> ScopeRef | None:
    """The function whose decorator stands at a place."""
    for number, scope in enumerate(asks.ev.index.python[at.path].scopes):
        if scope.kind is ScopeKind.FUNCTION and any(contains(d.at, at.span) for d in scope.decorators):
            return ScopeRef(at.path, number)
    return None
