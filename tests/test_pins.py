"""Lock files and requirements decide which release's default holds: exact pins, ranges, conflicts, and what is neither."""

from __future__ import annotations

import pytest
from marks import judge

from analyzer.extract.entries import read
from analyzer.link.pins import Releases, ranges
from analyzer.model.facts import TextFacts, Unread
from analyzer.model.source import FileKind

ENDLESS, MIXED = "endless", "releases with and without a time limit of their own are allowed"
APP = b"""import redis

def client():
    return redis.Redis(host="cache")
"""
POETRY_LOCK = """[[package]]
name = "redis"
version = "{}"
description = "a client"
optional = false

[package.dependencies]
async-timeout = {{version = ">=4.0.3", markers = "python_full_version < \\"3.11.3\\""}}

[metadata]
lock-version = "2.1"
"""
RANGE = '[project]\nname = "shop"\ndependencies = ["redis>=4.5"]\n'


def said(files: dict[str, str]) -> str:
    """What the rule says of a client without a limit: `ENDLESS`, why it cannot say, or "" for a good default."""
    found = judge({"app.py": APP, **{name: text.encode() for name, text in files.items()}}, ["cache-call-without-timeout"])
    return ENDLESS if found.findings else ", ".join(one.why for one in found.unjudged)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("redis==7.4.0", ENDLESS),
        ("redis==8.0.0", ""),
        ("redis==7.*", ENDLESS),
        ("redis<8", ENDLESS),
        ("redis<8.0.0", ENDLESS),
        ("redis<=8.0", MIXED),
        ("redis>=4.5", MIXED),
        ("redis>=8", ""),
        ("redis~=7.1", ENDLESS),
        ("redis~=7.1.2", ENDLESS),
        ("redis", MIXED),
        ("redis!=6.0,<9,>=7", MIXED),
        ("Redis[hiredis] == 5.0.1  # the old one", ENDLESS),
        ("requests==2.32.3", ""),  # nothing is said of redis: the newest release
        ("redis==99.0", ""),  # no such release; it would be a later one
        ("redis==0.0.0.0.1", ENDLESS),
        ("redis>=8,<4", MIXED),  # no release fits: nothing is known
        ("redis==1!5.0", MIXED),  # an epoch, of which redis-py has none
        ("redis @ https://files.example/redis-5.0.tar.gz", MIXED),
    ],
)
def test_a_requirement_decides_which_default_holds(asked: str, expected: str) -> None:
    assert said({"requirements.txt": asked + "\n"}) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('redis = "^7.1"', ENDLESS),
        ('redis = "~7.4"', ENDLESS),
        ('redis = "8.1.0"', ""),
        ('redis = "*"', MIXED),
        ('redis = "^5.0 || ^7.0"', ENDLESS),
        ('redis = "^5.0 || ^8.0"', MIXED),
        ('redis = {version = "^5.0", extras = ["hiredis"]}', ENDLESS),
        ('redis = [{version = "^5", python = "<3.10"}, {version = "^8", python = ">=3.10"}]', MIXED),
    ],
)
def test_the_tables_of_poetry_decide_too(asked: str, expected: str) -> None:
    assert said({"pyproject.toml": f"[tool.poetry.dependencies]\n{asked}\n"}) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": RANGE, "poetry.lock": POETRY_LOCK.format("5.2.1")}, ENDLESS),
        ({"pyproject.toml": RANGE, "poetry.lock": POETRY_LOCK.format("8.1.0")}, ""),
        ({"api/pyproject.toml": RANGE, "uv.lock": POETRY_LOCK.format("5.2.1")}, ENDLESS),  # a workspace has one lock
        ({"api/pyproject.toml": RANGE, "jobs/uv.lock": POETRY_LOCK.format("5.2.1")}, MIXED),  # another project's
        ({"pyproject.toml": RANGE, "poetry.lock": "<<<<<<< HEAD\n" + POETRY_LOCK.format("5.2.1")}, MIXED),
        ({"pyproject.toml": RANGE, "poetry.lock": POETRY_LOCK.format("unknown")}, MIXED),
        ({"pyproject.toml": RANGE, "Pipfile.lock": '{"default": {"redis": {"version": "==5.2.1"}}}'}, ENDLESS),
        ({"pyproject.toml": RANGE, "pylock.toml": '[[packages]]\nname = "redis"\nversion = "5.2.1"\n'}, ENDLESS),
        ({"pyproject.toml": RANGE, "requirements.txt": "redis==5.2.1\n"}, ENDLESS),  # compiled from the range
        ({"pyproject.toml": RANGE, "requirements/base.txt": "redis==5.2.1\n"}, ENDLESS),
        ({"requirements.txt": "redis==5.2.1\n", "poetry.lock": POETRY_LOCK.format("6.4.0")}, ENDLESS),  # both are old
        ({"requirements.txt": "redis==8.0.1\n", "poetry.lock": POETRY_LOCK.format("6.4.0")}, MIXED),
        ({"requirements.txt": "redis==8.0.1\n", "requirements-dev.txt": "redis==6.4.0\n"}, MIXED),
        ({"pyproject.toml": RANGE.replace(">=4.5", ">=8"), "requirements.txt": "redis==6.4.0\n"}, MIXED),
        ({"setup.cfg": "[options]\ninstall_requires =\n    redis<8\n    requests\n"}, ENDLESS),
        ({"environment.yml": "dependencies:\n  - redis-py=5.0\n  - redis=5.0\n"}, ENDLESS),
        ({"chart/Chart.yaml": "dependencies:\n  - name: redis\n    version: 17.0.0\n"}, ""),  # a chart, not redis-py
    ],
)
def test_a_lock_file_beats_a_range_and_conflicting_pins_are_not_judged(files: dict[str, str], expected: str) -> None:
    assert said(files) == expected


