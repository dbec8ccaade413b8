"""The HTML report: complete without its script, deaf to hostile text, and alive in a browser."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from browser import CHROMIUM, Page, browser
from hypothesis import given
from hypothesis import strategies as st
from reports import API, FINDINGS, ORDERS, RULES, SOURCES, finding, make_report, place
from typer.testing import CliRunner

from analyzer.assets import templates
from analyzer.cli.app import app
from analyzer.model.finding import Edit, Finding, Fix, Problem
from analyzer.model.location import Location, Span, Step
from analyzer.model.report import Count, EndpointSummary, EngineSummary, Report, Suppressed, Totals
from analyzer.reporters import format_of, html_view, render
from analyzer.reporters import html as html_module
from analyzer.reporters.html_code import LONG, MARKED, code
from analyzer.reporters.html_diff import diff
from analyzer.reporters.html_view import CARDS, anchors
from analyzer.reporters.visible import visible

TEMPLATES = templates()
VOID = {"meta", "input", "wbr", "br", "link", "img", "hr"}


def html(report: Report | None = None) -> str:
    return render(report or make_report(), "html", templates=TEMPLATES)


# ------------------------------------------------------------------- reading a page as a browser without script does


class Node:
    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name) or ""

    @property
    def classes(self) -> list[str]:
        return self["class"].split()

    def walk(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **attributes: str) -> list[Node]:
        wanted = {name.replace("_", "-").strip("-"): value for name, value in attributes.items()}
        return [n for n in self.walk() if tag in ("", n.tag) and all(value in (n[name], *n[name].split()) for name, value in wanted.items())]

    @property
    def raw(self) -> str:
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def text(self) -> str:
        return " ".join(self.raw.split())


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = self.at = Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs), self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(text: str) -> Node:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.at is reader.top, "every element is closed"
    return reader.top


def plain(text: str) -> str:
    """A message as it is read: without its backticks, spaces joined."""
    return " ".join(visible(text).replace("`", "").split())


def full_report() -> Report:
    """Every part of a report holds something."""
    return make_report(
        engines=(EngineSummary("bandit", "1.9.1", 40, 17), EngineSummary("native", "0.1.0", 5, 812), EngineSummary("semgrep", "", 0, 0)),
        replaced=(Count("bandit:B113 by http-call-without-timeout", 1, ("src/shop/orders.py",)),),
        baselined=(finding("raw-sql", ORDERS, "import requests", "SQL text was built here before"),),
        stale=(Count("swallowed-exception", 2, ("src/gone.py",)),),
        compared="baseline audit-baseline.json",
        findings=(msgspec.structs.replace(FINDINGS[0], also=("bandit:B608", "semgrep:f-string-sql")), *FINDINGS[1:]),
    )


# ------------------------------------------------------------------- one file that loads nothing


def test_a_browser_may_apply_one_style_and_run_one_script() -> None:
    page = read(html())
    [style], [script] = page.all("style"), page.all("script")
    [policy] = [m["content"] for m in page.all("meta") if m["http-equiv"] == "Content-Security-Policy"]
    for kind, node in (("style", style), ("script", script)):
        digest = b64encode(sha256(node.raw.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_nothing_is_loaded_and_no_attribute_is_obeyed() -> None:
    page = read(html(full_report()))
    for node in page.walk():
        assert node.tag not in ("img", "link", "iframe", "object", "embed", "base", "video", "audio", "source", "svg")
        assert not [name for name in node.attributes if name == "style" or name.startswith("on") or name in ("src", "srcset", "action")]
        href = node.attributes.get("href") or "#"
        assert href.startswith("#") or (node.tag == "a" and href.startswith("https://cwe.mitre.org/")), href
    assert "@import" not in TEMPLATES["report.css"] and "url(" not in TEMPLATES["report.css"]


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    report = make_report(findings=FINDINGS * 3)  # equal fingerprints, which triage never makes
    page = read(html(report))
    ids = [node["id"] for node in page.walk() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    assert {node["href"][1:] for node in page.all("a") if node["href"].startswith("#")} <= set(ids)
    labels = [node["aria-labelledby"] for node in page.walk() if "aria-labelledby" in node.attributes]
    assert set(labels) <= set(ids) and {node["for"] for node in page.all("label") if node["for"]} <= set(ids)


def test_ids_of_strange_names_differ() -> None:
    names = ["a b", "a-b", "a/b", "", "!", "a-b_2", "é"]
    assert len(set(anchors("x-", names))) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", one) for one in anchors("x-", names))


def test_headings_are_in_order() -> None:
    levels = [int(node.tag[1]) for node in read(html(full_report())).walk() if re.fullmatch(r"h\d", node.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_same_report_gives_the_same_bytes() -> None:
    report = full_report()
    turned = {path: dict(reversed(lines.items())) for path, lines in reversed(report.excerpts.items())}
    assert html(report) == html(msgspec.structs.replace(report, excerpts=turned))
    assert html(report).endswith("</html>\n") and html(report).startswith("<!doctype html>")


def test_suffixes_say_html() -> None:
    assert (format_of("a/report.html"), format_of("R.HTM")) == ("html", "html")


# ------------------------------------------------------------------- complete without the script


def test_every_finding_is_told_in_full() -> None:
    report = full_report()
    page = read(html(report))
    cards = page.all("article")
    assert len(cards) == len(report.findings)
    rules = {rule.id: rule for rule in report.rules}
    for one in report.findings:
        [card] = page.all("article", id=f"f-{one.fingerprint}")
        told = [
            one.severity, f"confidence {one.confidence}", one.message, one.rule, one.within, one.at.path,
            f"{one.at.path}:{one.at.span.line}:{one.at.span.column + 1}", *one.endpoints, *one.also,
            *(one.fix.title for _ in [0] if one.fix), f"backend-audit: ignore[{one.rule}] --",
            *(piece for step in (*one.trace, *one.related) for piece in (step.message, f"{step.at.path}:{step.at.span.line}:")),
            *(" ".join(p.split()) for p in rules[one.rule].doc.split("\n\n")), *rules[one.rule].aliases,
        ]  # fmt: skip
        assert [piece for piece in told if plain(piece) not in card.text] == []
        line = SOURCES[one.at.path].split("\n")[one.at.span.line - 1]
        assert visible(line.replace("\t", "    ")) in card.raw
    assert [node.text for node in cards[0].all("ol")[0].children if isinstance(node, Node)] != []


def test_everything_else_of_the_report_is_told() -> None:
    report = full_report()
    page = read(html(report))
    text = page.text
    told = [
        *(p.message for p in report.problems), *(p.path for p in report.problems),
        *(piece for counts in (report.unknowns, report.left_out, report.cleared, report.hidden, report.replaced, report.stale)
          for count in counts for piece in (count.what, *count.examples)),
        *(piece for s in report.suppressed for piece in (s.reason, s.by, s.finding.message)),
        *(b.message for b in report.baselined), report.compared,
        *(piece for assumed in report.assumptions for piece in assumed),
        *(piece for rule in report.rules for piece in (rule.id, rule.title)), *report.frameworks, *report.targets,
        *(piece for e in report.endpoints for piece in (f"{e.methods[0]} {e.path}", e.handler, f"{e.file}:{e.line}")),
        "812", "640", "96,412", "5 new findings",
    ]  # fmt: skip
    assert [piece for piece in told if plain(piece) not in text] == []
    assert table(page, "Engines") == [["bandit", "1.9.1", "40", "17"], ["native", "0.1.0", "5", "812"], ["semgrep", "missing", "0", "0"]]


def table(page: Node, caption: str) -> list[list[str]]:
    """The cells of a table's body and foot, row by row."""
    [found] = [t for t in page.all("table") if t.all("caption")[0].text.startswith(caption)]
    body = [row for part in ("tbody", "tfoot") for section in found.all(part) for row in section.all("tr")]
    assert {cell["scope"] for cell in found.all("thead")[0].all("th")} == {"col"}
    return [[cell.text for cell in row.children if isinstance(cell, Node)] for row in body]


