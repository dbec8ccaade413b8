"""Where people meet the tool: what `init` writes and keeps, and whether editors, GitHub and pre-commit understand it."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from marks import cases
from typer.testing import CliRunner, Result

from analyzer import __version__
from analyzer.cli.app import app
from analyzer.cli.places import FILES, Place, plan, wanted
from analyzer.failure import UserError
from analyzer.model.finding import Finding
from analyzer.model.location import Location, Span
from analyzer.reporters.concise import concise

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PLACES = tuple(Place)


def init(folder: Path, place: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["init", place, "--path", str(folder), *more])


def tool(*command: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **env}
    return subprocess.run(command, cwd=cwd, env=whole, capture_output=True, text=True, timeout=60, check=False)


# ------------------------------------------------------------------- what is written, and what is kept


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_folder_gets_the_file(place: Place, tmp_path: Path) -> None:
    result = init(tmp_path, place)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"wrote {FILES[place]}\n  ")
    written = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert written == [FILES[place]]
    assert (tmp_path / FILES[place]).read_text(encoding="utf-8") == wanted(place, __version__)


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
@pytest.mark.parametrize("place", PLACES)
def test_again_changes_nothing(place: Place, force: tuple[str, ...], tmp_path: Path) -> None:
    init(tmp_path, place)
    result = init(tmp_path, place, *force)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"{FILES[place]} has it already")
    assert (tmp_path / FILES[place]).read_text(encoding="utf-8") == wanted(place, __version__)


def test_other_tasks_are_kept() -> None:
    theirs = {"version": "2.0.0", "inputs": [{"id": "größe", "type": "promptString"}], "tasks": [{"label": "run", "type": "shell"}]}
    text = plan(Place.VSCODE, json.dumps(theirs, indent=4).replace("\n", "\r\n"), "1", False).text
    assert text is not None and "\r\n    \"tasks\"" in text and "\n" not in text.replace("\r\n", "")
    now = json.loads(text)
    assert [task["label"] for task in now["tasks"]] == ["run", "backend-audit"]
    assert {**now, "tasks": now["tasks"][:1]} == theirs


def test_our_own_task_is_replaced_by_force_alone() -> None:
    old = json.dumps({"version": "2.0.0", "tasks": [{"label": "backend-audit", "command": "old"}, {"label": "run"}]})
    assert plan(Place.VSCODE, old, "1", False).text is None
    forced = plan(Place.VSCODE, old, "1", True).text
    assert forced is not None and [task["label"] for task in json.loads(forced)["tasks"]] == ["backend-audit", "run"]
    assert '"old"' not in forced


@pytest.mark.parametrize(
    "existing",
    ['{\n  // ours\n  "tasks": []\n}', '{"tasks": [],}', '{"tasks": {}}', "[]", '{"tasks": [], "tasks": [1]}', "[" * 100_000],
    ids=["comment", "comma", "no-list", "no-object", "twice", "deep"],
)
@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "force"])
def test_tasks_with_comments_are_left_alone(existing: str, force: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / FILES[Place.VSCODE]
    file.parent.mkdir()
    file.write_text(existing)
    result = init(tmp_path, "vscode", *force)
    assert (result.exit_code, result.stdout, file.read_text()) == (2, "", existing)
    assert "is left alone" in result.stderr and '"label": "backend-audit"' in result.stderr


def test_other_hooks_are_kept() -> None:
    theirs = (
        "# ours\nrepos:\n- repo: https://example.org/black  # a comment\n  rev: v1\n  hooks:\n  - id: black\n\n"
        "# about ci\nci:\n  skip: [black]\n"
    )
    text = plan(Place.PRE_COMMIT, theirs, "1", False).text
    assert text is not None and set(theirs.splitlines()) <= set(text.splitlines())
    assert text.index("backend-audit") < text.index("# about ci")
    before, now = yaml.safe_load(theirs), yaml.safe_load(text)
    assert now == {**before, "repos": [*before["repos"], yaml.safe_load(wanted(Place.PRE_COMMIT, "1"))["repos"][0]]}
    assert plan(Place.PRE_COMMIT, text, "1", False).text is None


@pytest.mark.parametrize("theirs", ["repos:\n    - repo: local\n      hooks: []", "repos:\n  - repo: local\n    hooks: []\n"])
def test_hooks_are_appended_at_the_margin_of_the_others(theirs: str) -> None:
    text = plan(Place.PRE_COMMIT, theirs, "1", False).text
    assert text is not None and text.startswith(theirs)
    assert [repo["hooks"] for repo in yaml.safe_load(text)["repos"]][0] == []
    assert yaml.safe_load(text)["repos"][1]["hooks"][0]["id"] == "backend-audit"


@pytest.mark.parametrize("theirs", ["repos: []\n", "default_stages: [pre-commit]\n", "repos: [{repo: local, hooks: []}]\n"])
def test_hooks_in_another_style_are_left_alone(theirs: str) -> None:
    with pytest.raises(UserError, match="is left alone") as told:
        plan(Place.PRE_COMMIT, theirs, "1", True)
    assert "- id: backend-audit" in told.value.hint


def test_other_watchers_are_kept() -> None:
    ours = wanted(Place.PYCHARM, "1")
    theirs = ours.replace('value="backend-audit"', 'value="black"')
    text = plan(Place.PYCHARM, theirs, "1", False).text
    assert text is not None
    names = [option.get("value") for option in ElementTree.fromstring(text).iterfind("component/TaskOptions/option[@name='name']")]
    assert names == ["black", "backend-audit"]
    assert plan(Place.PYCHARM, text, "1", True).text is None
    old = text.replace("--quiet --exit-zero", "--old").replace('value="black"', 'value="isort"')
    assert plan(Place.PYCHARM, old, "1", False).text is None
    forced = plan(Place.PYCHARM, old, "1", True).text
    assert forced is not None and forced.count("--old") == 1 and "isort" in forced
    with pytest.raises(UserError, match="left alone"):
        plan(Place.PYCHARM, '<project><component name="ProjectTasksOptions" /></project>', "1", True)


def test_a_workflow_of_that_name_is_replaced_by_force_alone(tmp_path: Path) -> None:
    file = tmp_path / FILES[Place.GITHUB]
    file.parent.mkdir(parents=True)
    file.write_text("name: mine\n")
    result = init(tmp_path, "github")
    assert (result.exit_code, file.read_text()) == (2, "name: mine\n")
    assert "--force replaces it" in result.stderr
    assert init(tmp_path, "github", "--force").exit_code == 0
    assert file.read_text() == wanted(Place.GITHUB, __version__)


@pytest.mark.parametrize("place", PLACES)
def test_what_stands_in_the_way_is_named(place: Place, tmp_path: Path) -> None:
    missing = init(tmp_path / "nowhere", place)
    assert (missing.exit_code, "there is no such folder" in missing.stderr) == (2, True)
    (tmp_path / FILES[place]).mkdir(parents=True)
    folder = init(tmp_path, place)
    assert (folder.exit_code, folder.stderr) == (2, f"backend-audit: {FILES[place]} is a folder\n")
    if "/" in FILES[place]:
        shutil.rmtree(tmp_path / FILES[place].partition("/")[0])
        (tmp_path / FILES[place].partition("/")[0]).write_text("a file")
        file = init(tmp_path, place)
        assert (file.exit_code, "cannot be written" in file.stderr) == (2, True)


@pytest.mark.parametrize("place", PLACES)
def test_text_that_is_not_utf8_is_left_alone(place: Place, tmp_path: Path) -> None:
    file = tmp_path / FILES[place]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\xff\xfe{}")
    result = init(tmp_path, place, "--force")
    assert (result.exit_code, file.read_bytes()) == (2, b"\xff\xfe{}")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever may write everywhere is refused nowhere")
@pytest.mark.parametrize("place", PLACES)
def test_a_folder_that_cannot_be_written(place: Place, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        result = init(tmp_path, place)
    finally:
        tmp_path.chmod(0o700)
    assert (result.exit_code, "ermission denied" in result.stderr) == (2, True)


def test_a_refused_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    result = init(tmp_path, "vscode")
    assert (result.exit_code, result.stderr) == (2, "backend-audit: .vscode/tasks.json cannot be written: Permission denied\n")


# ------------------------------------------------------------------- editors read our lines

NAMES = [
    "app/main.py", "with space/a file.py", "größe/ñandú.py", "日本/モデル.py", "colon:7/at:12:3.py", r"C:\work\app\main.py",
    "C:/work/app.py", "brackets(1)[2]{3}.py", "error raw-sql.py", "Dockerfile", "migrations/0001_a.sql",
]  # fmt: skip


def matcher() -> str:
    [task] = json.loads(wanted(Place.VSCODE, "1"))["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    keys = ("file", "line", "column", "severity", "code", "message")
    assert [pattern[key] for key in keys] == [1, 2, 3, 4, 5, 6]
    return str(pattern["regexp"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, tuple[str, ...]]]:
    """Lines of `concise` over the sample backend and over strange names, each with what an editor must read from it."""
    from analyzer.audit import audit
    from analyzer.model.config import Config

    folder = tmp_path_factory.mktemp("orders")
    [orders] = [case for case in cases() if case.name == "apps/orders"]
    for path, content in orders.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    report = audit(Config(paths=(str(folder),), root=str(folder), cache=False, jobs=1, engines=("native",)))
    strange = [renamed(finding, name) for finding, name in zip(report.findings, NAMES, strict=False)]
    assert len(strange) == len(NAMES)
    findings = (*report.findings, *strange)
    from msgspec.structs import replace

    from analyzer.reporters.options import Options

    lines = concise(replace(report, findings=findings), Options(width=80, color=False, show_suppressed=False)).splitlines()
    assert lines[-1].startswith("backend-audit ") and len(lines) == len(findings) + 1
    return [(line, read(finding)) for line, finding in zip(lines, findings, strict=False)] + [(lines[-1], ())]


def renamed(finding: Finding, name: str) -> Finding:
    from msgspec.structs import replace

    return replace(finding, at=Location(name, Span(3, 4, 3, 9)), rule="bandit:B608", message="a: b:1:2: error c `d`")


def read(finding: Finding) -> tuple[str, ...]:
    at = finding.at
    word = {"critical": "error", "high": "error", "medium": "warning", "low": "info"}[finding.severity]
    return (at.path, str(at.span.line), str(at.span.column + 1), word, finding.rule, finding.message)


def test_the_problem_matcher_reads_every_line(sample: list[tuple[str, tuple[str, ...]]]) -> None:
    pattern = re.compile(matcher())  # nothing in it means another thing in JavaScript
    for line, expected in sample:
        found = pattern.search(line)
        assert (found.groups() if found else ()) == expected


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_problem_matcher_in_javascript(sample: list[tuple[str, tuple[str, ...]]]) -> None:
    code = (
        "const [source, lines] = JSON.parse(require('fs').readFileSync(0, 'utf8')); const pattern = new RegExp(source);"
        "console.log(JSON.stringify(lines.map(line => (pattern.exec(line) || [null]).slice(1))))"
    )
    asked = json.dumps([matcher(), [line for line, _ in sample]])
    done = subprocess.run(["node", "-e", code], input=asked, capture_output=True, text=True, timeout=30, check=True)
    assert [tuple(groups) for groups in json.loads(done.stdout)] == [expected for _, expected in sample]


@pytest.mark.parametrize("file_path", [r"((?:[A-Za-z]:)?[0-9 a-z_A-Z\-\\./]+)", "(.+?)"], ids=["ascii", "any"])
def test_the_filter_of_pycharm_reads_every_line(file_path: str, sample: list[tuple[str, tuple[str, ...]]]) -> None:
    """The macros as IntelliJ's own filter replaces them: letters of ASCII alone in paths, or whatever stands there."""
    watcher = ElementTree.fromstring(wanted(Place.PYCHARM, "1"))
    [written] = [option.get("value") for option in watcher.iter("option") if option.get("name") == "regExp"]
    assert written is not None
    number = "([0-9]+)"
    text = written.replace("$FILE_PATH$", file_path).replace("$LINE$", number).replace("$COLUMN$", number).replace("$MESSAGE$", "(.*)")
    pattern = re.compile(text)
    plain = re.compile(file_path)
    for line, expected in sample:
        if expected and plain.fullmatch(expected[0]) and not re.search(r":\d", expected[0]):
            found = pattern.match(line)
            assert found is not None and found.groups() == (*expected[:3], " ".join(expected[3:]))
        elif not expected:
            assert not pattern.match(line)


