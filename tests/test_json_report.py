"""Our JSON: it fits the published schema, and holds everything in the report but the excerpts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from reports import COMPARED, FINDINGS, finding, make_report

import analyzer.reporters
from analyzer.model.finding import Edit, Finding, Fix, Problem
from analyzer.model.known import Entry
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count, EndpointSummary, EngineSummary, Report, RuleSummary, Suppressed, Totals
from analyzer.reporters import format_of, render

SCHEMA = json.loads((Path(analyzer.reporters.__file__).parent / "schema" / "report-1.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def value_of(report: Report) -> Any:
    text = render(report, "json")
    assert text.isascii() and text.endswith("}\n")
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # no lone surrogate
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(value)] == []
    return value


def test_the_schema_is_a_schema_and_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    for one in objects:
        if one.get("type") == "object":
            assert one["additionalProperties"] is False and one["required"] == list(one["properties"])


PLACE = {"line", "column", "end_line", "end_column"}


@pytest.mark.parametrize(
    ("struct", "name", "instead"),
    [
        (Finding, "finding", {"at": {"path", "line_hash", *PLACE}}),
        (Step, "step", {"at": {"path", *PLACE}}),
        (Edit, "edit", {"at": PLACE}),
        (Span, "span", {}),
        (Fix, "fix", {}),
        (Problem, "problem", {}),
        (Count, "count", {}),
        (Suppressed, "suppressed", {}),
        (EndpointSummary, "endpoint", {}),
        (RuleSummary, "rule", {}),
        (Totals, "totals", {}),
        (EngineSummary, "engine", {}),
        (Entry, "entry", {}),
    ],
)
def test_every_field_of_the_model_is_published(struct: type, name: str, instead: dict[str, set[str]]) -> None:
    fields = {field.name for field in msgspec.structs.fields(struct)}
    for gone, new in instead.items():
        fields = fields - {gone} | new
    assert SCHEMA["$defs"][name]["properties"].keys() == fields


def test_every_field_of_the_report_is_published() -> None:
    fields = {field.name for field in msgspec.structs.fields(Report)} - {"excerpts", "hashes"}
    assert SCHEMA["properties"].keys() == fields | {"schema", "tool"}


def test_a_finding_in_full() -> None:
    found = value_of(make_report())["findings"][0]
    assert (found["path"], found["line"], found["column"], found["end_line"], found["end_column"]) == (
        "src/shop/orders.py", 11, 16, 11, 47,
    )  # fmt: skip
    assert found["trace"][0] == {
        "message": "`customer` comes from the path of the request", "path": "src/shop/api.py",
        "line": 9, "column": 12, "end_line": 9, "end_column": 33,
    }  # fmt: skip
    assert found["fingerprint"] == FINDINGS[0].fingerprint and found["line_hash"].endswith(":1")
    assert found["fix"] is None and found["engines"] == ["native", "semgrep"]


def test_the_fix_travels_with_columns_from_one() -> None:
    fix = value_of(make_report())["findings"][1]["fix"]
    assert fix == {
        "title": "Add `timeout=10`", "safe": False, "imports": [],
        "edits": [{"line": 15, "column": 134, "end_line": 15, "end_column": 134, "text": ", timeout=10"}],
    }  # fmt: skip


def test_nothing_is_left_unsaid() -> None:
    value = value_of(make_report())
    assert value["schema"] == 1 and value["version"] == "0.1.0" and value["targets"] == ["src"]
    assert value["totals"] == {"files": 812, "reported": 640, "tests": 0, "lines": 96412, "endpoints": 2}
    assert value["suppressed"][0]["reason"] == "constants"
    assert value["suppressed"][0]["finding"]["line_hash"]
    assert [problem["note"] for problem in value["problems"]] == [False, True]
    assert [count["count"] for count in value["hidden"]] == [3, 9]
    assert value["cleared"][0] == {"what": "http-call-without-timeout", "count": 4, "examples": []}
    assert value["unknowns"][0]["examples"] == ["src/shop/dynamic.py:7"]
    assert [count["count"] for count in value["left_out"]] == [14, 1]
    assert value["assumptions"] == [{"key": "tls", "value": "proxy", "reason": "the ingress terminates TLS"}]
    assert value["frameworks"] == ["fastapi"] and len(value["endpoints"]) == 2 and len(value["rules"]) == 5
    assert "excerpts" not in value


def test_what_was_known_and_who_looked_is_there() -> None:
    value = value_of(make_report(**COMPARED))
    assert value["engines"][1] == {"name": "semgrep", "version": "1.182.0", "rules": 21, "files": 40}
    assert value["replaced"][0]["what"] == "bandit:B113 by http-call-without-timeout"
    assert [one["rule"] for one in value["baselined"]] == ["raw-sql"] and value["compared"] == "baseline audit-baseline.json"
    assert value["stale"] == [{"what": "raw-sql", "count": 2, "examples": ["src/shop/gone.py", "src/shop/old.py"]}]
    assert value["untouched"][0]["path"] == "docs/conf.py"
    assert value["findings"][0]["also"] == ["bandit:B113"] and value["findings"][1]["also"] == []


def test_an_empty_report_fits_too() -> None:
    assert value_of(make_report(findings=(), suppressed=(), rules=(), problems=()))["findings"] == []


@settings(max_examples=50, deadline=None)
@given(path=st.text(st.characters(), max_size=20), text=st.text(st.characters(), max_size=20))
@example(path="caf\udce9.py", text="\ud800")
def test_hostile_text_stays_valid(path: str, text: str) -> None:
    evil = finding("raw-sql", "", "", text, at=Location(path, Span(1, 0, 1, 1)), subject=text, within=text)
    value = value_of(make_report(findings=(evil,), problems=(Problem("extract", path, text),)))
    kept = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if "\ufffd" not in kept:  # no lone surrogate
        assert value["findings"][0]["message"] == text


def test_no_character_acts_on_a_terminal() -> None:
    evil = finding("raw-sql", "", "", "\x1b[2J\x7f\x9b\u202e\n", at=Location("a.py", Span(1, 0, 1, 1)))
    text = render(make_report(findings=(evil,)), "json")
    assert not {character for character in text if not " " <= character <= "~"} - {"\n"}
    assert '"\\u001b[2J\\u007f\\u009b\\u202e\\n"' in text


@pytest.mark.parametrize(
    ("path", "format"),
    [("a.sarif", "sarif"), ("out/b.JSON", "json"), ("c.txt", "concise"), ("e.md", "markdown"), ("d.xml", None), ("sarif", None)],
)
def test_the_suffix_names_the_format(path: str, format: str | None) -> None:
    assert format_of(path) == format
