"""Functions handed to queues and clocks, classes registered as tasks, lists of a worker's functions → their tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..link import classes
from ..link.calling import operation
from ..link.calls import given
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.loaded import loaded
from ..link.values import ClassRef, External, Frame, Function
from ..model.code import Attribute, Call, Expr
from ..model.facts import ScopeKind
from ..model.location import Location
from .lists import items
from .objects import Objects, in_round, meant, rounds
from .routes import Route
from .sources import code, module_name, read, sites, text, uses
from .task_names import CRON, ELSEWHERE, NAMINGS, Naming, library_of, named, route
from .views import class_attribute, functions


@dataclass(frozen=True, slots=True)
class Task:
    """A function that a queue or a clock runs."""

    library: str
    maker: SiteRef | None  # the application or scheduler that it is registered with
    route: Route


def handed(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """`queue.enqueue(f)`, `scheduler.add_job(f)`, `cron(f)`: what the library models say runs somewhere else."""
    for site in sites(ev, *_words(ev)):
        called = read(ev, site)
        for value in ev.expr(called[0].callee, called[1]) if called is not None else ():
            known = operation(ev, value) if isinstance(value, External) else None
            library = library_of(ev, value.name) if isinstance(value, External) else ""
            if called is None or known is None or library not in NAMINGS:
                continue
            naming = CRON if library == "arq" and site_word(ev, site) == "cron" else NAMINGS[library]
            for name, parameter in known.parameters.items():
                if parameter.runs in ELSEWHERE:
                    found = given(ev, *called, name, parameter)
                    yield from _given(ev, makers, Given(library, naming, site, *called), found.expr, found.frame)


def _words(ev: Evaluator) -> list[str]:
    """Last words of what takes a function to run it somewhere else."""
    methods = [
        (f"{cls}.{word}", word, one) for cls, m in ev.libraries.classes.items() for word, one in m.methods.items()
    ]
    plain = [(name, name.rpartition(".")[2], one) for name, one in ev.libraries.functions.items()]
    return sorted({
        word
        for name, word, one in [*plain, *methods]
        if library_of(ev, name) in NAMINGS and any(p.runs in ELSEWHERE for p in one.parameters.values())
    })  # fmt: skip


def site_word(ev: Evaluator, site: SiteRef) -> str:
    """The last word of what a site calls."""
    return ev.index.site(site).callee.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Given:
    """A call that hands functions to a queue or a clock."""

    library: str
    naming: Naming
    site: SiteRef
    call: Call
    frame: Frame


def _given(ev: Evaluator, makers: Objects, to: Given, expr: Expr | None, frame: Frame) -> Iterator[Task]:
    """The tasks that one argument hands over, in every round of a loop around the call."""
    owners = meant(makers, to.call.callee.value, to.frame).keys if isinstance(to.call.callee, Attribute) else ()
    for turn in (rounds(ev, to.call, to.frame) or [{}]) if expr is not None else ():
        values, one, where = in_round(ev, expr, frame, turn) if expr is not None else ((), expr, frame)
        if one is not None and not any(isinstance(value, Function) for value in values):
            values = loaded(ev, one, where) or ()
        for value in values:
            if isinstance(value, Function):
                at = Location(to.site.path, to.call.at)
                made = route(ev, to.naming, to.call, to.frame, value.ref, at, turn)
                yield Task(to.library, owners[0] if owners else None, made)


def classes_registered(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """Celery's `app.register_task(Send())`: the class runs by its `run`, under its `name`."""
    for site in sites(ev, "register_task"):
        called = read(ev, site)
        if called is None or not called[0].args or not isinstance(called[0].callee, Attribute):
            continue
        call, frame = called
        owners = meant(makers, call.callee.value, frame).keys if isinstance(call.callee, Attribute) else ()
        for turn in rounds(ev, call, frame) or [{}]:
            for value in in_round(ev, call.args[0], frame, turn)[0]:
                ref = value.ref if isinstance(value, ClassRef) else getattr(value, "cls", None)
                run = functions(ev, ref, ("run",)) if isinstance(ref, ScopeRef) else {}
                if isinstance(ref, ScopeRef) and run and classes.derives(ev, ref, "celery.Task"):
                    found = class_attribute(ev, ref, "name")
                    name = (
                        text(ev.expr(*found))
                        if found is not None
                        else f"{module_name(ev, ref.path)}.{ev.scope(ref).name}"
                    )
                    at = Location(site.path, call.at)
                    yield Task(
                        "celery", owners[0] if owners else None, replace(named(ev, run["run"], at, ""), path=name)
                    )


def listed(ev: Evaluator) -> Iterator[Task]:
    """arq's worker settings: a class with lists of `functions` and `cron_jobs`."""
    for path, facts in code(ev) if uses(ev, "arq") else ():
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is not ScopeKind.CLASS or "functions" not in ev.bindings(ref):
                continue
            found = class_attribute(ev, ref, "functions")
            for expr, frame in items(ev, *found).found if found is not None else ():
                for value in ev.expr(expr, frame) or ():
                    if isinstance(value, Function):
                        at = Location(frame.ref.path, expr.at)
                        yield Task("arq", None, named(ev, value.ref, at, NAMINGS["arq"].default))