# ------------------------------------------------------------------- GitHub


@pytest.fixture(params=[*(path.relative_to(ROOT).as_posix() for path in WORKFLOWS), "init"])
def workflow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if request.param != "init":
        yield ROOT / request.param
        return
    init(tmp_path, "github")
    yield tmp_path / FILES[Place.GITHUB]


def test_github_understands_the_workflow(workflow: Path) -> None:
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr


def test_github_understands_the_action() -> None:
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_expression_is_pasted_into_a_script(workflow: Path) -> None:
    for document in (workflow, ROOT / "action.yml"):
        assert [script for script in scripts(yaml.safe_load(document.read_text())) if "${{" in script] == []


def scripts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "run" else scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


def test_workflows_may_do_little_and_run_what_was_read(workflow: Path) -> None:
    document = yaml.safe_load(workflow.read_text())
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert {"contents": "read"}.items() <= job["permissions"].items() and "timeout-minutes" in job
        assert set(job["permissions"]) <= {"contents", "security-events"}
        for step in job["steps"]:
            used = step.get("uses", "./")
            pinned = re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", used)
            assert pinned or used in ("./", "github/codeql-action/upload-sarif@v4"), used
            if "upload-sarif" in used:
                assert "always()" in step["if"] and "fork" in step["if"]
            if "checkout" in used:
                assert step["with"]["persist-credentials"] is False


