"""What is kept of the call graph: a warm run says what a cold one says, byte for byte, and does only what it must."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from analyzer import __version__
from analyzer.audit import audit
from analyzer.detection import linked
from analyzer.discover import discover
from analyzer.extract import extract
from analyzer.link import LinkedProject
from analyzer.link.callgraph import CallGraph
from analyzer.model.config import Config
from analyzer.reporters import render
from analyzer.store import Store, open_store

APPS = Path(__file__).parent / "fixtures" / "apps"


def report(root: Path, cache: Path | None) -> str:
    config = Config(
        paths=(str(root),), root=str(root), engines=("native",), confidence="low", jobs=1,
        cache=cache is not None, cache_dir=str(cache or ""),
    )  # fmt: skip
    return render(audit(config), "json")


def graph(root: Path, store: Store | None) -> tuple[LinkedProject, CallGraph]:
    """The project with its call graph, and what it took to make it."""
    config = Config(paths=(str(root),), root=str(root))
    snapshot, _ = discover(config)
    extracted = extract(snapshot.files, jobs=1, front_end="auto", store=None)
    project = linked(config, snapshot, extracted, store, __version__, with_tests=False)
    return project, project.call_graph()


def drawn(root: Path, cache: Path | None) -> list[str]:
    """The call graph in words."""
    store = open_store(cache) if cache else None
    try:
        _, found = graph(root, store)
        return [repr(edge) for edge in found.edges]
    finally:
        if store:
            store.close()


def edits(path: Path, chance: random.Random) -> None:
    """One edit somewhere in a file that leaves it valid Python."""
    lines = path.read_text().split("\n")
    starts = [n for n, line in enumerate(lines) if line.lstrip().startswith(("return ", "raise "))]
    what = chance.choice((0, 1, 2, 2, 3, 4, 5, 6, 6, 6, 6))
    if what == 0 or not starts:
        lines.insert(0, "# moved down by a line")
    elif what == 1:
        at = chance.choice(starts)
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at, f"{indent}print({chance.randrange(1000)})")
    elif what == 2:
        at = chance.choice(starts)
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at] = f"{indent}raise ValueError({chance.randrange(1000)})"
    elif what == 6:
        at = chance.choice(starts)
        head, _, value = lines[at].partition("return ")
        lines[at] = (
            f"{head}return str({value})" if value.strip() and value.count("(") == value.count(")") else lines[at]
        )
    elif what == 3:
        lines.append(f"def added_{chance.randrange(1000)}(session, client):\n    return client.get(session)\n")
    elif what == 4:
        lines.append(f"class Added{chance.randrange(1000)}(dict):\n    def get(self, key):\n        return key\n")
    else:
        lines.append(f"import os as renamed_{chance.randrange(1000)}\n")
    path.write_text("\n".join(lines))


@pytest.mark.parametrize("app", ["orders", "shop", "notes"])
def test_after_any_edit_warm_says_what_cold_says(app: str, tmp_path: Path) -> None:
    root, cache = tmp_path / app, tmp_path / "cache"
    shutil.copytree(APPS / app, root)
    chance = random.Random(f"edits of {app}")
    files = sorted(path for path in root.rglob("*.py") if "tests" not in path.parts)
    report(root, cache)
    for _ in range(5):
        edits(chance.choice(files), chance)
        assert report(root, cache) == report(root, None)
        assert drawn(root, cache) == drawn(root, None)


def tangle(chance: random.Random) -> str:
    """Something that a function of the tangled project may return: an object, what another one returns, its argument."""
    module, number = chance.randrange(5), chance.randrange(3)
    return chance.choice((f"m{module}.C{module}()", f"m{module}.f{number}(given)", "given", f"m{module}.kept", "None"))


def module(number: int, chance: random.Random) -> str:
    """A file whose functions return each other's results, so that types come from far away."""
    lines = ["from . import m0, m1, m2, m3, m4", "", f"kept = m{chance.randrange(5)}.f0(None)", ""]
    lines += [
        f"class C{number}:",
        "    def __init__(self):",
        f"        self.held = m{chance.randrange(5)}.f1(self)",
        "",
    ]
    lines += ["    def get(self):", "        return self.held.get()", ""]
    for function in range(3):
        lines += [f"def f{function}(given):", f"    return {tangle(chance)}", ""]
    lines += ["def used(given):", "    given.get()", f"    m{chance.randrange(5)}.used({tangle(chance)})", ""]
    return "\n".join(lines)


