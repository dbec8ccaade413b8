"""`--diff-base`: what a branch adds, whatever git repository it is in, and nothing that the repository names is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from analyzer import revisions
from analyzer.cli.app import app
from analyzer.failure import UserError
from analyzer.revisions import merge_base, unpacked

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
CALL = "import requests\n\n\ndef {name}(url):\n    return requests.get(url).status_code\n"


def git(*arguments: str, where: Path | None = None, given: str | None = None) -> str:
    settings = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always", "-c", "gc.auto=0")
    command = ["git", "-C", str(where or Path.cwd()), *settings, *arguments]
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, input=given
    ).stdout.strip()


def commit(**files: str | None) -> str:
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    git("add", "-A")
    git("commit", "-qm", "c")
    return git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a repository with one commit on `main` and a branch `feature` that is checked out."""
    root = tmp_path / "repo"
    root.mkdir()
    monkeypatch.chdir(root)
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setenv("TMPDIR", str(private))
    monkeypatch.setattr(tempfile, "tempdir", None)
    git("init", "-qb", "main")
    commit(a=CALL.format(name="a"), sub__b=CALL.format(name="b"))
    git("checkout", "-qb", "feature")
    return root


@pytest.fixture(autouse=True)
def nothing_stays(repo: Path) -> Iterator[None]:
    """Whatever happens, the unpacked files are gone in the end."""
    yield
    assert list((repo.parent / "private").iterdir()) == []


def run(*arguments: str, code: int | None = None) -> Result:
    cache = str(Path(os.environ["TMPDIR"]).parent / "cache")
    result = CliRunner().invoke(app, ["scan", "--engine", "native", "-j", "1", "--cache-dir", cache, *arguments])
    assert code is None or result.exit_code == code, result.output
    return result


def report(*arguments: str) -> Any:
    return json.loads(run("--format", "json", "-q", *arguments).stdout)


def new(*arguments: str) -> list[str]:
    return [f"{one['path']}:{one['line']}" for one in report("--diff-base", "main", *arguments)["findings"]]


# ------------------------------------------------------------------ what is new


def test_only_what_the_branch_adds() -> None:
    base = git("rev-parse", "main")
    assert new() == []
    commit(a="# moved\n\n" + CALL.format(name="a"), c=CALL.format(name="c"))
    said = report("--diff-base", "main")
    assert [one["path"] for one in said["findings"]] == ["c.py"]
    assert [one["path"] for one in said["baselined"]] == ["a.py", "sub/b.py"]
    assert said["compared"] == f"revision {base[:12]}" and said["stale"] == []
    assert "no new findings" in run("--diff-base", "HEAD", code=0).stdout
    assert run("--diff-base", "main", code=1).stderr == ""


def test_the_working_tree_is_what_is_compared(repo: Path) -> None:
    (repo / "untracked.py").write_text(CALL.format(name="f"))
    (repo / "a.py").write_text(CALL.format(name="a") + "\n\ndef g(url):\n    requests.get(url)\n")
    assert new() == ["a.py:9", "untracked.py:5"]


def test_the_base_is_where_the_branches_part() -> None:
    git("checkout", "-q", "main")
    commit(a="x = 1\n")
    git("checkout", "-q", "feature")
    assert new() == [], "main has mended it since; the branch has not made it"


def test_one_more_of_the_same_is_new() -> None:
    commit(a=CALL.format(name="a").replace("    return", "    requests.get(url).status_code\n    return") + "    requests.get(url).status_code\n")
    assert len(new()) == 2


def test_the_analysis_is_whole_and_paths_limit_what_is_reported() -> None:
    commit(c=CALL.format(name="c"), sub__d=CALL.format(name="d"))
    assert new("sub") == ["sub/d.py:5"]
    assert new("c.py") == ["c.py:5"], "it was not there at the base"
    assert report("--diff-base", "main", "sub")["totals"]["files"] == 4


def test_no_python_at_the_base(repo: Path) -> None:
    git("checkout", "-q", "--orphan", "bare")
    git("rm", "-rqf", ".")
    (repo / "readme.txt").write_text("x")
    git("add", "-A")
    git("commit", "-qm", "empty")
    git("checkout", "-qb", "first")
    commit(a=CALL.format(name="a"))
    assert [one["path"] for one in report("--diff-base", "bare")["findings"]] == ["a.py"]


def test_a_project_below_the_top_of_its_repository(repo: Path) -> None:
    (repo / ".gitignore").write_text("ignored.py\n")
    (repo / "sub" / "ignored.py").write_text("def broken(:\n")
    git("add", "-Af")
    git("commit", "-qm", "c")
    git("branch", "-f", "main")
    commit(sub__c=CALL.format(name="c"))
    assert new("--root", "sub") == ["c.py:5"]
    said = report("--diff-base", "main", "--root", "sub")
    assert said["problems"] == [], "ignored there as here"


