"""A JavaScript or TypeScript text → its comments, told apart from strings and patterns, one for each line of each.

A slash may begin a comment, a pattern or a division: that takes a real lexer, so it is asked only where the text holds
a word that speaks to a tool.
"""

from __future__ import annotations

import re

from .sheet import Sheet, comment

_ROW = re.compile(r"[^\r\n]+")
_WORD = re.compile(r"backend-audit:|nosec|nosemgrep|noqa", re.IGNORECASE)


def read_javascript(found: Sheet) -> None:
    """Note the comments, if one of them may speak to a tool."""
    if not _WORD.search(found.text):
        return
    from pygments.lexers.javascript import TypeScriptLexer
    from pygments.token import Comment

    for start, kind, text in TypeScriptLexer().get_tokens_unprocessed(found.text):
        if Comment in (kind, kind.parent):
            for row in _ROW.finditer(text):
                stripped = row[0].lstrip()
                comment(found, start + row.end() - len(stripped), stripped)
