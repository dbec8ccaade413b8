"""A disk that is full and a cache that cannot be written: each is named, the exit code is right, nothing is half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = "import sys; sys.argv[0] = 'backend-audit'\nfrom analyzer.start import main\nmain()"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))\n"  # bytes of a file
pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project with forty findings."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / "a.py").write_text("import requests\n\n" + "".join(f"requests.get('https://x.example/{n}')\n" for n in range(40)))
    return root


def run(root: Path, *arguments: str, script: str = SCRIPT, stdout: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of an audit in a process of its own; `stdout` is a file that gets it."""
    command = [sys.executable, "-P", "-c", script, "scan", ".", "--engine", "native", "-j", "1", *arguments]
    if "--cache-dir" not in arguments:
        command.append("--no-cache")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with open(stdout or os.devnull, "wb") as target:
        done = subprocess.run(
            command, cwd=root, env=environment, stdout=target if stdout else subprocess.PIPE, stderr=subprocess.PIPE, check=False
        )
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


@pytest.mark.parametrize("format", ["terminal", "json", "markdown", "github"])
def test_a_full_stdout(repo: Path, format: str) -> None:
    code, _, said = run(repo, "--format", format, "-q", stdout="/dev/full")
    assert (code, said) == (2, "backend-audit: the report could not be written to stdout: No space left on device\n")


def test_a_full_device_keeps_no_other_report_from_being_written(repo: Path) -> None:
    code, shown, said = run(repo, "-o", "sarif=/dev/full", "-o", "b.json")
    assert code == 2 and "/dev/full could not be written: No space left on device" in said
    assert "40 findings" in shown and "wrote b.json" in said and "wrote /dev/full" not in said
    assert len(json.loads((repo / "b.json").read_text())["findings"]) == 40


def test_a_report_that_does_not_fit_leaves_the_old_one(repo: Path) -> None:
    for name in ("old.sarif", "old.json", "audit-baseline.json"):
        (repo / name).write_text('{"tool": "backend-audit", "baseline": 1, "findings": []}')
    before = sorted((path.name, path.read_bytes()) for path in repo.iterdir() if path.is_file())
    code, shown, said = run(
        repo, "-o", "old.sarif", "-o", "old.json", "--write-baseline", "audit-baseline.json", script=LIMITED + SCRIPT
    )
    assert code == 2 and "40 new findings" in shown
    for name in ("old.sarif", "old.json", "audit-baseline.json"):
        assert f"{name} could not be written: File too large" in said
    assert sorted((path.name, path.read_bytes()) for path in repo.iterdir() if path.is_file()) == before


def test_a_cache_that_does_not_fit(repo: Path, tmp_path: Path) -> None:
    code, shown, said = run(repo, "--cache-dir", str(tmp_path / "cache"), "--format", "json", "-q", script=LIMITED + SCRIPT)
    report = json.loads(shown)
    assert (code, said, len(report["findings"])) == (1, "", 40)
    assert any("cache" in problem["message"] and problem["note"] for problem in report["problems"])


def test_a_cache_that_may_not_be_written(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (str(tmp_path / "file"), "/proc/nowhere"):
        code, shown, said = run(repo, "--cache-dir", place, "--format", "json", "-q")
        report = json.loads(shown)
        assert (code, said, len(report["findings"])) == (1, "", 40)
        assert any("runs without a cache" in problem["message"] and problem["note"] for problem in report["problems"])