def test_with_a_baseline_too(repo: Path) -> None:
    commit(c=CALL.format(name="c"))
    run("c.py", "--write-baseline", "b.json")
    commit(d=CALL.format(name="d"))
    assert new("--baseline", "b.json") == ["d.py:5"]
    assert report("--baseline", "b.json", "--diff-base", "main")["compared"].startswith("baseline b.json, revision ")


def test_the_files_of_the_base_come_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    commit(a=CALL.format(name="a") + "x = 1\n")
    run()
    from analyzer import extract

    monkeypatch.setattr(extract, "_read", lambda *_: pytest.fail("a file was read again"))
    assert new() == []


def test_times_of_both_audits_are_told() -> None:
    said = run("--diff-base", "main", "--statistics").stderr
    assert "base extract" in said and "\nextract" in said


def test_what_could_not_be_compared_is_told(repo: Path, tmp_path: Path) -> None:
    commit(broken="def f(:\n")
    git("branch", "-f", "main")
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-qb", "main", where=other)
    (other / "m.py").write_text(CALL.format(name="m"))
    git("add", "-A", where=other)
    git("commit", "-qm", "c", where=other)
    git("submodule", "add", "-q", str(other), "module")
    git("commit", "-qm", "module")
    git("branch", "-f", "main")
    os.symlink("a.py", repo / "link.py")
    said = report("--diff-base", "main")
    notes = [problem["message"] for problem in said["problems"] if problem["note"]]
    assert any("submodule `module` is not compared" in note for note in notes)
    assert any("1 of revision" in note and "could not be checked" in note for note in notes)
    assert [one["path"] for one in said["findings"]] == ["module/m.py"]


# ------------------------------------------------------------------ what the user can mend


@pytest.mark.parametrize("name", ["nowhere", "-x", "--help", "a\0b", "main:a.py"])
def test_an_unknown_revision(name: str) -> None:
    result = run(f"--diff-base={name}", code=2)
    assert "there is no such revision" in result.stderr and "origin/main" in result.stderr and result.stdout == ""


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "pyproject.toml").touch()
    (tmp_path / "plain" / "a.py").touch()
    monkeypatch.chdir(tmp_path / "plain")
    assert "is in no git repository" in run("--diff-base", "main", code=2).stderr


def test_a_repository_without_a_commit_or_a_broken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    young = tmp_path / "young"
    young.mkdir()
    (young / "a.py").touch()
    monkeypatch.chdir(young)
    git("init", "-q")
    assert "it has no commit" in run("--diff-base", "HEAD", code=2).stderr
    shutil.rmtree(young / ".git")
    (young / ".git").mkdir()
    assert "cannot be used" in run("--diff-base", "HEAD", code=2).stderr


def test_no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "find", lambda name, root: None)
    assert "needs git, and there is none on PATH" in run("--diff-base", "main", code=2).stderr


def test_unrelated_histories(repo: Path) -> None:
    git("checkout", "-q", "--orphan", "island")
    git("commit", "-qm", "another beginning")
    assert "no commit in common with HEAD" in run("--diff-base", "main", code=2).stderr


