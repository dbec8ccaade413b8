"""Imports and modules → what their names stand for: the project's modules and members, or a library's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import canonical
from ..model.facts import Import
from ..model.location import Span
from .index import ScopeRef, is_folder, module_path
from .values import Const, External, Frame, Instance, Module, Values

if TYPE_CHECKING:
    from .evaluate import Evaluator


def import_path(ev: Evaluator, item: Import, path: str) -> str | None:
    """The project's file that an import's module part names, or None."""
    if item.level == 0:
        return module_path(ev.index, item.module, path) if item.module else None
    return relative_path(ev, item.module, item.level, path)


def relative_path(ev: Evaluator, module: str, level: int, path: str) -> str | None:
    """The file that `from ..module import` means in a file, "" for a folder without `__init__.py`, None if outside."""
    parts = path.split("/")[:-level]
    if len(path.split("/")) < level:
        return None
    target = "/".join([*parts, *(module.split(".") if module else [])])
    for candidate in (f"{target}.py", f"{target}/__init__.py", "__init__.py" if not target else ""):
        if candidate in ev.index.python:
            return candidate
    return ""


def imported(ev: Evaluator, item: Import, path: str) -> Values:
    """What one imported name is."""
    from .names import member

    if not item.name:
        dotted = item.module if item.whole else item.module.partition(".")[0]
        return module(ev, dotted, path)
    source = import_path(ev, item, path)
    if source and source in ev.index.python:
        # A package that imports from itself (`from shop.api import users` in shop/api/__init__.py) means its module.
        found = member(ev, source, item.name) if source != path else None
        if found is not None:
            return found
        if source.endswith("__init__.py"):
            return _submodule(ev, source.removesuffix("/__init__.py"), item.name, path, item.at)
        return ev.opaque("a name that its module does not define", Frame(ScopeRef(path, 0)), item.at, item.name)
    if item.level:
        folder = "/".join([*path.split("/")[: -item.level], *filter(None, item.module.split("."))])
        return _submodule(ev, folder, item.name, path, item.at)
    inside = module_path(ev.index, f"{item.module}.{item.name}", path)
    if inside is not None:
        return (Module(inside, f"{item.module}.{item.name}"),)
    return external(ev, f"{item.module}.{item.name}")


def _submodule(ev: Evaluator, folder: str, wanted: str, path: str, at: Span) -> Values:
    for candidate in (f"{folder}/{wanted}.py", f"{folder}/{wanted}/__init__.py"):
        if candidate in ev.index.python:
            return (Module(candidate, wanted),)
    return ev.opaque("a name that its module does not define", Frame(ScopeRef(path, 0)), at, wanted)


def module(ev: Evaluator, dotted: str, importer: str) -> Values:
    """A module by its dotted name: the project's, a folder of the project, or a library's."""
    path = module_path(ev.index, dotted, importer)
    if path is not None and path in ev.index.python:
        return (Module(path, dotted),)
    if path is None and is_folder(ev.index, dotted, importer):
        return (Module("", dotted),)
    return external(ev, dotted)


def external(ev: Evaluator, name: str) -> Values:
    """Something of a library by its qualified name: an instance, a constant, or the name itself."""
    full = canonical(ev.libraries, name)
    if full in ev.libraries.constants:
        return (Const(ev.libraries.constants[full]),)
    if full in ev.libraries.instances:
        return (Instance(ev.libraries.instances[full]),)
    return (External(full),)


def starred(ev: Evaluator, wanted: str, path: str) -> Values | None:
    """A name that only `from m import *` can have brought."""
    from .names import binds, member

    seen, waiting = {path}, _star_sources(ev, path)
    while waiting:  # each module once: in a circle of star imports there are more ways than anybody can go
        source = waiting.pop(0)
        if source in seen:
            continue
        seen.add(source)
        if binds(ev, wanted, ScopeRef(source, 0)):
            return member(ev, source, wanted)
        waiting = _star_sources(ev, source) + waiting
    return None


def _star_sources(ev: Evaluator, path: str) -> list[str]:
    """The project's modules that a module imports everything from, in order."""
    found = [import_path(ev, item, path) for item in ev.index.python[path].imports if item.name == "*"]
    return [source for source in found if source and source in ev.index.python]
