"""Every fixture: the rule fires where a line is marked, nowhere else, and what it cannot judge is counted."""

import pytest
from marks import Case, cases, disagreements, ledger

from analyzer.catalogue import catalogue
from analyzer.model.config import Config


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_marks_hold(case: Case) -> None:
    wrong = disagreements(case)
    assert not wrong, "\n".join(wrong)


def test_every_fixture_names_a_rule() -> None:
    known = {loaded.rule.id for loaded in catalogue(Config()).rules}
    strangers = {case.name for case in cases() if case.rule and case.rule not in known}
    strangers |= {case.name for case in cases() for mark in case.marks if mark.rule not in known}
    assert strangers == set()


def test_marks_of_a_rules_case_are_about_that_rule() -> None:
    assert [(case.name, mark) for case in cases() if case.rule for mark in case.marks if mark.rule != case.rule] == []


def test_the_ledger_counts_every_rule_with_fixtures() -> None:
    told = ledger()
    assert all(mark.rule in told for case in cases() for mark in case.marks)