def test_the_numbers_are_those_of_the_json_report() -> None:
    report = full_report()
    page, data = read(html(report)), json.loads(render(report, "json"))
    standards = {rule["id"]: rule["standard"] for rule in data["rules"]}
    cells = Counter((standards[f["rule"]], f["severity"]) for f in data["findings"])
    severities = ["critical", "high", "medium", "low"]
    rows = table(page, "Findings by the standard")
    for name, *counts in rows[:-1]:
        expected = [cells[name.replace(" ", "-"), severity] for severity in severities]
        assert list(map(int, counts)) == [*expected, sum(expected)]
    totals = [sum(cells[s, severity] for s in set(standards.values())) for severity in severities]
    assert rows[-1] == ["all", *map(str, totals), str(len(data["findings"]))]
    assert [tile.text for tile in page.all("li", _class="tile")] == [f"{n} {s}" for n, s in zip(totals, severities, strict=True)]
    for caption, entries in (("15 files", "left_out"), ("12 findings less", "hidden"), ("4 suspicions", "cleared"), ("3 places", "unknowns")):
        assert [[row[0], row[1]] for row in table(page, caption)] == [[str(c["count"]), plain(c["what"])] for c in data[entries]]
    assert [row[0] for row in table(page, "1 finding that somebody")] == [f"{f['finding']['path']}:{f['finding']['line']}:{f['finding']['column']}" for f in data["suppressed"]]


