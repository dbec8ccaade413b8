"""Baselines: what is accepted stays quiet, one more of the same does not, and no entry is lost that was not looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from analyzer.baselines import entries_of, text_of
from analyzer.cli.app import app
from analyzer.failure import UserError
from analyzer.model.finding import Finding, Problem
from analyzer.model.known import Entry, Known
from analyzer.model.location import Location, Span
from analyzer.model.rule import Confidence, LoadedRule, Node, Rule, Severity, Standard
from analyzer.triage.baseline import Scope, split, stale
from analyzer.triage.fingerprint import identified

RATES = '''\
import requests


def rates(url):
    return requests.get(url).status_code


def names(url):
    return requests.get(url).status_code
'''
FILE = "audit-baseline.json"


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with two files and three findings."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / "a.py").write_text(RATES)
    (root / "b.py").write_text("import requests\n\nrequests.post('https://x.example', json={})\n")
    monkeypatch.chdir(root)
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return root


def run(*arguments: str, code: int | None = None) -> Result:
    cache = str(Path.cwd().parent / "cache")
    result = CliRunner().invoke(app, ["scan", "--engine", "native", "-j", "1", "--cache-dir", cache, *arguments])
    assert code is None or result.exit_code == code, result.output
    return result


def report(*arguments: str) -> Any:
    return json.loads(run("--format", "json", "-q", *arguments).stdout)


def new(*arguments: str) -> list[str]:
    return [f"{one['path']}:{one['line']}" for one in report("--baseline", FILE, *arguments)["findings"]]


def entries() -> list[str]:
    return [f"{one['path']} {one['rule']}" for one in json.loads(Path(FILE).read_text())["findings"]]


HTTP = "http-call-without-timeout"

# ------------------------------------------------------------------ what is accepted


def test_what_is_accepted_is_quiet_and_counted() -> None:
    assert run(code=1)
    written = run("--write-baseline", FILE, code=0)
    assert f"wrote {FILE}: 3 findings accepted, 3 of them new" in written.stderr
    quiet = run("--baseline", FILE, code=0)
    assert "no new findings" in quiet.stdout
    assert f"known       3 findings from baseline {FILE}; to list them: --show-suppressed" in quiet.stdout
    listed = run("--baseline", FILE, "--show-suppressed", code=0).stdout
    assert f"a.py:5:12 {HTTP}" in listed and "b.py:3:1" in listed
    said = report("--baseline", FILE)
    assert (said["findings"], len(said["baselined"]), said["compared"]) == ([], 3, f"baseline {FILE}")


def test_the_file_is_made_for_diffs(repo: Path) -> None:
    run("--write-baseline", FILE)
    text = (repo / FILE).read_text()
    lines = text.split("\n")
    assert [line for line in lines if HTTP in line] == lines[4:7]
    assert json.loads(text)["tool"] == "backend-audit" and json.loads(text)["baseline"] == 1
    assert str(repo) not in text and '"line"' not in text
    (repo / "a.py").write_text("# a comment\n\n" + RATES)
    run("--write-baseline", FILE)
    assert (repo / FILE).read_text() == text


@pytest.mark.parametrize(
    "edited",
    [
        "# moved\n\n\n" + RATES,
        RATES.replace("def rates(url):", 'def rates(url):\n    """Today\'s."""'),
        RATES.replace("requests.get(url)", "requests.get( url )"),
        RATES + "\n\ndef other():\n    return 1\n",
    ],
)
def test_other_edits_make_nothing_new(repo: Path, edited: str) -> None:
    run("--write-baseline", FILE)
    (repo / "a.py").write_text(edited)
    assert new() == []


def test_one_more_equal_statement_is_one_new_finding(repo: Path) -> None:
    run("--write-baseline", FILE)
    twice = "    requests.get(url).status_code\n    requests.get(url).status_code\n"
    (repo / "a.py").write_text(RATES.replace("    return requests.get(url).status_code\n", twice, 1))
    run("--write-baseline", FILE)
    assert new() == []
    (repo / "a.py").write_text(RATES.replace("    return requests.get(url).status_code\n", f"{twice}    requests.get(url).status_code\n", 1))
    assert new() == ["a.py:7"]
    run("--baseline", FILE, code=1)


def test_a_renamed_file_is_new_and_its_entries_are_over(repo: Path) -> None:
    run("--write-baseline", FILE)
    (repo / "b.py").rename(repo / "c.py")
    said = report("--baseline", FILE)
    assert [one["path"] for one in said["findings"]] == ["c.py"]
    assert said["stale"] == [{"what": HTTP, "count": 1, "examples": ["b.py"]}]


