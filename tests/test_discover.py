"""What is read, what is reported and what is left out, on trees that are made for it."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from analyzer.discover import discover
from analyzer.failure import NothingToScan, UserError
from analyzer.model.config import Config
from analyzer.model.source import FileKind, Snapshot

GIT = shutil.which("git")


def write(root: Path, *names: str, text: str = "x = 1\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def snapshot(*paths: Path | str, **settings: object) -> Snapshot:
    return discover(Config(paths=tuple(map(str, paths)), **settings))[0]  # type: ignore[arg-type]


def names(*paths: Path | str, **settings: object) -> list[str]:
    return [file.path for file in snapshot(*paths, **settings).files]


def reasons(found: Snapshot) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {entry.reason: (entry.count, entry.examples) for entry in found.left_out}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A folder that is a project's root."""
    root = tmp_path / "repo"
    (root / ".git" / "info").mkdir(parents=True)
    return root


# ------------------------------------------------------------------ root and PATH


def test_path_decides_what_is_reported_never_what_is_read(repo: Path) -> None:
    write(repo, "src/a.py", "src/sub/b.py", "srcs/c.py", "settings.py", "compose.yml")
    whole, part, one = snapshot(repo), snapshot(repo / "src"), snapshot(repo / "src" / "a.py")
    assert (
        [file.path for file in whole.files] == [file.path for file in part.files] == [file.path for file in one.files]
    )
    assert [file.path for file in part.files if file.reported] == ["src/a.py", "src/sub/b.py"]
    assert [file.path for file in one.files if file.reported] == ["src/a.py"]
    assert (whole.targets, part.targets, one.targets) == ((".",), ("src",), ("src/a.py",))
    assert whole.root == part.root == one.root == str(repo)


def test_the_nearest_git_wins_over_a_nearer_pyproject(repo: Path) -> None:
    write(repo, "a.py", "api/pyproject.toml", "api/b.py", text="")
    assert snapshot(repo / "api").root == str(repo)


@pytest.mark.parametrize("marker", ["pyproject.toml", "setup.cfg", "manage.py"])
def test_without_git_the_nearest_marker_is_the_root(tmp_path: Path, marker: str) -> None:
    write(tmp_path, f"outer/{marker}", f"outer/inner/{marker}", "outer/inner/app/a.py", text="")
    assert snapshot(tmp_path / "outer" / "inner" / "app").root == str(tmp_path / "outer" / "inner")


def test_without_any_marker_the_paths_are_the_project(tmp_path: Path) -> None:
    write(tmp_path, "a/x.py", "b/y.py", "c/z.py")
    found = snapshot(tmp_path / "b", tmp_path / "a")
    assert [file.path for file in found.files] == ["a/x.py", "b/y.py"]
    assert found.targets == ("a", "b")
    assert names(tmp_path / "c" / "z.py") == ["z.py"]


def test_root_can_be_given(repo: Path) -> None:
    write(repo, "api/a.py", "web/b.py")
    assert names(repo / "api", root=str(repo / "api")) == ["a.py"]
    with pytest.raises(UserError, match="not under the root"):
        snapshot(repo / "web", root=str(repo / "api"))


def test_the_working_directory_changes_nothing(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "src/a.py", "b.py")
    absolute = snapshot(repo / "src")
    monkeypatch.chdir(repo / "src")
    assert snapshot(".") == absolute
    monkeypatch.chdir(repo)
    assert snapshot("src") == absolute == snapshot("./src/../src/")


def test_a_path_through_a_symbolic_link_is_the_same_project(repo: Path, tmp_path: Path) -> None:
    write(repo, "src/a.py")
    (tmp_path / "alias").symlink_to(repo)
    assert snapshot(tmp_path / "alias" / "src") == snapshot(repo / "src")


def test_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist") as caught:
        snapshot(tmp_path / "nowhere")
    assert caught.value.code == 2
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UserError, match="link to nothing"):
        snapshot(tmp_path / "link")


def test_nothing_to_scan_says_what_was_left_out(repo: Path) -> None:
    with pytest.raises(NothingToScan) as caught:
        snapshot(repo)
    assert caught.value.code == 3
    write(repo, "docs/a.sql", "b.py")
    with pytest.raises(NothingToScan, match="no Python file under docs"):
        snapshot(repo / "docs")
    write(repo, ".gitignore", text="*.py\n")
    with pytest.raises(NothingToScan) as caught:
        snapshot(repo)
    assert "ignored by .gitignore (b.py)" in caught.value.hint


# ------------------------------------------------------------------ left out


