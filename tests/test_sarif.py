"""SARIF: the OASIS schema, what GitHub enforces beyond it, and the content that viewers are to show."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from reports import API, COMPARED, FINDINGS, ORDERS, RULES, SOURCES, finding, make_report, place

from analyzer.line_hash import line_hashes
from analyzer.model.finding import Edit, Finding, Fix, Problem
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count, Report, Totals
from analyzer.reporters import render

Json = dict[str, Any]
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_bytes()))


def log_of(report: Report, **options: Any) -> Json:
    text = render(report, "sarif", **options)
    assert text.isascii() and text.count("\n") == 1 and text.endswith("\n")
    log: Json = json.loads(text)
    json.dumps(log, ensure_ascii=False).encode("utf-8")  # no lone surrogate
    return log


def every(value: object, key: str) -> Iterator[Any]:
    """Every value under this key, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from every(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from every(item, key)


def refusals(log: Json) -> set[str]:
    """What GitHub would refuse, drop or misplace, though the schema allows it: one word for each kind."""
    found: set[str] = set()

    def check(word: str, holds: bool) -> None:
        if not holds:
            found.add(word)

    check("runs", 1 <= len(log.get("runs", [])) <= 20 and "$schema" in log)
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        check("results-missing", isinstance(run.get("results"), list))
        check("category", "/" in run.get("automationDetails", {}).get("id", ""))
        check("root-leaks", all("uri" not in base for base in run.get("originalUriBaseIds", {}).values()))
        check("too-many", len(run.get("results") or []) <= 5_000 and len(rules) <= 25_000)
        check("rule-twice", len({rule["id"] for rule in rules}) == len(rules))
        check("columns", run.get("columnKind") == "unicodeCodePoints")
        for rule in rules:
            texts = [rule.get(key, {}).get("text", "") for key in ("shortDescription", "fullDescription")]
            check("description", all(text.strip() and len(text) <= 1024 for text in texts))
            check("help", bool(rule.get("help", {}).get("text", "").strip()))
            check("name", len(rule.get("name", "")) <= 255)
            bag = rule["properties"]
            check("tags", len(bag["tags"]) <= 10 and ("security" not in bag["tags"] or bag["tags"][0] == "security"))
            check("precision", bag.get("precision") in {"very-high", "high", "medium", "low"})
            score = bag.get("security-severity")
            check("score", score is None or (isinstance(score, str) and 0.0 < float(score) <= 10.0))
            check("score-missing", ("security" in bag["tags"]) == (score is not None))
            check("problem", score is not None or bag.get("problem.severity") in {"error", "warning", "recommendation"})
        for result in run.get("results") or []:
            index = result.get("ruleIndex", -1)
            check("rule-index", 0 <= index < len(rules) and rules[index]["id"] == result["ruleId"])
            check("level", result.get("level") in {"error", "warning", "note"})
            check("message", bool(result["message"].get("text", "").strip()))
            check("one-place", len(result.get("locations", [])) == 1)
            place = result["locations"][0]["physicalLocation"] if result.get("locations") else {}
            check("region", {"startLine", "startColumn", "endLine", "endColumn"} <= place.get("region", {}).keys())
            hash = result.get("partialFingerprints", {}).get("primaryLocationLineHash", "")
            check("hash", bool(re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", hash)))
            targets = re.findall(r"\]\(([^)]*)\)", result["message"].get("text", ""))
            known = {str(related["id"]) for related in result.get("relatedLocations", [])}
            check("dangling", set(targets) <= known)
            check("related", len(result.get("relatedLocations", [])) <= 100)
            steps = [len(thread["locations"]) for thread in every(result, "threadFlows") for thread in thread]
            check("flows", len(result.get("codeFlows", [])) <= 4 and max(steps, default=0) <= 50)
            check("suppressed", not result.get("suppressions"))
        keys = [(r["ruleId"], json.dumps(r["locations"][0]["physicalLocation"]["artifactLocation"]),
                 r["partialFingerprints"].get("primaryLocationLineHash"))
                for r in run.get("results") or [] if r.get("locations")]  # fmt: skip
        check("collide", len(set(keys)) == len(keys))
    for uri in every(log["runs"], "uri"):
        check("uri", bool(re.fullmatch(r"(?!/)(?:[A-Za-z0-9_.~/-]|%[0-9A-F]{2})+", uri)) and ".." not in uri.split("/"))
    check("base", all(at.get("uriBaseId") == "%SRCROOT%" for at in every(log["runs"], "artifactLocation")))
    for key in ("region", "deletedRegion"):
        for r in every(log["runs"], key):
            start, end = (r["startLine"], r["startColumn"]), (r.get("endLine", 0), r.get("endColumn", 0))
            check("crooked", min(*start, *end) >= 1 and end >= start)
    return found


def assert_good(log: Json) -> None:
    assert [f"{error.json_path}: {error.message}" for error in SCHEMA.iter_errors(log)] == []
    assert refusals(log) == set()


def result(log: Json, rule: str) -> Json:
    (one,) = [one for one in log["runs"][0]["results"] if one["ruleId"] == rule]
    return one


# -------------------------------------------------------------------------------------------------- valid


def test_a_realistic_report_is_taken() -> None:
    assert_good(log_of(make_report()))


def test_an_empty_report_has_results_so_that_old_alerts_close() -> None:
    log = log_of(make_report(findings=(), suppressed=(), problems=(), rules=()))
    assert_good(log)
    assert log["runs"][0]["results"] == []


def _set(path: str, value: object) -> Callable[[Json], None]:
    def change(log: Json) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        target: Any = log["runs"][0]
        for part in parents:
            target = target[part]
        if value is None:
            del target[last]
        else:
            target[last] = value

    return change


RULE, RESULT = "tool/driver/rules/3", "results/0"
REGION = f"{RESULT}/locations/0/physicalLocation/region"
BROKEN = {
    "results-missing": _set("results", None),
    "category": _set("automationDetails/id", "backend-audit"),
    "root-leaks": _set("originalUriBaseIds/%SRCROOT%/uri", "file:///home/me/"),
    "rule-twice": _set("tool/driver/rules/0/id", "raw-sql"),
    "columns": _set("columnKind", "utf16CodeUnits"),
    "description": _set(f"{RULE}/fullDescription/text", "x" * 1025),
    "help": _set(f"{RULE}/help/text", " "),
    "tags": _set(f"{RULE}/properties/tags", ["a", "security"]),
    "precision": _set(f"{RULE}/properties/precision", "sure"),
    "score": _set(f"{RULE}/properties/security-severity", "11"),
    "score-missing": _set(f"{RULE}/properties/security-severity", None),
    "rule-index": _set(f"{RESULT}/ruleIndex", 0),
    "level": _set(f"{RESULT}/level", None),
    "message": _set(f"{RESULT}/message/text", ""),
    "one-place": _set(f"{RESULT}/locations", []),
    "region": _set(f"{REGION}/endColumn", None),
    "hash": _set(f"{RESULT}/partialFingerprints/primaryLocationLineHash", None),
    "dangling": _set(f"{RESULT}/message/text", "see [it](7)"),
    "suppressed": _set(f"{RESULT}/suppressions", [{"kind": "inSource"}]),
    "uri": _set(f"{RESULT}/locations/0/physicalLocation/artifactLocation/uri", "/src/a.py"),
    "base": _set(f"{RESULT}/locations/0/physicalLocation/artifactLocation/uriBaseId", None),
    "crooked": _set(f"{REGION}/endLine", 1),
}


@pytest.mark.parametrize("word", BROKEN)
def test_the_ingestion_check_notices(word: str) -> None:
    log = log_of(make_report())
    BROKEN[word](log)
    assert word in refusals(log)


# ------------------------------------------------------------------------------------------------- content


def test_a_result_is_at_the_exact_place() -> None:
    log = log_of(make_report())
    sql = result(log, "raw-sql")
    assert sql["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "src/shop/orders.py", "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": 11, "startColumn": 16, "endLine": 11, "endColumn": 47,
            "snippet": {"text": "connection.execute(text(query))"},
        },
    }  # fmt: skip
    assert sql["message"]["text"] == "SQL text is built from `customer` with an f-string."
    assert (sql["level"], sql["kind"], sql["rank"]) == ("error", "fail", 100.0)
    assert sql["partialFingerprints"]["backendAudit/v1"] == FINDINGS[0].fingerprint
    wide = result(log, "http-call-without-timeout")["locations"][0]["physicalLocation"]["region"]
    assert (wide["startColumn"], wide["endColumn"]) == (12, 135), "code points, not bytes or cells"


def test_the_line_hash_is_github_s() -> None:
    prints = result(log_of(make_report()), "swallowed-exception")["partialFingerprints"]
    assert prints["primaryLocationLineHash"] == line_hashes(SOURCES[API].encode())[17 - 1]


def test_the_trace_ends_at_the_finding() -> None:
    (flow,) = result(log_of(make_report()), "raw-sql")["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    lines = [(s["physicalLocation"]["artifactLocation"]["uri"], s["physicalLocation"]["region"]["startLine"]) for s in steps]
    assert lines == [(API, 9), (API, 10), (ORDERS, 9), (ORDERS, 11)]
    assert steps[0]["message"]["text"] == "`customer` comes from the path of the request"


def test_related_places_are_linked_from_the_message() -> None:
    limit = result(log_of(make_report()), "endpoint-without-rate-limit")
    assert limit["message"]["text"] == (
        "none of 2 routes is limited; worst: `POST /login`. "
        "See [`POST /login`](1); [`GET /customers/{customer}/orders`](2)."
    )
    assert [place["id"] for place in limit["relatedLocations"]] == [1, 2]


def test_rules_are_described_whether_or_not_they_fired() -> None:
    rules = log_of(make_report(findings=FINDINGS[:1]))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    sql, calm = rules[3], rules[0]
    assert sql["properties"] == {
        "tags": ["security", "external/cwe/cwe-089"], "precision": "high", "security-severity": "9.5",
    }  # fmt: skip
    assert calm["properties"] == {
        "tags": ["performance", "concurrency"], "precision": "high", "problem.severity": "error",
    }  # fmt: skip
    assert sql["shortDescription"]["text"] == "SQL text is put together from values."
    assert 'cursor.execute("SELECT %s", [name])' in sql["help"]["markdown"]
    assert rules[1]["defaultConfiguration"]["level"] == "warning"


def test_a_long_page_is_shortened_where_github_has_a_limit() -> None:
    long = msgspec.structs.replace(RULES[3], title="word " * 300, doc="word " * 300 + "\n\n" + "more " * 3_000)
    log = log_of(make_report(rules=(*RULES[:3], long, RULES[4])))
    assert_good(log)
    assert log["runs"][0]["tool"]["driver"]["rules"][3]["help"]["markdown"].count("more") == 3_000


def test_a_finding_of_another_tool_brings_its_rule() -> None:
    log = log_of(make_report(findings=(finding("bandit:B999", API, "FastAPI(", "odd", severity="low"),)))
    assert_good(log)
    assert result(log, "bandit:B999")["level"] == "note"


def test_findings_of_one_rule_on_one_line_are_one_result() -> None:
    pair = [
        finding("raw-sql", ORDERS, piece, f"from `{piece[1:-1]}`", trace=(Step(place(ORDERS, "query ="), "built"),))
        for piece in ("{customer}", "{status}")
    ]
    log = log_of(make_report(findings=(*pair, FINDINGS[0])))
    assert_good(log)
    first, other = log["runs"][0]["results"]
    assert first["message"]["text"] == "from `customer`. 1 more on this line. See [from `status`](1)."
    region = first["relatedLocations"][0]["physicalLocation"]["region"]
    assert region["startColumn"] == place(ORDERS, "{status}").span.column + 1
    assert len(first["codeFlows"]) == 2
    assert other["locations"][0]["physicalLocation"]["region"]["startLine"] == 11


def test_a_fix_is_offered_unless_it_needs_an_import() -> None:
    log = log_of(make_report())
    (fix,) = result(log, "http-call-without-timeout")["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {"deletedRegion": {"startLine": 15, "startColumn": 134, "endLine": 15, "endColumn": 134},
         "insertedContent": {"text": ", timeout=10"}}
    ]  # fmt: skip
    needy = msgspec.structs.replace(FINDINGS[1], fix=Fix("Wrap it", (Edit(Span(1, 0, 1, 1), "x"),), True, ("import os",)))
    assert "fixes" not in result(log_of(make_report(findings=(needy,))), "http-call-without-timeout")


def test_suppressed_findings_are_written_only_when_asked_for() -> None:
    assert len(log_of(make_report())["runs"][0]["results"]) == len(FINDINGS)
    log = log_of(make_report(), show_suppressed=True)
    last = log["runs"][0]["results"][-1]
    assert last["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "constants"}]
    assert refusals(log) == {"suppressed"}


# ------------------------------------------------------------------------------------------ nothing concealed


def notices(report: Report) -> list[tuple[str, str, str]]:
    run = log_of(report)["runs"][0]
    names = [kind["id"] for kind in run["tool"]["driver"]["notifications"]]
    found = run["invocations"][0].get("toolExecutionNotifications", [])
    assert all(names[notice["descriptor"]["index"]] == notice["descriptor"]["id"] for notice in found)
    return [(notice["descriptor"]["id"], notice["level"], notice["message"]["text"]) for notice in found]


def test_everything_that_is_missing_is_told() -> None:
    assert notices(make_report()) == [
        ("audit-incomplete", "error", "extract: invalid syntax on line 12"),
        ("worth-knowing", "note", "detect: semgrep is not installed"),
        ("not-judged", "note", "3 × endpoint-without-rate-limit: the router is built at run time, as in src/shop/dynamic.py:7"),
        ("left-out", "note", "14 × excluded by .gitignore, as in build/a.py"),
        ("left-out", "note", "1 × over 2 MB, as in src/data.py"),
        ("below-threshold", "note", "3 × raw-sql"),
        ("below-threshold", "note", "9 × swallowed-exception"),
        ("suspicion-cleared", "note", "4 × http-call-without-timeout"),
        ("finding-suppressed", "note", "1 findings suppressed by comment"),
        ("assumption-made", "note", "tls = proxy: the ingress terminates TLS"),
    ]


def test_what_was_known_and_who_looked_is_told() -> None:
    assert notices(make_report(**COMPARED))[-7:] == [
        ("assumption-made", "note", "tls = proxy: the ingress terminates TLS"),
        ("engine-ran", "note", "native: 18 rules, 812 files"),
        ("engine-ran", "note", "semgrep 1.182.0: 21 rules, 40 files"),
        ("test-replaced", "note", "2 replaced: bandit:B113 by http-call-without-timeout, bandit:B608 by raw-sql"),
        ("finding-known", "note", "1 findings known from baseline audit-baseline.json"),
        ("baseline-stale", "note", "2 × raw-sql, as in src/shop/gone.py, src/shop/old.py"),
        ("baseline-not-judged", "note", "1 entries of other paths or rules"),
    ]
    log = log_of(make_report(**COMPARED))
    assert_good(log)
    run = log["runs"][0]
    assert run["tool"]["extensions"] == [{"name": "semgrep", "version": "1.182.0"}]
    assert run["properties"]["comparedWith"] == "baseline audit-baseline.json"
    assert run["properties"]["engines"][0] == {"name": "native", "version": "", "rules": 18, "files": 812}
    assert result(log, "http-call-without-timeout")["properties"]["also"] == ["bandit:B113"]


def test_known_findings_are_written_only_when_asked_for() -> None:
    results = log_of(make_report(**COMPARED))["runs"][0]["results"]
    assert [one["baselineState"] for one in results] == ["new"] * 4 and "raw-sql" not in {one["ruleId"] for one in results}
    log = log_of(make_report(**COMPARED), show_suppressed=True)
    assert [error.message for error in SCHEMA.iter_errors(log)] == []
    last = log["runs"][0]["results"][-1]
    assert (last["ruleId"], last["baselineState"]) == ("raw-sql", "unchanged")
    why = "known from baseline audit-baseline.json"
    assert last["suppressions"] == [{"kind": "external", "status": "accepted", "justification": why}]
    assert "baselineState" not in log_of(make_report())["runs"][0]["results"][0]


def test_thirty_thousand_findings_are_cut_worst_first_and_fit() -> None:
    def many(rule: str, count: int) -> tuple[Finding, ...]:
        return tuple(
            finding(rule, ORDERS, "", f"number {n}", at=Location(f"src/{rule}/{n}.py", Span(n + 1, 0, n + 1, 9)), within=f"f{n}")
            for n in range(count)
        )

    report = make_report(findings=(*many("raw-sql", 4_000), *many("swallowed-exception", 26_000)))
    log = log_of(report, show_suppressed=True)
    assert [error.message for error in SCHEMA.iter_errors(log)] == []
    levels = [one["level"] for one in log["runs"][0]["results"]]
    assert levels == ["error"] * 4_000 + ["warning"] * 1_000
    assert ("report-cut", "warning", "25000 results left out") in notices(report)
    assert len(gzip.compress(render(report, "sarif").encode())) < 10_000_000


def test_an_incomplete_audit_is_not_successful() -> None:
    def successful(*problems: Problem) -> bool:
        run = log_of(make_report(problems=problems))["runs"][0]
        return bool(run["invocations"][0]["executionSuccessful"])

    assert successful() and successful(Problem("detect", "", "no semgrep", note=True))
    assert not successful(Problem("extract", "a.py", "bad"))


def test_silence_on_an_unknown_framework_is_told() -> None:
    report = make_report(totals=Totals(3, 3, 0, 9, 0), frameworks=("bottle",))
    assert ("no-endpoints", "note", "0 endpoints recognised; frameworks seen in imports: bottle") in notices(report)


def test_no_more_results_than_github_shows_and_the_cut_is_told() -> None:
    many = tuple(finding("raw-sql", ORDERS, "", "m", at=Location(f"a{n}.py", Span(1, 0, 1, 1))) for n in range(5_003))
    report = make_report(findings=many)
    log = log_of(report)
    assert refusals(log) == set()
    assert ("report-cut", "warning", "3 results left out") in notices(report)
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a0.py"


def test_long_flows_and_many_places_are_cut_and_told() -> None:
    steps = tuple(Step(Location(ORDERS, Span(n + 1, 0, n + 1, 1)), f"step {n}") for n in range(120))
    report = make_report(findings=(msgspec.structs.replace(FINDINGS[0], trace=steps, related=steps),))
    log = log_of(report)
    assert_good(log)
    found = {text: kind for kind, _, text in notices(report)}
    assert found["71 code flow steps left out"] == found["70 related places left out"] == "report-cut"
    shown = next(every(log, "threadFlows"))[0]["locations"]
    assert shown[0]["location"]["message"]["text"] == "step 0"
    assert shown[-1]["location"]["physicalLocation"]["region"]["startLine"] == 11


# -------------------------------------------------------------------------------------------------- hostile


def test_text_that_looks_like_a_link_or_placeholder_is_text() -> None:
    evil = finding("raw-sql", API, "FastAPI(", "`x[0](1)` [click](https://evil.example) {0} \x1b[31m \u202e",
                   related=(Step(place(API, "login("), "a]b[c\\"),))  # fmt: skip
    text = result(log_of(make_report(findings=(evil,))), "raw-sql")["message"]["text"]
    assert text == (
        "`x[0] (1)` [click] (https://evil.example) {{0}} \\x1b[31m \\u202e. See [a\\]b\\[c\\\\](1)."
    )


def test_a_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    at = Location("src/caf\udce9 #1?/[id].py", Span(1, 0, 1, 1))
    log = log_of(make_report(findings=(finding("raw-sql", "", "", "m", at=at),)))
    uri = next(every(log["runs"][0]["results"], "uri"))
    assert uri == "src/caf%E9%20%231%3F/%5Bid%5D.py"


anything = st.text(st.characters(), max_size=30)
paths = anything.map(lambda text: "/".join(p for p in text.split("/") if p.strip(".")) or "a.py")
numbers = st.integers(min_value=-1, max_value=40)


@settings(max_examples=60, deadline=None)
@given(path=paths, text=anything, span=st.builds(Span, numbers, numbers, numbers, numbers))
@example(path="a:b.py", text="](1)", span=Span(5, 3, 2, 1))
@example(path="\ud800", text="\udce9", span=Span(1, 0, 1, 0))
@example(path="/etc/a.py", text="a", span=Span(1, 0, 1, 1))
def test_hostile_text_stays_valid(path: str, text: str, span: Span) -> None:
    at = Location(path, span)
    evil = finding(
        "raw-sql", "", "", text, at=at, within=text, subject=text, endpoints=(text,), trace=(Step(at, text),),
        related=(Step(at, text),), fix=Fix(text, (Edit(span, text),), safe=True),
    )  # fmt: skip
    report = make_report(
        findings=(evil,), problems=(Problem("extract", path, text),), unknowns=(Count(text, 1, (path,)),),
        assumptions=((text, text, text),), excerpts={path: dict.fromkeys(range(1, 41), text)}, frameworks=(text,),
    )  # fmt: skip
    log = log_of(report)
    assert_good(log)
    uri = next(every(log["runs"][0]["results"], "uri"))
    if not re.search("[\ud800-\udfff]", path):
        assert unquote_to_bytes(uri).decode() == path.lstrip("/")
    for message in every(log, "message"):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", message["text"])


def test_the_order_of_mappings_does_not_show() -> None:
    report = make_report()
    shuffled = msgspec.structs.replace(
        report,
        excerpts={path: dict(reversed(lines.items())) for path, lines in reversed(report.excerpts.items())},
        hashes=dict(reversed(report.hashes.items())),
    )
    assert render(report, "sarif") == render(shuffled, "sarif")


def test_places_are_those_of_the_repository_where_the_root_lies_deeper() -> None:
    plain = json.loads(render(make_report(), "sarif"))["runs"][0]
    deeper = json.loads(render(make_report(), "sarif", prefix="services/api é/"))["runs"][0]

    def places(run: Any) -> list[str]:
        return [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]

    assert places(deeper) == [f"services/api%20%C3%A9/{path}" for path in places(plain)] != []
    hashes = [[r["partialFingerprints"] for r in run["results"]] for run in (plain, deeper)]
    assert hashes[0] == hashes[1], "who knows a finding does not ask where the root lies"
    assert "services/api" not in json.dumps(plain)
