"""The text of an SQL script → tokens, with what is no SQL (psql commands, COPY data, template tags) taken out.

It knows what every dialect quotes, and guesses from the text itself whether a backslash escapes (MySQL) or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import NamedTuple


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    NAME = "name"  # quoted; the text is what the quotes hold
    STRING = "string"  # the text is what the quotes hold
    BODY = "body"  # between dollar quotes
    HOLE = "hole"  # filled in by whoever runs the script: `{{ schema }}`, `:schema`, `%s`
    MARK = "mark"  # one character of punctuation
    END = "end"  # of a statement: `;`, or `GO` on a line of its own
    COMMENT = "comment"
    DELIMITER = "delimiter"  # MySQL's command; the text is what ends a statement from here on
    BROKEN = "broken"  # a quote or comment that does not end: nothing follows


class Token(NamedTuple):
    """A piece of the text between two offsets; of a quoted one `inner` is where its content starts."""

    kind: Kind
    text: str
    start: int
    end: int
    inner: int


_STRINGS = {
    False: r"[eE]'(?P<e>(?:\\.|''|[^'\\])*)'|(?:[nNbBxX]|[uU]&)?'(?P<s>(?:''|[^'])*)'",
    True: r"[eE]'(?P<e>(?:\\.|''|[^'\\])*)'|(?:[nNbBxX]|_\w+\s*)?'(?P<s>(?:\\.|''|[^'\\])*)'",
}
_PARTS = (
    r"(?P<go>^[ \t]*go[ \t]*\d*[ \t]*(?=\r|\n|\Z))"
    r"|(?P<delimiter>^[ \t]*delimiter[ \t]+(?P<mark>\S+)[^\r\n]*)"
    r"|(?P<space>[\r\n]+|^[ \t]*\\[^\r\n]*|[^\S\r\n]+|\{%[^{}]{0,300}%\})"
    r"|(?P<comment>--[^\r\n]*|(?<!\S)\#(?=[ \t!]|$)[^\r\n]*|/\*)"
    r"|(?P<string>STRINGS)"
    r"|(?P<tag>(?<![\w$])\$(?:[^\W\d]\w*)?\$)"
    r'|(?P<name>"(?P<d>(?:""|[^"])*)"|`(?P<b>[^`]*)`|(?<![\w\])])\[(?P<t>[^\W\d][\w $]*)\])'
    r"|(?P<hole>\{\{[^{}]{0,300}\}\}|\$?\{[\w.]*\}|\$\(\w+\)|%\(\w+\)s|%\d*\$?[sIL]\b"
    r"|(?<![:\w\]]):(?:'\w+'|\"\w+\"|[^\W\d]\w*)|@\w+)"
    r"|(?P<word>\#{0,2}[^\W\d][\w$#]*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<end>;)"
    r"|(?P<other>.)"
)
_TOKENS = {
    escapes: re.compile(_PARTS.replace("STRINGS", strings), re.DOTALL | re.MULTILINE | re.IGNORECASE)
    for escapes, strings in _STRINGS.items()
}
_MYSQL = re.compile(r"`|\bENGINE\s*=|\bAUTO_INCREMENT\b|^[ \t]*DELIMITER\b", re.IGNORECASE | re.MULTILINE)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_MOST = 1_000_000  # tokens of a script
_DEEPEST = 20  # marks of comments inside a comment
_COPY_DATA = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)


def tokens(text: str) -> Iterator[Token]:
    """Every token but white space, in one pass; a BROKEN one is the last."""
    pattern = _TOKENS[bool(_MYSQL.search(text))]
    position, words, count = 0, "", 0
    while position < len(text):
        count += 1
        if count > _MOST:
            yield Token(Kind.BROKEN, "", position, position + 1, position)
            return
        match = pattern.match(text, position)
        assert match is not None, "`other` takes any character"
        token = _token(text, match)
        position = match.end() if token is None else token.end
        if token is None:
            continue
        yield token
        if token.kind is Kind.BROKEN:
            return
        if token.kind is Kind.WORD and len(words) < 400:
            words += f" {token.text.lower()}"
        elif token.kind is Kind.END:
            if words.startswith(" copy ") and " from stdin" in words:
                data = _COPY_DATA.search(text, position)
                position = data.end() if data else len(text)
            words = ""


def _token(text: str, match: re.Match[str]) -> Token | None:
    """What matched as a token; None for white space and what counts as such."""
    start, end = match.span()
    match match.lastgroup:
        case "space":
            return None
        case "comment":
            return _comment(text, start, end)
        case "go" | "end":
            return Token(Kind.END, ";", start, end, start)
        case "delimiter":
            return Token(Kind.DELIMITER, match["mark"], start, end, start)
        case "string":
            which = "e" if match["e"] is not None else "s"
            return Token(Kind.STRING, match[which], start, end, match.start(which))
        case "name":
            which = next(name for name in "dbt" if match[name] is not None)
            return Token(Kind.NAME, match[which].replace('""', '"'), start, end, match.start(which))
        case "tag":
            close = text.find(match[0], end)
            if close < 0:
                return Token(Kind.BROKEN, match[0], start, len(text), start)
            return Token(Kind.BODY, text[end:close], start, close + len(match[0]), end)
        case "hole":
            return Token(Kind.HOLE, match[0], start, end, start)
        case "word":
            return Token(Kind.WORD, match[0], start, end, start)
        case _:
            broken = match[0] in ("'", '"', "`")
            return Token(Kind.BROKEN if broken else Kind.MARK, match[0], start, end, start)


def _comment(text: str, start: int, end: int) -> Token:
    """A comment to its end; PostgreSQL's block comments nest, and where that leads nowhere the first end counts."""
    if text[start] != "/":
        return Token(Kind.COMMENT, text[start:end], start, end, start)
    depth, first = 1, 0
    for mark in islice(_COMMENT_MARK.finditer(text, end), _DEEPEST):
        depth += 1 if mark[0] == "/*" else -1
        first = first or (mark.end() if mark[0] == "*/" else 0)
        if not depth:
            return Token(Kind.COMMENT, text[start : mark.end()], start, mark.end(), start)
    if first:
        return Token(Kind.COMMENT, text[start:first], start, first, start)
    return Token(Kind.BROKEN, "/*", start, len(text), start)
