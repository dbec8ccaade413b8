"""CONTRIBUTING.md, performed: the rule of the guide is written into an empty folder, and fires."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzer.cli.app import app
from analyzer.engines import semgrep
from analyzer.registry import load_rules

GUIDE = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with every file that the guide names and shows."""
    files = re.findall(r"`(\w+/[\w/]+\.py)`:\n\n```python\n(.*?)```\n", GUIDE, re.DOTALL)
    assert [name for name, _ in files] == ["audit_rules/latency/slow_http_call.py", "shop/rates.py"]
    for name, text in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def commands() -> list[list[str]]:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("backend-audit ")]


def test_the_rule_of_the_guide_fires(written: Path) -> None:
    scan, _ = commands()
    result = CliRunner().invoke(app, [*scan, "--format", "concise", "--no-cache"])
    assert result.exit_code == 1, result.output
    assert "rates.py:5:12: warning slow-http-call `requests.get` may take 60 seconds" in result.output


def test_the_rule_of_the_guide_explains_itself(written: Path) -> None:
    _, explain = commands()
    result = CliRunner().invoke(app, explain)
    assert result.exit_code == 0
    assert "An outbound HTTP call may take longer than our own clients wait." in result.output


def test_the_examples_of_the_guide_hold(written: Path) -> None:
    """`bad` fires and `good` is silent, as the guide promises for every rule."""
    [loaded] = [r for r in load_rules(["audit_rules"]).rules if r.rule.id == "slow-http-call"]
    for text, code in ((loaded.rule.bad, 1), (loaded.rule.good, 0)):
        assert isinstance(text, str)
        (written / "shop" / "rates.py").write_text(re.sub(r"(?m)^ {8}", "", text))
        result = CliRunner().invoke(app, ["shop", "--rules", "audit_rules", "--select", "slow-http-call", "--no-cache"])
        assert result.exit_code == code, result.output


def test_the_marks_of_the_guide_are_read() -> None:
    from marks import _unmarked

    [block] = re.findall(r"```python\n(requests\.get.*?)```", GUIDE, re.DOTALL)
    text, marks = _unmarked("store.py", block.encode())
    assert [(m.kind, m.line, m.rule) for m in marks] == [(kind, n, "slow-http-call") for n, kind in enumerate(("expect", "missed", "noise"), 1)]
    assert b"slow" not in text


def test_the_pattern_of_the_guide_fires_on_its_bad_example_alone(written: Path) -> None:
    [pattern] = re.findall(r"```yaml\n(rules:\n.*?)```", GUIDE, re.DOTALL)
    (written / "patterns").mkdir()
    (written / "patterns" / "restart.yaml").write_text(pattern, encoding="utf-8")
    [loaded] = [r for r in semgrep.load_rules([str(written / "patterns")])[0] if r.rule.id.endswith("restart-never")]
    command = ["shop", "--root", ".", "--semgrep-rules", "patterns", "--select", "compose-restart-never", "--no-cache"]
    for text, code in ((loaded.rule.bad, 1), (loaded.rule.good, 0)):
        assert isinstance(text, dict)
        (written / "shop" / "compose.yaml").write_text(text["compose.yaml"])
        result = CliRunner().invoke(app, [*command, "--format", "concise"])
        assert result.exit_code == code, result.output
