"""Markdown for job summaries: what it says, how much of it, and that no word of the audited code acts in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import COMPARED, FINDINGS, finding, make_report

from analyzer.cli import screen
from analyzer.model.finding import Problem
from analyzer.model.location import Location, Span
from analyzer.model.report import Count, EngineSummary, Report, Suppressed
from analyzer.reporters import format_of, render
from analyzer.reporters.markdown import LIMIT
from analyzer.reporters.markdown_text import prose
from analyzer.reporters.visible import visible

URL = "https://github.com/o/r/blob/" + "a" * 40 + "/"
OURS = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code", "a", "blockquote"}


def shown(report: Report | None = None, **options: Any) -> str:
    return render(report or make_report(), "markdown", **options)


class Page(HTMLParser):
    """What a reader of the page sees: tags, where links go, and the text in and outside of `<code>`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.codes: list[str] = []
        self.outside = ""
        self._code = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert set(dict(attrs)) <= {"href", "style"}
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag == "code":
            self._code += 1
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._code:
            self.codes[-1] += data
        else:
            self.outside += data


# ------------------------------------------------------------------ content


def test_the_report_in_full() -> None:
    text = shown(places=URL)
    assert text.startswith("## backend-audit: 5 findings\n\n> [!CAUTION]\n> **The audit is incomplete: 1 thing could not be checked.**\n")
    assert "<li><code>src/legacy/old.py</code>: invalid syntax on line 12</li>" in text
    assert "**1 critical**, **2 high**, **2 medium**." in text
    assert "| security | 1 | · | · | · | 1 |\n| performance | · | 1 | · | · | 1 |" in text
    assert (
        f'<tr><td>critical</td><td><code>raw-sql</code></td><td><a href="{URL}src/shop/orders.py#L11">'
        "<code>src/shop/orders.py:11</code></a></td>"
        "<td>SQL text is built from <code>customer</code> with an f-string</td></tr>"
    ) in text
    for said in ("12 (9 <code>", "cleared by a closer look: 4", "suppressed: 1 (1 by <code>comment</code>)", "files left out: 15", "not judged: 3",
                 "assumed: <code>tls = proxy</code>", "note: semgrep is not installed", "reporting on <code>src</code>"):  # fmt: skip
        assert said in text, said


def test_without_an_address_there_are_no_links() -> None:
    assert Page(shown()).links == []
    assert "<code>src/shop/orders.py:11</code>" in shown()
    assert f'href="{URL}services/api/src/shop/orders.py#L11"' in shown(places=URL, prefix="services/api/")


def test_what_was_known_and_who_looked_is_told() -> None:
    text = shown(make_report(**COMPARED))
    assert text.startswith("## backend-audit: 4 new findings\n")
    for said in ("known from <code>baseline audit-baseline.json</code>: 1", "matched by nothing any more: 2 (2 <code>raw-sql</code>)",
                 "not looked at: 1", "<code>semgrep 1.182.0</code>: 21 rules, 40 files", "(also reported by <code>bandit:B113)</code>",
                 "tests of other tools that ours replace: 2"):  # fmt: skip
        assert said in text, said


def test_no_findings() -> None:
    clean = make_report(findings=(), problems=())
    assert shown(clean).startswith("## backend-audit: no findings\n\n### What was looked at\n")
    assert shown(msgspec.structs.replace(clean, compared="revision 1f2e")).startswith("## backend-audit: no new findings\n")


def test_the_worst_fifty_and_counts_of_the_rest() -> None:
    text = shown(make_report(findings=FINDINGS[:1] * 49 + FINDINGS[3:4] * 40))
    assert text.count("<td>critical</td>") == 49 and text.count("<td>medium</td>") == 1
    assert "### 39 more, by rule\n\n<ul>\n<li>39 medium <code>endpoint-without-rate-limit</code></li>\n</ul>\n" in text


def test_it_stays_below_what_github_takes() -> None:
    evil = "`&\"<\u202e@\u0416 " * 4_000
    at = Location(f"{evil}/a.py", Span(1, 0, 1, 1))
    one = finding("raw-sql", "", "", evil, at=at, also=(evil,) * 9)
    many = tuple(msgspec.structs.replace(one, rule=f"{evil}{n}") for n in range(500))
    counts = tuple(Count(f"{n}{evil}", 1, (evil,)) for n in range(500))
    report = make_report(
        findings=many, problems=tuple(Problem("extract", evil, f"{n}{evil}") for n in range(500)), hidden=counts,
        cleared=counts, unknowns=counts, left_out=counts, replaced=counts, stale=counts, targets=(evil,) * 2_000,
        assumptions=((evil, evil, evil),) * 500, frameworks=(evil,), engines=(EngineSummary(evil, evil, 1, 1),),
        excerpts={}, hashes={},
    )  # fmt: skip
    text = shown(report, places=URL)
    assert len(text.encode()) <= LIMIT < 1024 * 1024
    assert text.count("<tr><td>critical</td>") == 50, "the worst first, then as much of the rest as fits"
    assert "**The rest of this report does not fit here.**" in text