def script(name: str) -> str:
    [found] = [step["run"] for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"] if step["name"] == name]
    return str(found)


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's folder in which the action is installed, and a backend with one mistake whose path has a blank."""
    programs = tmp_path / "temp" / "backend-audit" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "backend-audit"):
        (programs / name).symlink_to(Path(sys.executable).parent / name)
    backend = tmp_path / "work" / "my app"
    backend.mkdir(parents=True)
    (backend / "main.py").write_text("import requests\n\nrequests.get('https://example.org/', timeout=None)\n")
    (tmp_path / "work" / "clean.py").write_text("import json\n")
    return tmp_path


def act(runner: Path, **inputs: str) -> tuple[int, dict[str, str]]:
    output = runner / "output"
    output.write_text("")
    given = {
        "AUDITED": "", "ROOT": ".", "FAIL_ON": "low", "DIFF_BASE": "", "SARIF": "out.sarif", "SUMMARY": "true", **inputs,
    }  # fmt: skip
    done = tool(
        "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script("Audit"), cwd=runner / "work",
        RUNNER_TEMP=str(runner / "temp"), GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(runner / "summary.md"),
        XDG_CACHE_HOME=str(runner / "cache"), **given,
    )  # fmt: skip
    return done.returncode, dict(line.split("=", 1) for line in output.read_text().splitlines())


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_action_audits(runner: Path) -> None:
    assert act(runner) == (1, {"sarif-file": "out.sarif", "exit-code": "1", "findings": "1"})
    assert json.loads((runner / "work" / "out.sarif").read_text())["version"] == "2.1.0"
    assert "http-call-without-timeout" in (runner / "summary.md").read_text()
    assert act(runner, FAIL_ON="never") == (0, {"sarif-file": "out.sarif", "exit-code": "0", "findings": "1"})
    assert act(runner, AUDITED="clean.py\n", SUMMARY="false")[1]["findings"] == "0"
    assert act(runner, AUDITED="my app")[1]["findings"] == "1"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_inputs_of_the_action_are_never_run(runner: Path) -> None:
    evil = "$(touch pwned); `touch pwned`; --help"
    for name in ("AUDITED", "ROOT", "FAIL_ON", "DIFF_BASE", "SARIF"):
        code, told = act(runner, **{name: evil, "SUMMARY": "false"})
        assert told["exit-code"] == str(code)
    assert not list(runner.rglob("pwned"))
    assert act(runner, AUDITED="--version")[1]["exit-code"] == "2"


