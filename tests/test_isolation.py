"""Started inside a tree full of traps, we run none of them: the audited code is never imported or run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

from analyzer import start

# what the issue names, what our start-up imports, and what a library would import if it were there
MODULES = (
    "_strptime", "ast", "bandit", "colorama", "concurrent", "ctypes", "dataclasses", "enum", "hashlib",
    "importlib_metadata", "inspect", "IPython", "json", "libcst", "logging", "msgspec", "multiprocessing",
    "pathlib", "pathspec", "pickle", "platformdirs", "queue", "rich", "rules", "selectors", "shellingham",
    "signal", "socket", "sqlite3", "struct", "subprocess", "tempfile", "threading", "tokenize", "tomllib",
    "typer", "yaml",
)  # fmt: skip
BEFORE_US = ("analyzer", "sitecustomize", "usercustomize", "re", "typing")  # see analyzer/start.py
TRAP = """
    with open({mark!r}, "a") as mark:
        mark.write({name!r} + chr(10))
"""
SCRIPT = """
    import os, sys
    with open({runs!r}, "a") as runs:
        runs.write("x")
    from analyzer.start import secure
    sys.path[:0] = ["", ".", os.getcwd()]
    secure()
    if {method!r}:
        import multiprocessing
        multiprocessing.set_start_method({method!r})
    from hashlib import blake2b
    from pathlib import Path
    from analyzer.extract import extract
    from analyzer.model.source import FileKind, SourceFile
    from analyzer.store import open_store
    def source(path):
        content = path.read_bytes()
        digest = blake2b(content, digest_size=16).hexdigest()
        kind = FileKind.PYTHON if path.suffix == ".py" else FileKind(path.suffix[1:])
        return SourceFile(path.name, content, digest, kind, True, False)
    files = [source(path) for path in Path(".").iterdir() if path.suffix in (".py", ".yaml", ".toml")]
    store = open_store(Path({cache!r}))
    for found in extract(files, jobs=2, front_end={front_end!r}, store=store):
        print(found.path, type(found.facts).__name__)
"""


def write_trap(path: Path, mark: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(TRAP.format(mark=str(mark), name=path.name)))


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A tree in which everything that could be run writes its name into `marks` beside it."""
    tree, mark = tmp_path / "tree", tmp_path / "marks"
    for name in (*MODULES, *BEFORE_US):
        write_trap(tree / f"{name}.py", mark)
    for name in ("analyzer", "rules", "bandit"):
        (tree / f"{name}.py").unlink()
        write_trap(tree / name / "__init__.py", mark)
        write_trap(tree / name / "__main__.py", mark)
    for name in ("semgrep", "git", "python", "python3"):
        (tree / name).write_text(f"#!/bin/sh\necho {name} >> {mark}\n")
        (tree / name).chmod(0o755)
    (tree / "values.yaml").write_text("a: 1\n")
    (tree / "pyproject.toml").write_text('[project]\nname = "trap"\n')
    return tree


def marks(tree: Path) -> list[str]:
    mark = tree.parent / "marks"
    return sorted(set(mark.read_text().split())) if mark.exists() else []


