"""URL modules that no project is seen to include → their routes under an unknown prefix, at the nearest project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..link.evaluate import Evaluator
from ..link.imports import import_path
from ..link.index import ScopeRef, module_path, nearest
from .django_urls import Walk, of_module
from .evidence import merged
from .middlewares import unseen
from .routes import Route
from .sources import HOLE, code

_LIST = "urlpatterns"
_WHY = "a URL module that nothing is seen to include"


def url_modules(ev: Evaluator) -> list[str]:
    """The files that make a URL list, sorted."""
    return [p for p, facts in code(ev) if _LIST in facts.names and ev.bindings(ScopeRef(p, 0)).get(_LIST)]


def apart(ev: Evaluator, walks: Mapping[str, Walk]) -> dict[str, list[Route]]:
    """By root URL module, once every project has been walked through: plug-ins are found when the backend starts."""
    reached = {path for walk in walks.values() for path in walk.visited} | set(_handed_on(ev))
    lost = [path for path in url_modules(ev) if path not in reached]
    found: dict[str, tuple[str, list[Route]]] = {}
    below: set[str] = set()
    for path in lost:
        home = nearest(sorted(walks), path)
        walk = Walk(walks[home].views, walks[home].routers)
        found[path] = (home, [_unplaced(route) for route in of_module(walk, path)])
        below.update(other for other in walk.visited if other != path)
    by_home: dict[str, list[Route]] = defaultdict(list)
    for path, (home, routes) in found.items():
        by_home[home] += routes if path not in below else []
    return by_home


def _unplaced(route: Route) -> Route:
    return replace(route, path=f"{HOLE}/{route.path.lstrip('/')}", evidence=merged([route.evidence, unseen(_WHY)]))


def _handed_on(ev: Evaluator) -> Iterator[str]:
    """Modules whose list another module takes as a value: `from shop.urls import urlpatterns`."""
    for path, facts in code(ev):
        for item in facts.imports if _LIST in facts.names or _LIST in facts.attributes else ():
            own = import_path(ev, item, path)
            inner = module_path(ev.index, f"{item.module}.{item.name}", path) if item.name and not item.level else None
            if own and item.name == _LIST:
                yield own
            elif inner is not None and _LIST in facts.attributes:
                yield inner