def test_endpoints_say_what_they_break() -> None:
    [first] = table(read(html()), "Endpoints that findings reach")
    assert first[0] == "GET /customers/{customer}/orders"
    assert first[1] == "public"
    assert first[3:] == ["1", "0", "0", "0", "1", "raw-sql"]
    [other] = table(read(html()), "Endpoints that no finding reaches")
    assert other[0] == "POST /login"


def test_the_worst_endpoint_comes_first() -> None:
    endpoints = tuple(EndpointSummary(("GET",), f"/{n}", "fastapi", f"h{n}", API, n) for n in range(1, 15))
    found = [msgspec.structs.replace(FINDINGS[n % 5], fingerprint=f"{n}", endpoints=(f"GET /{n}",)) for n in range(1, 13)]
    critical = msgspec.structs.replace(FINDINGS[0], fingerprint="c", endpoints=("GET /5", "GET /12"))
    page = read(html(make_report(findings=(critical, *found), endpoints=endpoints)))
    rows = table(page, "Endpoints that findings reach, worst first: 10 of 12") + table(page, "The other endpoints")
    assert [row[0] for row in rows][:2] == ["GET /5", "GET /12"] and len(rows) == 12
    assert rows[0][3] == "2" and rows[0][-1] == "raw-sql × 2"
    assert len(table(page, "Endpoints that no finding")) == 2


def test_worth_reading_first_is_one_of_each_rule_and_open() -> None:
    page = read(html(make_report(findings=FINDINGS * 2)))
    [first] = page.all("ol", _class="first")
    assert len(first.all("a")) == 5 == len({f.rule for f in FINDINGS})
    assert "raw-sql" in first.text.split(" 2 ")[0]
    opened = {card["id"] for card in page.all("article") if any("open" in d.attributes for d in card.all("details"))}
    assert opened == {link["href"][1:] for link in first.all("a")}


def test_severity_is_never_told_by_colour_alone() -> None:
    for level in read(html()).all("span", _class="level"):
        assert level.text in ("critical", "high", "medium", "low")


def test_an_empty_report_says_so() -> None:
    empty = make_report(
        findings=(), hidden=(), cleared=(), suppressed=(), problems=(), unknowns=(), left_out=(), endpoints=(), rules=(),
        assumptions=(), frameworks=(), targets=(".",), totals=Totals(0, 0, 0, 0, 0),
    )  # fmt: skip
    page = read(html(empty))
    assert page.all("h1")[0].text == "No findings" and not page.all("form", id="filters") and not page.all("article")
    assert "0 endpoints recognised" in page.text and "Nothing was left out" in page.text and "Incomplete" not in page.text


def test_incomplete_is_said_at_the_top() -> None:
    problems = tuple(Problem("extract", f"src/{n}.py", f"invalid syntax {n}") for n in range(7))
    page = read(html(make_report(problems=(*problems, Problem("detect", "", "a note", note=True)))))
    [alert] = page.all("div", _class="alert")
    assert alert.text.startswith("Incomplete: 7 things could not be checked src/0.py: invalid syntax 0")
    assert len(alert.all("li")) == 5 and "and 2 more" in alert.text and page.all("title")[0].text.startswith("5 findings, incomplete")
    [problems_list] = [n for n in page.all("h3") if n["id"] == "problems"]
    assert "incomplete" in problems_list.text and "invalid syntax 6" in page.text
    assert read(html(make_report(findings=(), excerpts={}))).all("h1")[0].text == "No findings in what could be checked"


