"""Celery, Dramatiq, Huey, RQ, arq and APScheduler: the tasks of each queue and clock, under the names they are run by.

What makes a function a task is what the library models say of decorators (`registers`) and parameters (`runs`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..link import classes
from ..link.calling import operation
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, External, Frame, Partial, Value
from ..model.code import Call, Expr
from ..model.endpoint import Serves
from ..model.facts import ScopeKind
from ..model.location import Location
from .indoors import indoors
from .objects import Objects, objects
from .routes import Route
from .sources import HOLE, code, read, sites, uses, variable
from .task_lists import Task, classes_registered, handed, listed, owner
from .task_names import ELSEWHERE, NAMINGS, Making, library_of, route, routes

MAKERS = (
    "celery.Celery", "huey.Huey", "huey.RedisHuey", "huey.PriorityRedisHuey", "huey.RedisExpireHuey", "huey.SqliteHuey",
    "huey.FileHuey", "huey.MemoryHuey", "apscheduler.schedulers.background.BackgroundScheduler",
    "apscheduler.schedulers.blocking.BlockingScheduler", "apscheduler.schedulers.asyncio.AsyncIOScheduler",
)  # fmt: skip
_DECORATORS = ("task", "shared_task", "actor", "job", "scheduled_job", "periodic_task", "db_task", "db_periodic_task")
_UNSEEN = "a task registered at run time"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every queue and clock with its tasks; those without an application object of their own are one per library."""
    if not uses(ev, *NAMINGS):
        return []
    makers = objects(ev, MAKERS)
    found = [*_decorated(ev, makers), *_applied(ev, makers), *handed(ev, makers), *listed(ev)]
    groups: dict[tuple[str, SiteRef | None], list[Route]] = defaultdict(list)
    for task in [*found, *classes_registered(ev, makers)]:
        groups[task.library, task.maker or _nearest(ev, makers, task)].append(task.route)
    return [_declared(ev, *group, groups[group]) for group in sorted(groups, key=str)]


def _declared(ev: Evaluator, library: str, maker: SiteRef | None, made: list[Route]) -> Declared:
    """A queue with its tasks: one that is handed over in several places is there once."""
    first: dict[tuple[str, str], Route] = {}
    for one in sorted(made, key=lambda one: one.at):
        first.setdefault((one.path, one.handler.name), one)
    name = (variable(ev, maker) if maker is not None else "") or library
    at = min(one.at for one in made) if maker is None else Location(maker.path, ev.index.site(maker).at)
    why = _UNSEEN if any(HOLE in path for path, _ in first) else ""
    return indoors(ev, library, name, at, first.values(), Serves.TASKS, why)


def _nearest(ev: Evaluator, makers: Objects, task: Task) -> SiteRef | None:
    """The application that a shared task is most likely registered with: the one whose file is nearest."""
    here = task.route.handler.at.path.split("/")

    def shared(site: SiteRef) -> int:
        return sum(a == b for a, b in zip(here, site.path.split("/"), strict=False))

    mine = [site for site, made in makers.made.items() if ev.libraries.owner.get(made.kind) == task.library]
    return max(mine, key=lambda site: (shared(site), -mine.index(site)), default=None)


def _registering(ev: Evaluator, expr: Expr, frame: Frame) -> str:
    """The library of something that makes tasks of functions; "" for anything else."""
    for value in (one for held in ev.expr(expr, frame) for one in _of_library(ev, held)):
        known = operation(ev, value)
        if known is not None and known.registers in ELSEWHERE:
            library = library_of(ev, value.name)
            if library in NAMINGS and (known.decorates or library == "apscheduler"):
                return library
    return ""


def _of_library(ev: Evaluator, value: Value) -> list[External]:
    """What a value is of a library: itself, what is called with some arguments given before, or bases of a class."""
    match value:
        case External():
            return [value]
        case Partial(target=target):
            return _of_library(ev, target)
        case ClassRef(ref=ref):
            return [External(base) for base in classes.bases(ev, ref) if isinstance(base, str)]
        case _:
            return []


def _decorated(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """`@app.task(name="…")`."""
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            frame = Frame(ScopeRef(path, scope.parent))
            for one in scope.decorators if scope.kind is ScopeKind.FUNCTION else ():
                call = one if isinstance(one, Call) else None
                callee = one.callee if isinstance(one, Call) else one
                if library := _registering(ev, callee, frame):
                    by = Making(library, NAMINGS[library], call, frame, Location(path, one.at))
                    yield Task(library, owner(makers, callee, frame), route(ev, by, ScopeRef(path, number)))


def _applied(ev: Evaluator, makers: Objects) -> Iterator[Task]:
    """`app.task(f)` and `app.task(name="…")(f)`, in every round of a loop around it."""
    above = {
        SiteRef(path, one.site) for path, facts in code(ev) for s in facts.scopes for one in s.decorators
        if isinstance(one, Call)
    }  # fmt: skip
    unnamed = [site for site in ev.index.sites.get("?", ()) if site.path not in ev.index.tests]
    for site in [*sites(ev, *_DECORATORS), *unnamed]:
        called = read(ev, site)
        if site in above or called is None or not called[0].args:
            continue
        call, frame = called
        given = call.callee if isinstance(call.callee, Call) else call
        if library := _registering(ev, given.callee, frame):
            by = Making(library, NAMINGS[library], given, frame, Location(site.path, call.at))
            for made in routes(ev, by, call.args[0], frame):
                yield Task(library, owner(makers, given.callee, frame), made)
