"""A file's text → comments that speak to a tool, found by Python's own tokenizer."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from ...model.facts import Directive
from ...model.location import Span
from .literals import text as encodable

_WORD = re.compile(r"(?<![\w-])(?:(backend-audit):|(nosec|nosemgrep|[nN][oO][qQ][aA])(?![\w-]))")
_LIKELY = re.compile(r"backend-audit:|nosec|nosemgrep|[nN][oO][qQ][aA]")

Comment = tuple[int, int, str]  # line, column, text from the hash on


def spoken(text: str) -> bool:
    """Whether a comment may hold one of the words; only then is it worth looking for comments."""
    lowered = text.lower()
    if not any(word in lowered for word in ("backend-audit:", "nosec", "nosemgrep", "noqa")):
        return False
    return any("#" in line and _LIKELY.search(line, line.index("#")) for line in text.split("\n"))


def directives(comments: Iterable[Comment], lines: list[str]) -> tuple[Directive, ...]:
    """The directives in these comments, in source order; a comment that speaks to two tools gives two."""
    found = []
    for line, column, comment in sorted(comments):
        at = Span(line, column, line, column + len(comment))
        alone = not lines[line - 1][:column].strip()
        tools = set()  # the text that starts at a tool's first word holds its later ones
        for word in _WORD.finditer(comment):
            tool = (word.group(1) or word.group(2)).lower()
            if tool not in tools:
                tools.add(tool)
                found.append(Directive(tool, encodable(comment[word.start() :].strip()), at, alone))
    return tuple(found)


def comments(text: str) -> Iterator[Comment]:
    """Every comment that the host's tokenizer finds; it stops where the tokenizer does."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return
