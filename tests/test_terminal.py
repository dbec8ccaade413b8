"""What people and editors read: the terminal report, the concise lines, the page of a rule."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import API, COMPARED, FINDINGS, ORDERS, RULES, finding, make_report, place
from rich.cells import cell_len

from analyzer.assets import templates
from analyzer.model.finding import Problem
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count, EngineSummary, Report, Totals
from analyzer.reporters import FORMATS, render
from analyzer.reporters.excerpt import excerpt
from analyzer.reporters.rule_page import advice, page, why
from analyzer.reporters.visible import visible


def shown(report: Report | None = None, **options: object) -> str:
    return render(report or make_report(), "terminal", **options)  # type: ignore[arg-type]  # forwarded


def card(rule: str, report: Report | None = None, width: int = 80) -> list[str]:
    """The lines of the first card of a rule."""
    lines = shown(report, width=width).split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("── ") and f"· {rule} " in line)
    end = next(n for n in range(start + 1, len(lines)) if lines[n].startswith("── "))
    return lines[start:end]


# --------------------------------------------------------------------------------------------------- terminal


def test_a_card_says_what_where_how_why_and_what_to_do() -> None:
    assert card("raw-sql") == [
        "── critical · raw-sql ──────────────────────────────────────────────────────────",
        "  src/shop/orders.py:11:16  in find_orders",
        "  SQL text is built from `customer` with an f-string",
        "",
        "   9 │     query = f\"SELECT * FROM orders WHERE customer = '{customer}' AND sta…",
        "  10 │     with engine.connect() as connection:",
        "  11 │         return connection.execute(text(query)).all()",
        "     │                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "",
        "  how      1. `customer` comes from the path of the request  src/shop/api.py:9",
        "           2. it is passed to `find_orders`  src/shop/api.py:10",
        "           3. it is put into the text  src/shop/orders.py:9",
        "  reached  by GET /customers/{customer}/orders (public)",
        "  why      Whoever controls a value controls the statement, and reads or deletes",
        "           any row.",
        "  fix      Write a parameter where the value goes, and pass the value beside the",
        "           text.",
        "",
    ]


def test_a_fix_of_our_own_goes_before_advice() -> None:
    assert "  fix      Add `timeout=10`" in card("http-call-without-timeout")


def test_related_places_and_many_endpoints() -> None:
    assert "  see      `POST /login`  src/shop/api.py:14" in card("endpoint-without-rate-limit")
    assert "  reached  by GET /rates/1 (authenticated), GET /rates/2, GET /rates/3 and 4" in card("blocking-call-in-async")


def test_doubt_is_said_and_certainty_is_not() -> None:
    assert card("swallowed-exception")[0].startswith("── medium · swallowed-exception · confidence medium ──")
    assert "confidence" not in card("raw-sql")[0]


def test_a_long_trace_keeps_both_ends() -> None:
    steps = tuple(Step(Location("a.py", Span(n, 0, n, 1)), f"step {n}") for n in range(1, 31))
    lines = card("raw-sql", make_report(findings=(msgspec.structs.replace(FINDINGS[0], trace=steps),)))
    text = "\n".join(lines)
    assert "22 more steps" in text and " 4. step 4 " in text and "27. step 27 " in text and "step 5 " not in text


def test_the_worst_ten_in_full_and_the_rest_by_rule() -> None:
    text = shown(make_report(findings=FINDINGS * 5))
    assert sum(line.startswith("── ") for line in text.split("\n")) == 10 + 2
    assert "── 15 more findings, by rule ──" in text
    assert "3  critical  raw-sql                      SQL text is put together from values." in text
    assert "3  high      blocking-call-in-async       A coroutine makes a call that blocks …" in text
    narrow = shown(make_report(findings=FINDINGS * 5), width=40)
    assert "3  high      blocking-call-in-async    …\n" in narrow
    assert "--format concise" in text


def test_the_end_counts_all_and_conceals_nothing() -> None:
    text = shown()
    assert text[text.index("── summary") :].split("\n")[1:] == [
        "               critical  high  medium  low  all",
        "reliability           ·     1       ·    ·    1",
        "security              1     ·       ·    ·    1",
        "performance           ·     1       ·    ·    1",
        "api design            ·     ·       1    ·    1",
        "observability         ·     ·       1    ·    1",
        "",
        "unchecked   src/legacy/old.py: invalid syntax on line 12",
        "note        semgrep is not installed",
        "not judged  3 × endpoint-without-rate-limit: the router is built at run time",
        "            src/shop/dynamic.py:7",
        "hidden      12 findings less sure or less severe: 9 swallowed-exception, 3",
        "            raw-sql",
        "            to see them: --confidence low --severity low",
        "cleared     4 suspicions after a closer look: 4 http-call-without-timeout",
        "suppressed  1 finding: 1 by comment; to list them: --show-suppressed",
        "left out    15 files: 14 excluded by .gitignore, 1 over 2 MB",
        "assumed     tls = proxy: the ingress terminates TLS",
        "",
        "read 812 files (96,412 lines) under ., reporting on ./src (640 files); 2",
        "endpoints, 5 rules",
        "5 findings: 1 critical, 2 high, 2 medium; the audit is incomplete: 1 problem",
        "more about a rule: backend-audit explain raw-sql",
        "",
    ]


def test_suppressed_findings_are_listed_when_asked_for() -> None:
    assert "src/shop/orders.py:1:1 raw-sql  constants" in shown(show_suppressed=True)


def test_what_was_known_and_who_looked_is_told() -> None:
    text = shown(make_report(**COMPARED), width=120)
    for line in (
        "  also     reported by bandit:B113",
        "known       1 finding from baseline audit-baseline.json; to list them: --show-suppressed",
        "baseline    2 entries that nothing matches any more, to be dropped with --write-baseline:",
        "            2 × raw-sql  src/shop/gone.py, src/shop/old.py",
        "            1 entry for what this run did not look at",
        "engines     native (18 rules, 812 files), semgrep 1.182.0 (21 rules, 40 files)",
        "replaced    2 tests of other tools: bandit:B113 by http-call-without-timeout, bandit:B608 by raw-sql",
        "4 new findings: 2 high, 2 medium; the audit is incomplete: 1 problem",
    ):
        assert line in text.split("\n")
    listed = shown(make_report(**COMPARED), show_suppressed=True)
    assert "src/shop/orders.py:11:16 raw-sql  SQL text is built from" in listed
    nothing = make_report(**{**COMPARED, "findings": (), "problems": ()})
    assert "\nno new findings\n" in shown(nothing)


def test_past_fifty_it_names_a_way_to_begin() -> None:
    assert "--write-baseline" not in shown(make_report(findings=FINDINGS * 10))
    assert "see only what is new: --write-baseline audit-baseline.json" in shown(make_report(findings=FINDINGS * 11))


def test_a_clean_project() -> None:
    report = make_report(
        findings=(), hidden=(), cleared=(), suppressed=(), problems=(), unknowns=(), left_out=(), assumptions=(),
        targets=(".",), totals=Totals(1, 1, 0, 1, 1),
    )  # fmt: skip
    assert shown(report).split("\n")[1:] == ["read 1 file (1 line) under .; 1 endpoint, 5 rules", "no findings", ""]


def test_silence_is_not_taken_for_cleanness() -> None:
    report = make_report(findings=(), totals=Totals(3, 3, 0, 9, 0), frameworks=("bottle",))
    text = shown(report)
    assert "0 endpoints recognised: frameworks seen in imports: bottle" in text
    assert "no findings in what could be checked; the audit is incomplete: 1 problem" in text


def test_many_problems_are_counted_not_listed() -> None:
    text = shown(make_report(problems=tuple(Problem("extract", f"f{n:02}.py", "bad") for n in range(30))))
    assert "f07.py: bad" in text and "f08.py" not in text and "and 22 more" in text


@pytest.mark.parametrize("width", [20, 40, 57, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = shown(make_report(findings=FINDINGS * 3), width=width)
    assert max(cell_len(line) for line in text.split("\n")) <= max(width, 40)
    assert not any(line != line.rstrip() for line in text.split("\n"))


def test_colour_only_when_wanted_and_never_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    plain = shown(color=False)
    assert "\x1b" not in plain
    monkeypatch.setenv("NO_COLOR", "1")  # the command line has decided already
    monkeypatch.setenv("TERM", "dumb")
    coloured = shown(color=True)
    assert "\x1b[1;31mcritical\x1b[0m" in coloured and "\x1b]8" not in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.split("\n")] == plain.split("\n")


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown()
    for name, value in {"COLUMNS": "30", "LINES": "3", "TERM": "dumb", "JUPYTER_COLUMNS": "9"}.items():
        monkeypatch.setenv(name, value)
    assert shown() == before


# ---------------------------------------------------------------------------------------------------- excerpt


def marked(lines: dict[int, str], span: Span, width: int = 60) -> list[str]:
    return [line.plain.rstrip() for line in excerpt(lines, span, width, "red")]


def test_carets_stand_under_wide_characters_and_tabs() -> None:
    assert marked({1: "\t金額 = f(名前)"}, Span(1, 6, 1, 11)) == ["1 │     金額 = f(名前)", "  │            ^^^^^^^"]
    assert marked({1: "e\u0301 = bad"}, Span(1, 5, 1, 8)) == ["1 │ e\u0301 = bad", "  │     ^^^"]


def test_what_is_escaped_is_measured_as_shown() -> None:
    assert marked({1: "'\x1b' + x"}, Span(1, 6, 1, 7)) == ["1 │ '\\x1b' + x", "  │          ^"]


def test_a_span_over_lines_marks_each_without_its_indentation() -> None:
    lines = {3: "call(", 4: "    one,", 5: ")", 6: "after()"}
    assert marked(lines, Span(3, 0, 5, 1)) == [
        "3 │ call(", "  │ ^^^^^", "4 │     one,", "  │     ^^^^", "5 │ )", "  │ ^", "6 │ after()",
    ]  # fmt: skip


def test_a_long_span_is_cut_and_the_rest_counted() -> None:
    lines = {n: f"line{n}" for n in range(1, 30)}
    assert marked(lines, Span(5, 0, 20, 3))[-3:] == ["8 │ line8", "  │ ^^^^^", "  ┆ 12 more lines"]


def test_a_mark_far_to_the_right_is_brought_into_view() -> None:
    line = "x" * 5_000 + "BAD" + "y" * 5_000
    number, carets = marked({7: line}, Span(7, 5_000, 7, 5_003), width=40)
    assert cell_len(number) <= 40 and number[carets.index("^") : carets.rindex("^") + 1] == "BAD"
    assert number.startswith("7 │ …") and number.endswith("…")


def test_blank_lines_at_the_edges_are_not_shown() -> None:
    assert marked({1: "", 2: " ", 3: "bad", 4: ""}, Span(3, 0, 3, 3)) == ["3 │ bad", "  │ ^^^"]


def test_without_the_text_there_is_no_excerpt() -> None:
    assert marked({}, Span(3, 0, 3, 3)) == []
    report = make_report(excerpts={})
    assert "│" not in shown(report)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(st.sampled_from("ab \t金\u0301\x1b😀") | st.characters(), max_size=60),
    ends=st.tuples(st.integers(0, 70), st.integers(0, 70)),
    width=st.integers(20, 60),
)
def test_excerpts_fit_and_stay_on_their_lines(text: str, ends: tuple[int, int], width: int) -> None:
    for line in marked({1: text}, Span(1, min(ends), 1, max(ends)), width):
        assert cell_len(line) <= width and not re.search("[\x00-\x1f\x7f-\x9f]", line)


# ---------------------------------------------------------------------------------------------------- concise

# As VS Code's problem matcher of the guide reads our lines.
MATCHER = re.compile(r"^(.+?):(\d+):(\d+): (error|warning|info) ([a-z][a-z0-9-]*(?::\S+)?) (.*)$")


def test_concise_lines_are_read_by_editors() -> None:
    low = msgspec.structs.replace(FINDINGS[0], severity="low", rule="bandit:B608")
    *lines, totals = render(make_report(findings=(*FINDINGS, low)), "concise").splitlines()
    found = [MATCHER.match(line) for line in lines]
    assert [match and match.groups()[:5] for match in found] == [
        (ORDERS, "11", "16", "error", "raw-sql"),
        (ORDERS, "15", "12", "error", "http-call-without-timeout"),
        (ORDERS, "20", "10", "error", "blocking-call-in-async"),
        (API, "5", "7", "warning", "endpoint-without-rate-limit"),
        (API, "17", "5", "warning", "swallowed-exception"),
        (ORDERS, "11", "16", "info", "bandit:B608"),
    ]
    assert lines[0].endswith(" raw-sql SQL text is built from `customer` with an f-string")
    assert not MATCHER.match(totals)


def test_the_last_line_counts_everything() -> None:
    assert render(make_report(), "concise").splitlines()[-1] == (
        "backend-audit 0.1.0: 5 findings (3 error, 2 warning); 640 of 812 files reported, 2 endpoints; 12 hidden; "
        "4 cleared; 1 suppressed; 3 not judged; 15 left out; 1 noted; 1 not checked: the audit is incomplete"
    )


def test_the_last_line_counts_what_was_known() -> None:
    last = render(make_report(**COMPARED), "concise").split("\n")[-2]
    assert "4 new findings (2 error, 2 warning)" in last and "; by native, semgrep 1.182.0; " in last
    assert "1 known (baseline audit-baseline.json); 2 in the baseline for nothing; 1 in the baseline not judged" in last
    assert "2 replaced by a rule of ours" in last


# ---------------------------------------------------------------------------------------------------- hostile


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("[/]:\x1b\n\r\u202e`") | st.characters(), max_size=30))
@pytest.mark.parametrize("format", ["terminal", "concise"])
def test_no_character_of_the_source_acts_on_the_terminal(format: str, text: str) -> None:
    at = Location(text or "a", Span(1, 0, 1, 3))
    evil = finding(
        "raw-sql", "", "", text, at=at, within=text, subject=text, endpoints=(text,), also=(text,),
        trace=(Step(at, text),), related=(Step(at, text),),
    )  # fmt: skip
    report = make_report(
        findings=(evil,), problems=(Problem("extract", text, text),), unknowns=(Count(text, 1, (text,)),),
        excerpts={at.path: {1: text}}, engines=(EngineSummary(text, text, 1, 1),), replaced=(Count(text, 1),),
        baselined=(evil,), stale=(Count(text, 1, (text,)),), compared=text, assumptions=((text, text, text),), frameworks=(text,), targets=(text,),
    )  # fmt: skip
    written = render(report, format, color=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", written)
    written.encode("utf-8")
    if format == "concise":
        assert written.count("\n") == 2


def test_markup_of_the_source_is_text() -> None:
    evil = finding("raw-sql", API, "FastAPI(", "[bold red]x[/] [link=https://evil.example]y[/link] :smile:")
    assert "[bold red]x[/] [link=https://evil.example]y[/link] :smile:" in shown(make_report(findings=(evil,)), color=True)


def test_escapes_are_readable() -> None:
    assert visible("a\x1b\n\t\u202e\udce9\U000e0041é金") == "a\\x1b\\n\\t\\u202e\\udce9\\U000e0041é金"


# ------------------------------------------------------------------------------------------------------- page


def test_the_page_of_a_rule() -> None:
    text = page(RULES[2])
    assert text.startswith("# http-call-without-timeout\n\n**An outbound HTTP call has no timeout.**\n\n")
    assert (
        "Severity high · confidence high · reliability · [CWE-400](https://cwe.mitre.org/data/definitions/400.html)"
        " · elsewhere `bandit:B113`, `ruff:S113` · since 0.1\n"
    ) in text
    assert '## Reported\n\n```python\nrequests.get("https://example.org")\n```\n' in text
    assert '## Not reported\n\n```python\nrequests.get("https://example.org", timeout=3)\n```\n' in text
    assert "# backend-audit: ignore[http-call-without-timeout] -- " in text
    assert text.count("An outbound HTTP call has no timeout.") == 1


def test_an_example_with_fences_does_not_end_its_block() -> None:
    rule = msgspec.structs.replace(RULES[0], bad='"""\n```\n"""')
    assert '````python\n"""\n```\n"""\n````' in page(rule)


def test_why_and_advice_are_sentences_not_code() -> None:
    assert why(RULES[3]) == "Whoever controls a value controls the statement, and reads or deletes any row."
    assert advice(RULES[3]) == "Write a parameter where the value goes, and pass the value beside the text."
    short = msgspec.structs.replace(RULES[3], doc="Title.\n\nOnly a reason, e.g. this one.\n")
    assert (why(short), advice(short)) == ("Only a reason, e.g. this one.", "")
    assert why(msgspec.structs.replace(RULES[3], doc="")) == RULES[3].title


# ----------------------------------------------------------------------------------------------------- formats


def test_every_format_renders_and_ends_with_a_line_end() -> None:
    assert sorted(FORMATS) == ["concise", "github", "html", "json", "markdown", "sarif", "terminal"]
    assert all(render(make_report(), format, templates=templates()).endswith("\n") for format in FORMATS)


def test_places_are_in_the_report() -> None:
    assert place(API, 'FastAPI(title="Shop")').span == Span(5, 6, 5, 27)


def test_test_code_is_counted() -> None:
    """A project under a tests folder is not clean, it is unjudged: the report says so, and how to judge it."""
    text = shown(make_report(findings=(), totals=Totals(9, 3, 3, 90, 1)))
    assert "3 of 3 reported files hold test code" in text
    assert "--root FOLDER" in text
    assert "--root" not in shown(make_report(findings=(), totals=Totals(9, 3, 2, 90, 1)))
