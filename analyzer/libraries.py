"""Folders of library models and the packages that a project imports → one table of what their names mean."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .library_files import KINDS, LibraryError, called, checked, decode_model, imports_of, merge_kinds, models
from .model.library import Kinds, Library, Model, Operation, Parameter

Scalar = str | int | float | bool | None

_ALWAYS = frozenset({"builtins", "datetime"})  # what other files give as types
_ALIAS_STEPS = 8  # an alias may lead to another one; a circle ends here


@dataclass(frozen=True, slots=True)
class Libraries:
    """What the library models in use say, by qualified name. Where two folders say something, the user's holds."""

    functions: Mapping[str, Operation] = field(default_factory=dict)
    classes: Mapping[str, Model] = field(default_factory=dict)
    instances: Mapping[str, str] = field(default_factory=dict)  # module-level object → its class
    constants: Mapping[str, Scalar] = field(default_factory=dict)
    markers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # kind of protection → names, sorted
    aliases: Mapping[str, str] = field(default_factory=dict)  # exact spellings
    prefixes: Mapping[str, str] = field(default_factory=dict)  # "requests.sessions" → "requests": members move along
    owner: Mapping[str, str] = field(default_factory=dict)  # qualified name → the `library:` of its file
    kinds: Kinds = field(default_factory=lambda: merge_kinds(()))  # the names that may be used, with their meanings
    digest: str = ""  # of the contents of every file used
    _lines: dict[str, tuple[tuple[str, Model], ...]] = field(default_factory=dict, compare=False, repr=False)
    _spelled: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


def load_libraries(folder: Path, imported: Collection[str], extra: Sequence[Path] = ()) -> Libraries:
    """The models of `folder` whose `imports:` meet `imported` (top-level packages), and all of the folders `extra`.

    Raises LibraryError for a file that is no valid model, and OSError for one that cannot be read.
    """
    wanted = _ALWAYS | set(imported)
    chosen = [path for path in models(folder) if not wanted.isdisjoint(imports_of(path))]
    groups = [chosen, *(models(own) for own in extra)]
    kind_files = [path for path in (folder / KINDS, *(own / KINDS for own in extra)) if path.is_file()]
    kinds = merge_kinds(decode_model(path, Kinds) for path in kind_files)
    digest = hashlib.sha256()
    for path in [*kind_files, *(path for group in groups for path in group)]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    tables = Libraries(kinds=kinds, digest=digest.hexdigest())
    for group in groups:
        _add_group(tables, [(path, checked(path, decode_model(path, Library), kinds)) for path in group])
    return tables


def canonical(libraries: Libraries, name: str) -> str:
    """The spelling of a qualified name under which the models know it: "requests.api.get" → "requests.get"."""
    known = libraries._spelled.get(name)
    if known is not None:
        return known
    spelled = name
    for _ in range(_ALIAS_STEPS):
        renamed = _renamed(libraries, spelled)
        if renamed == spelled:
            break
        spelled = renamed
    libraries._spelled[name] = spelled
    return spelled


def method(libraries: Libraries, cls: str, name: str) -> tuple[str, Operation] | None:
    """The method of a class or of its nearest base, with its qualified name; None where the models know none."""
    for owner, model in lineage(libraries, cls):
        if name in model.methods:
            return f"{owner}.{name}", model.methods[name]
    return None


def constructor(libraries: Libraries, cls: str) -> tuple[str, Operation] | None:
    """What making an instance means: the class's own constructor, else that of the nearest base, with its class."""
    return next(((owner, m.constructor) for owner, m in lineage(libraries, cls) if m.constructor != Operation()), None)


def attribute(libraries: Libraries, cls: str, name: str) -> str | None:
    """The type of an attribute of a class or of its bases; None where the models know none."""
    return next((model.attributes[name] for _, model in lineage(libraries, cls) if name in model.attributes), None)


def assignment(libraries: Libraries, cls: str, name: str) -> tuple[str, Parameter] | None:
    """The meaning of assigning to an attribute of an instance, with the attribute's qualified name."""
    for owner, model in lineage(libraries, cls):
        if name in model.assignments:
            return f"{owner}.{name}", model.assignments[name]
    return None


def is_subclass(libraries: Libraries, cls: str, base: str) -> bool:
    """Whether a class is `base` or has it among its bases, as far as the models know."""
    target = canonical(libraries, base)
    return canonical(libraries, cls) == target or any(owner == target for owner, _ in lineage(libraries, cls))


def gathers(libraries: Libraries, cls: str, name: str) -> bool:
    """Whether a class only collects the calls of a method (by its qualified name), as a pipeline does."""
    own = name.rpartition(".")[0]
    return any(model.gathers and owner != own for owner, model in lineage(libraries, cls))


def lineage(libraries: Libraries, cls: str) -> tuple[tuple[str, Model], ...]:
    """A class and its bases, nearest first and each once, with their models; unknown classes are left out."""
    found = libraries._lines.get(cls)
    if found is None:
        found = libraries._lines[cls] = tuple(_line(libraries, cls))
    return found


def _line(libraries: Libraries, cls: str) -> Iterator[tuple[str, Model]]:
    waiting, seen = [canonical(libraries, cls)], set()
    while waiting:
        name = waiting.pop(0)
        model = libraries.classes.get(name)
        if model is None or name in seen:
            continue
        seen.add(name)
        yield name, model
        waiting = [canonical(libraries, base) for base in model.bases] + waiting


def _renamed(libraries: Libraries, name: str) -> str:
    """One alias applied to the longest leading part of a name that has one."""
    head, tail = name, ""
    while head:
        if head in libraries.aliases:
            return libraries.aliases[head] + tail
        if tail and head in libraries.prefixes:
            return libraries.prefixes[head] + tail
        if head in libraries.owner:
            return name
        head, dot, last = head.rpartition(".")
        tail = f"{dot}{last}{tail}"
    return name


def _add_group(tables: Libraries, group: Sequence[tuple[Path, Library]]) -> None:
    """Lays the files of one folder over what is there; within a folder, a name has one meaning."""
    first: dict[str, Path] = {}
    for path, library in group:
        sections = (library.functions, library.classes, library.instances, library.constants, library.aliases)
        for name in (name for section in sections for name in section):
            if name in first:
                raise LibraryError(f'{called(path)}: "{name}" has a meaning in {called(first[name])} already')
            first[name] = path
        names: dict[str, str] = dict.fromkeys((*library.functions, *library.classes), library.library)
        names |= dict.fromkeys((*library.instances, *library.constants), library.library)
        names |= dict.fromkeys((name for marked in library.markers.values() for name in marked), library.library)
        _write(tables.owner, names)
        _write(tables.functions, library.functions)
        _write(tables.classes, library.classes)
        _write(tables.instances, library.instances)
        _write(tables.constants, library.constants)
        _write(tables.aliases, {name: to for name, to in library.aliases.items() if not name.endswith(".*")})
        _write(tables.prefixes, {name[:-2]: to[:-2] for name, to in library.aliases.items() if name.endswith(".*")})
        marked = {kind: tuple(sorted({*tables.markers.get(kind, ()), *new})) for kind, new in library.markers.items()}
        _write(tables.markers, marked)


def _write(table: Mapping[str, Any], entries: Mapping[str, Any]) -> None:
    """Fills a table that is read-only to everybody else."""
    assert isinstance(table, dict)
    table.update(entries)