@pytest.mark.parametrize(
    ("specifier", "start", "end"),
    [
        ("^0.0.3", (0, 0, 3, 0), (0, 0, 4, 0)),
        ("^0.2", (0, 2, 0, 0), (0, 3, 0, 0)),
        ("^1.2.3", (1, 2, 3, 0), (2, 0, 0, 0)),
        ("~1.2", (1, 2, 0, 0), (1, 3, 0, 0)),
        ("~=1.2", (1, 2, 0, 0), (2, 0, 0, 0)),
        (">1.2", (1, 2, 0, 0, 1), None),
        (">=1,<2,!=1.5", (1, 0, 0, 0), (2, 0, 0, 0)),
        ("", (0, 0, 0, 0), None),
        ("latest", (0, 0, 0, 0), None),
    ],
)
def test_specifiers_are_intervals(specifier: str, start: tuple[int, ...], end: tuple[int, ...] | None) -> None:
    assert ranges(specifier) == [Releases(start, end)]


def test_a_lock_file_is_read_for_names_and_versions_alone() -> None:
    facts = read(POETRY_LOCK.format("5.2.1").encode(), FileKind.LOCK)
    assert isinstance(facts, TextFacts)
    assert [(one.key, one.value, one.at.line) for one in facts.entries] == [("locked:redis", "==5.2.1", 3)]


@pytest.mark.parametrize("text", ['{"default": ', "{" * 100_000, '{"default": ' + "[" * 100_000, ">>>>>>> theirs\n"])
def test_a_broken_lock_file_is_named(text: str) -> None:
    assert isinstance(read(text.encode(), FileKind.LOCK), Unread)


@pytest.mark.parametrize("text", ["{}", '{"default": []}', '{"default": {"redis": 5, "b": {"version": 1}}}', "[[package]]\n"])
def test_a_lock_file_without_versions_says_nothing(text: str) -> None:
    facts = read(text.encode(), FileKind.LOCK)
    assert isinstance(facts, TextFacts) and not facts.entries