def test_what_is_mended_is_stale_until_it_is_written_again(repo: Path) -> None:
    run("--write-baseline", FILE)
    (repo / "b.py").write_text("x = 1\n")
    said = run("--baseline", FILE, code=0).stdout
    assert "1 entry that nothing matches any more" in said and f"1 × {HTTP}  b.py" in said
    assert "1 dropped that nothing matches any more" in run("--write-baseline", FILE).stderr
    assert entries() == [f"a.py {HTTP}"] * 2
    assert report("--baseline", FILE)["stale"] == []


# ------------------------------------------------------------------ what was not looked at is not judged


@pytest.mark.parametrize("arguments", [("a.py",), ("--select", "raw-sql"), ("--severity", "critical"), ("--exclude", "b.py")])
def test_a_part_judges_and_loses_nothing_of_the_rest(repo: Path, arguments: tuple[str, ...]) -> None:
    run("--write-baseline", FILE)
    before = (repo / FILE).read_bytes()
    (repo / "b.py").write_text((repo / "b.py").read_text() + "\n")
    said = report("--baseline", FILE, *arguments)
    assert said["stale"] == [] and said["untouched"]
    run("--write-baseline", FILE, *arguments)
    assert (repo / FILE).read_bytes() == before


def test_a_file_that_cannot_be_read_keeps_its_entries(repo: Path) -> None:
    run("--write-baseline", FILE)
    (repo / "b.py").write_text("def broken(:\n")
    assert report("--baseline", FILE)["stale"] == []
    run("--write-baseline", FILE)
    assert len(entries()) == 3


def test_a_part_adds_its_own_and_no_more() -> None:
    run("b.py", "--write-baseline", FILE)
    assert entries() == [f"b.py {HTTP}"]
    assert new() == ["a.py:5", "a.py:9"]


def test_what_is_suppressed_needs_no_entry(repo: Path) -> None:
    run("--write-baseline", FILE)
    quiet = f"requests.post('https://x.example', json={{}})  # backend-audit: ignore[{HTTP}] -- a job that may wait\n"
    (repo / "b.py").write_text(f"import requests\n\n{quiet}")
    said = report("--baseline", FILE)
    assert said["stale"] == [] and len(said["suppressed"]) == 1
    run("a.py", "--write-baseline", FILE)
    assert len(entries()) == 3
    run("--write-baseline", FILE)
    assert entries() == [f"a.py {HTTP}"] * 2


# ------------------------------------------------------------------ names


def test_an_entry_of_another_tool_s_rule_matches_ours_in_its_place() -> None:
    def rule(id: str, *aliases: str) -> LoadedRule:
        said = Rule(id, "Doc.", Severity.HIGH, Confidence.HIGH, None, Standard.SECURITY, Node.CALL, "", "", "0.1", aliases)
        return LoadedRule(said, "family", "", None)

    span = Span(1, 0, 1, 4)
    found = Finding("ours", Location("a.py", span), span, span, "wrong", "POST /login", "high", "high", "f", "f(1)")
    theirs, other = msgspec.structs.replace(found, rule="bandit:B1", subject=""), msgspec.structs.replace(found, rule="bandit:B2", subject="")
    rules = {"ours": rule("ours", "bandit:B1")}
    for then, still in ((theirs, 0), (other, 1)):
        (known,) = identified([then])
        told = split(identified([found]), Known("", (Entry("a.py", then.rule, known.fingerprint, ""),)), rules)
        assert (len(told.new), len(told.known), len(told.left)) == (still, 1 - still, still)


def test_each_entry_is_for_one_finding() -> None:
    span = Span(1, 0, 1, 4)
    (one,) = identified([Finding("r", Location("a.py", span), span, span, "m", "", "high", "high", "", "t")])
    again = msgspec.structs.replace(one, at=Location("a.py", Span(2, 0, 2, 4)))
    told = split([one, again], Known("", (Entry("a.py", "r", one.fingerprint, ""),)), {})
    assert (told.known, told.new) == ([one], [again])


# ------------------------------------------------------------------ the configuration


def test_the_configuration_names_a_baseline(repo: Path) -> None:
    run("--write-baseline", FILE)
    (repo / "backend-audit.toml").write_text(f'baseline = "{FILE}"\n')
    (repo / "sub").mkdir()
    os.chdir("sub")
    assert report("--root", "..")["compared"] == f"baseline {FILE}"
    assert len(report("--root", "..", "--isolated")["findings"]) == 3
    assert len(report("--root", "..", "--config", 'baseline=""')["findings"]) == 3


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"../other.json"', "leads out of"), ("3", 'baseline = "audit-baseline.json"'), ('"none.json"', "there is no baseline"),
    ],
)  # fmt: skip
def test_a_wrong_setting(repo: Path, value: str, words: str) -> None:
    (repo / "backend-audit.toml").write_text(f"baseline = {value}\n")
    assert words in run(code=2).stderr