def test_built_in_folders(repo: Path) -> None:
    kept = ["a.py", "build/__init__.py", "env/settings.py", "vendor/__init__.py", "vendor/models.py"]
    write(repo, *kept, "node_modules/x.js", "api/dist/y.py", "ve/pyvenv.cfg", "ve/z.py", "api/_vendor/__init__.py")
    write(repo, "__pycache__/a.py", ".venv/b.py", "third_party/c.py", "x.egg-info/top.py")
    found = snapshot(repo)
    assert [file.path for file in found.files] == kept
    assert reasons(found) == {
        "installed packages": (1, ("node_modules/",)),
        "build output": (2, ("api/dist/", "x.egg-info/")),
        "virtual environment": (2, (".venv/", "ve/")),
        "vendored code": (2, ("api/_vendor/", "third_party/")),
    }


def test_what_is_left_out_is_counted_with_five_examples(repo: Path) -> None:
    write(repo, "a.py", *(f"old/{n}.py" for n in range(9)))
    write(repo, ".gitignore", text="old/*\n")
    assert reasons(snapshot(repo)) == {"ignored by .gitignore": (9, tuple(f"old/{n}.py" for n in range(5)))}


def test_nested_ignore_files_negation_and_git_exclude(repo: Path) -> None:
    write(
        repo, "a.py", "gen/a.py", "gen/keep.py", "api/local.py", "api/a.py", "web/local.py", "secret.py", "api/gen/b.py"
    )
    write(repo, ".gitignore", text="gen/*\n!keep.py\n# a comment\n\n")
    write(repo, "api/.gitignore", text="/local.py\n!gen/*\n")
    write(repo, ".git/info/exclude", text="secret.py\n")
    assert names(repo) == ["a.py", "api/a.py", "api/gen/b.py", "gen/keep.py", "web/local.py"]


def test_ignore_files_above_a_given_root_count(repo: Path) -> None:
    write(repo, ".gitignore", text="/api/gen/\n*_local.py\n")
    write(repo, "api/a.py", "api/gen/b.py", "api/x_local.py")
    assert names(repo / "api", root=str(repo / "api")) == ["a.py"]
    write(repo, ".gitignore", text="api/\n")
    assert names(repo / "api", root=str(repo / "api")) == ["a.py", "gen/b.py", "x_local.py"]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("docs/**\n!docs/keep.py", ["a.py", "docs/keep.py", "src/docs/b.py"]),
        ("docs/\n!docs/keep.py", ["a.py"]),  # nothing in an ignored folder comes back
        ("/docs", ["a.py", "src/docs/b.py"]),
        ("*.py\n!docs", []),  # a pattern speaks of what it names, not of what is in it
        ("*.py\n!/docs/*.py", ["docs/b.py", "docs/keep.py"]),
        ("*\n!*/\n!keep.py", ["docs/keep.py"]),
        ("**", []),
        ("*/", ["a.py"]),
        ("b.p[xy]", ["a.py", "docs/keep.py"]),
        ("\\#b.py\nb.py   \n", ["a.py", "docs/keep.py"]),
        ("src/**/b.py", ["a.py", "docs/b.py", "docs/keep.py"]),
    ],
)
def test_ignore_patterns(repo: Path, lines: str, kept: list[str]) -> None:
    write(repo, ".gitignore", text=lines)
    write(repo, "a.py", "docs/b.py", "docs/keep.py", "src/docs/b.py")
    if kept:
        assert names(repo) == kept
    else:
        with pytest.raises(NothingToScan):
            names(repo)


