"""What is installed: the wheel holds everything that a run needs, and the README's commands are those that CI runs."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from marks import cases

from analyzer import __version__

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "fixtures" / "apps" / "orders"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as hatchling builds it from the tree, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where no checkout is near."""
    folder = tmp_path_factory.mktemp("elsewhere") / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The console script of the unpacked wheel; dependencies are those of this interpreter."""
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); from analyzer.start import main; main()"
    command = [sys.executable, "-P", "-c", code, *arguments]
    env = {**os.environ, "HOME": str(cwd), "XDG_CACHE_HOME": str(cwd / "cache")}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_holds_what_the_tree_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"analyzer", f"backend_audit-{__version__}.dist-info"}, "a top-level `rules` would hide other people's"
    sources = {p.relative_to(ROOT).as_posix() for p in (ROOT / "analyzer").rglob("*.py")}
    rules = {f"analyzer/_assets/{p.relative_to(ROOT).as_posix()}" for s in ("*.py", "*.yaml") for p in (ROOT / "rules").rglob(s)}
    data = {"analyzer/py.typed", "analyzer/reporters/schema/report-1.json", "analyzer/reporters/schema/endpoints-1.json"}
    data |= {p.relative_to(ROOT).as_posix() for p in (ROOT / "analyzer" / "cli" / "places").iterdir() if p.is_file()}
    templates = {f"analyzer/_assets/templates/{p.name}" for p in (ROOT / "reports" / "templates").iterdir()}
    assert sources | rules | data | templates <= names
    assert not [name for name in names if "test" in name.rpartition("/")[2].replace("litestar", "") and "/rules/" not in name and "testcode" not in name]
    assert not [name for name in names if name.endswith((".pyc", ".orig", ".sarif")) or "cache" in name.rpartition("/")[0]]


def test_the_wheel_finds_its_rules_and_models(installed: Path, tmp_path: Path) -> None:
    sample = tmp_path / "orders"
    shutil.copytree(SAMPLE, sample)
    done = run(installed, tmp_path, str(sample), "--root", str(sample), "-f", "json", "-q", "-o", "audit.sarif", "-o", "audit.html")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    [marked] = [case.marks for case in cases() if case.name == "apps/orders"]
    assert {finding["rule"] for finding in report["findings"]} == {mark.rule for mark in marked if mark.confidence != "low"}, "so the models were found"
    assert json.loads((tmp_path / "audit.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "audit.html").read_text(encoding="utf-8").count("<article") == len(report["findings"])


def test_the_wheel_explains(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "explain", "B113")
    assert (done.returncode, done.stderr) == (0, "")
    assert "# http-call-without-timeout" in done.stdout
    assert run(installed, tmp_path, "--version").stdout == f"backend-audit {__version__}\n"


def commands() -> list[str]:
    return re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)


def test_the_readme_has_two_commands_and_ci_runs_the_second() -> None:
    install, test = commands()
    assert "\n" not in install + test, "one line each"
    assert install.endswith(".venv/bin/backend-audit --root tests/fixtures/apps/orders")
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == test


@pytest.mark.parametrize("broken", ["venv", "pip", "pytest"])
def test_ci_fails_when_a_step_does(broken: str, tmp_path: Path) -> None:
    """`.ci/run` with stand-ins for its three programs, one of which fails."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    programs = {"venv": tmp_path / "bin" / "python3", "pip": tmp_path / ".venv/bin/pip", "pytest": tmp_path / ".venv/bin/pytest"}
    for step, path in programs.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nexit {7 if step == broken else 0}\n")
        path.chmod(0o755)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    done = subprocess.run([str(tmp_path / ".ci" / "run")], env=env, cwd="/", timeout=20, check=False)
    assert done.returncode == 7


def test_versions_agree() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    declared = [c.rpartition(" ")[2] for c in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert declared == [f"3.{minor}" for minor in range(11, 16)]


def test_the_configuration_table_names_every_key() -> None:
    from analyzer.catalogue import catalogue, choose
    from analyzer.model.config import Config
    from analyzer.settings.check import KEYS, check_table

    table = README.partition("## Configuration")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| `(.+?)` \|", table, re.MULTILINE)
    assert sorted(key for key, _ in rows) == sorted(KEYS)
    for key, example in rows:
        values, mistakes = check_table(tomllib.loads(f"{key} = {example}"))
        assert mistakes == []
        if key in ("select", "extend-select", "ignore"):
            choose(catalogue(Config()).rules, Config(**values))  # type: ignore[arg-type]  # checked; raises for names of nothing
    assumed = {loaded.rule.assume for loaded in catalogue(Config()).rules} - {""}
    assert all(f"`{key}`" in table for key in assumed)


def test_the_exit_codes_are_those_of_the_program() -> None:
    from analyzer.cli.finish import Exit

    told = re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)
    assert [int(code) for code in told] == sorted(Exit)


def test_generated_documents_are_fresh() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import generate; print(*generate.stale(), sep='\\n')"],
        cwd=ROOT / "docs", env={**os.environ, "PYTHONPATH": str(ROOT / "docs")}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (listed.returncode, listed.stdout.strip()) == (0, ""), f"run python docs/generate.py\n{listed.stdout}{listed.stderr}"


def test_links_in_the_documents_lead_somewhere() -> None:
    for document in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        for link in re.findall(r"\]\(([^)#:\s]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"
