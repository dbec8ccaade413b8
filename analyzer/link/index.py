"""Facts of all files → look-up tables: modules by name, scopes, bodies, call sites by the last word of their callee."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ..model.code import Body, Call
from ..model.facts import CallSite, Extracted, PythonFacts, Scope, ScopeKind, TextFacts, Unread
from .walk import calls_in

_BODY = msgspec.msgpack.Decoder(Body)
_KEPT = 4096  # decoded bodies


class ScopeRef(NamedTuple):
    """A scope of a file."""

    path: str
    scope: int


class SiteRef(NamedTuple):
    """A call site of a file."""

    path: str
    site: int


@dataclass(slots=True)
class Index:
    """Every file's facts with the tables that questions need; built once, never changed afterwards."""

    python: dict[str, PythonFacts]
    text: dict[str, TextFacts]
    unread: dict[str, Unread]
    tests: frozenset[str]  # paths of test code
    modules: dict[str, tuple[str, ...]]  # dotted name → paths, nearest root first
    names: dict[str, tuple[str, ...]]  # path → its dotted names, the shortest first
    sites: dict[str, list[SiteRef]] = field(default_factory=dict)  # last word of a callee → its sites
    children: dict[str, dict[int, tuple[int, ...]]] = field(default_factory=dict)
    assigned: dict[str, tuple[ScopeRef, ...]] = field(default_factory=dict)  # attribute → who assigns it; no tests
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)  # last part → folders that hold Python
    raws: dict[ScopeRef, bytes] = field(default_factory=dict)  # bodies that were asked for, undecoded
    expressions: dict[ScopeRef, dict[int, Call]] = field(default_factory=dict)  # scope → its calls by site

    def scope(self, ref: ScopeRef) -> Scope:
        """The outline of a scope."""
        return self.python[ref.path].scopes[ref.scope]

    def site(self, ref: SiteRef) -> CallSite:
        """The outline of a call."""
        return self.python[ref.path].calls[ref.site]


def build(files: Sequence[Extracted], tests: Iterable[str]) -> Index:
    """The index of a project's files."""
    python = {f.path: f.facts for f in files if isinstance(f.facts, PythonFacts)}
    text = {f.path: f.facts for f in files if isinstance(f.facts, TextFacts)}
    unread = {f.path: f.facts for f in files if isinstance(f.facts, Unread)}
    code = sorted([*python, *(path for path in unread if path.endswith(".py"))])
    names = {path: _dotted_names(path) for path in code}
    index = Index(python, text, unread, frozenset(tests), _modules(names), names)
    sites: dict[str, list[SiteRef]] = defaultdict(list)
    assigned: dict[str, list[ScopeRef]] = defaultdict(list)
    for path, facts in python.items():
        for number, site in enumerate(facts.calls):
            sites[site.callee.rpartition(".")[2]].append(SiteRef(path, number))
        for name, scope_number in facts.assigned if path not in index.tests else ():
            assigned[name].append(ScopeRef(path, scope_number))
        children: dict[int, list[int]] = defaultdict(list)
        for number, scope in enumerate(facts.scopes[1:], 1):
            children[scope.parent].append(number)
        index.children[path] = {parent: tuple(kids) for parent, kids in children.items()}
    index.sites = dict(sites)
    index.assigned = {name: tuple(sorted(found)) for name, found in assigned.items()}
    folders: dict[str, set[str]] = defaultdict(set)
    for path in names:
        while path := posixpath.dirname(path):
            folders[posixpath.basename(path)].add(path)
    index.folders = {name: tuple(sorted(found)) for name, found in folders.items()}
    return index


