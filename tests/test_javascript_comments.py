"""Comments of JavaScript and TypeScript that speak to a tool are directives; what only looks like one is not."""

import pytest

from analyzer.extract.entries import read
from analyzer.model.facts import Directive, TextFacts
from analyzer.model.location import Span
from analyzer.model.source import FileKind

KINDS = (FileKind.JAVASCRIPT, FileKind.TYPESCRIPT)


def directives(text: str, kind: FileKind = FileKind.TYPESCRIPT) -> tuple[Directive, ...]:
    facts = read(text.encode(), kind)
    assert isinstance(facts, TextFacts) and facts.entries == ()
    return facts.directives


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text,expected", [
    ("const é = 1; // backend-audit: ignore[x] -- y", ("backend-audit: ignore[x] -- y", Span(1, 13, 1, 45), False)),
    ("\r\n  // backend-audit: ignore[x] -- y\r\nf();", ("backend-audit: ignore[x] -- y", Span(2, 2, 2, 34), True)),
    ("/*\n * backend-audit: ignore[x] -- y\n */", ("backend-audit: ignore[x] -- y", Span(2, 1, 2, 32), True)),
    ("f(`${ g(/* nosemgrep: a.b */ 1) }`)", ("nosemgrep: a.b */", Span(1, 8, 1, 28), False)),
    ("const el = <p>{/* nosemgrep */}</p>;", ("nosemgrep */", Span(1, 15, 1, 30), False)),
])  # fmt: skip
def test_a_comment_is_found_where_it_stands(kind: FileKind, text: str, expected: tuple[str, Span, bool]) -> None:
    assert [(found.text, found.at, found.alone) for found in directives(text, kind)] == [expected]


@pytest.mark.parametrize("text", [
    'const a = "// nosemgrep";', "const a = '/* nosemgrep */';", "const a = `// nosemgrep ${b} // nosemgrep`;",
    "const a = /[/]\\/\\/ nosemgrep/;", "const nosemgrep = 1;",
])  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert directives(text) == ()


def test_the_lexer_is_not_asked_where_no_word_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pygments.lexers.javascript.TypeScriptLexer", None)
    assert directives("f(); // a comment\n" * 10) == ()
