"""The form that every rule file has: names, page, size, imports, messages."""

import ast
import re
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest
from marks import cases, example, judge, rules

from analyzer import __all__ as AUTHORING
from analyzer import assets

FILES = {path.stem.replace("_", "-"): path for path in sorted(assets.rules().glob("*/*.py"))}
IDS = sorted(rules())
LONGEST = 120  # lines: a longer rule asks for a better question on Project
TOOLS = {"bandit", "ruff", "semgrep", "flake8", "pylint", "codeql", "sonar", "djlint"}


def test_every_file_is_a_rule() -> None:
    assert sorted(FILES) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_names(rule: str) -> None:
    loaded = rules()[rule]
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule)
    assert loaded.family == FILES[rule].parent.name
    assert set(loaded.rule.supersedes) <= set(loaded.rule.aliases)
    assert all(alias.partition(":")[0] in TOOLS and alias.partition(":")[2] for alias in loaded.rule.aliases)
    assert re.fullmatch(r"\d+\.\d+", loaded.rule.since)
    cwe = loaded.rule.cwe
    assert cwe is None or 1 <= cwe <= 1434  # the CWE list 4.17 ends there


@pytest.mark.parametrize("rule", IDS)
def test_the_page(rule: str) -> None:
    title, *paragraphs = dedent(rules()[rule].rule.doc).strip().split("\n\n")
    assert re.fullmatch(r"[A-Z`].*[^.]\.", title), "the title is one sentence on one line"
    assert len(title) <= 100
    assert len(paragraphs) >= 2, "title; why it hurts; what to do"


@pytest.mark.parametrize("rule", IDS)
def test_the_file(rule: str) -> None:
    text = FILES[rule].read_text()
    assert len(text.splitlines()) <= LONGEST
    tree = ast.parse(text)
    inner = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    inner |= {id(node) for i in tree.body if isinstance(i, ast.If) for node in ast.walk(i)}  # TYPE_CHECKING
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names, module = {alias.name for alias in node.names}, node.module or ""
        elif isinstance(node, ast.Import):
            names, module = set[str](), node.names[0].name
        else:
            continue
        if module.startswith("analyzer"):
            assert module == "analyzer" and names <= set(AUTHORING)
        elif module.startswith("libcst"):
            assert id(node) in inner, "libcst is imported by the stage, not by the rule"
        else:
            assert module in ("__future__", "collections", "collections.abc", "itertools", "re", "typing"), module


@pytest.mark.parametrize("rule", IDS)
def test_messages(rule: str) -> None:
    found = list(judge(example(rules()[rule].rule.bad), (rule,)).findings)
    for case in cases():
        if case.rule == rule:
            found += judge(case.files, (rule,)).findings
    for finding in found:
        assert not finding.message.endswith("."), finding.message
        assert "\n" not in finding.message and len(finding.message) <= 160, finding.message
        assert finding.message.count("`") % 2 == 0, finding.message


def test_aliases_name_one_rule() -> None:
    names = Counter(alias for loaded in rules().values() for alias in loaded.rule.aliases)
    assert [alias for alias, count in names.items() if count > 1] == []


@pytest.mark.parametrize("rule", IDS)
def test_three_cases_at_least(rule: str) -> None:
    assert sum(case.rule == rule for case in cases()) >= 3


def test_fixture_folders_stand_where_their_rules_do() -> None:
    folders = {case.name.rpartition("/")[0] for case in cases() if case.rule}
    assert folders <= {f"{path.parent.name}/{Path(path).stem}" for path in FILES.values()}