# ------------------------------------------------------------------ bad files


BAD = {
    "": "broken baseline",
    "{": "broken baseline",
    "[" * 100_000: "nested too deeply",
    "\xff": "not UTF-8",
    "[]": "no baseline of backend-audit",
    '{"results": [], "errors": [], "version": "1.1"}': "no baseline of backend-audit",
    '{"tool": "backend-audit", "schema": 1, "findings": []}': "a report of backend-audit, not a baseline",
    '{"tool": "backend-audit", "baseline": 2, "findings": []}': "has baseline schema 2",
    '{"tool": "backend-audit", "baseline": 1}': "no list `findings`",
    '{"tool": "backend-audit", "baseline": 1, "findings": [{"rule": "raw-sql"}]}': "entry 1 is not like",
    '{"tool": "backend-audit",\n<<<<<<< ours\n"baseline": 1}': "unfinished merge",
    text_of([Entry("a.py", "no-such-rule", "0" * 32, "m")]): "rules that do not exist: no-such-rule (1)",
}


@pytest.mark.parametrize("content", BAD, ids=range(len(BAD)))
def test_a_bad_baseline_is_named_and_kept(repo: Path, content: str) -> None:
    raw = content.encode("latin-1")
    (repo / FILE).write_bytes(raw)
    result = run("--baseline", FILE, code=2)
    assert BAD[content] in result.stderr and "--write-baseline" in result.stderr and result.stdout == ""
    if "no-such-rule" not in content:
        run("--write-baseline", FILE, code=2)
        assert (repo / FILE).read_bytes() == raw


def test_a_rule_that_is_gone_is_dropped_when_written(repo: Path) -> None:
    (repo / FILE).write_text(text_of([Entry("a.py", "no-such-rule", "0" * 32, "m")]))
    assert "there are no such rules: no-such-rule (1)" in run("--write-baseline", FILE, code=0).stderr
    assert len(entries()) == 3


def test_no_baseline_and_no_place_for_one(repo: Path) -> None:
    assert "backend-audit --write-baseline" in run("--baseline", "none.json", code=2).stderr
    assert "there is no folder" in run("--write-baseline", "none/b.json", code=2).stderr
    assert "same file" in run("--write-baseline", "b.json", "-o", "b.json", code=2).stderr
    os.mkfifo(repo / "pipe")
    assert "not a regular file" in run("--baseline", "pipe", code=2).stderr
    (repo / "c.py").write_text("def broken(:\n")
    assert run("--write-baseline", FILE, "--strict").exit_code == 4


def test_a_baseline_is_replaced_as_a_whole(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("a.py", "--write-baseline", FILE)
    before = (repo / FILE).read_bytes()

    def fail(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fail)
        result = run("--write-baseline", FILE, code=2)
    assert f"{FILE} could not be written: No space left on device" in result.stderr
    assert "summary" in result.stdout
    assert (repo / FILE).read_bytes() == before and not list(repo.glob(".backend-audit-*"))


def test_text_and_entries_are_each_other_s_inverse() -> None:
    one = Entry("caf\udce9.py", "raw-sql", "1" * 32, 'a "b"\n\u202e`c`')
    two = Entry("a.py", "raw-sql", "2" * 32, "")
    text = text_of([one, two, one])
    assert entries_of(text.encode(), "x") == (two, one) and text.isascii()
    assert entries_of(b"\xef\xbb\xbf" + text_of([]).encode(), "x") == ()
    with pytest.raises(UserError):
        entries_of(text.replace("1" * 32, '", "x": "').encode()[:-4], "x")


@pytest.mark.parametrize(
    ("rule", "problem", "over"),
    [
        ("raw-sql", None, True),
        ("raw-sql", Problem("detect", "", "`raw-sql` failed"), False),
        ("raw-sql", Problem("detect", "", "semgrep is not installed", note=True), True),
        ("semgrep:x", Problem("detect", "", "semgrep is not installed", note=True), False),
        ("semgrep:x", Problem("detect", "a.py", "semgrep read it in part", note=True), False),
        ("semgrep:x", Problem("detect", "b.py", "semgrep read it in part", note=True), True),
        ("another-rule", None, False),
    ],
)
def test_where_nobody_could_look_nothing_is_over(rule: str, problem: Problem | None, over: bool) -> None:
    entry = Entry("a.py", rule, "0" * 32, "m")
    scope = Scope({"raw-sql", "semgrep:x"}, (".",), {"a.py"}, set(), (problem,) if problem else (), set())
    assert stale([entry], scope, set()) == (([entry], []) if over else ([], [entry]))