def many(count: int) -> Report:
    """A report of so many findings, each with its own identity, place and endpoint."""
    found = [
        msgspec.structs.replace(
            FINDINGS[n % 5], fingerprint=f"{n:032x}", message=f"`thing{n}` is wrong", endpoints=(f"GET /rates/{n % 40}",),
            at=Location(f"src/part{n % 200}/m.py", Span(n + 1, 0, n + 1, 8)), trace=(), related=(), fix=None,
        )
        for n in range(count)
    ]  # fmt: skip
    found.sort(key=lambda one: ["critical", "high", "medium"].index(one.severity))
    excerpts: dict[str, dict[int, str]] = {}
    for one in found:
        excerpts.setdefault(one.at.path, {}).update({one.at.span.line + d: f"call({n}, 'text')  # {d}" for n, d in enumerate(range(-2, 3))})
    return make_report(findings=tuple(found), excerpts=excerpts, hashes={})


def test_past_the_limit_findings_are_rows_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, limits in ((html_view, {"CARDS": 60, "ROWS": 40}), (html_module, {"CARDS": 60})):
        for name, limit in limits.items():
            monkeypatch.setattr(module, name, limit)
    report = many(170)
    page = read(html(report))
    assert len(page.all("article")) == 60
    assert "The worst 60 findings are shown with their code and reasons; the other 110 stand in tables" in page.text
    parts = page.all("div", _class="rows")
    rows = [row for part in parts for row in part.all("tbody")[0].all("tr")]
    assert all(len(part.all("tbody")[0].all("tr")) <= 40 for part in parts)
    assert {node["id"] for node in (*page.all("article"), *rows)} == {f"f-{one.fingerprint}" for one in report.findings}
    worst = [one.message for one in report.findings[:60]]
    assert [plain(m) for m in worst] == [card.all("h4")[0].text for card in page.all("article")]
    assert all(plain(one.message) in row.text and one.at.path in row.text for one, row in zip(report.findings[60:], rows, strict=True))


# ------------------------------------------------------------------- hostile text stays text


HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><b>", "{{ 7 * 7 }}{% raw %}", "a\u202eb\u2066",
    "\x1b[31m\x00\x07", "\"'><svg/onload=alert(1)>", "--><!-- ]]>", "`</code><i>`", "javascript:alert(1)", "\udcff", "&lt;b&gt;",
)  # fmt: skip
BAD = "".join(HOSTILE)


def hostile_report() -> Report:
    """Every text of it is an attack."""
    at = Location(f"src/{BAD}.py", Span(2, 0, 2, 5))
    one = Finding(
        "raw-sql", at, at.span, at.span, BAD, BAD, "critical", "high", BAD, BAD, trace=(Step(at, BAD),), related=(Step(at, BAD),),
        endpoints=(f"GET /{BAD}",), engines=(BAD,), fix=Fix(BAD, (Edit(Span(2, 0, 2, 1), BAD),), False, (BAD,)), fingerprint=BAD, also=(BAD,),
    )  # fmt: skip
    rule = msgspec.structs.replace(RULES[3], title=BAD, doc=f"{BAD}\n\n{BAD}\n\n- {BAD}\n\n    {BAD}\n\n{BAD}", aliases=(BAD,), bad=BAD, good=BAD)
    counts = (Count(BAD, 1, (BAD,)),)
    return make_report(
        findings=(one,), rules=(rule, msgspec.structs.replace(rule, id=BAD)), targets=(BAD,), version=BAD, compared=BAD,
        excerpts={at.path: {1: BAD, 2: BAD, 3: f"x = '''{BAD}"}}, hidden=counts, cleared=counts, unknowns=counts, left_out=counts, replaced=counts,
        stale=counts, suppressed=(Suppressed(one, BAD, BAD),), baselined=(one,), problems=(Problem(BAD, BAD, BAD), Problem(BAD, BAD, BAD, True)),
        frameworks=(BAD,), endpoints=(EndpointSummary(("GET",), f"/{BAD}", BAD, BAD, BAD, 1),), assumptions=((BAD, BAD, BAD),),
        engines=(EngineSummary(BAD, BAD, 1, 1),),
    )  # fmt: skip