@pytest.mark.skipif(GIT is None, reason="git is the referee")
def test_git_agrees_on_random_trees(tmp_path: Path) -> None:
    assert GIT is not None
    random_ = random.Random(20)
    globs = [
        "foo",
        "foo/",
        "/foo",
        "!foo",
        "*.py",
        "!*.py",
        "a/b",
        "/a/*",
        "!/a/b",
        "**/foo",
        "a/**",
        "a/**/b",
        "*",
        "!*/",
    ]
    globs += [
        "!keep.py",
        "/*",
        "!/a/",
        "f*",
        "[ab]",
        "b?r",
        "x.py ",
        "#c",
        "**/",
        "foo/**",
        "!a/x.py",
        "!b/",
        "*/b",
        "\\!x",
        "[",
    ]
    environment = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    for number in range(30):
        root = tmp_path / str(number)
        subprocess.run([GIT, "init", "-q", root], check=True, env=environment)
        folders = [root]
        for _ in range(9):
            folder = random_.choice(folders) / random_.choice(["a", "b", "foo", "bar"])
            if not folder.exists():
                folder.mkdir()
                folders.append(folder)
        for folder in folders:
            for name in random_.sample(["x.py", "keep.py", "foo.py"], 2):
                (folder / name).touch()
        for folder in random_.sample(folders, min(3, len(folders))):
            write(folder, ".gitignore", text="\n".join(random_.choices(globs, k=3)))
        command = [GIT, "-C", root, "ls-files", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        wanted = sorted(name for name in listed.split("\0") if name.endswith(".py"))
        if wanted:
            assert names(root) == wanted, [path.read_text() for path in root.rglob(".gitignore")]


def test_include_wins_over_exclude_and_every_rule(repo: Path) -> None:
    write(repo, "a.py", "legacy/b.py", "legacy/keep.py", "build/gen/c.py", "build/d.py", "x_pb2.py", "secret/e.py")
    write(repo, ".gitignore", text="secret/\n")
    assert names(repo, exclude=("legacy/",)) == ["a.py"]
    include = ("legacy/keep.py", "build/gen/", "x_pb2.py", "secret/")
    found = snapshot(repo, exclude=("legacy/",), include=include)
    assert [file.path for file in found.files] == [
        "a.py",
        "build/gen/c.py",
        "legacy/keep.py",
        "secret/e.py",
        "x_pb2.py",
    ]
    assert reasons(found) == {
        "build output": (1, ("build/d.py",)),
        "excluded by the configuration": (1, ("legacy/b.py",)),
    }


def test_what_is_named_on_the_command_line_is_read(repo: Path) -> None:
    write(repo, ".gitignore", text="ignored/\nb.py\n")
    write(repo, "a.py", "b.py", "c_pb2.py", "ignored/d.py", "build/e.py", "build/node_modules/f.py")
    assert names(repo) == ["a.py"]
    found = snapshot(repo / "b.py", repo / "c_pb2.py", repo / "ignored", repo / "build", repo / "a.py")
    assert [file.path for file in found.files if file.reported] == [
        "a.py",
        "b.py",
        "build/e.py",
        "c_pb2.py",
        "ignored/d.py",
    ]
    assert reasons(found) == {"installed packages": (1, ("build/node_modules/",))}


def test_size_limit_holds_for_named_files_too(repo: Path) -> None:
    write(repo, "a.py", "limit.py")
    with open(repo / "big.py", "wb") as file:
        file.truncate(50_000_000)
    (repo / "limit.py").write_bytes(b"#" * (2 * 1024 * 1024))
    found = snapshot(repo, repo / "big.py")
    assert [file.path for file in found.files] == ["a.py", "limit.py"]
    assert reasons(found) == {"over 2 MB": (1, ("big.py",))}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a_pb2.py", "x = 1\n", "generated"),
        ("a_pb2_grpc.py", "x = 1\n", "generated"),
        ("a.py", "# Code generated by protoc. DO NOT EDIT.\n", "generated"),
        ("a.py", '"""\nClient.\n\n@generated by tool\n"""\n', "generated"),
        ("a.sql", "-- DO NOT EDIT\nselect 1;\n", "generated"),
        ("a.py", 'HEADER = "# DO NOT EDIT"\n', ""),
        ("a.py", '"""Writes files."""\nHEADER = """\n@generated\n"""\n', ""),
        ("a.py", "\n" * 30 + "# DO NOT EDIT\n", ""),
        ("0001_initial.py", "# Generated by Django 5.0 on 2024-01-01\n", ""),
        ("requirements.txt", "# @generated by pip-compile, DO NOT EDIT\nflask==3\n", ""),
        ("a.min.js", "f()\n", "minified"),
        ("a.js", "f();" * 1000, "minified"),
        ("a.js", "f();\n" * 1000, ""),
    ],
)
def test_generated_and_minified(repo: Path, name: str, text: str, reason: str) -> None:
    write(repo, "other.py")
    write(repo, name, text=text)
    found = snapshot(repo)
    assert reasons(found) == ({reason: (1, (name,))} if reason else {})
    assert (name in [file.path for file in found.files]) is (reason == "")


# ------------------------------------------------------------------ hostile trees


