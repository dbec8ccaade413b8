"""Paths and revisions → the files that are migrations, and the order in which they run as far as it is known."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..model.code import AnnAssign, Assign, Expr, Literal, Name, Sequence
from .evaluate import Evaluator
from .index import Index, ScopeRef, body

_FOLDERS = frozenset({
    "changelog", "changelogs", "changesets", "dbmate", "flyway", "goose", "migrate", "migration", "migrations",
    "upgrade", "upgrades", "versions",
})  # fmt: skip
_UNDO_FOLDERS = frozenset({"down", "downgrade", "downgrades", "revert", "rollback", "rollbacks", "undo", "verify"})
_UNDO_FILE = re.compile(r"(?:.*[._-])?(?:down|downgrade|revert|rollback|undo)\.sql|u\d.*__.*\.sql")
_NO_MIGRATION = re.compile(r"(?:.*[._-])?(?:dumps?|fixtures?|samples?|seeds?|testdata)(?:[._-].*)?")
_NUMBERED = re.compile(r"v?\d")
_FLYWAY = re.compile(r"[vV](\d+(?:[._]\d+)*)__")


@dataclass(frozen=True, slots=True)
class Migration:
    """Where a migration stands in its series."""

    series: str
    number: int | None  # None where the order is not known
    last: bool


def migrations(ev: Evaluator, python: Collection[str]) -> dict[str, Migration]:
    """Every SQL file that is a migration, and those of these Python files, by path."""
    found: dict[str, Migration] = {}
    for series, paths in _sql_series(ev.index).items():
        numbered = [path for path in paths if _NUMBERED.match(_within(path, series).lower())]
        found |= _numbered(series, paths, {path: n for n, path in enumerate(sorted(numbered, key=_natural))})
    folders: dict[str, list[str]] = defaultdict(list)
    for folder in {posixpath.dirname(path) for path in python}:
        folders[folder] = [p for p in (*ev.index.python, *ev.index.unread) if posixpath.dirname(p) == folder]
    for folder, paths in sorted(folders.items()):
        facts = ev.index.python
        chained = [path for path in paths if path in facts and "down_revision" in facts[path].names]
        numbered = [path for path in paths if _NUMBERED.match(posixpath.basename(path))]
        order = _chain(ev.index, chained) if chained else {p: n for n, p in enumerate(sorted(numbered, key=_natural))}
        wanted = {*order, *python, *ev.index.unread}
        found |= _numbered(folder, [path for path in paths if path in wanted], order)
    return found


def _numbered(series: str, paths: Iterable[str], order: Mapping[str, int]) -> dict[str, Migration]:
    end = max(order.values(), default=0)
    return {path: Migration(series, order.get(path), order.get(path, end) == end) for path in paths}


def _sql_series(index: Index) -> dict[str, list[str]]:
    """SQL migrations by the folder that holds them all: of `db/migrations/0001_first/up.sql` it is `db/migrations`."""
    files = sorted([*index.text, *index.unread])
    scripts = [path for path in files if path.lower().endswith(".sql") and path not in index.tests]
    beside = defaultdict(list)
    for path in scripts:
        if _NUMBERED.match(posixpath.basename(path).lower()):
            beside[posixpath.dirname(path)].append(path)
    found: dict[str, list[str]] = defaultdict(list)
    for path in scripts:
        *folders, name = path.lower().split("/")
        if not _UNDO_FOLDERS.isdisjoint(folders) or _UNDO_FILE.fullmatch(name):
            continue
        if any(_NO_MIGRATION.fullmatch(part) for part in (*folders, name.removesuffix(".sql"))):
            continue
        depth = max((n for n, folder in enumerate(folders) if folder in _FOLDERS), default=-1)
        if depth < 0 and "deploy" in folders and _sqitch(path) in index.text:
            depth = folders.index("deploy")
        if depth >= 0:
            found["/".join(path.split("/")[: depth + 1])].append(path)
        elif path in beside[posixpath.dirname(path)] and len(beside[posixpath.dirname(path)]) > 1:
            found[posixpath.dirname(path)].append(path)
    return found


def _sqitch(path: str) -> str:
    return f"/{path}".replace("/deploy/", "/revert/", 1)[1:]


def _within(path: str, series: str) -> str:
    return path[len(series) :].lstrip("/")


def _natural(path: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which `V2__b.sql` comes before `V10__a.sql`."""
    if flyway := _FLYWAY.match(posixpath.basename(path)):
        return tuple((0, int(part), "") for part in re.split("[._]", flyway[1]))
    parts = re.split(r"(\d+)", path)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _chain(index: Index, paths: Iterable[str]) -> dict[str, int]:
    """Alembic's revisions by how many come before each; empty where the chain has a gap or a knot."""
    told = {path: _revisions(index, path) for path in paths}
    known = {mine: path for path, (mine, _) in told.items() if mine}
    depths: dict[str, int] = {}
    waiting = dict(told)
    while waiting:
        ready = [p for p, (_, before) in waiting.items() if all(known.get(b) in depths for b in before)]
        if not ready:
            return {}
        for path in ready:
            depths[path] = max((depths[known[b]] + 1 for b in waiting[path][1]), default=0)
        waiting = {path: revisions for path, revisions in waiting.items() if path not in depths}
    return depths


def _revisions(index: Index, path: str) -> tuple[str, tuple[str, ...]]:
    """A revision's name, "" where it is no constant, and the names of those right before it."""
    found: dict[str, tuple[str, ...]] = {}
    for statement in body(index, ScopeRef(path, 0)):
        match statement:
            case Assign(targets=(Name(id=name),), value=value) | AnnAssign(target=Name(id=name), value=value):
                if name in ("revision", "down_revision", "depends_on"):
                    found[name] = _texts(value)
    mine = found.get("revision", ())
    return mine[0] if mine else "", (*found.get("down_revision", ()), *found.get("depends_on", ()))


def _texts(value: Expr | None) -> tuple[str, ...]:
    match value:
        case Literal(value=str(text)):
            return (text,)
        case Sequence(items=items):
            return tuple(text for item in items for text in _texts(item))
        case _:
            return ()