def test_hostile_text_is_text() -> None:
    text = html(hostile_report())
    page = read(text)
    assert len(page.all("script")) == 1 == len(page.all("style"))
    assert not page.all("img") and not page.all("svg") and not page.all("b", _class="")[3:]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]", text)
    assert "{{ 7 * 7 }}" in page.text and "\\u202e" in page.text and "alert(1)" in page.text
    for node in page.walk():
        assert not [name for name in node.attributes if name.startswith("on") or name == "style"]
        assert (node.attributes.get("href") or "#").startswith(("#", "https://cwe.mitre.org/"))
        assert re.fullmatch(r"[A-Za-z0-9._-]*", node["id"])


def test_the_texts_of_the_templates_cannot_end_early() -> None:
    for name in ("report.css", "report.js"):
        assert "</" not in TEMPLATES[name] and "<!--" not in TEMPLATES[name] and "\r" not in TEMPLATES[name]
    script = TEMPLATES["report.js"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|\bfetch\b|XMLHttp", script)


# ------------------------------------------------------------------- excerpts


def marked(path: str, lines: dict[int, str], at: Span) -> str:
    return "\n".join("".join(p.text for p in line.pieces if p.marked) for line in code(path, lines, at).lines if line.hit)


@pytest.mark.parametrize(
    ("path", "source", "piece"),
    [
        ("a.py", "x = f(\n\t'ä', {金額: 1},  # why\n)", "f(\n\t'ä', {金額: 1},  # why\n)"),
        ("m.sql", "SELECT *\nFROM orders; -- all", "*\nFROM orders"),
        ("compose.yaml", "services:\n  web:\n    ports: ['80:80']", "ports: ['80:80']"),
        ("deploy/Dockerfile", "FROM python:3.12\nRUN pip install x", "pip install"),
        ("web/app.tsx", "const a: string = supabase.from('a.b')", "supabase.from('a.b')"),
        ("web/app.js", "supabase\n  .from(`a.b`)", "supabase\n  .from(`a.b`)"),
        ("pyproject.toml", "[tool.x]\nkey = 'v'", "key = 'v'"),
        ("nginx.conf", "server {\n  ssl_protocols TLSv1;\n}", "ssl_protocols TLSv1;"),
        ("notes.unknown", "plain <b>", "<b>"),
    ],
)
def test_the_exact_span_is_marked_across_colours(path: str, source: str, piece: str) -> None:
    lines = dict(enumerate(source.split("\n"), 1))
    before = source[: source.index(piece)]
    end = before + piece
    at = Span(before.count("\n") + 1, len(before) - before.rfind("\n") - 1, end.count("\n") + 1, len(end) - end.rfind("\n") - 1)
    expected = "\n".join(line if n == 0 else line.strip() for n, line in enumerate(piece.split("\n")))
    assert marked(path, lines, at) == expected.replace("\t", "    ")
    kinds = {p.kind for line in code(path, lines, at).lines for p in line.pieces}
    assert (kinds == {""}) == path.endswith("unknown")


@given(st.lists(st.text(alphabet="ab'\"#(){}\\\t 金\x1b:=-*/f", max_size=30), min_size=1, max_size=6), st.data())
def test_no_character_of_an_excerpt_is_lost(lines: list[str], data: st.DataObject) -> None:
    numbered = dict(enumerate(lines, 1))
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    start = data.draw(st.integers(0, len(lines[first - 1])))
    end = data.draw(st.integers(start if first == last else 0, len(lines[last - 1])))
    for path in ("a.py", "a.sql", "a.yml", "Dockerfile", "a.ts", "a.toml", "nginx.conf"):
        shown = code(path, numbered, Span(first, start, last, end))
        for line in shown.lines:
            text = "".join(piece.text for piece in line.pieces)
            assert text == "    ".join(visible(part) for part in numbered[line.number].rstrip().split("\t"))
            if line.number == first == last:
                hit = "".join(piece.text for piece in line.pieces if piece.marked)
                assert hit == "    ".join(visible(part) for part in numbered[first].rstrip()[start:end].split("\t"))


def test_very_long_lines_show_the_place() -> None:
    line = "x" * 5000 + "BAD" + "y" * 5000
    [shown] = code("a.js", {1: line}, Span(1, 5000, 1, 5003)).lines
    text = "".join(piece.text for piece in shown.pieces)
    assert marked("a.js", {1: line}, Span(1, 5000, 1, 5003)) == "BAD" and text[0] == "…" and shown.cut and len(text) == LONG + 1


def test_long_spans_are_cut_and_missing_lines_are_no_error() -> None:
    lines = {n: f"line{n}" for n in range(1, 100)}
    shown = code("a.py", lines, Span(10, 0, 40, 3))
    assert [line.number for line in shown.lines] == list(range(8, 10 + MARKED)) and shown.more == 31 - MARKED
    assert code("a.py", {}, Span(1, 0, 1, 1)).lines == ()
    assert marked("a.py", {1: "cut here"}, Span(1, 4, 1, 400)) == "here"


def test_a_fix_is_a_diff() -> None:
    lines = {1: "import x", 2: "y = get(", 3: "    a)", 4: "z = 1"}
    fix = Fix("Add a limit", (Edit(Span(2, 4, 2, 7), "fetch"), Edit(Span(3, 5, 3, 5), ", timeout=1")), True)
    assert [f"{c.sign}{c.head}[{c.changed}]{c.tail}" for c in diff(fix, lines)] == [
        " import x[]", "-y = [get](", "-    a[])", "+y = [fetch](", "+    a[, timeout=1])", " z = 1[]",
    ]  # fmt: skip
    assert diff(fix, {2: "y = get("}) == () == diff(Fix("Nothing", (), True), lines)


# ------------------------------------------------------------------- colours


def themes() -> Iterator[tuple[dict[str, str], int]]:
    pairs = re.findall(r"--([a-z]+): light-dark\((#\w{6}), (#\w{6})\)", TEMPLATES["report.css"])
    yield {name: light for name, light, _ in pairs}, 0
    yield {name: dark for name, _, dark in pairs}, 1


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_text_can_be_read_in_both_themes() -> None:
    texts = ("ink", "quiet", "accent", "critical", "high", "medium", "low")
    tokens = ("ink", "quiet", "keyword", "string", "number", "comment", "name", "critical")
    pairs = [(t, ground) for t in texts for ground in ("page", "card", "soft")] + [(t, "soft") for t in tokens]
    pairs += [(t, "mark") for t in ("ink", "keyword", "string", "number", "comment", "name")]
    poor = [(n, t, g, round(contrast(c[t], c[g]), 2)) for c, n in themes() for t, g in pairs if contrast(c[t], c[g]) < 4.5]
    assert poor == []


# ------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(chromium: Page, tmp_path: Path) -> Iterator[Page]:
    """The tab, clean; afterwards the browser must not have complained or loaded anything."""
    chromium.complaints.clear()
    chromium.requests.clear()
    yield chromium
    assert chromium.complaints == []
    assert [address for address in chromium.requests if not address.startswith("file://")] == []


def show(page: Page, folder: Path, report: Report | None = None, hash: str = "") -> str:
    file = folder / "report.html"
    file.write_text(html(report or make_report()), encoding="utf-8")
    page.open("about:blank")
    page.open(f"file://{file}{hash}")
    return f"file://{file}"


def seen(page: Page) -> list[str]:
    """The rules of the findings that are shown."""
    return list(page.ask("[...document.querySelectorAll('article[data-rule]')].filter(a => a.checkVisibility()).map(a => a.dataset.rule)"))


def told(page: Page) -> str:
    return str(page.ask("document.querySelector('#count').textContent"))


def pick(page: Page, name: str, value: str) -> None:
    """What a person does to a field: choose, tick or type."""
    page.ask(f"""(() => {{
        const fields = [...document.querySelectorAll('#filters [name={name}]')];
        const field = fields.find(f => f.type === 'checkbox' && f.value === {json.dumps(value)}) ?? fields[0];
        if (field.type === 'checkbox') field.checked = !field.checked; else field.value = {json.dumps(value)};
        field.dispatchEvent(new Event('input', {{bubbles: true}}));
    }})()""")


def test_filters_search_and_the_address(page: Page, tmp_path: Path) -> None:
    address = show(page, tmp_path)
    assert (len(seen(page)), told(page)) == (5, "5 findings")
    assert page.ask("['#filters', '#theme', '#count'].every(one => document.querySelector(one).checkVisibility())")
    pick(page, "severity", "high")
    assert (seen(page), told(page)) == (["http-call-without-timeout", "blocking-call-in-async"], "2 of 5 findings")
    pick(page, "severity", "medium")
    assert len(seen(page)) == 4
    pick(page, "standard", "observability")
    assert seen(page) == ["swallowed-exception"]
    pick(page, "standard", "")
    pick(page, "q", "COROUTINE worker")
    assert seen(page) == ["blocking-call-in-async"]
    pick(page, "group", "file")
    hash = page.ask("location.hash")
    assert hash == "#q=COROUTINE+worker&severity=high&severity=medium&group=file"
    page.open("about:blank")
    page.open(address + hash)
    assert (seen(page), told(page)) == (["blocking-call-in-async"], "1 of 5 findings")
    assert page.ask("document.querySelector('[name=q]').value + document.querySelector('[name=group]').value") == "COROUTINE workerfile"
    assert page.ask("document.querySelectorAll('[name=severity]:checked').length") == 2
    page.ask("document.querySelector('#clear').click()")
    assert (len(seen(page)), page.ask("location.hash")) == (5, "")
    pick(page, "endpoint", "GET /rates/3")
    assert seen(page) == ["blocking-call-in-async"]
    page.ask("document.querySelector('#clear').click()")
    pick(page, "q", "nothing has these words")
    assert (seen(page), told(page)) == ([], "0 of 5 findings")


def test_groups(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path)
    heads = "[...document.querySelectorAll('.group h3')].filter(h => h.checkVisibility()).map(h => h.textContent.trim().replace(/\\s+/g, ' '))"
    assert page.ask(heads) == ["critical 1", "high 2", "medium 2"]
    pick(page, "group", "file")
    assert page.ask(heads) == [f"{ORDERS} 3", f"{API} 2"]
    pick(page, "group", "endpoint")
    assert page.ask(heads) == ["GET /customers/{customer}/orders 1", "reached by no endpoint that we know 3", "GET /rates/1 1"]
    pick(page, "group", "rule")
    pick(page, "severity", "critical")
    assert page.ask(heads) == ["raw-sql 1"]


def test_numbers_of_the_summary_lead_to_their_findings(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path)
    page.ask("document.querySelector('.standards td.critical a').click()")
    page.ask("new Promise(done => setTimeout(done, 50))")
    assert (page.ask("location.hash"), seen(page)) == ("#standard=security&severity=critical", ["raw-sql"])
    page.ask(f"location.hash = '#f-{FINDINGS[4].fingerprint}'")
    page.ask("new Promise(done => setTimeout(done, 50))")
    assert len(seen(page)) == 5, "a link to a finding that the filters hide shows it"


def test_keys(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path)
    focused = "document.activeElement.closest('article')?.dataset.rule ?? ''"
    opened = "document.activeElement.closest('article').querySelector('details').open"
    page.press("j", "j")
    assert page.ask(focused) == "http-call-without-timeout"
    was = page.ask(opened)
    page.press("o")
    assert page.ask(opened) is not was
    page.press("k")
    assert page.ask(focused) == "raw-sql"
    page.press("/")
    assert page.ask("document.activeElement.name") == "q"
    page.press("j", "o")
    assert page.ask("document.activeElement.value") == "jo", "keys are letters where text is typed"
    page.press("Escape", "?")
    assert page.ask("document.querySelector('#help').open") is True


def test_code_that_scrolls_can_be_scrolled_by_keys(page: Page, tmp_path: Path) -> None:
    page.send("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=True)
    show(page, tmp_path)
    page.ask("document.querySelector('article pre').scrollIntoView({behavior: 'instant'})")
    page.ask("new Promise(done => setTimeout(done, 100))")
    assert page.ask("[...document.querySelectorAll('article pre')].map(p => [p.scrollWidth > p.clientWidth, p.tabIndex])[0]") == [True, 0]
    page.send("Emulation.clearDeviceMetricsOverride")


def test_themes_and_paper(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.ask(ground)
    page.ask("document.querySelector('#theme').click(); document.querySelector('#theme').click()")
    assert page.ask("document.documentElement.dataset.theme") == "dark" and page.ask(ground) != light
    page.ask("document.querySelector('#theme').click()")
    shut = "document.querySelectorAll('details:not([open])').length"
    before = page.ask(shut)
    page.ask("dispatchEvent(new Event('beforeprint'))")
    assert before > 0 and page.ask(shut) == 0
    page.ask("dispatchEvent(new Event('afterprint'))")
    assert page.ask(shut) == before


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_hostile_text_does_nothing(width: int, page: Page, tmp_path: Path) -> None:
    page.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    for report in (make_report(), hostile_report()):
        show(page, tmp_path, report)
        page.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.ask("document.documentElement.scrollWidth") <= width
        assert page.ask("document.scripts.length") == 1
        assert page.ask("document.querySelectorAll('img, svg, b:not([class]) i').length") == 0
    pick(page, "q", "onerror")
    pick(page, "group", "endpoint")
    assert len(seen(page)) == 1
    page.send("Emulation.clearDeviceMetricsOverride")


def test_it_reads_without_its_script(page: Page, tmp_path: Path) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        show(page, tmp_path, full_report())
        assert len(seen(page)) == 5 and page.ask("document.querySelector('#filters').checkVisibility()") is False
        text = page.ask("document.body.innerText")
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)
    assert "5 new findings" in text and "raw-sql" in text and "the ingress terminates TLS" in text


def test_five_thousand_findings_stay_quick(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, many(5_000))
    pick(page, "q", "warm")
    pick(page, "q", "")
    spent = page.ask("""(() => {
        const field = document.querySelector('[name=q]'), start = performance.now();
        field.value = 'thing49'; field.dispatchEvent(new Event('input', {bubbles: true}));
        return performance.now() - start;
    })()""")
    assert told(page) == "111 of 5,000 findings" and (tmp_path / "report.html").stat().st_size < 6_000_000
    assert spent < 1_000, "a fifth of it is usual, on a machine that does nothing else"
    page.ask("document.querySelector('#clear').click()")
    page.ask("document.querySelector('#toggle').click()")
    opened = "new Promise(requestAnimationFrame).then(() => document.querySelectorAll('article > details[open]').length)"
    assert page.ask(opened) == CARDS
    pick(page, "q", "thing49")
    pick(page, "group", "rule")
    assert told(page) == "111 of 5,000 findings" and page.ask("document.querySelectorAll('.group').length") == 5


def test_random_order_of_findings_does_not_confuse_the_page() -> None:
    shuffled = list(FINDINGS)
    random.Random(7).shuffle(shuffled)
    page = read(html(make_report(findings=tuple(shuffled))))
    assert [card["data-severity"] for card in page.all("article")] == ["critical", "high", "high", "medium", "medium"]
    assert place(API, "except Exception:").path in page.text


def test_the_command_line_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rates.py").write_text("import requests\n\n\ndef rates():\n    return requests.get('https://rates.example').status_code\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["rates.py", "--root", ".", "--engine", "native", "--no-cache", "--isolated", "-j", "1", "-f", "html", "-o", "a.html"])
    assert done.exit_code == 1, done.output
    [card] = read((tmp_path / "a.html").read_text(encoding="utf-8")).all("article")
    assert (card["data-rule"], card["data-file"]) == ("http-call-without-timeout", "rates.py")
    assert done.stdout == (tmp_path / "a.html").read_text(encoding="utf-8") and str(tmp_path) not in done.stdout


def test_templates_are_asked_for() -> None:
    with pytest.raises(KeyError):
        render(make_report(), "html")


def test_what_a_value_is_does_not_change_the_page(tmp_path: Path) -> None:
    """A report that went through JSON, as the cache keeps it, gives the same page."""
    report = full_report()
    again: Any = msgspec.json.decode(msgspec.json.encode(report), type=Report)
    assert html(again) == html(report)