def test_pipes_sockets_and_devices_are_never_opened(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.py")
    os.mkfifo(repo / "pipe.py")
    monkeypatch.chdir(repo)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        found, problems = discover(Config(paths=(str(repo), str(repo / "pipe.py"))))
    assert [file.path for file in found.files] == ["a.py"]
    assert sorted({problem.path for problem in problems}) == ["pipe.py", "socket.py"]


def test_a_pipe_as_ignore_file_or_swapped_in_does_not_block(repo: Path) -> None:
    write(repo, "a.py")
    os.mkfifo(repo / ".gitignore")
    found, problems = discover(Config(paths=(str(repo),)))
    assert [file.path for file in found.files] == ["a.py"]
    assert [problem.path for problem in problems] == [".gitignore"]


def test_no_symbolic_link_is_followed(repo: Path, tmp_path: Path) -> None:
    write(repo, "a.py", "pkg/b.py")
    write(tmp_path, "outside/secret.py")
    (repo / "out").symlink_to(tmp_path / "outside")
    (repo / "secret.py").symlink_to(tmp_path / "outside" / "secret.py")
    (repo / "pkg" / "up").symlink_to(repo)
    (repo / "twin.py").symlink_to("a.py")
    (repo / "self.py").symlink_to("self.py")
    (repo / "dangling.py").symlink_to("gone.py")
    found, problems = discover(Config(paths=(str(repo),)))
    assert [file.path for file in found.files] == ["a.py", "pkg/b.py"]
    assert reasons(found) == {
        "symbolic link out of the project": (2, ("out/", "secret.py")),
        "symbolic link, read at its own place": (2, ("pkg/up/", "twin.py")),
        "symbolic link to nothing": (1, ("dangling.py",)),
    }
    assert [(problem.path, problem.note) for problem in problems] == [("self.py", True)]


def test_unreadable_folders_and_files_are_problems(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.py", "closed/b.py", "c.py")
    scandir, open_ = os.scandir, os.open

    def refuse_folder(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def refuse_file(path: str, flags: int) -> int:
        if path.endswith("c.py"):
            raise PermissionError(13, "Permission denied")
        return open_(path, flags)

    monkeypatch.setattr(os, "scandir", refuse_folder)
    monkeypatch.setattr(os, "open", refuse_file)
    found, problems = discover(Config(paths=(str(repo),)))
    assert [file.path for file in found.files] == ["a.py"]
    assert [(problem.path, problem.message, problem.note) for problem in problems] == [
        ("c.py", "file cannot be read: Permission denied", False),
        ("closed/", "folder cannot be read: Permission denied", False),
    ]


def test_names_that_are_not_utf8(repo: Path) -> None:
    write(repo, "a.py")
    try:
        (Path(os.fsdecode(os.fsencode(repo) + b"/caf\xe9.py"))).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system refuses the name")
    found = snapshot(repo)
    assert [file.path for file in found.files] == ["a.py", "caf\\xe9.py"]
    found.files[1].path.encode("utf-8")


def test_a_hostile_ignore_file_costs_no_time(repo: Path) -> None:
    write(repo, "a" * 200 + ".py")
    write(repo, ".gitignore", text="*a" * 40 + "b\n" + "**/a" * 30 + "/b\n" + "[\n")
    start = time.process_time()
    found, problems = discover(Config(paths=(str(repo),)))
    assert time.process_time() - start < 2
    assert len(found.files) == 1
    assert [(problem.path, problem.note) for problem in problems] == [(".gitignore", True)]


def test_ten_thousand_files_take_well_under_two_seconds(repo: Path) -> None:
    write(repo, "a.py")
    for folder in range(100):
        (repo / f"p{folder}").mkdir()
        for file in range(100):
            os.link(repo / "a.py", repo / f"p{folder}" / f"m{file}.py")
    write(
        repo,
        ".gitignore",
        text="\n".join([*(f"*.x{n}" for n in range(20)), *(f"name{n}/" for n in range(60)), "a/**/b"]),
    )
    start = time.process_time()
    found = snapshot(repo)
    assert time.process_time() - start < 2
    assert len(found.files) == 10_001
    assert [file.path for file in found.files] == sorted(file.path for file in found.files)


# ------------------------------------------------------------------ kinds and tests


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("Dockerfile", "FROM x\n", FileKind.DOCKERFILE),
        ("docker/Dockerfile.prod", "FROM x\n", FileKind.DOCKERFILE),
        ("api.dockerfile", "FROM x\n", FileKind.DOCKERFILE),
        ("Dockerfile.md", "text\n", None),
        ("dockerfile_tools.py", "", FileKind.PYTHON),
        ("docker-compose.yml", "services:\n", FileKind.COMPOSE),
        ("docker-compose.prod.yaml", "services:\n", FileKind.COMPOSE),
        ("compose.override.yaml", "services:\n", FileKind.COMPOSE),
        ("deploy/api.yaml", "apiVersion: apps/v1\nkind: Deployment\n", FileKind.KUBERNETES),
        ("values.yaml", "a:\n  apiVersion: x\n  kind: y\n", FileKind.YAML),
        ("nginx.conf", "worker_processes 1;\n", FileKind.NGINX),
        ("sites/api.conf", "server {\n}\n", FileKind.NGINX),
        ("supervisord.conf", "[program:x]\n", None),
        (".env", "A=1\n", FileKind.ENV),
        (".env.production", "A=1\n", FileKind.ENV),
        ("prod.env", "A=1\n", FileKind.ENV),
        (".envrc", "use nix\n", None),
        ("Pipfile", "[packages]\n", FileKind.TOML),
        ("Pipfile.lock", "{}\n", FileKind.LOCK),
        ("poetry.lock", "[[package]]\n", FileKind.LOCK),
        ("pylock.toml", "[[packages]]\n", FileKind.LOCK),
        ("yarn.lock", "a@1:\n", None),
        ("setup.cfg", "[x]\n", FileKind.INI),
        ("requirements-dev.txt", "flask\n", FileKind.REQUIREMENTS),
        ("requirements/prod.txt", "flask\n", FileKind.REQUIREMENTS),
        ("notes.txt", "flask\n", None),
        ("schema.graphql", "type A\n", FileKind.GRAPHQL),
        ("a.tsx", "f()\n", FileKind.TYPESCRIPT),
        ("a.mjs", "f()\n", FileKind.JAVASCRIPT),
        ("a.html", "<p>\n", FileKind.TEMPLATE),
        ("a.html.j2", "<p>\n", FileKind.TEMPLATE),
        ("0001.sql", "select 1\n", FileKind.SQL),
        ("bin/serve", "#!/usr/bin/env python3\n", FileKind.PYTHON),
        ("bin/run", "#!/bin/sh\npython x\n", None),
        ("LICENSE", "text\n", None),
        ("a.pyi", "x: int\n", None),
        ("A.PY", "x = 1\n", FileKind.PYTHON),
    ],
)
def test_kinds(repo: Path, name: str, text: str, kind: FileKind | None) -> None:
    write(repo, "other.py")
    write(repo, name, text=text)
    found = snapshot(repo)
    assert {file.path: file.kind for file in found.files}.get(name) is kind
    assert not found.left_out


@pytest.mark.parametrize(
    ("name", "text", "test"),
    [
        ("tests/factories.py", "", True),
        ("app/test/x.py", "", True),
        ("app/test_views.py", "", True),
        ("app/views_test.py", "", True),
        ("app/tests.py", "", True),
        ("conftest.py", "", True),
        ("web/a.spec.ts", "", True),
        ("web/__tests__/a.js", "", True),
        ("checks/orders.py", "import pytest\n\ndef test_order(): ...\n", True),
        ("checks/orders.py", "from unittest import TestCase\nclass T(TestCase):\n    def test_a(self): ...\n", True),
        ("app/plugin.py", "import pytest\n\n@pytest.fixture(scope=\"session\")\ndef client(): ...\n", True),
        ("app/testing/tools.py", "import pytest\n", True),
        ("app/testing/experiments.py", "import random\n", False),
        ("app/testing/mixins.py", "from django.test import tag\n", True),
        ("app/contest.py", "def test_connection(): ...\n", False),
        ("app/latest.py", "", False),
        ("app/tests_of_time.py", "", False),
    ],
)
def test_test_code(tmp_path: Path, name: str, text: str, test: bool) -> None:
    root = tmp_path / "tests" / "repo"  # what lies above the root does not count
    (root / ".git").mkdir(parents=True)
    write(root, "other.py")
    write(root, name, text=text)
    marks = {file.path: file.test for file in snapshot(root).files}
    assert marks[name] is test
    assert marks["other.py"] is False


def test_bytes_and_digest(repo: Path) -> None:
    content = b"\xef\xbb\xbfx = 1\r\n\x00"
    write(repo, "a.py")
    (repo / "a.py").write_bytes(content)
    (file,) = snapshot(repo).files
    assert file.content == content
    import hashlib

    assert file.digest == hashlib.blake2b(content, digest_size=16).hexdigest()


def test_installed_packages_are_left_out_wherever_they_lie(tmp_path: Path) -> None:
    write(tmp_path, "app/main.py")
    write(tmp_path, "app/bundled/__init__.py")
    write(tmp_path, "app/bundled/requests/api.py")
    write(tmp_path, "app/bundled/requests-2.32.3.dist-info/METADATA")
    (tmp_path / ".git").mkdir()
    found = snapshot(tmp_path)
    assert [file.path for file in found.files] == ["app/main.py"]
    assert [(left.reason, left.examples) for left in found.left_out] == [("installed packages", ("app/bundled/",))]
    named = snapshot(tmp_path / "app" / "bundled")
    assert "app/bundled/requests/api.py" in [file.path for file in named.files if file.reported]
