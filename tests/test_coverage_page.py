"""docs/coverage.yaml: every row in its place, every rule named there is one, and every rule of ours is named."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from analyzer.catalogue import catalogue
from analyzer.model.config import Config
from analyzer.model.rule import Confidence, Engine, LoadedRule

sys.path.append(str(Path(__file__).resolve().parents[1] / "docs"))
import coverage_page
from coverage_page import Answered, Coverage, Group, Partly, Refused, Row

COVERAGE = coverage_page.load()
ROWS = [(name, row) for group in COVERAGE.groups for name, row in group.rows.items()]
RULES = {loaded.rule.id: loaded for loaded in catalogue(Config()).rules}
REPLACED = {alias for loaded in RULES.values() for alias in loaded.rule.supersedes}
SAID = {name for _, row in ROWS for name in coverage_page.rules(row)}
INVENTORY = {
    "REL": 50, "ASY": 29, "API": 29, "AUT": 29, "INJ": 32, "CRY": 27, "DAT": 26, "DBP": 25, "MIG": 41, "SUP": 30,
    "CFG": 23, "OBS": 17, "GQL": 11, "INF": 25,
}  # fmt: skip


def is_shown(loaded: LoadedRule) -> bool:
    """Whether its findings are seen by somebody who configures nothing."""
    return loaded.rule.by_default and loaded.rule.confidence is not Confidence.LOW


def test_the_whole_inventory_is_there() -> None:
    wanted = [f"{group}-{number:02}" for group, count in INVENTORY.items() for number in range(1, count + 1)]
    assert [name for name, _ in ROWS] == wanted


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row(name: str, row: Row) -> None:
    assert 5 <= len(row.check.split()) <= 10, f"{len(row.check.split())} words"
    why = (row.left,) if isinstance(row, Partly) else (row.reason,) if isinstance(row, Refused) else ()
    for clause in (row.check, *why):
        assert clause == clause.strip() and clause and clause[-1] not in ".;:", clause
        assert "|" not in clause and clause.count("`") % 2 == 0, clause
    named = coverage_page.rules(row)
    assert len(set(named)) == len(named)
    assert set(named) <= set(RULES), "a rule that does not exist"
    assert not REPLACED.intersection(named), "a test of bandit that a rule of ours replaces"
    shown = any(is_shown(RULES[rule]) for rule in named)
    assert shown or not isinstance(row, Answered), "what nobody is shown answers partly"
    if isinstance(row, Partly):
        assert shown or re.search(r"\blow (?:in )?confidence|\boff\b", row.left), "it must say that nobody is shown it"


def test_no_two_rows_say_the_same() -> None:
    assert [check for check, count in Counter(row.check for _, row in ROWS).items() if count > 1] == []


def test_every_rule_has_a_row() -> None:
    """All of ours, and what runs by default of the others'; a second detector goes with the rule it reports."""
    running = {
        name
        for name, loaded in RULES.items()
        if loaded.engine is not Engine.BANDIT or (loaded.rule.by_default and name not in REPLACED)
    }
    assert sorted(name for name in running - SAID if not RULES[name].reports) == []


def test_what_was_not_met_is_a_rule_of_ours() -> None:
    native = {name for name, loaded in RULES.items() if loaded.engine is Engine.NATIVE}
    assert set(COVERAGE.unseen) <= native
    assert list(COVERAGE.unseen) == sorted(COVERAGE.unseen)
    assert all(count >= 3 for count in COVERAGE.unseen.values())


def test_the_page_counts_what_it_lists() -> None:
    text = coverage_page.page(COVERAGE, frozenset())
    listed = Counter(re.findall(r"^\| [A-Z]{3}-\d\d \| .* \| (\w+)(?:: .*)? \|$", text, re.MULTILINE))
    assert listed.total() == sum(INVENTORY.values())
    numbers = [re.findall(r"\d+", line) for line in text.splitlines() if line.startswith("| **All**")]
    assert numbers == [[str(n) for n in (listed.total(), *(listed[state] for state in coverage_page.STATES))]]


def test_the_links_of_the_counts_lead_to_the_groups() -> None:
    text = coverage_page.page(COVERAGE, frozenset())
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= headings


def test_a_rule_is_linked_where_it_has_a_page() -> None:
    row = Answered(check="a call over HTTP that may wait", by=("http-call-without-timeout", "bandit:B505"))
    text = coverage_page.page(
        Coverage(groups=(Group(name="Waiting", rows={"REL-01": row}),)), {"http-call-without-timeout"}
    )
    linked = "[`http-call-without-timeout`](rules/http-call-without-timeout.md), `bandit:B505`"
    assert f"| REL-01 | A call over HTTP that may wait | answered: {linked} |" in text