def _modules(names: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    modules: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for path, dotted in names.items():
        for name in dotted:
            modules[name].append((len(name), path))
    return {name: tuple(path for _, path in sorted(found)) for name, found in modules.items()}


def _dotted_names(path: str) -> tuple[str, ...]:
    """Every dotted name that a file may be imported by, for each folder above it that may be on sys.path.

    A folder without `__init__.py` may be a source root or a namespace package; both readings are kept, and an
    import takes the one that is nearest to the importing file.
    """
    stem = path.removesuffix(".py")
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return tuple(".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)) if parts else ()


def nearest(candidates: Sequence[str], importer: str) -> str:
    """Of several files with the same dotted name, the one that shares the longest folder with the importer."""
    here = posixpath.dirname(importer).split("/")

    def shared(path: str) -> int:
        there = posixpath.dirname(path).split("/")
        count = 0
        for a, b in zip(here, there, strict=False):
            if a != b:
                break
            count += 1
        return count

    return min(candidates, key=lambda path: (-shared(path), len(path), path))


def module_path(index: Index, dotted: str, importer: str) -> str | None:
    """The project's file that `import dotted` means in a file, or None when it is not the project's.

    A name of one word found only deep inside another package (`json` in `app/vendor/json.py`) is the project's only
    where the file stands beside the importer's own source root, or absolute imports would be stolen. No file means
    itself: `import redis` in `stores/redis.py` is the library.
    """
    candidates = index.modules.get(dotted)
    if not candidates:
        return None
    itself = "" if "." in dotted or importer.endswith("__init__.py") else importer
    usable = [c for c in candidates if c != itself and _reachable(index, c, dotted, importer)]
    return nearest(usable, importer) if usable else None


def _reachable(index: Index, candidate: str, dotted: str, importer: str) -> bool:
    """Whether the folder that had to be on sys.path is plausible: not a package, or the importer's own folder."""
    folder = candidate.removesuffix(".py").removesuffix("/__init__")
    root = folder[: len(folder) - len(dotted)].rstrip("/")
    if folder == "__init__":
        return False
    if f"{root}/__init__.py" not in index.names:
        beside = not root or importer.startswith(f"{root}/") or root.endswith("src")
        return beside or "." in dotted
    if f"{root}/manage.py" in index.names and importer.startswith(f"{root}/"):
        return True  # Django's manage.py puts its own folder on sys.path, package or not
    # A script started in its own folder imports its neighbours; a module of a package does not.
    return posixpath.dirname(importer) == root and f"{root}/__main__.py" in index.names


def is_folder(index: Index, dotted: str, importer: str) -> bool:
    """Whether a dotted name is a folder without `__init__.py` under a root that the importing file stands in."""
    tail = dotted.replace(".", "/")
    for root in index.folders.get(tail.rpartition("/")[2], ()):
        start = root.removesuffix(tail)
        if root.endswith(tail) and (not start or importer.startswith(start) or start.endswith("src/")):
            return f"{start}__init__.py" not in index.names
    return False


@lru_cache(maxsize=_KEPT)
def decoded(raw: bytes) -> Body:
    """The statements that the bytes of a body stand for."""
    return _BODY.decode(raw)


def body(index: Index, ref: ScopeRef) -> Body:
    """The statements of a scope."""
    return decoded(raw(index, ref))


def raw(index: Index, ref: ScopeRef) -> bytes:
    """The undecoded statements of a scope: one object for ever, so that its hash is computed once."""
    if ref not in index.raws:
        index.raws[ref] = bytes(index.python[ref.path].bodies[ref.scope])
    return index.raws[ref]


def call_at(index: Index, ref: SiteRef) -> Call | None:
    """The expression of a call site."""
    facts = index.python[ref.path]
    scope = ScopeRef(ref.path, facts.calls[ref.site].scope)
    if scope not in index.expressions:
        if len(index.expressions) >= _KEPT:
            index.expressions.clear()
        kids = {kid: facts.scopes[kid] for kid in index.children[ref.path].get(scope.scope, ())}
        index.expressions[scope] = {call.site: call for call in calls_in(body(index, scope), kids)}
    return index.expressions[scope].get(ref.site)


def enclosing_class(index: Index, ref: ScopeRef) -> ScopeRef | None:
    """The class whose body defines this function directly."""
    parent = index.scope(ref).parent
    if parent >= 0 and index.python[ref.path].scopes[parent].kind is ScopeKind.CLASS:
        return ScopeRef(ref.path, parent)
    return None


def top_packages(index: Index) -> frozenset[str]:
    """First words of everything that the project imports from outside itself."""
    found: set[str] = set()
    for path, facts in index.python.items():
        for item in facts.imports:
            if item.level == 0 and item.module:
                top = item.module.partition(".")[0]
                if top not in found and module_path(index, top, path) is None:
                    found.add(top)
    return frozenset(found)
