"""Workflow commands for GitHub: as many as it shows, each on its line, and none that the audited code could write."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reports import COMPARED, FINDINGS, finding, make_report

from analyzer.model.location import Location, Span
from analyzer.model.report import Report
from analyzer.reporters import render
from analyzer.reporters.visible import visible

COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*)(?:,\w+=[^,:\r\n]*)*)::([^\r\n]*)")


def lines(report: Report, prefix: str = "") -> list[str]:
    return render(report, "github", prefix=prefix).splitlines()


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """What GitHub's runner reads: the command, its properties, and the message."""
    match = COMMAND.fullmatch(line)
    assert match, line
    properties = dict(pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {name: unquote(value) for name, value in properties.items()}, unquote(match[3])


def test_a_finding_and_the_summary() -> None:
    written = lines(make_report())
    assert written[0] == (
        "::error file=src/shop/orders.py,line=11,endLine=11,col=16,endColumn=47,title=raw-sql (critical)"
        "::SQL text is built from `customer` with an f-string"
    )
    assert [parsed(line)[0] for line in written] == ["error"] * 3 + ["warning"] * 2 + ["warning", "notice"]
    assert parsed(written[-2]) == ("warning", {"title": "backend-audit: incomplete"}, "1 thing could not be checked")
    assert parsed(written[-1])[2] == (
        "5 findings: 1 critical, 2 high, 2 medium. Suppressed: 1. Hidden: 12. Not judged: 3. Files left out: 15"
    )
    assert lines(make_report(), "services/api/")[0].startswith("::error file=services/api/src/shop/orders.py,")


def test_columns_are_only_of_one_line() -> None:
    wide = msgspec.structs.replace(FINDINGS[0], at=Location("a.py", Span(1, 4, 3, 2)))
    assert parsed(lines(make_report(findings=(wide,)))[0])[1] == {
        "file": "a.py", "line": "1", "endLine": "3", "title": "raw-sql (critical)",
    }  # fmt: skip


@pytest.mark.parametrize("incomplete", [True, False])
def test_no_more_than_github_shows_and_the_rest_is_counted(incomplete: bool) -> None:
    low = msgspec.structs.replace(FINDINGS[4], severity="low")
    findings = FINDINGS[:1] * 30 + FINDINGS[3:4] * 30 + (low,) * 30
    written = [parsed(line) for line in lines(make_report(findings=findings, problems=make_report().problems[0 if incomplete else 1 :]))]
    kinds = [kind for kind, _, _ in written]
    assert [kinds.count(kind) for kind in ("error", "warning", "notice")] == [10, 10, 10]
    shown = sum("file" in properties for _, properties, _ in written)
    assert shown == 29 - incomplete
    assert f"90 findings: 30 critical, 30 medium, 30 low. {90 - shown} of them have no annotation" in written[-1][2]


def test_what_was_known_and_who_looked_is_told() -> None:
    written = [parsed(line) for line in lines(make_report(**COMPARED))]
    assert written[0][2] == "`requests.post` can wait for ever (also reported by bandit:B113)"
    assert written[-1][2].startswith(
        "4 new findings: 2 high, 2 medium. Known from baseline audit-baseline.json: 1. In the baseline for nothing: 2. "
    )
    assert written[-1][2].endswith("By native, semgrep 1.182.0")


def test_no_findings_is_said() -> None:
    (only,) = lines(make_report(findings=(), problems=(), hidden=(), suppressed=(), unknowns=(), left_out=()))
    assert only == "::notice title=backend-audit::no findings"


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(":,%=\r\n\u2028\x85 ") | st.characters(), max_size=30))
@example("\n::add-mask::x")
@example("a,line=1::b%0A::stop-commands::x")
@example("%25\r\n")
def test_no_text_starts_a_command(word: str) -> None:
    evil = finding("raw-sql", "", "", word, at=Location(word or "a.py", Span(1, 0, 1, 1)), also=(word,))
    report = make_report(findings=(evil,), compared=word, problems=(), excerpts={}, hashes={})
    written = render(report, "github")
    assert written.count("\n") == 2 and written.isprintable() is False
    kind, properties, message = parsed(written.split("\n")[0])
    assert (kind, properties["file"], properties["line"]) == ("error", visible(word or "a.py"), "1")
    assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert message == visible(f"{word} (also reported by {word})")
    written.encode("utf-8")
