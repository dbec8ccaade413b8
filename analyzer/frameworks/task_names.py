"""A function and the call that makes it a task → the route under which its queue or clock knows it."""

from __future__ import annotations

from dataclasses import dataclass

from ..libraries import canonical
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.code import Call
from ..model.location import Location
from .evidence import NONE
from .objects import Loop, in_round
from .routes import Handler, Route
from .sources import argument, module_name, name_place, qualified, text, text_of

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


def route(
    ev: Evaluator,
    naming: Naming,
    call: Call | None,
    frame: Frame,
    ref: ScopeRef,
    at: Location,
    turn: Loop | None = None,
) -> Route:
    """The route of a task that a call names; `turn` is the round of the loop that the call stands in."""
    name = ""
    if call is not None and naming.option:
        given = argument(ev, call, frame, naming.option)
        name = text_of(ev, given) if given.expr is None else text(in_round(ev, given.expr, given.frame, turn or {})[0])
    return named(ev, ref, at, naming.given if name else naming.default, name)


def named(ev: Evaluator, ref: ScopeRef, at: Location, form: str, name: str = "") -> Route:
    """The route of a task whose name has a form."""
    scope = ev.scope(ref)
    path = form.format(module=module_name(ev, ref.path), name=name, word=scope.name, qualname=scope.qualname)
    return Route(TASK, path, Handler(qualified(ev, ref), name_place(ev, ref), ref, scope.is_async, NONE), at, NONE)
