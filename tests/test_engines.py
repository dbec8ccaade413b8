"""Which rules of which engine run, what ours replace, and how another tool's finding becomes evidence of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analyzer.audit import audit
from analyzer.catalogue import choose
from analyzer.extract.python import read
from analyzer.failure import UserError
from analyzer.model.config import Config, FileIgnore
from analyzer.model.facts import PythonFacts
from analyzer.model.finding import Finding
from analyzer.model.location import Location, Span
from analyzer.model.report import Count
from analyzer.model.rule import Confidence, Engine, LoadedRule, Node, Rule, Severity, Standard
from analyzer.model.source import FileKind, Snapshot, SourceFile
from analyzer.triage import Triaged, triage


def rule(identity: str, engine: Engine = Engine.NATIVE, family: str = "", reports: str = "", **more: Any) -> LoadedRule:
    said = Rule(
        identity, "Doc.", Severity.HIGH, Confidence.HIGH, None, Standard.SECURITY, Node.CALL, "", "", "0.1", **more
    )
    return LoadedRule(said, family or engine, identity, None, engine=engine, reports=reports)


RULES = (
    rule("raw-sql", family="injection", aliases=("bandit:B608", "bandit:B610", "ruff:S608"), supersedes=("bandit:B608",)),
    rule("dotted-table-name", family="schema"),
    rule("semgrep:compose-privileged", Engine.SEMGREP),
    rule("semgrep:dotted-table-name-js", Engine.SEMGREP, reports="dotted-table-name"),
    rule("bandit:B101", Engine.BANDIT, by_default=False),
    rule("bandit:B608", Engine.BANDIT),
    rule("bandit:B610", Engine.BANDIT),
)
BY_DEFAULT = {loaded.rule.id for loaded in RULES} - {"bandit:B101"}


def chosen(**settings: Any) -> set[str]:
    return {loaded.rule.id for loaded in choose(RULES, Config(**settings)).rules}


def test_without_a_selection_all_run_but_those_that_are_off() -> None:
    assert chosen() == BY_DEFAULT
    assert chosen(extend_select=("B101",)) == BY_DEFAULT | {"bandit:B101"}


@pytest.mark.parametrize(
    ("word", "runs"),
    [
        ("raw-sql", {"raw-sql"}),
        ("B608", {"raw-sql", "bandit:B608"}),
        ("S608", {"raw-sql"}),
        ("bandit:B101", {"bandit:B101"}),
        ("bandit:B610", {"raw-sql", "bandit:B610"}),
        ("bandit", {"bandit:B101", "bandit:B608", "bandit:B610"}),
        ("schema", {"dotted-table-name", "semgrep:dotted-table-name-js"}),
        ("compose-privileged", {"semgrep:compose-privileged"}),
        ("security", BY_DEFAULT | {"bandit:B101"}),
    ],
)
def test_a_word_selects_what_it_names(word: str, runs: set[str]) -> None:
    assert chosen(select=(word,)) == runs


def test_an_unknown_word_names_the_nearest() -> None:
    with pytest.raises(UserError) as error:
        choose(RULES, Config(ignore=("B680",)))
    assert "B608" in error.value.hint


def test_to_leave_out_a_rule_is_to_leave_out_its_aliases_and_its_second_detector() -> None:
    assert chosen(ignore=("raw-sql",)) == BY_DEFAULT - {"raw-sql", "bandit:B608", "bandit:B610"}
    assert chosen(ignore=("dotted-table-name",)) == BY_DEFAULT - {"dotted-table-name", "semgrep:dotted-table-name-js"}
    assert chosen(ignore=("bandit:B610",)) == BY_DEFAULT - {"bandit:B610"}, "in full it names that test alone"
    assert chosen(ignore=("B610",)) == BY_DEFAULT - {"bandit:B610", "raw-sql", "bandit:B608"}


def test_engines_are_chosen_apart_from_rules() -> None:
    assert chosen(engines=("semgrep",)) == {"semgrep:compose-privileged", "semgrep:dotted-table-name-js"}
    assert chosen(engines=("bandit",), select=("raw-sql", "B101")) == {"bandit:B101"}


def test_what_is_superseded_depends_on_who_runs() -> None:
    assert choose(RULES, Config()).superseded == {"bandit:B608": "raw-sql"}
    assert choose(RULES, Config(supersede=False)).superseded == {}
    assert choose(RULES, Config(engines=("bandit",))).superseded == {}, "nobody of ours looks there"
    assert choose(RULES, Config(select=("bandit:B608",), engines=("bandit", "native"))).superseded == {"bandit:B608": "raw-sql"}


BACKEND = """\
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates(): return requests.get("https://rates.example/latest").json()
"""
SOURCE = "def find(name):\n    return run(f'SELECT {name}')\n\n\nrun(other)\n"


def found(name: str, line: int, column: int = 11, engine: str = "bandit", **more: Any) -> Finding:
    statement = Span(line, 4, line, 33)
    return Finding(
        rule=name, at=Location("a.py", Span(line, column, line, 33)), statement=statement, header=statement,
        message="m", subject="", severity="high", confidence="medium", within="", text=f"line{line}",
        engines=(engine,), **more,
    )  # fmt: skip


def sort_out(*findings: Finding, source: str = SOURCE, **settings: Any) -> Triaged:
    facts = read(source.encode())
    assert isinstance(facts, PythonFacts)
    file = SourceFile("a.py", source.encode(), "", FileKind.PYTHON, reported=True, test=False)
    known = {loaded.rule.id: loaded for loaded in RULES}
    return triage(
        findings, Snapshot("/root", (".",), (file,), ()), Config(**settings), known, {"a.py": facts}, date(2026, 5, 1)
    )


def test_a_finding_at_the_same_statement_is_evidence_of_ours() -> None:
    ours, theirs = found("raw-sql", 2, engine="native"), found("bandit:B610", 2, 15)
    [one] = sort_out(ours, theirs).findings
    assert (one.rule, one.also, one.engines) == ("raw-sql", ("bandit:B610",), ("bandit", "native"))
    assert one.fingerprint == sort_out(ours).findings[0].fingerprint, "who else saw it is no part of its identity"


def test_elsewhere_it_stays_and_a_stranger_always_does() -> None:
    said = sort_out(found("raw-sql", 2, engine="native"), found("bandit:B610", 5), found("bandit:B101", 2)).findings
    assert [(f.rule, f.at.span.line, f.also) for f in said] == [
        ("bandit:B101", 2, ()), ("raw-sql", 2, ()), ("bandit:B610", 5, ())
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["raw-sql", "B610", "bandit:B610"])
def test_a_comment_that_ignores_our_rule_silences_its_aliases(name: str) -> None:
    source = SOURCE.replace("')\n\n", f"')  # backend-audit: ignore[{name}] -- checked above\n\n", 1)
    sorted_out = sort_out(found("bandit:B610", 2), source=source)
    assert [entry.by for entry in sorted_out.suppressed] == ["comment"] and sorted_out.problems == ()


def test_so_does_the_configuration_and_ruffs_number_of_bandits_test() -> None:
    ignored = (FileIgnore("a.py", ("raw-sql",), "frozen"),)
    assert [e.by for e in sort_out(found("bandit:B610", 2), per_file_ignores=ignored).suppressed] == ["configuration"]
    source = SOURCE.replace("')\n\n", "')  # noqa: S101\n\n", 1)
    assert [e.by for e in sort_out(found("bandit:B101", 2), source=source, honor=("noqa",)).suppressed] == ["comment"]
    assert not sort_out(found("bandit:B101", 2), source=source).suppressed


def test_with_nothing_changed_no_engine_and_no_process_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text(BACKEND)
    (project / "Dockerfile").write_text("FROM python:3.12\nUSER root\n")
    config = Config(paths=(str(project),), root=str(project), cache_dir=str(tmp_path / "cache"), jobs=1)
    cold = audit(config)
    assert [(e.name, e.rules > 1) for e in cold.engines] == [("native", True), ("semgrep", True), ("bandit", True)]

    def started(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    for name in ("analyzer.pool._start", "analyzer.tools.subprocess.Popen", "analyzer.detection.detect"):
        monkeypatch.setattr(name, started)
    assert audit(config) == cold


def test_an_engine_alone_and_all_three_agree(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BACKEND)

    def told(**settings: Any) -> set[tuple[str, int, tuple[str, ...]]]:
        config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1, **settings)
        return {(f.rule, f.at.span.line, f.also) for f in audit(config).findings}

    assert ("http-call-without-timeout", 8, ()) in told()
    assert ("http-call-without-timeout", 8, ("bandit:B113",)) in told(supersede=False)
    assert ("bandit:B113", 8, ()) in told(engines=("bandit",)), "nobody of ours looks there"
    assert {rule for rule, _, _ in told(engines=("native",))} <= {rule for rule, _, _ in told()}


def test_what_is_replaced_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BACKEND)
    config = Config(paths=(str(tmp_path),), root=str(tmp_path), cache=False, jobs=1)
    assert Count("bandit:B113 by http-call-without-timeout", 1) in audit(config).replaced
    assert audit(replace(config, supersede=False)).replaced == ()
