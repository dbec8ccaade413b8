"""Django settings modules → those that are known to give a setting no value, so that Django's default holds."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known
from ..model.code import AnnAssign, Assign, Expr, Name
from ..model.location import Location
from ..model.options import Unset
from .entry_points import loads_elsewhere, of_servers
from .evaluate import Evaluator
from .imports import import_path
from .index import ScopeRef, body
from .listed import held
from .named_environment import environment
from .settings import in_production, is_settings_module
from .values import Frame
from .walk import statements

# With one of these a module may make names that it does not write: `globals().update(…)`.
_MAKING = frozenset({"globals", "locals", "vars", "exec", "execfile", "setattr"})
_LOADERS = frozenset({"configurations", "confy", "django_settings_env", "dynaconf", "goodconf", "split_settings"})
_INSTALLED = "INSTALLED_APPS"
# No site starts without these: a module with none of them holds defaults for the settings of others.
_OF_A_SITE = frozenset({"SECRET_KEY", "ROOT_URLCONF", "DATABASES"})


def unset(ev: Evaluator, name: str) -> Iterator[Unset]:
    """One for each module that is complete, that production may load, and that nothing for production builds on."""
    chains = {path: _chain(ev, path) for path in _candidates(ev)}
    below = {part for path, chain in chains.items() for part in chain or () if part != path}
    named = {module for _, module in of_servers(ev)}
    for path, chain in chains.items():
        loaded = path not in below or not named.isdisjoint(ev.index.names.get(path, ()))
        if chain is None or not loaded or loads_elsewhere(ev, path):
            continue
        said = {word for part in chain for word in ev.index.python[part].names}
        if name in said or _OF_A_SITE.isdisjoint(said):
            continue
        installed = next((found for part in chain if (found := _installed(ev, part)) is not None), None)
        if installed is not None:
            at, expr = installed
            items, _ = held(ev, ev.expr(expr, Frame(ScopeRef(at.path, 0))))
            yield Unset(at, path, items, in_production(ev, path) == Known(True))


def _candidates(ev: Evaluator) -> list[str]:
    """What production may load: settings modules by name and content, and whatever builds on one."""
    live = [p for p in sorted(ev.index.python) if p not in ev.index.tests and environment(p) != Known(False)]
    found = {path for path in live if is_settings_module(ev, path)}
    grown = bool(found)
    while grown:
        more = {path for path in live if path not in found and not found.isdisjoint(_built_on(ev, path))}
        found |= more
        grown = bool(more)
    return sorted(found)


def _built_on(ev: Evaluator, path: str) -> list[str | None]:
    """The modules that a module star-imports; None for one that is not in the project."""
    return [import_path(ev, item, path) for item in ev.index.python[path].imports if item.name == "*"]


def _installed(ev: Evaluator, path: str) -> tuple[Location, Expr] | None:
    """Where a module says which applications are installed."""
    for statement in statements(body(ev.index, ScopeRef(path, 0))):
        match statement:
            case Assign(targets=(Name(id=name),), value=value) | AnnAssign(target=Name(id=name), value=value):
                if name == _INSTALLED and value is not None:
                    return Location(path, statement.at), value
            case _:
                pass
    return None


def _chain(ev: Evaluator, path: str, seen: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """A module and what it star-imports; None where something that is not in the project may say more."""
    facts = ev.index.python[path]
    if _MAKING.intersection(facts.names) or any(i.module.partition(".")[0] in _LOADERS for i in facts.imports):
        return None
    found = [path]
    for source in _built_on(ev, path) if path not in seen else ():
        deeper = _chain(ev, source, (*seen, path)) if source in ev.index.python and source is not None else None
        if deeper is None:
            return None
        found += deeper
    return tuple(dict.fromkeys(found))
