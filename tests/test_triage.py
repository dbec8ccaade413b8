"""Triage merges, identifies, leaves out and sorts findings, whatever their order and whatever is reported."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

from analyzer.extract.python import read
from analyzer.inspect import inspect
from analyzer.model.config import Assumption, Config
from analyzer.model.facts import PythonFacts
from analyzer.model.finding import Edit, Finding, Fix, Suspicion
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count
from analyzer.model.rule import Confidence, LoadedRule, Node, Rule, Severity, Standard
from analyzer.model.source import FileKind, Snapshot, SourceFile
from analyzer.triage import Triaged, tally, triage

TODAY = date(2026, 5, 1)


def loaded(identity: str) -> LoadedRule:
    said = Rule(identity, "Doc.", Severity.HIGH, Confidence.HIGH, None, Standard.SECURITY, Node.CALL, "", "", "0.1")
    return LoadedRule(said, "family", "", lambda project: iter(()), None, None)


RULES = {identity: loaded(identity) for identity in ("one", "two")}


def finding(line: int = 1, **more: Any) -> Finding:
    span = Span(line, 0, line, 4)
    said: dict[str, Any] = {
        "rule": "one", "at": Location("a.py", span), "statement": span, "header": span, "message": "is wrong",
        "subject": "", "severity": "high", "confidence": "high", "within": "f", "text": "f(1)", **more,
    }  # fmt: skip
    return Finding(**said)


def sort_out(*findings: Finding, reported: tuple[str, ...] = ("a.py", "b.py"), **settings: Any) -> Triaged:
    files = [SourceFile(path, b"", "", FileKind.PYTHON, path in reported, False) for path in ("a.py", "b.py")]
    snapshot = Snapshot("/root", reported, tuple(files), ())
    return triage(findings, snapshot, Config(**settings), RULES, {}, TODAY)


def test_equal_findings_become_one_with_what_each_knows() -> None:
    step = Step(Location("b.py", Span(1, 0, 1, 1)), "from here")
    fix = Fix("Mend", (Edit(Span(1, 0, 1, 4), "g()"),), safe=True)
    native = finding(confidence="medium", endpoints=("GET /a",))
    other = finding(engines=("semgrep",), trace=(step,), related=(step,), endpoints=("GET /b",), fix=fix, severity="critical")
    for order in permutations([native, other, finding(subject="POST /login")]):
        [one] = sort_out(*order).findings
        assert one.engines == ("native", "semgrep") and one.endpoints == ("GET /a", "GET /b")
        assert one.trace == (step,) and one.related == (step,) and one.fix == fix
        assert (one.severity, one.confidence, one.subject) == ("critical", "high", "POST /login")


def test_other_rules_places_and_subjects_stay_apart() -> None:
    said = [finding(), finding(rule="two"), finding(line=2), finding(line=3, subject="GET /a"), finding(line=3, subject="GET /b")]
    assert len(sort_out(*said).findings) == 5


def fingerprints(*findings: Finding) -> list[str]:
    return [one.fingerprint for one in sort_out(*findings).findings]


def test_the_identity_is_of_the_statement_and_not_of_its_line() -> None:
    [one] = fingerprints(finding(line=1))
    assert len(one) == 32 and int(one, 16) >= 0
    assert fingerprints(finding(line=99, message="other words", severity="low")) == [one]
    assert fingerprints(finding(text="f(2)")) != [one]
    assert fingerprints(finding(within="g")) != [one]
    assert fingerprints(finding(rule="two")) != [one]
    assert fingerprints(finding(at=Location("b.py", Span(1, 0, 1, 4)))) != [one]


def test_a_subject_stands_for_the_statement() -> None:
    [one] = fingerprints(finding(subject="POST /login"))
    assert fingerprints(finding(subject="POST /login", text="x", within="y")) == [one]
    assert fingerprints(finding(subject="GET /login")) != [one]
    # words cannot wander from one part of the identity into the next
    assert fingerprints(finding(within="a", text="bc")) != fingerprints(finding(within="ab", text="c"))
    assert fingerprints(finding(within="", text="x")) != fingerprints(finding(subject="x"))


def test_equals_are_numbered_in_file_order() -> None:
    [first] = fingerprints(finding(line=7))
    both = fingerprints(finding(line=9), finding(line=4))
    assert both[0] == first and both[1] != first
    assert fingerprints(finding(line=4), finding(line=9)) == both


def flagged(source: str) -> list[str]:
    """The fingerprints of all calls of `get` in a real file."""
    facts = read(source.encode())
    assert isinstance(facts, PythonFacts)
    file = SourceFile("a.py", source.encode(), "", FileKind.PYTHON, True, False)
    places = [Location("a.py", call.at) for call in facts.calls if call.callee == "get"]
    outcome = inspect([Suspicion("one", at, "m", "") for at in places], {"a.py": file}, {"a.py": facts}, RULES)
    assert not outcome.problems and len(outcome.findings) == len(places) > 0
    return fingerprints(*outcome.findings)


def test_edits_elsewhere_do_not_move_identities() -> None:
    before = "def f(a):\n    local = 1\n    if get(a, 1):\n        return get( a )  # why\n    return local\n"
    after = "import x\n\n\ndef f(a):\n    renamed = 1\n    # new\n    if get(a,\n           1):\n        y()\n        return get(a)\n    return renamed\n"
    assert flagged(before) == flagged(after)
    assert flagged(before) != flagged(before.replace("def f", "def g"))


def test_only_reported_files_are_shown_and_that_moves_no_identity() -> None:
    said = [finding(line=1), finding(at=Location("b.py", Span(1, 0, 1, 4))), finding(line=3)]
    whole = sort_out(*said)
    part = sort_out(*said, reported=("b.py",))
    assert part.findings == tuple(one for one in whole.findings if one.at.path == "b.py")
    assert len(part.findings) == 1 and part.hidden == ()


def test_what_is_less_bad_or_less_sure_is_hidden_and_counted() -> None:
    said = [
        finding(line=1, confidence="low"),
        finding(line=2, severity="low"),
        finding(line=3, rule="two", confidence="low"),
        *(finding(line=line, confidence="low") for line in (8, 6, 7)),
        finding(line=9),
    ]
    triaged = sort_out(*said)
    assert [one.at.span.line for one in triaged.findings] == [9, 2]
    assert triaged.hidden == (Count("one", 4, ("a.py:1", "a.py:6", "a.py:7")), Count("two", 1, ("a.py:3",)))
    assert [one.at.span.line for one in sort_out(*said, severity="medium").findings] == [9]
    assert len(sort_out(*said, confidence="low").findings) == 7


def test_the_worst_come_first_whatever_the_order() -> None:
    said = [
        finding(line=5, severity="critical", confidence="medium"),
        finding(line=9, severity="high"),
        finding(line=2, severity="medium"),
        finding(line=2, severity="medium", rule="two"),
        finding(line=1, severity="low"),
    ]
    for order in permutations(said):
        shown = sort_out(*order).findings
        assert [(one.severity, one.rule) for one in shown] == [(one.severity, one.rule) for one in said]


def test_assumptions_answer_the_rules_that_ask_for_them() -> None:
    rules = {"one": LoadedRule(
        Rule("one", "Doc.", Severity.HIGH, Confidence.HIGH, None, Standard.SECURITY, Node.CALL, "", "", "0.1", assume="rate-limit"),
        "family", "", lambda project: iter(()), None, None,
    )}  # fmt: skip
    files = (SourceFile("a.py", b"", "", FileKind.PYTHON, True, False),)
    snapshot = Snapshot("/root", (".",), files, ())
    config = Config(assume=(Assumption("rate-limit", "gateway", "Kong limits every route"), Assumption("tls", "proxy", "x")))
    triaged = triage([finding()], snapshot, config, rules, {}, TODAY)
    assert triaged.findings == ()
    [suppressed] = triaged.suppressed
    assert (suppressed.by, suppressed.reason) == ("assumption", "Kong limits every route")
    assert len(triage([finding()], snapshot, Config(), rules, {}, TODAY).findings) == 1


def test_a_tally_is_sorted_and_names_the_first_places() -> None:
    places = [("b", Location("x.py", Span(3, 0, 3, 1))), ("a", Location("y.py", Span(1, 0, 1, 1))), ("b", Location("x.py", Span(2, 0, 2, 1)))]
    assert tally(places) == (Count("a", 1, ("y.py:1",)), Count("b", 2, ("x.py:2", "x.py:3")))
