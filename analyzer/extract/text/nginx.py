"""An nginx configuration → one entry per directive: "http.server.location.limit_req" and its arguments."""

from __future__ import annotations

import re

from .sheet import DEEPEST, Malformed, Sheet, add, line_of

_TOKEN = re.compile(
    r"(?P<space>\s+|#[^\r\n]*)|(?P<mark>[;{}])"
    r"|(?P<word>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?![\"'])(?:\\.|\$\{[^}\s]{0,200}\}|[^\s;{}\\])+)",
    re.DOTALL,
)
_BRACE = re.compile(r"[{}]")


def read_nginx(found: Sheet) -> None:
    """Every directive and block. Raises Malformed for braces that do not match and a directive without its end."""
    text, position = found.text, 0
    blocks: list[str] = []
    words: list[str] = []
    start = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise Malformed("a quote or escape that does not end", line_of(found, position))
        if token.lastgroup == "word":
            start = start if words else position
            words.append(_plain(token[0]))
        elif token[0] in ("{", ";", "}"):
            end = token.end()
            if bool(words) != (token[0] != "}"):
                raise Malformed(f"unexpected `{token[0]}`", line_of(found, position))
            if words:
                add(found, ".".join([*blocks, words[0]]), " ".join(words[1:]), start, end - (token[0] == "{"))
            if token[0] == "{" and words[0].endswith("_by_lua_block"):
                position, words = _lua(found, end), []
                continue
            _nest(found, blocks, token[0], words, position)
            words = []
        position = token.end()
    if words or blocks:
        raise Malformed("ends in the middle of a directive or block", line_of(found, len(text)))


def _nest(found: Sheet, blocks: list[str], mark: str, words: list[str], position: int) -> None:
    if mark == "{":
        blocks.append(words[0])
        if len(blocks) > DEEPEST:
            raise Malformed("nested too deeply", line_of(found, position))
    elif mark == "}":
        if not blocks:
            raise Malformed("unexpected `}`", line_of(found, position))
        blocks.pop()


def _lua(found: Sheet, position: int) -> int:
    """The offset behind the brace that closes a block of Lua."""
    depth = 1
    for brace in _BRACE.finditer(found.text, position):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    raise Malformed("a block of Lua that does not end", line_of(found, position))


def _plain(word: str) -> str:
    return word[1:-1] if word[0] in "\"'" else word