# ------------------------------------------------------------------- pre-commit


def test_precommit_understands_the_hooks(tmp_path: Path) -> None:
    manifest = tool("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert manifest.returncode == 0, manifest.stdout + manifest.stderr
    init(tmp_path, "pre-commit")
    config = tool("pre-commit", "validate-config", FILES[Place.PRE_COMMIT], cwd=tmp_path)
    assert config.returncode == 0, config.stdout + config.stderr


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_commit_is_refused_for_what_it_adds(tmp_path: Path) -> None:
    """The hook as `init` writes it, run by pre-commit: old findings pass, a new one does not."""
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PRE_COMMIT_HOME": str(home / "pc"), "GIT_CONFIG_GLOBAL": os.devnull}

    def git(*command: str) -> None:
        done = tool("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *command, cwd=work, **env)
        assert done.returncode == 0, done.stderr

    git("init", "-q")
    init(work, "pre-commit")
    (work / "old.py").write_text("import requests\n\nrequests.get('https://example.org/old', timeout=None)\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (work / "clean.py").write_text("import json\n")
    git("add", ".")
    passed = tool("pre-commit", "run", "backend-audit", cwd=work, **env)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (work / "new.py").write_text("import requests\n\nrequests.get('https://example.org/new', timeout=None)\n")
    git("add", ".")
    refused = tool("pre-commit", "run", "backend-audit", cwd=work, **env)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "new.py:3:1: error http-call-without-timeout" in refused.stdout and "old.py" not in refused.stdout
