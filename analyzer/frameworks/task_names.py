"""A function and the call that makes it a task → the route under whose path its queue or clock knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.loaded import loaded
from ..link.values import Const, External, Frame, Function, Instance, Value
from ..link.walk import dotted
from ..model.code import Call, Expr
from ..model.location import Location
from .evidence import NONE
from .objects import Loop, in_round, rounds
from .routes import Handler, Route
from .sources import HOLE, argument, module_name, name_place, qualified, text, text_of
from .views import class_attribute, functions

TASK = ("TASK",)
ELSEWHERE = ("task worker", "worker thread")  # where a queue or a clock runs what it is given


@dataclass(frozen=True, slots=True)
class Naming:
    """How a library names its tasks."""

    option: str  # the argument that gives a name
    given: str  # what becomes of a name that is given
    default: str


# Read in celery 5.7.0 (utils/imports.py), dramatiq 2.2.1 (actor.py), huey 3.5.4 (api.py, registry.py), rq 3.0.0
# (utils.py), arq 0.28.0 (worker.py, cron.py) and apscheduler 3.11.3 (util.py).
NAMINGS = {
    "celery": Naming("name", "{name}", "{module}.{word}"),
    "dramatiq": Naming("actor_name", "{name}", "{word}"),
    "huey": Naming("name", "{module}.{name}", "{module}.{word}"),
    "rq": Naming("", "", "{module}.{qualname}"),
    "arq": Naming("name", "{name}", "{qualname}"),
    "apscheduler": Naming("name", "{name}", "{qualname}"),
}
CRON = Naming("name", "{name}", "cron:{qualname}")  # of arq


def library_of(ev: Evaluator, name: str) -> str:
    """The library of something by its qualified name; "" for one without a model."""
    full = canonical(ev.libraries, name)
    return ev.libraries.owner.get(full) or ev.libraries.owner.get(full.rpartition(".")[0], "")


@dataclass(frozen=True, slots=True)
class Making:
    """A call, or a decorator, that makes tasks of functions."""

    library: str
    naming: Naming
    call: Call | None
    frame: Frame
    at: Location


def route(ev: Evaluator, by: Making, ref: ScopeRef, turn: Loop | None = None, word: str = "") -> Route:
    """The route of a function that is made a task; `turn` is the round of the loop that the call stands in."""
    name = ""
    if by.call is not None and by.naming.option:
        given = argument(ev, by.call, by.frame, by.naming.option)
        name = text_of(ev, given) if given.expr is None else text(in_round(ev, given.expr, given.frame, turn or {})[0])
    scope, form = ev.scope(ref), by.naming.given if name else by.naming.default
    word, whole = word or scope.name, word or scope.qualname
    path = form.format(module=module_name(ev, ref.path), name=name, word=word, qualname=whole)
    return Route(TASK, path, Handler(qualified(ev, ref), name_place(ev, ref), ref, scope.is_async, NONE), by.at, NONE)


def routes(ev: Evaluator, by: Making, expr: Expr, frame: Frame) -> Iterator[Route]:
    """The routes of what a call is given to make tasks of, in every round of a loop around the call."""
    for turn in (rounds(ev, by.call, by.frame) or [{}]) if by.call is not None else [{}]:
        values, one, where = in_round(ev, expr, frame, turn)
        if any(isinstance(value, Const) for value in values):
            values = loaded(ev, one, where) or values
        for value in values:
            yield from _of_value(ev, by, value, dotted(one) or HOLE, turn)


def _of_value(ev: Evaluator, by: Making, value: Value, written: str, turn: Loop) -> Iterator[Route]:
    """A function, a callable object, or a name; what is not understood is a task without a known name."""
    match value:
        case Function(ref=ref):
            yield route(ev, by, ref, turn)
        case Instance(cls=ScopeRef() as cls) if called := functions(ev, cls, ("__call__",)):
            named = class_attribute(ev, cls, "__name__")
            word = text(ev.expr(*named)) if named is not None else HOLE
            yield route(ev, by, called["__call__"], turn, word)
        case Const(value=str(name)):
            yield Route(TASK, name, Handler(name, by.at, None, False, NONE), by.at, NONE)
        case External() | Const():
            pass  # a library's own
        case _:
            yield Route(TASK, HOLE, Handler(written, by.at, None, False, NONE), by.at, NONE)
