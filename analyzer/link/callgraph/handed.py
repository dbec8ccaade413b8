"""Functions that a call hands over → who runs them, and where, as far as a library's model says so."""

from __future__ import annotations

from ...model.code import Attribute, Call, Expr, Name
from ...model.library import Operation, Parameter
from ...model.location import Span
from ..calling import operation
from ..calls import given
from ..evaluate import Evaluator
from ..index import ScopeRef
from ..lookups import entry
from ..values import External, Frame, Function, Values
from .summary import Callee
from .targets import called

_LATER = "later"


def over(ev: Evaluator, call: Call, frame: Frame, targets: Values) -> list[Callee]:
    """The functions of the project among the arguments of a call of something that is not the project's."""
    found: dict[Callee, None] = {}
    told: set[Span] = set()
    for target in targets:
        for name, parameter in _callbacks(ev, target) if isinstance(target, External) else ():
            if (at := given(ev, call, frame, name, parameter).expr) is not None:
                told.add(at.at)
                found.update(dict.fromkeys(_functions(ev, at, frame, parameter.runs)))
    found.update(dict.fromkeys(_invoked(ev, targets)))
    if not any(isinstance(value, Function) for value in targets):
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if argument.at not in told and _may_be_function(ev, argument):
                found.update(dict.fromkeys(_functions(ev, argument, frame, _LATER)))
    return list(found)


def _callbacks(ev: Evaluator, target: External) -> tuple[tuple[str, Parameter], ...]:
    """The parameters of something of a library that take a function to call."""
    key = ("callbacks", target.name)
    if key not in ev.lookups.models:
        known = operation(ev, target)
        found = known.parameters.items() if known is not None else ()
        ev.lookups.models[key] = tuple((name, parameter) for name, parameter in found if parameter.runs)
    return ev.lookups.models[key]


def _may_be_function(ev: Evaluator, argument: Expr) -> bool:
    """Whether an argument is a bare name under which the project defines a function: most are not, and cost nothing."""
    match argument:
        case Name(id=name) | Attribute(name=name):
            return bool(entry(ev, "function", name))
        case _:
            return False


def _functions(ev: Evaluator, argument: Expr, frame: Frame, runs: str) -> list[Callee]:
    return [
        Callee(one.path, one.scope, "callback", one.owner, runs)
        for value in ev.expr(argument, frame)
        if isinstance(value, Function)
        for one in called(ev, value)
    ]


def _invoked(ev: Evaluator, targets: Values) -> list[Callee]:
    """`task.delay()`: the method runs the function that it is called on."""
    if not any(isinstance(target, External) and isinstance(target.receiver, Function) for target in targets):
        return []
    return [
        Callee(target.receiver.ref.path, target.receiver.ref.scope, "callback", None, found.invokes)
        for target in targets
        if isinstance(target, External) and isinstance(target.receiver, Function)
        and (found := operation(ev, target)) is not None and found.invokes
    ]  # fmt: skip


def registered(ev: Evaluator, decorator: object, ref: ScopeRef) -> Callee | None:
    """A decorator of a library that has the function called by it; None for any other."""
    found: Operation | None = operation(ev, decorator) if isinstance(decorator, External) else None
    return Callee(ref.path, ref.scope, "registered", None, found.registers) if found and found.registers else None