def test_a_shallow_clone(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(c="x = 1\n")
    git("checkout", "-q", "main")
    commit(d="x = 1\n")
    git("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{repo}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    for name, words in (("origin/feature", "cut off before it meets HEAD"), ("HEAD~1", "no such revision")):
        result = run("--diff-base", name, code=2)
        assert words in result.stderr and "fetch-depth: 0" in result.stderr


def test_a_partial_clone_fetches_nothing(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("config", "uploadpack.allowFilter", "true")
    commit(a="x = 1\n")
    git("clone", "-q", "--filter=blob:none", f"file://{repo}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    result = run("--diff-base", "origin/main", code=2)
    assert "Traceback" not in result.stderr and "revision" in result.stderr


# ------------------------------------------------------------------ hostile repositories


def test_nothing_that_the_repository_names_is_run(repo: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    program.chmod(0o755)
    (repo / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    commit(c=CALL.format(name="c"))
    hooks = repo / ".git" / "hooks"
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):
        shutil.copy(program, hooks / name)
    for key, value in {
        "core.fsmonitor": str(program), "core.hooksPath": str(hooks), "core.pager": str(program), "core.editor": str(program),
        "core.sshCommand": str(program), "core.askPass": str(program), "core.gitProxy": str(program), "alias.ls-tree": f"!{program}",
        "filter.evil.smudge": str(program), "filter.evil.clean": str(program), "filter.evil.process": str(program),
        "diff.evil.textconv": str(program), "diff.external": str(program), "gpg.program": str(program), "pager.ls-tree": str(program),
        "core.repositoryformatversion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true", "remote.origin.url": f"ext::{program} x",
        "protocol.ext.allow": "always", "remote.origin.uploadpack": str(program), "credential.helper": f"!{program}",
        "core.worktree": "/", "trace2.normalTarget": str(tmp_path / "trace"),
    }.items():  # fmt: skip
        with open(repo / ".git" / "config", "a") as file:
            section, _, name = key.rpartition(".")
            first, dot, rest = section.partition(".")
            file.write(f'[{first} "{rest}"]\n' if dot else f"[{first}]\n")
            file.write(f"\t{name} = {json.dumps(value)}\n")
    run("--diff-base", "main", code=1)
    assert not mark.exists()
    blob = next(p for p in (repo / ".git" / "objects").glob("??/*") if _type(repo, p) == "blob")
    blob.unlink()  # git would fetch it
    run("--diff-base", "main", code=2)
    assert not mark.exists()


def _type(repo: Path, place: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "GIT_DIR": str(repo / ".git"), "GIT_ALLOW_PROTOCOL": "none"}
    command = ["git", "-c", "core.fsmonitor=false", "cat-file", "-t", place.parent.name + place.name]
    kind = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    if kind != "blob":
        return kind
    shown = subprocess.run([*command[:-2], "-p", command[-1]], env=environment, capture_output=True, text=True, check=True)
    return kind if "def b(" in shown.stdout else "another"


def test_a_forged_tree_writes_nothing_outside(repo: Path) -> None:
    blob = git("hash-object", "-w", "--stdin", given="x = 1\n")
    inner = git("mktree", given=f"100644 blob {blob}\tevil.py\n")
    lines = [f"040000 tree {inner}\t{name}" for name in ("..", ".git", ".GIT", ".")] + [f"120000 blob {blob}\tlink.py", f"100644 blob {blob}\tfine.py"]
    tree = git("mktree", given="".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.split("\t")[1])))
    forged = git("commit-tree", tree, "-m", "c")
    git("update-ref", "refs/heads/forged", forged)
    git("update-ref", "refs/heads/feature", forged)
    with unpacked(merge_base(str(repo), "forged"), lambda path: True) as there:
        private = Path(there.folder).parent
        found = sorted(str(path.relative_to(private)) for path in private.rglob("*") if not path.is_dir())
    assert found == ["project/fine.py"]


def test_what_is_too_big_or_of_no_kind_is_left_there(repo: Path) -> None:
    (repo / "image.png").write_bytes(b"x" * 10)
    commit(big="x = 1\n" * 500_000)
    git("branch", "-f", "main")
    with unpacked(merge_base(str(repo), "main"), lambda path: path.endswith(".py")) as there:
        assert sorted(os.listdir(there.folder)) == [".git", "a.py", "sub"]
        assert Path(there.folder).stat().st_mode & 0o777 == 0o755 or os.name != "nt"
        assert Path(there.folder).parent.stat().st_mode & 0o077 == 0


def test_the_files_are_gone_when_the_audit_is_stopped(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    @contextmanager
    def watched(base: Any, worth: Any) -> Iterator[Any]:
        with unpacked(base, worth) as there:
            seen.append(there.folder)
            yield there

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(revisions, "unpacked", watched)
    monkeypatch.setattr("analyzer.audit.discover", stop)
    assert run("--diff-base", "main").exit_code == 130
    assert seen and not os.path.exists(seen[0])


def test_a_full_disk(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(revisions, "_write", fail)
    result = run("--diff-base", "main", code=2)
    assert "could not be unpacked: No space left on device" in result.stderr


def test_many_files_are_asked_for_in_goes(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(**{f"f{n}": f"x = {n}\n" for n in range(30)})
    git("branch", "-f", "main")
    monkeypatch.setattr(revisions, "_AT_ONCE", 40)
    with unpacked(merge_base(str(repo), "main"), lambda path: True) as there:
        assert Path(there.folder, "f17.py").read_text() == "x = 17\n"
        assert len(list(Path(there.folder).glob("*.py"))) == 31


def test_a_git_that_fails_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = merge_base(str(repo), "main")
    monkeypatch.setattr(revisions, "_SECONDS", 0.0)
    with pytest.raises(UserError, match="ls-tree failed|did not end"), unpacked(base, lambda path: True):
        pass


def test_a_worktree_of_a_repository(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    monkeypatch.chdir(tmp_path / "tree")
    commit(c=CALL.format(name="c"))
    assert new() == ["c.py:5"]