# ------------------------------------------------------------------ nothing acts


HOSTILE = [
    "@octocat", "a `@octocat` b", "#12", "GH-12", "o/r#12", "https://evil.example", "www.evil.example", "me@evil.example",
    "[click](https://evil.example)", "![x](https://evil.example/x.png)", "<img src=x onerror=alert(1)>", "</table><script>x</script>",
    "\n\n# Heading\n\n- list", "`` ` ``", "| a | b |", "<!-- ", "&lt;b&gt;", "\\`x", ":smile:", "**bold** _it_ ~~no~~", "``````\n", "[ref]: https://evil.example",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709", "$x$", "]]>", "<details open>", "\u202e", "(@octocat)", "`unclosed @octocat",
]  # fmt: skip


def report_with(word: str) -> Report:
    one = finding("raw-sql", "", "", word, at=Location(word or "a.py", Span(1, 0, 2, 1)), within=word, subject=word, also=(word,))
    return make_report(
        findings=(one, msgspec.structs.replace(one, rule=word or "x")) * 60, problems=(Problem("extract", word, word), Problem("detect", word, word, True)),
        unknowns=(Count(word, 1, (word,)),), hidden=(Count(word, 1),), left_out=(Count(word, 1, (word,)),), frameworks=(word,),
        assumptions=((word, word, word),), targets=(word,), engines=(EngineSummary(word, word, 1, 1),), compared=word, replaced=(Count(word, 1),),
        stale=(Count(word, 1, (word,)),), baselined=(one,), excerpts={}, hashes={},
        suppressed=(Suppressed(one, "comment", word),),
    )  # fmt: skip


ACTIVE = re.compile(r"@\w|\w@|#\d|GH-\d|://|www\.\w|\[\w+\]|:\w+:|\b[0-9a-f]{12,}\b|<|\*\*|\]\(")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("@#`<>&|[]()!*_\\:/.- \n\tab1") | st.characters(), max_size=30))
def test_no_text_acts(word: str) -> None:
    check(word)


@pytest.mark.parametrize("word", HOSTILE)
def test_no_hostile_word_acts(word: str) -> None:
    check(word)


def check(word: str) -> None:
    text = shown(report_with(word), places=URL)
    page = Page(text)
    assert set(page.tags) <= OURS
    assert all(link.startswith(URL) and re.fullmatch(r"[A-Za-z0-9_.~/%-]*#L1-L2", link[len(URL) :]) for link in page.links)
    assert not ACTIVE.search(page.outside.replace("[!CAUTION]", "")), page.outside
    if word:
        assert visible(word) in page.codes, "it is shown as it is"
    text.encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("@#`<>&ab1. ") | st.characters(), max_size=40))
@example("`a` and `b")
def test_prose_shows_all_of_its_words(text: str) -> None:
    page = Page(f"<p>{prose(text)}</p>")
    assert set(page.tags) <= {"p", "code"} and not ACTIVE.search(page.outside)


# ------------------------------------------------------------------ where it is used


def test_the_suffix() -> None:
    assert format_of("summary.md") == "markdown"


@pytest.mark.parametrize(
    ("server", "repository", "commit", "address"),
    [
        ("https://github.com", "o/r", "a" * 40, URL),
        ("https://ghe.example:8443", "o/r.x", "b" * 64, f"https://ghe.example:8443/o/r.x/blob/{'b' * 64}/"),
        ("http://github.com", "o/r", "a" * 40, ""),
        ('https://x"><script>', "o/r", "a" * 40, ""),
        ("https://github.com", "o/r/../..", "a" * 40, ""),
        ("https://github.com", "o/r", "main", ""),
        ("", "", "", ""),
    ],
)
def test_the_address_of_the_files(server: str, repository: str, commit: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SERVER_URL", server), ("REPOSITORY", repository), ("SHA", commit)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert screen.places() == address


def test_what_the_repository_calls_the_root(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "services" / "api").mkdir(parents=True)
    assert screen.prefix(str(tmp_path / "repo")) == ""
    assert screen.prefix(str(tmp_path / "repo" / "services" / "api")) == "services/api/"


def test_a_comma_behind_what_stands_in_backticks_is_no_code() -> None:
    assert prose("`f` is asked for `a.b`, and fails") == "<code>f</code> is asked for <code>a.b</code>, and fails"
