"""The command line: what it asks the audit for, what it prints where, and the exit codes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from reports import API, FINDINGS, ORDERS, make_report
from typer.testing import CliRunner, Result

from analyzer.cli.app import app
from analyzer.failure import NothingToScan
from analyzer.model.config import Config
from analyzer.model.report import Count, Report

Audit = Callable[[Config, object], Report]


class Stub:
    """Stands in for `analyzer.audit`: remembers the configuration, answers with a report or raises."""

    def __init__(self) -> None:
        self.config = Config()
        self.report = make_report()
        self.error: BaseException | None = None
        self.calls = 0

    def audit(self, config: Config, watch: object, examples: int = 5, before: object = None) -> Report:
        self.config, self.calls = config, self.calls + 1
        watch.stage("discover", 0)  # type: ignore[attr-defined]
        watch.stage("extract", 2)  # type: ignore[attr-defined]
        watch.advance(2)  # type: ignore[attr-defined]
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    """The audit is replaced."""
    stand_in = Stub()
    module = types.ModuleType("analyzer.audit")
    module.audit = stand_in.audit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "analyzer.audit", module)
    return stand_in


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with the files of the report."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    for path in (ORDERS, API, "other.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")
    monkeypatch.chdir(root)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return root


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="backend-audit")


# ------------------------------------------------------------------ which command


@pytest.mark.parametrize("arguments", [(), (".",), ("scan",), ("scan", "."), ("--exit-zero",), ("-q", ".")])
def test_scan_is_the_default_command(stub: Stub, arguments: tuple[str, ...]) -> None:
    run(*arguments)
    assert stub.calls == 1
    assert stub.config.paths == (".",)


def test_a_folder_named_like_a_command_needs_a_slash(stub: Stub, repo: Path) -> None:
    (repo / "rules").mkdir()
    run("./rules")
    assert stub.config.paths == ("./rules",)
    assert "http-call-without-timeout" in run("rules").stdout
    assert stub.calls == 1


def test_version_and_help_teach(stub: Stub) -> None:
    from analyzer import __version__

    assert run("--version").stdout == f"backend-audit {__version__}\n"
    top, scan = run("--help"), run("scan", "--help")
    assert top.exit_code == scan.exit_code == 0
    for word in ("backend-audit explain raw-sql", "why", "cache", "--install-completion", "Exit codes"):
        assert word in top.stdout
    for word in ("--select", "--fail-on", "--statistics", "audit.sarif", "Which files"):
        assert word in scan.stdout
    assert stub.calls == 0


def test_options_reach_the_configuration(stub: Stub, tmp_path: Path) -> None:
    run(
        "src", "other.py", "--select", "http-call-without-timeout,B113", "--select", "resilience", "--ignore", "debug-enabled",
        "--severity", "medium", "--confidence", "low", "--fail-on", "high", "--strict", "--root", ".", "--exclude", "a/,b/",
        "--include", "c.py", "-j", "2", "--no-cache", "--cache-dir", tmp_path / "c", "--front-end", "libcst",
        "--show-suppressed", "--config", "honor=['nosec']",
    )  # fmt: skip
    assert stub.config == Config(
        paths=("src", "other.py"), root=".", select=("http-call-without-timeout", "B113", "resilience"),
        ignore=("debug-enabled",), severity="medium", confidence="low", fail_on="high", strict=True, include=("c.py",),
        exclude=("a/", "b/"), honor=("nosec",), jobs=2, cache=False, cache_dir=str(tmp_path / "c"), front_end="libcst",
        show_suppressed=True,
    )  # fmt: skip


def test_options_that_are_not_given_leave_the_file_alone(stub: Stub, repo: Path) -> None:
    (repo / "backend-audit.toml").write_text('severity = "high"\njobs = 3\ncache = false\nstrict = true\n')
    run()
    assert (stub.config.severity, stub.config.jobs, stub.config.cache, stub.config.strict) == ("high", 3, False, True)
    run("--isolated", "-j", "0")
    assert (stub.config.severity, stub.config.jobs, stub.config.cache, stub.config.strict) == ("low", 0, True, False)


# ------------------------------------------------------------------ exit codes


@pytest.mark.parametrize(
    ("arguments", "findings", "code"),
    [
        ((), FINDINGS, 1),
        ((), (), 0),
        (("--exit-zero",), FINDINGS, 0),
        (("--fail-on", "high"), FINDINGS[-1:], 0),
        (("--fail-on", "medium"), FINDINGS[-1:], 1),
        (("--fail-on", "critical"), FINDINGS[:1], 1),
        (("--fail-on", "critical"), FINDINGS[1:], 0),
        (("--strict",), (), 4),
        (("--strict", "--exit-zero"), FINDINGS, 4),
    ],
)
def test_exit_codes(stub: Stub, arguments: tuple[str, ...], findings: tuple[object, ...], code: int) -> None:
    stub.report = make_report(findings=findings)  # it has one problem and one note
    assert run(*arguments).exit_code == code


def test_a_note_is_not_incomplete(stub: Stub) -> None:
    stub.report = make_report(findings=(), problems=make_report().problems[1:])
    assert run("--strict").exit_code == 0


@pytest.mark.parametrize("format", ["terminal", "concise", "json", "sarif"])
def test_the_exit_code_is_the_same_in_every_format(stub: Stub, format: str) -> None:
    result = run("--format", format)
    assert result.exit_code == 1
    assert result.stdout.endswith("\n")


def test_reports_go_to_stdout_and_words_to_stderr(stub: Stub) -> None:
    result = run("--format", "json", "--statistics")
    assert json.loads(result.stdout)
    assert "5 findings; read 812 files, reporting on src" in result.stderr
    assert "incomplete: 1 thing could not be checked" in result.stderr
    assert "extract" in result.stderr
    assert "receivers      no method call that may wait, block or ask" in result.stderr
    assert "\x1b" not in result.output
    assert run("--format", "json", "-q").stderr == ""


def test_colours(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run().stdout
    assert "\x1b" in run("--color", "always").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run().stdout
    assert "\x1b" not in run("--color", "never").stdout
    assert "\x1b" not in run("--format", "json").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run().stdout


# ------------------------------------------------------------------ what the user can mend


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "nowhere does not exist"),
        (("",), "a path is empty"),
        (("--root", "src", "other.py"), "not under the root"),
        (("--select", "http-call-without-timout"), "did you mean http-call-without-timeout"),
        (("--ignore", "HTTP_CALL_WITHOUT_TIMEOUT"), "did you mean http-call-without-timeout"),
        (("--config", "severty=low"), "did you mean `severity`"),
        (("--exclude", "["), "no usable glob"),
        (("--rules", "nowhere", "--select", "x"), "nowhere"),
        (("-o", "report"), "does not say the format"),
        (("-o", "pdf=x.sarif", "-o", "x.pdf"), "does not say the format"),
        (("-o", "absent/x.sarif"), "no folder"),
        (("-o", "json=src"), "is a folder"),
        (("-o", "a.json", "-o", "sarif=./a.json"), "same file"),
    ],
)
def test_usage_errors(stub: Stub, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert stub.calls == 0


def test_an_unknown_option_or_choice_is_a_usage_error(stub: Stub) -> None:
    assert run("--selekt", "x").exit_code == 2
    assert run("--format", "pdf").exit_code == 2
    assert run("-j", "1000").exit_code == 2
    assert stub.calls == 0


def test_an_unknown_rule_in_per_file_ignores_is_named(stub: Stub, repo: Path) -> None:
    (repo / "backend-audit.toml").write_text('per-file-ignores."a.py" = {rules = ["raw-sgl"], reason = "x"}\n')
    result = run()
    assert (result.exit_code, stub.calls) == (2, 0)
    assert "no rule is called raw-sgl" in result.stderr


def test_a_broken_configuration_is_a_usage_error(stub: Stub, repo: Path) -> None:
    (repo / "backend-audit.toml").write_text("severity = \n")
    result = run()
    assert (result.exit_code, stub.calls) == (2, 0)
    assert "not valid TOML" in result.stderr
    assert run("--isolated").exit_code == 1


def test_nothing_to_scan(stub: Stub) -> None:
    stub.error = NothingToScan("no Python file under docs", "left out: 3")
    result = run("src")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "backend-audit: no Python file under docs\n  left out: 3\n"


def test_an_internal_error_is_one_line_and_a_traceback_on_demand(stub: Stub) -> None:
    stub.error = ZeroDivisionError("division\x1b[31m by zero")
    result = run()
    assert result.exit_code == 4
    assert "internal error (ZeroDivisionError: division\\x1b[31m by zero)" in result.stderr
    assert "please report it" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in run("-v").stderr


def test_an_interrupt_is_one_line(stub: Stub) -> None:
    stub.error = KeyboardInterrupt()
    result = run()
    assert result.exit_code == 130
    assert result.stderr == "backend-audit: interrupted\n"


# ------------------------------------------------------------------ files


def test_reports_are_written_beside_stdout(stub: Stub, repo: Path) -> None:
    result = run("-o", "a.sarif", "--output", "b.json", "-o", "c.txt", "-o", "sarif=d")
    assert json.loads((repo / "a.sarif").read_text())["version"] == "2.1.0"
    assert (repo / "a.sarif").read_bytes() == (repo / "d").read_bytes()
    assert json.loads((repo / "b.json").read_text())
    assert "raw-sql" in (repo / "c.txt").read_text()
    assert "raw-sql" in result.stdout
    assert "wrote a.sarif" in result.stderr
    assert sorted(path.name for path in repo.iterdir() if path.is_file()) == [
        "a.sarif",
        "b.json",
        "c.txt",
        "d",
        "other.py",
    ]


def test_a_report_replaces_the_old_one_as_a_whole(stub: Stub, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = repo / "a.json"
    report.write_text("old")
    report.chmod(0o640)
    (repo / "link.json").symlink_to("a.json")

    def fail(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fail)
        result = run("-o", "link.json")
    assert result.exit_code == 2
    assert "could not be written: No space left on device" in result.stderr
    assert report.read_text() == "old"
    run("-o", "link.json")
    assert json.loads(report.read_text())
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert (repo / "link.json").is_symlink()
    assert not list(repo.glob(".backend-audit-*"))


def test_an_unwritable_report_is_found_before_the_audit(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> tuple[int, str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    result = run("-o", "a.sarif")
    assert (result.exit_code, stub.calls) == (2, 0)
    assert "cannot be written: Permission denied" in result.stderr


def test_a_device_is_written_not_replaced(stub: Stub) -> None:
    assert run("-o", "json=/dev/null").exit_code == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


# ------------------------------------------------------------------ the other commands


def test_show_files(repo: Path) -> None:
    (repo / "b_pb2.py").touch()
    result = run("--show-files", "src")
    assert (result.exit_code, result.stdout) == (0, f"{API}\n{ORDERS}\n")
    assert "2 files reported, 3 read" in result.stderr
    assert "left out: 1 generated (b_pb2.py)" in result.stderr


@pytest.mark.parametrize(
    "name", ["http-call-without-timeout", "http_call_without_timeout", "bandit:B113", "b113", "S113"]
)
def test_explain_by_id_and_alias(name: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    for part in (
        "# http-call-without-timeout",
        "Severity high",
        "CWE-",
        "bandit:B113",
        "## Reported",
        "import requests",
    ):
        assert part in result.stdout


def test_explain_unknown() -> None:
    result = run("explain", "http-call")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean http-call-without-timeout" in result.stderr


def test_explain_in_colour_is_drawn() -> None:
    result = run("explain", "http-call-without-timeout", "--color", "always")
    assert "\x1b[1" in result.stdout
    assert "```" not in result.stdout


def test_explain_loads_one_rule_only(repo: Path, tmp_path: Path) -> None:
    script = "import sys; from analyzer.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, "explain", "http-call-without-timeout"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stderr.split() if name.startswith("backend_audit_rules.")]
    assert len(loaded) == 1
    assert "libcst" not in done.stderr


def test_rules_for_people_and_machines() -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)
    ids = [rule["id"] for rule in listed]
    engines = [rule["engine"] for rule in listed]
    assert list(dict.fromkeys(engines)) == ["native", "semgrep", "bandit"], "ours first"
    assert [(e, i) for e, i in zip(engines, ids, strict=True)] == sorted(zip(engines, ids, strict=True), key=lambda p: (engines.index(p[0]), p[1]))
    assert {"http-call-without-timeout", "bandit:B113", "semgrep:compose-privileged-service"} <= set(ids)
    assert {"severity", "confidence", "doc", "aliases", "cwe"} <= set(listed[0])
    assert [line.split()[0] for line in run("rules").stdout.splitlines()] == ids


def test_cache(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert run("cache", "dir", "--cache-dir", folder).stdout == f"{folder}\n"
    assert run("cache", "dir").stdout.strip().endswith("backend-audit")
    assert run("cache", "clear", "--cache-dir", folder).stdout == f"removed 0 entries, 0.0 MB, from {folder}\n"
    from analyzer.store import open_store

    store = open_store(folder)
    store.put(b"k" * 32, b"value")
    store.close()
    assert run("cache", "clear", "--cache-dir", folder).stdout.startswith("removed 1 entries")


def test_why_a_finding(stub: Stub) -> None:
    stub.report = msgspec.structs.replace(stub.report, rules=())
    line = FINDINGS[1].at.span.line
    result = run("why", "B113", f"{ORDERS}:{line}")
    assert result.exit_code == 1
    assert f"{ORDERS}:{line}:12: http-call-without-timeout: `requests.post` can wait for ever" in result.stdout
    assert "fix: Add `timeout=10`" in result.stdout
    assert stub.config.select == ("http-call-without-timeout",)
    assert (stub.config.severity, stub.config.confidence) == ("low", "low")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (3, "a closer look at the code cleared it"),
        (4, "could not judge this place: the client is unknown"),
        (5, "suspects nothing here\nin this file it reports line 15"),
    ],
)
def test_why_there_is_no_finding(stub: Stub, line: int, words: str) -> None:
    rule = "http-call-without-timeout"
    stub.report = make_report(
        cleared=(Count(rule, 1, (f"{ORDERS}:3",)),),
        unknowns=(Count(f"{rule}: the client is unknown", 1, (f"{ORDERS}:4",)),),
    )
    result = run("why", rule, f"{ORDERS}:{line}")
    assert result.exit_code == 0
    assert words in result.stdout


def test_why_in_a_subfolder_and_with_a_column(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("src/shop")
    assert run("why", "http-call-without-timeout", "orders.py:15:4").exit_code == 1


@pytest.mark.parametrize("place", [ORDERS, f"{ORDERS}:", f"{ORDERS}:x", f"{ORDERS}:0", ":3", "src:3", "nowhere.py:3"])
def test_why_at_no_place(stub: Stub, place: str) -> None:
    assert run("why", "http-call-without-timeout", place).exit_code == 2
    assert stub.calls == 0


def test_rule_ids_complete() -> None:
    environment = {
        **os.environ, "_BACKEND_AUDIT_COMPLETE": "complete_bash", "COMP_WORDS": "backend-audit explain http-c", "COMP_CWORD": "2",
    }  # fmt: skip
    done = _process([], environment)
    assert "http-call-without-timeout" in done.stdout.split()
    environment |= {"COMP_WORDS": "backend-audit --sel", "COMP_CWORD": "1"}
    assert "--select" in _process([], environment).stdout.split()


# ------------------------------------------------------------------ as a process


def _process(arguments: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    script = "import sys; sys.argv[0] = 'backend-audit'\nfrom analyzer.start import main\nmain()"
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(
        command, cwd=Path(__file__).parents[1], env=environment, capture_output=True, text=True, check=False
    )


def test_start_up_imports_nothing_heavy() -> None:
    script = "import sys; from analyzer.cli.app import app; print(*sys.modules)"
    root = Path(__file__).parents[1]
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"libcst", "yaml", "rich", "pathspec", "sqlite3", "multiprocessing", "analyzer.audit"} & set(loaded)


def test_a_reader_that_leaves_is_no_error() -> None:
    script = (
        "from analyzer.cli.finish import put, finish\ndef work():\n    put('x' * 1_000_000)\n    return 1\nfinish(work)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_control_c_ends_with_130_and_one_line() -> None:
    script = "import time\nfrom analyzer.cli.finish import finish\ndef work():\n    print('go', flush=True)\n    time.sleep(30)\nfinish(work)"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == b"backend-audit: interrupted\n"
