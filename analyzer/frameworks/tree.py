"""Applications and what is put under them → every route with its whole path and what guards the way to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..link.declared import Declared
from ..link.index import ScopeRef, SiteRef
from ..model.endpoint import App
from ..model.location import Location
from .endpoints import application, endpoint
from .evidence import Evidence, complete, inside, merged
from .gateway import gateway
from .guards import Guards
from .middlewares import unseen
from .objects import Made, Objects
from .routes import MOST_ENDPOINTS, Route
from .sources import HOLE, variable

UNRESOLVED = "an unresolved include"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One object put under another."""

    child: SiteRef
    prefix: str | None = None  # None where none is given
    evidence: Evidence = Evidence()
    mounted: bool = False  # an application of its own behind a path


@dataclass(slots=True)
class Tree:
    """What a project's objects hold."""

    guards: Guards
    objects: Objects
    routes: dict[SiteRef, list[Route]] = field(default_factory=lambda: defaultdict(list))  # by their owner
    functions: dict[ScopeRef, None] = field(default_factory=dict)  # what runs for them
    inclusions: dict[SiteRef, list[Inclusion]] = field(default_factory=lambda: defaultdict(list))
    loose: bool = False  # an inclusion could not be resolved
    hidden: str = ""  # why there may be routes that are not seen


@dataclass(frozen=True, slots=True)
class Manner:
    """How a framework puts paths and guards together."""

    apps: tuple[str, ...]  # its application classes, as in `Made.kind`
    framework: Callable[[Made], str]  # the name in the endpoint table
    joined: Callable[[str, str], str]  # a prefix and what follows it
    prefix: Callable[[Tree, Made, Inclusion | None], str]  # of an object where it is put under another, or is lost
    around: Callable[[Tree, Made], Evidence]  # what an object that is no application guards
    app_wide: Callable[[Tree, Made], Evidence]
    passing: Callable[[Tree, Inclusion, Evidence], Evidence] = lambda tree, one, around: around  # what guards inside it
    whole_path: Callable[[str], str] = lambda path: path  # the last touch to what has been joined
    on_loop: bool = False  # as in `Declared`
    requests: tuple[str, str] = ("", "")  # the class of a handler's first argument: of a function, of a coroutine


def declared(tree: Tree, manner: Manner) -> Iterable[Declared]:
    """Every application with its endpoints, in the order of their places; one that is mounted belongs to its parent."""
    mounted = {i.child for held in tree.inclusions.values() for i in held if i.mounted}
    made = tree.objects.made.values()
    apps = [one for one in made if one.kind in manner.apps and one.site not in mounted]
    lost = _lost(tree, manner, apps) if tree.loose and apps else []
    front, names = gateway(tree.guards.ev), dict[str, int]()
    for app in apps:
        home = [one for one in lost if _home(apps, one) is app]
        yield _declared(tree, manner, app, front, home, _key(tree, app, names))


def _lost(tree: Tree, manner: Manner, apps: list[Made]) -> list[Made]:
    """What no application is seen to reach, without what hangs under another such object."""
    reached: set[SiteRef] = set()
    for app in apps:
        _reach(tree, app.site, reached)
    lost = [m for m in tree.objects.made.values() if m.kind not in manner.apps and m.site not in reached]
    under = {i.child for held in tree.inclusions.values() for i in held}
    return [one for one in lost if one.site not in under]


def _reach(tree: Tree, key: SiteRef, reached: set[SiteRef]) -> None:
    if key not in reached:
        reached.add(key)
        for inclusion in tree.inclusions.get(key, ()):
            _reach(tree, inclusion.child, reached)


def _home(apps: list[Made], lost: Made) -> Made:
    """The application whose file shares the longest folder with an object that nobody is seen to include."""
    here = lost.site.path.split("/")

    def shared(app: Made) -> int:
        there = app.site.path.split("/")
        return next(
            (n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there))
        )

    return max(apps, key=lambda app: (shared(app), -apps.index(app)))


def _key(tree: Tree, app: Made, names: dict[str, int]) -> tuple[str, str]:
    """The key of an application in the report, and what the code calls it."""
    name = variable(tree.guards.ev, app.site) or "app"
    key = f"{app.site.path}:{name}"
    names[key] = names.get(key, 0) + 1
    return (key if names[key] == 1 else f"{key}:{names[key]}"), name


def _declared(
    tree: Tree, manner: Manner, app: Made, front: Evidence, lost: list[Made], names: tuple[str, str]
) -> Declared:
    guards, (key, name) = tree.guards, names
    around = merged([manner.app_wide(tree, app), front])
    found = list(islice(_walk(tree, manner, app.site, "", around, (app.site,)), MOST_ENDPOINTS))
    for one in lost:
        doubtful = merged([manner.passing(tree, Inclusion(one.site, ""), around), unseen(UNRESOLVED)])
        inner = manner.joined(HOLE, manner.prefix(tree, one, None))
        under = _walk(tree, manner, one.site, inner, doubtful, (one.site,))
        found += islice(under, MOST_ENDPOINTS - len(found))
    framework = manner.framework(app)
    whole = [(manner.whole_path(path), route, evidence) for path, route, evidence in found]
    table = {endpoint(guards, route, path, framework, key, evidence): None for path, route, evidence in whole}
    known = complete(guards.ev, UNRESOLVED if tree.loose else tree.hidden)
    at = Location(app.site.path, app.call.at)
    made: App = application(guards, key, framework, name, at, table, around, known)
    handlers = tree.functions | guards.dependencies
    first = {ref: manner.requests[guards.ev.scope(ref).is_async] for ref in handlers}
    given = {ref: cls for ref, cls in first.items() if cls}
    return Declared(made, tuple(sorted(handlers, key=lambda ref: (ref.path, ref.scope))), manner.on_loop, given)


def _walk(
    tree: Tree, manner: Manner, key: SiteRef, prefix: str, around: Evidence, trail: tuple[SiteRef, ...]
) -> Iterator[tuple[str, Route, Evidence]]:
    """Every route under an object, with its path and what guards the way to it; circles are cut."""
    for route in tree.routes.get(key, ()):
        yield manner.joined(prefix, route.path), route, around
    for inclusion in tree.inclusions.get(key, ()):
        if inclusion.child in trail:
            continue
        child = tree.objects.made[inclusion.child]
        of_child = manner.app_wide if child.kind in manner.apps else manner.around
        own = merged([inclusion.evidence, of_child(tree, child)])
        passing = manner.passing(tree, inclusion, around)
        inner = manner.joined(prefix, manner.prefix(tree, child, inclusion))
        yield from _walk(tree, manner, child.site, inner, inside(own, passing), (*trail, child.site))