def start_inside(tree: Path, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    plain["PATH"] = os.pathsep.join([".", str(tree), plain.get("PATH", "")])
    plain["HOME"] = plain["XDG_CACHE_HOME"] = str(tree.parent / "home")
    return subprocess.run(
        command, cwd=tree, env=plain | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_traps_would_snap(trapped: Path) -> None:
    start_inside(trapped, [sys.executable, "-c", "import struct, yaml, analyzer"], PYTHONPATH=".")
    start_inside(trapped, ["/bin/sh", "-c", "semgrep"])
    assert set(marks(trapped)) >= {"struct.py", "yaml.py", "__init__.py", "sitecustomize.py", "semgrep"}


@pytest.mark.parametrize("front_end", ["auto", "libcst"])
@pytest.mark.parametrize("method", ["", "spawn", "forkserver", "fork"])
def test_extract_runs_nothing_under_any_start_method(trapped: Path, method: str, front_end: str) -> None:
    folder = trapped.parent
    script = folder / "script.py"
    runs = folder / "runs"
    names = {"method": method, "front_end": front_end, "runs": str(runs), "cache": str(folder / "cache")}
    script.write_text(textwrap.dedent(SCRIPT.format(**names)))
    done = start_inside(trapped, [sys.executable, str(script)])
    assert done.returncode == 0, done.stderr
    assert "yaml.py PythonFacts" in done.stdout
    assert "values.yaml TextFacts" in done.stdout
    assert "pyproject.toml TextFacts" in done.stdout
    assert marks(trapped) == []
    assert runs.read_text() == "x"  # no process of ours runs the caller's script again


def console_script() -> list[str]:
    return [str(Path(sysconfig.get_path("scripts")) / "backend-audit")]


@pytest.mark.parametrize("command", [["scan", "."], ["."], ["--help"], ["rules"]], ids=" ".join)
def test_the_console_script_runs_nothing(trapped: Path, command: list[str]) -> None:
    done = start_inside(trapped, [*console_script(), *command])
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert marks(trapped) == []


@pytest.mark.parametrize("kind", ["pythonpath_unset", "pythonpath_empty"])
@pytest.mark.parametrize("front_end", ["auto", "libcst"])
def test_a_whole_audit_runs_nothing(trapped: Path, kind: str, front_end: str) -> None:
    """Every stage has work: findings to link, to inspect and to report in each format, cold and warm."""
    (trapped / "app.py").write_text("import requests\nrequests.get('u', verify=False)\n")
    own = {"PYTHONPATH": ""} if kind == "pythonpath_empty" else {}
    command = [*console_script(), "scan", ".", "--front-end", front_end, "-o", "../out.sarif", "-o", "../out.json"]
    for _ in ("cold", "warm"):
        done = start_inside(trapped, command, **own)
        assert done.returncode == 1, done.stderr
        assert "tls-verification-off" in done.stdout
        assert marks(trapped) == []
    assert (trapped.parent / "out.sarif").stat().st_size > 1000


def test_the_audited_configuration_runs_nothing(trapped: Path) -> None:
    """A project's own configuration cannot name rules, and its library models are data."""
    write_trap(trapped / "own" / "family" / "evil.py", trapped.parent / "marks")
    (trapped / "models").mkdir()
    (trapped / "models" / "evil.yaml").write_text("!!python/object/apply:os.system ['touch ../marks']\n")
    for table in ("rules = ['own']", "libraries = ['models']"):
        (trapped / "pyproject.toml").write_text(f"[tool.backend-audit]\n{table}\n")
        done = start_inside(trapped, [*console_script(), "scan", "."])
        assert "Traceback" not in done.stderr
        assert done.returncode == 2, (table, done.stderr)
        assert marks(trapped) == []


def test_the_module_runs_nothing_with_a_safe_path(trapped: Path) -> None:
    done = start_inside(trapped, [sys.executable, "-P", "-m", "analyzer", "."])
    assert "Traceback" not in done.stderr
    assert marks(trapped) == []


@pytest.mark.parametrize("entry", [".", "", "{tree}", "{tree}/../tree"])
def test_pythonpath_is_shut_out_as_far_as_python_lets_us(trapped: Path, entry: str) -> None:
    for name in BEFORE_US:
        (trapped / f"{name}.py").unlink(missing_ok=True)
    (trapped / "analyzer").rename(trapped / "other")
    path = os.pathsep.join([entry.format(tree=trapped), "missing"])
    done = start_inside(trapped, [*console_script(), "."], PYTHONPATH=path)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert marks(trapped) == []


# ------------------------------------------------------------------- the import path by itself


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an environment of its own inside, as the interpreter would report it."""
    site = tmp_path / "project" / ".venv" / "lib" / "site-packages"
    site.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "project" / ".venv"))
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return site


def test_an_environment_inside_the_tree_stays(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = venv.parents[2]
    script = str(project / ".venv" / "bin")
    outside = "/usr/lib/python3/dist-packages"
    monkeypatch.setattr(sys, "path", [script, "", ".", str(project), str(project / "src"), str(venv), outside])
    assert start.import_path() == [script, str(venv), outside]


def test_an_environment_that_is_the_working_directory_stays(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(venv)
    monkeypatch.setattr(sys, "path", ["", str(venv)])
    assert start.import_path() == [str(venv)]


def test_a_link_to_the_tree_is_the_tree(venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(venv.parents[2])
    monkeypatch.setattr(sys, "path", [str(tmp_path / "link"), str(tmp_path / "link" / "src")])
    assert start.import_path() == []


def test_our_own_folder_goes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(Path(start.__file__).parents[1])
    monkeypatch.chdir(home)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(sys, "path", [home, "/usr/lib/python3/dist-packages"])
    assert start.import_path() == ["/usr/lib/python3/dist-packages", home]


def test_children_inherit_no_pythonpath(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    start.secure()
    assert "PYTHONPATH" not in os.environ
    assert os.environ["PYTHONSAFEPATH"] == "1"
    assert str(tmp_path) not in sys.path
