"""Whole backends through the whole pipeline: every rule at once, exactly the marked places, and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from marks import Case, cases
from typer.testing import CliRunner

from analyzer.audit import audit
from analyzer.cli.app import app
from analyzer.model.config import Config
from analyzer.model.report import Report
from analyzer.registry import load_rules

APPS = [case for case in cases() if case.name.startswith("apps/")]


@pytest.fixture(scope="module", params=APPS, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    yield request.param


@pytest.fixture(scope="module")
def report(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on a copy without the marks, so that nothing can go by them; all engines take a while, so once."""
    folder = tmp_path_factory.mktemp("app")
    for path, content in case.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return audit(Config(paths=(str(folder),), root=str(folder), cache=False, jobs=1))


def test_exactly_the_marked_places(case: Case, report: Report) -> None:
    shown = sorted((f.at.path, f.at.span.line, f.rule) for f in report.findings)
    assert shown == sorted((m.path, m.line, m.rule) for m in case.marks if m.kind != "missed" and not m.confidence)
    severities = {(f.at.path, f.at.span.line, f.rule): f.severity for f in report.findings}
    told = {(m.path, m.line, m.rule): m.severity for m in case.marks if m.severity}
    assert told.items() <= severities.items()


def test_nothing_is_left_unchecked(report: Report) -> None:
    assert (report.problems, report.suppressed) == ((), ())
    assert report.totals.files == report.totals.reported
    assert report.endpoints, "no endpoint was recognised"


def test_the_apps_show_every_rule_and_every_engine() -> None:
    """Whole backends have one mistake of each kind at least."""
    shown = {m.rule for case in APPS for m in case.marks if m.kind == "expect"}
    assert {loaded.rule.id for loaded in load_rules().rules} <= shown
    assert {rule.partition(":")[0] for rule in shown if ":" in rule} == {"semgrep", "bandit"}


def test_the_command_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--root` alone reports on all of it, also where the clone around it leaves the folder out and calls it test code."""
    [orders] = [case for case in APPS if case.name == "apps/orders"]
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    result = CliRunner().invoke(app, ["--root", "tests/fixtures/apps/orders", "--no-cache", "--format", "concise"])
    assert result.exit_code == 1
    told = [line for line in result.stdout.splitlines() if not line.startswith("backend-audit ")]
    assert len(told) == sum(mark.confidence != "low" for mark in orders.marks)
