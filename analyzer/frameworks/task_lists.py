"""Functions handed to queues and clocks, classes registered as tasks, lists of a worker's functions → their tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..link import classes
from ..link.calling import operation
from ..link.calls import given
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, External, Frame
from ..model.code import Attribute, Call, Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from .lists import items
from .objects import Objects, in_round, meant, rounds
from .routes import Route
from .sources import code, module_name, read, sites, text, uses
from .task_names import CRON, ELSEWHERE, NAMINGS, Making, library_of, route, routes
from .views import class_attribute, functions


@dataclass(frozen=True, slots=True)
class Task:
    """What a queue or a clock runs."""

    library: str
    maker: SiteRef | None  # the application or scheduler that it is registered with
    route: Route


def handed(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """`queue.enqueue(f)`, `scheduler.add_job(f)`, `cron(f)`: what the library models say runs somewhere else."""
    words = _words(ev)
    for site in sites(ev, *sorted(words)):
        called = read(ev, site)
        for value in ev.expr(called[0].callee, called[1]) if called is not None else ():
            known = operation(ev, value) if isinstance(value, External) else None
            library = library_of(ev, value.name) if isinstance(value, External) else ""
            if called is None or known is None or library not in NAMINGS:
                continue
            naming = CRON if library == "arq" and ev.index.site(site).callee.endswith("cron") else NAMINGS[library]
            by = Making(library, naming, *called, Location(site.path, called[0].at))
            for name, parameter in known.parameters.items():
                found = given(ev, *called, name, parameter)
                if parameter.runs in ELSEWHERE and found.expr is not None:
                    for one in routes(ev, by, found.expr, found.frame):
                        yield Task(library, owner(makers, called[0].callee, called[1]), one)


def _words(ev: Evaluator) -> set[str]:
    """Last words of what takes a function to run it somewhere else."""
    known = [(name, one) for name, one in ev.libraries.functions.items()]
    known += [(f"{cls}.{word}", one) for cls, m in ev.libraries.classes.items() for word, one in m.methods.items()]
    return {
        name.rpartition(".")[2]
        for name, one in known
        if any(p.runs in ELSEWHERE for p in one.parameters.values()) and library_of(ev, name) in NAMINGS
    }


def owner(makers: Objects, callee: Expr, frame: Frame) -> SiteRef | None:
    """The application whose method is called."""
    owners = meant(makers, callee.value, frame).keys if isinstance(callee, Attribute) else ()
    return owners[0] if owners else None


def classes_registered(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """Celery's `app.register_task(Send())`: the class runs by its `run`, under its `name`."""
    for site in sites(ev, "register_task"):
        called = read(ev, site)
        if (
            called is None
            or not called[0].args
            or "celery.Celery.register_task" not in ev.qualified(called[0].callee, called[1])
        ):
            continue
        call, frame = called
        for turn in rounds(ev, call, frame) or [{}]:
            for value in in_round(ev, call.args[0], frame, turn)[0]:
                cls = value.ref if isinstance(value, ClassRef) else getattr(value, "cls", None)
                if isinstance(cls, ScopeRef) and (one := _of_class(ev, cls, Location(site.path, call.at))) is not None:
                    yield Task("celery", owner(makers, call.callee, frame), one)


def _of_class(ev: Evaluator, cls: ScopeRef, at: Location) -> Route | None:
    """The task that a class of the project's is."""
    run = functions(ev, cls, ("run",))
    if not run or not classes.derives(ev, cls, "celery.Task"):
        return None
    named = class_attribute(ev, cls, "name")
    name = text(ev.expr(*named)) if named is not None else f"{module_name(ev, cls.path)}.{ev.scope(cls).name}"
    by = Making("celery", NAMINGS["celery"], None, Frame(cls), at)
    return replace(route(ev, by, run["run"]), path=name)


def listed(ev: Evaluator) -> Iterator[Task]:
    """arq's worker settings: a class with lists of `functions`; what `func` and `cron` make is told by their calls."""
    for path, facts in code(ev) if uses(ev, "arq") else ():
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is not ScopeKind.CLASS or "functions" not in ev.bindings(ref):
                continue
            found = class_attribute(ev, ref, "functions")
            for expr, frame in items(ev, *found).found if found is not None else ():
                if not isinstance(expr, Call):
                    by = Making("arq", NAMINGS["arq"], None, frame, Location(frame.ref.path, expr.at))
                    yield from (Task("arq", None, one) for one in routes(ev, by, expr, frame))
