"""Settings modules → the Django projects of a repository, and what their settings say, over all modules of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..link import imports
from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body, module_path
from ..link.named_environment import environment
from ..link.values import Const, Container, Frame, Values
from ..link.walk import statements
from ..model.answer import Known
from ..model.code import Assign, Dict, Expr, Literal, Name, Subscript
from ..model.facts import ScopeKind
from ..model.location import Location
from .lists import Items, appended, items
from .sources import code, text


@dataclass(frozen=True, slots=True)
class DjangoProject:
    """One root URL list with the settings modules that name it or build on one that does."""

    urls: str  # the path of the root URL module
    modules: tuple[str, ...]  # production's and those for no named environment, sorted; the others where there is none


def projects(ev: Evaluator) -> list[DjangoProject]:
    """The projects whose root URL list stands in the repository, sorted by its path."""
    roots: dict[str, set[str]] = {}
    for path, facts in code(ev):
        for name in facts.names:
            # Others than Django's own name further roots: SITE_ROOT_URLCONF, PUBLIC_SCHEMA_URLCONF.
            for urls in _root_urls(ev, path, name) if name.endswith("URLCONF") else ():
                roots.setdefault(urls, set()).add(path)
    found = []
    for urls, modules in sorted(roots.items()):
        _add_builders(ev, modules)
        live = [path for path in sorted(modules) if environment(path) != Known(False)]
        found.append(DjangoProject(urls, tuple(live or sorted(modules))))
    return found


def _root_urls(ev: Evaluator, path: str, name: str) -> Iterator[str]:
    for ref in _scopes(ev, path):
        for binding in ev.bindings(ref).get(name, ()):
            if binding.how is Bind.VALUE and binding.expr is not None:
                dotted = text(ev.expr(binding.expr, Frame(ref)))
                found = module_path(ev.index, dotted, path)
                if found is not None and found in ev.index.python and found not in ev.index.tests:
                    yield found


def _scopes(ev: Evaluator, path: str) -> list[ScopeRef]:
    """The module, and the classes of django-configurations."""
    scopes = ev.index.python[path].scopes
    return [ScopeRef(path, n) for n, scope in enumerate(scopes) if n == 0 or scope.kind is ScopeKind.CLASS]


def _add_builders(ev: Evaluator, modules: set[str]) -> None:
    """Adds what star-imports one of the modules, and the project's modules that they star-import themselves."""
    grown = True
    while grown:
        before = len(modules)
        for path, facts in code(ev):
            for item in facts.imports:
                if item.name == "*":
                    source = imports.import_path(ev, item, path)
                    if source in modules:
                        modules.add(path)
                    elif path in modules and source and source in ev.index.python and source not in ev.index.tests:
                        modules.add(source)
        grown = len(modules) > before


def expressions(ev: Evaluator, project: DjangoProject, name: str) -> Iterator[tuple[Expr, Frame]]:
    """Every expression that a module of the project assigns or adds to a setting."""
    for path in project.modules:
        if name not in ev.index.python[path].names:
            continue
        for ref in _scopes(ev, path):
            for binding in ev.bindings(ref).get(name, ()):
                if binding.expr is not None:
                    yield binding.expr, Frame(ref)


def listed(ev: Evaluator, project: DjangoProject, name: str) -> Items:
    """The items that a list setting may hold."""
    found: list[tuple[Expr, Frame]] = []
    complete = True
    frames: dict[ScopeRef, Frame] = {}
    for expr, frame in expressions(ev, project, name):
        frames.setdefault(frame.ref, frame)
        if isinstance(expr, Name) and expr.id == name:
            continue
        held = items(ev, expr, frame)
        found += held.found
        complete = complete and held.complete
    for frame in frames.values():
        more = appended(ev, name, frame)
        found += more.found
        complete = complete and more.complete
    return Items(tuple(found), complete)


def keyed(ev: Evaluator, project: DjangoProject, name: str, key: str) -> list[tuple[Expr, Frame]]:
    """The expressions under a key of a dict setting: `NAME = {"key": …}` and `NAME["key"] = …`."""
    found: list[tuple[Expr, Frame]] = []
    for expr, frame in expressions(ev, project, name):
        for value in (
            [Container(_nowhere(frame, expr), expr, frame)] if isinstance(expr, Dict) else ev.expr(expr, frame)
        ):
            if isinstance(value, Container) and isinstance(value.expr, Dict):
                found += _in_dict(value.expr, value.frame, key)
    for path in project.modules:
        if name in ev.index.python[path].names:
            for statement in statements(body(ev.index, ScopeRef(path, 0))):
                match statement:
                    case Assign(targets=(Subscript(value=Name(id=owner), index=Literal(value=written)),), value=given):
                        if owner == name and written == key:
                            found.append((given, Frame(ScopeRef(path, 0))))
                    case _:
                        pass
    return found


def _nowhere(frame: Frame, expr: Expr) -> Location:
    return Location(frame.ref.path, expr.at)


def _in_dict(mapping: Dict, frame: Frame, key: str) -> list[tuple[Expr, Frame]]:
    return [
        (value, frame)
        for name, value in zip(mapping.keys, mapping.values, strict=True)
        if isinstance(name, Literal) and name.value == key
    ]


def rates(ev: Evaluator, project: DjangoProject) -> tuple[dict[str, bool], bool]:
    """DRF's DEFAULT_THROTTLE_RATES: scope → whether it has a rate; and whether all of them were seen."""
    found: dict[str, bool] = {}
    complete = True
    for expr, frame in keyed(ev, project, "REST_FRAMEWORK", "DEFAULT_THROTTLE_RATES"):
        held = [v for v in ev.expr(expr, frame) if isinstance(v, Container) and isinstance(v.expr, Dict)]
        complete = complete and bool(held)
        for container in held:
            assert isinstance(container.expr, Dict)
            for key, value in zip(container.expr.keys, container.expr.values, strict=True):
                if key is None:
                    complete = False
                    continue
                scope = text(ev.expr(key, container.frame))
                found[scope] = found.get(scope, False) or not _is_none(ev.expr(value, container.frame))
    return found, complete


def _is_none(values: Values) -> bool:
    return all(isinstance(v, Const) and not v.value for v in values)
