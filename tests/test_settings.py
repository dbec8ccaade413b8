"""Where settings come from, which wins, and what a mistake in them says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from analyzer.failure import UserError
from analyzer.model.config import Assumption, Config, FileIgnore
from analyzer.settings import load
from analyzer.settings.check import COMMAND_LINE_ONLY, KEYS


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project's root with one Python file."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / "api").mkdir()
    (root / "api" / "a.py").touch()
    return root


def configured(repo: Path, text: str, name: str = "backend-audit.toml") -> Path:
    path = repo / name
    path.write_text(text)
    return path


def settings(path: Path, overrides: Mapping[str, object] | None = None, **more: object) -> Config:
    return load([str(path)], overrides or {}, **more)  # type: ignore[arg-type]


def failure(repo: Path, text: str) -> str:
    configured(repo, text)
    with pytest.raises(UserError) as caught:
        settings(repo)
    assert caught.value.code == 2
    return caught.value.message


def test_without_a_file_the_defaults_hold(repo: Path) -> None:
    assert settings(repo) == Config(paths=(str(repo),))
    configured(repo, "[tool.black]\nline-length = 100\n", "pyproject.toml")
    assert settings(repo) == Config(paths=(str(repo),))


def test_every_field_is_a_key_or_for_the_command_line() -> None:
    names = {field.name.replace("_", "-") for field in fields(Config)} - {"source"}
    assert names == {*KEYS, *COMMAND_LINE_ONLY}


def test_every_key(repo: Path) -> None:
    (repo / "models").mkdir()
    configured(
        repo,
        """
        [tool.backend-audit]
        select = ["raw-sql", "http"]
        ignore = ["bandit:B101"]
        severity = "medium"
        confidence = "low"
        fail-on = "critical"
        strict = true
        include = ["gen/keep.py"]
        exclude = ["gen/**"]
        honor = ["nosec"]
        libraries = ["models"]
        jobs = 2
        cache = false
        front-end = "libcst"
        show-suppressed = true
        [tool.backend-audit.per-file-ignores]
        "legacy/**" = {rules = ["raw-sql"], reason = "frozen", expires = 2030-01-31}
        [tool.backend-audit.assume]
        tls = {value = "proxy", reason = "ends at the load balancer"}
        rate-limit = {value = "gateway", reason = "set in infra"}
        """,
        "pyproject.toml",
    )
    assert settings(repo) == Config(
        paths=(str(repo),),
        select=("raw-sql", "http"),
        ignore=("bandit:B101",),
        severity="medium",
        confidence="low",
        fail_on="critical",
        strict=True,
        include=("gen/keep.py",),
        exclude=("gen/**",),
        per_file_ignores=(FileIgnore("legacy/**", ("raw-sql",), "frozen", "2030-01-31"),),
        assume=(
            Assumption("rate-limit", "gateway", "set in infra"),
            Assumption("tls", "proxy", "ends at the load balancer"),
        ),
        honor=("nosec",),
        libraries=(str(repo / "models"),),
        jobs=2,
        cache=False,
        front_end="libcst",
        show_suppressed=True,
    )
    assert settings(repo).source == str(repo / "pyproject.toml")


def test_the_nearest_file_wins_and_nothing_is_merged(repo: Path) -> None:
    configured(repo, 'severity = "high"\nfail-on = "high"\n')
    configured(repo / "api", '[tool.backend-audit]\nseverity = "medium"\n', "pyproject.toml")
    near = settings(repo / "api" / "a.py")
    assert (near.severity, near.fail_on) == ("medium", "low")
    configured(repo / "api", 'severity = "critical"\n', ".backend-audit.toml")
    assert settings(repo / "api").severity == "critical"
    configured(repo / "api", "", "backend-audit.toml")
    assert settings(repo / "api").severity == "low"
    assert settings(repo).severity == "high"


def test_no_file_above_the_root_counts(repo: Path) -> None:
    configured(repo.parent, "not even = TOML =", "backend-audit.toml")
    assert settings(repo / "api") == Config(paths=(str(repo / "api"),))


def test_command_line_wins_over_settings_over_file(repo: Path) -> None:
    configured(repo, 'severity = "high"\nfail-on = "high"\nconfidence = "high"\nexclude = ["a"]\nselect = ["x"]\n')
    config = settings(
        repo,
        {"fail_on": "low", "exclude": ("b", "a"), "select": ("y",)},
        config=[
            "severity=critical",
            "fail-on = 'medium'",
            'ignore = ["z"]',
            "assume.tls = {value='proxy', reason='r'}",
        ],
    )
    assert (config.severity, config.fail_on, config.confidence) == ("critical", "low", "high")
    assert (config.exclude, config.select, config.ignore) == (("a", "b"), ("y",), ("z",))
    assert config.assume == (Assumption("tls", "proxy", "r"),)


def test_isolated_and_a_named_file(repo: Path) -> None:
    configured(repo, 'severity = "high"\n')
    other = configured(repo, 'confidence = "low"\n', "other.toml")
    assert settings(repo, isolated=True).severity == "low"
    named = settings(repo, config=[str(other)])
    assert (named.severity, named.confidence, named.source) == ("low", "low", str(other))
    with pytest.raises(UserError, match="no such file"):
        settings(repo, config=[str(repo / "absent.toml")])
    with pytest.raises(UserError, match="2 files"):
        settings(repo, config=[str(other), str(other)])


def test_a_missing_path_is_named_before_anything_else(repo: Path) -> None:
    configured(repo, "broken")
    with pytest.raises(UserError, match="nowhere does not exist"):
        settings(repo / "nowhere")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('serverity = "low"', ["unknown key `serverity`", "did you mean `severity`?"]),
        ("fail_on = 'low'", ["unknown key `fail_on`", "did you mean `fail-on`?"]),
        ("zzzz = 1", ["unknown key `zzzz`", "there are assume, baseline, cache"]),
        ('severity = "hgih"', ["one of critical, high, medium, low", 'severity = "high"']),
        ("severity = 3", ["one of critical"]),
        ('strict = "yes"', ["true or false", "strict = true"]),
        ("jobs = true", ["whole number"]),
        ("jobs = -1", ["from 0 to 256"]),
        ('select = "raw-sql"', ["list of strings", 'select = ["raw-sql"]']),
        ("exclude = [1]", ["list of strings"]),
        ('exclude = ["!a"]', ["is no glob"]),
        ('exclude = ["["]', ["no usable glob"]),
        ('include = ["/"]', ["no usable glob"]),
        (f'exclude = ["{"*a" * 20}"]', ["no usable glob"]),
        ('honor = ["nosek"]', ["did you mean `nosec`?"]),
        ('per-file-ignores = ["a"]', ["a table of globs"]),
        ('per-file-ignores."a/**" = {rules = ["x"]}', ["needs a reason", "for example"]),
        ('per-file-ignores."a/**" = {reason = "x"}', ["names no rules"]),
        ('per-file-ignores."a/**" = {rules = ["x"], reason = "  "}', ["needs a reason"]),
        ('per-file-ignores."a/**" = {rules = ["x"], reason = "y", expire = "z"}', ["did you mean `expires`?"]),
        ('per-file-ignores."a/**" = {rules = ["x"], reason = "y", expires = "soon"}', ["must be a date", "2030-01-31"]),
        ('assume.tls = "proxy"', ["a reason for each"]),
        ('assume.tls = {value = "proxy"}', ["needs a reason"]),
        ('assume.tls = {reason = "proxy"}', ["needs a value"]),
        ('assume.TLS = {value = "proxy", reason = "x"}', ["lower case"]),
        ('libraries = ["../elsewhere"]', ["no folder under"]),
        ('rules = ["audit_rules"]', ["command line only", "what code is run"]),
        ('cache-dir = "/tmp/x"', ["command line only"]),
    ],
)
def test_a_mistake_says_what_is_right(repo: Path, text: str, words: list[str]) -> None:
    message = failure(repo, text)
    assert str(repo / "backend-audit.toml") in message
    for word in words:
        assert word in message


def test_all_mistakes_are_in_one_message(repo: Path) -> None:
    message = failure(repo, 'serverity = "low"\nstrict = 1\njobs = 2\nassume.tls = 1\n')
    assert "has 3 mistakes" in message
    assert len(message.splitlines()) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"severity = ", "not valid TOML: "), (b"# \xff\n", "not UTF-8"), (b"a" * 3_000_000, "under 2 MB")],
)
def test_a_broken_file_is_a_usage_error(repo: Path, content: bytes, words: str) -> None:
    (repo / "backend-audit.toml").write_bytes(content)
    with pytest.raises(UserError, match=words):
        settings(repo)
    assert settings(repo, isolated=True) == Config(paths=(str(repo),))


def test_a_broken_pyproject_is_ours_only_with_our_table(repo: Path) -> None:
    configured(repo, "[project\n", "pyproject.toml")
    assert settings(repo) == Config(paths=(str(repo),))
    configured(repo, "[tool.backend-audit\n", "pyproject.toml")
    with pytest.raises(UserError, match="not valid TOML"):
        settings(repo)
    configured(repo, "[tool]\nbackend-audit = 3\n", "pyproject.toml")
    with pytest.raises(UserError, match="must be a table"):
        settings(repo)


def test_a_pipe_or_a_link_out_of_the_project_is_not_read(repo: Path, tmp_path: Path) -> None:
    os.mkfifo(repo / "backend-audit.toml")
    with pytest.raises(UserError, match="not a regular file"):
        settings(repo)
    (repo / "backend-audit.toml").unlink()
    outside = configured(tmp_path, 'severity = "high"\n', "outside.toml")
    (repo / "backend-audit.toml").symlink_to(outside)
    with pytest.raises(UserError, match="leads out of the project"):
        settings(repo)


def test_settings_on_the_command_line_are_checked_too(repo: Path) -> None:
    with pytest.raises(UserError, match="did you mean `severity`"):
        settings(repo, config=["severty=low"])
    with pytest.raises(UserError, match="no usable glob"):
        settings(repo, {"exclude": ("[",)})