def retangle(path: Path, chance: random.Random) -> None:
    """Another value returned or passed in one place, or lines that move."""
    lines = path.read_text().split("\n")
    at = chance.choice([n for n, line in enumerate(lines) if line.startswith("    return ") or ".used(" in line])
    if chance.randrange(6) == 0:
        lines.insert(chance.choice((0, at)), "# one line more" if at else "")
    elif ".used(" in lines[at]:
        lines[at] = f"    m{chance.randrange(5)}.used({tangle(chance)})"
    else:
        lines[at] = f"    return {tangle(chance)}"
    path.write_text("\n".join(lines))


@pytest.mark.parametrize("seed", range(3))
def test_types_that_come_from_far_away_follow_every_edit(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    root, cache = tmp_path / "tangled", tmp_path / "cache"
    (root / "app").mkdir(parents=True)
    (root / "app" / "__init__.py").write_text("")
    files = [root / "app" / f"m{number}.py" for number in range(5)]
    for number, path in enumerate(files):
        path.write_text(module(number, chance))
    drawn(root, cache)
    for _ in range(20):
        retangle(chance.choice(files), chance)
        assert drawn(root, cache) == drawn(root, None)


PROJECT = {
    "app/__init__.py": "",
    "app/db.py": """\
import sqlite3


def connect():
    return sqlite3.connect("app.db", timeout=5)


def unrelated():
    return 1
""",
    "app/store.py": """\
from .db import connect


def rows(connection):
    return connection.execute("SELECT 1").fetchall()


def load():
    return rows(connect())
""",
    "app/other.py": """\
def double(number):
    return number * 2


def quadruple(number):
    return double(double(number))
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in PROJECT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def computed(root: Path, cache: Path) -> list[int]:
    store = open_store(cache)
    try:
        linked_project, _ = graph(root, store)
        return list(linked_project.counts().computed)
    finally:
        store.close()


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new))


def test_with_nothing_changed_nothing_is_computed(project: Path, tmp_path: Path) -> None:
    assert computed(project, tmp_path / "cache") == [4, 1]
    assert computed(project, tmp_path / "cache") == [0, 0]


def test_a_body_that_nobody_looked_at_costs_its_own_file(project: Path, tmp_path: Path) -> None:
    computed(project, tmp_path / "cache")
    edit(project, "app/db.py", "return 1", "return 2")
    assert computed(project, tmp_path / "cache") == [1, 0]


def test_a_body_that_somebody_looked_into_costs_his_file_too(project: Path, tmp_path: Path) -> None:
    computed(project, tmp_path / "cache")
    edit(project, "app/db.py", "timeout=5", "timeout=6")
    assert computed(project, tmp_path / "cache") == [2, 1]


def test_lines_that_move_cost_their_own_file(project: Path, tmp_path: Path) -> None:
    computed(project, tmp_path / "cache")
    edit(project, "app/db.py", "import sqlite3\n", "import sqlite3\n\n# two more lines\n")
    assert computed(project, tmp_path / "cache")[0] <= 2


def test_what_callers_pass_reaches_the_second_round(project: Path, tmp_path: Path) -> None:
    computed(project, tmp_path / "cache")
    edit(project, "app/store.py", "rows(connect())", "rows(None)")
    store = open_store(tmp_path / "cache")
    try:
        changed, _ = graph(project, store)
        names = {edge.callee for edge in changed.call_graph().edges if isinstance(edge.callee, str)}
    finally:
        store.close()
    assert "sqlite3.Connection.execute" not in names
