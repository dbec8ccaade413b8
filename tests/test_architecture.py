"""The laws of the house, each as a test: sizes, words, imports, and what the analyzer never does."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from analyzer.audit import audit
from analyzer.discover import discover
from analyzer.settings import load

ROOT = Path(__file__).resolve().parents[1]
ANALYZER = sorted((ROOT / "analyzer").rglob("*.py"))
RULES = sorted((ROOT / "rules").rglob("*.py"))
OURS = [*ANALYZER, *RULES, *(p for folder in ("tests", "benchmarks", "docs") for p in sorted((ROOT / folder).glob("*.py")))]
LONGEST_FILE, LONGEST_RULE, LONGEST_FUNCTION = 300, 120, 40
BANNED = {"utils", "util", "common", "core", "base", "helpers", "helper", "manager", "misc"}
# Third-party package → the parts of analyzer/ that may import it when they run.
WHO_IMPORTS = {
    "libcst": {"extract", "inspect"},
    "rich": {"cli", "reporters"},
    "typer": {"cli"},
    "click": {"cli"},
    "yaml": {"extract", "library_files", "openapi"},
    "platformdirs": {"store"},
    "pathspec": {"discover", "triage"},
}
NETWORK = {"socket", "ssl", "http", "ftplib", "smtplib", "xmlrpc", "socketserver", "webbrowser", "requests", "httpx", "aiohttp"}
UNSAFE_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "imp", "runpy", "code", "codeop"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "print", "input"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(node: ast.AST) -> Iterator[str]:
    """The absolute modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node of code that runs: without `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from running(child)


def part(path: Path) -> str:
    """Which part of analyzer/ a file belongs to: "extract", "store"."""
    return path.relative_to(ROOT / "analyzer").parts[0].removesuffix(".py")


# ------------------------------------------------------------------- sizes and words


def test_files_are_short() -> None:
    long = {name(p): n for p in ANALYZER if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    long |= {name(p): n for p in RULES if (n := len(p.read_text().splitlines())) > LONGEST_RULE}
    assert long == {}


def test_functions_are_short() -> None:
    functions = [(p, n) for p in (*ANALYZER, *RULES) for n in ast.walk(tree(p)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = {f"{name(p)}: {n.name}": (n.end_lineno or n.lineno) - n.lineno + 1 for p, n in functions}
    assert {where: size for where, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_every_module_opens_with_one_sentence() -> None:
    bad = []
    for path in (*ANALYZER, *sorted((ROOT / "tests").glob("*.py"))):
        first, _, rest = (ast.get_docstring(tree(path)) or "").partition("\n")
        if not first.endswith(".") or (rest and not rest.startswith("\n")):
            bad.append(name(path))
    assert bad == []


def test_no_name_says_nothing() -> None:
    parts = {word for path in OURS for word in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & BANNED == set()


def test_nothing_is_unfinished() -> None:
    words = re.compile("|".join(("TO" "DO", "FIX" "ME", "NotImplemented" "Error", "pragma: no " "cover")))
    assert [name(path) for path in OURS if words.search(path.read_text())] == []


def test_what_is_silenced_has_a_reason() -> None:
    bad = []
    for path in (*ANALYZER, *RULES):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            typed = "# type: ignore" in line and not re.search(r"# type: ignore\[[\w, -]+\]  # \S", line)
            linted = re.search(r"#\s*noqa\b", line) and not re.search(r"# noqa: [A-Z0-9, ]+ - \S", line)
            if typed or linted:
                bad.append(f"{name(path)}:{number}")
    assert bad == []


# ------------------------------------------------------------------- imports


def test_import_contracts() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_heavy_packages_are_imported_only_where_they_are_needed() -> None:
    found = set()
    for path in ANALYZER:
        tops = {module.partition(".")[0] for node in running(tree(path)) for module in modules(node)}
        found |= {(name(path), top) for top in tops if part(path) not in WHO_IMPORTS.get(top, {part(path)})}
    assert found == set()


def test_the_console_script_imports_nothing_before_it_is_safe() -> None:
    tops = [module for node in tree(ROOT / "analyzer" / "start.py").body for module in modules(node)]
    assert tops == ["os", "sys"]
    outer = [n for n in tree(ROOT / "analyzer" / "__init__.py").body if isinstance(n, ast.Import | ast.ImportFrom)]
    assert outer == []


def test_rules_are_found_not_registered() -> None:
    """Nothing happens on import: a rule file holds definitions, constants and imports."""
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.If, ast.Expr, ast.ClassDef)
    for path in RULES:
        body = tree(path).body
        assert all(isinstance(node, allowed) for node in body), name(path)
        expressions = [node.value for node in body if isinstance(node, ast.Expr)]
        assert all(isinstance(value, ast.Constant) for value in expressions), name(path)


# ------------------------------------------------------------------- what never happens


def test_nothing_runs_what_it_reads() -> None:
    found = set()
    for path in ANALYZER:
        for node in ast.walk(tree(path)):
            found |= {f"{name(path)} imports {m}" for m in modules(node) if m.partition(".")[0] in UNSAFE_MODULES}
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in UNSAFE_CALLS or called in ("os.system", "os.popen") or called.startswith(("os.exec", "os.spawn")):
                    found.add(f"{name(path)} calls {called}")
                if any(k.arg == "shell" for k in node.keywords):
                    found.add(f"{name(path)} asks for a shell")
                if called.endswith(".exec_module") and path.name != "registry.py":
                    found.add(f"{name(path)} runs a module")
    assert found == set()


def test_nothing_is_fetched_or_sent() -> None:
    found = set()
    for path in (*ANALYZER, *RULES):
        for node in ast.walk(tree(path)):
            found |= {f"{name(path)}: {m}" for m in modules(node) if m.partition(".")[0] in NETWORK or m == "urllib.request"}
    assert found == set()


def test_processes_are_started_in_one_place() -> None:
    users = {name(p) for p in ANALYZER for n in ast.walk(tree(p)) for m in modules(n) if m.partition(".")[0] in ("subprocess", "multiprocessing")}
    assert users == {"analyzer/pool.py", "analyzer/tools.py"}


def test_reporters_open_no_file() -> None:
    for path in (p for p in ANALYZER if part(p) == "reporters"):
        imported = {m for n in ast.walk(tree(path)) for m in modules(n)}
        calls = {ast.unparse(n.func) for n in ast.walk(tree(path)) if isinstance(n, ast.Call)}
        assert not imported & {"os", "pathlib.Path", "shutil", "tempfile", "glob", "io.open"} and "open" not in calls, name(path)


# ------------------------------------------------------------------- the tree


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f == ".ci" or (not f.startswith(".") and f not in ("__pycache__", "build", "dist")))
        for file in sorted(files):
            path = Path(folder, file)
            try:
                yield name(path), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_nothing_of_this_machine_is_in_the_tree() -> None:
    words = {f"{folder}/" for folder in (str(ROOT), os.environ.get("HOME", "")) if len(folder) > 1}
    addresses = [value for key, value in sorted(os.environ.items()) if key.startswith(("PIP_", "UV_")) and "://" in value]
    words |= {host for address in addresses for host in re.findall(r"://(?:[^@/\s]*@)?([^/:\s]+)", address)} - {"pypi.org"}
    assert [(file, word) for file, text in texts() for word in sorted(words) if word in text] == []


def test_we_audit_ourselves_clean() -> None:
    report = audit(load([str(ROOT)], {"cache": False}))
    said = [problem for problem in report.problems if problem.stage != "link"]  # how far values were followed
    assert (report.findings, said, report.suppressed) == ((), [], ())
    assert all(problem.note for problem in report.problems)
    assert report.totals.files > 200
    assert not [f for f in discover(load([str(ROOT)], {}))[0].files if f.path.startswith("tests/fixtures/")]


def test_the_top_level_is_what_the_architecture_says() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text()
    for entry in sorted((ROOT / "analyzer").iterdir()):
        if entry.name not in ("__pycache__", "_assets", "__init__.py", "__main__.py", "py.typed") and not entry.name.startswith("."):
            assert re.search(rf"\b{re.escape(entry.stem)}\b", told), f"ARCHITECTURE.md does not name analyzer/{entry.name}"


# ------------------------------------------------------------------- other people's tools


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("command", [("mypy",), ("ruff", "check", "--quiet", ".")], ids=lambda command: command[0])
def test_checkers_are_content(command: tuple[str, ...]) -> None:
    assert run(*command) == ""
