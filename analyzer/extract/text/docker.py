"""A Dockerfile → one entry per instruction: its name in lower case, and the rest with continued lines joined."""

from __future__ import annotations

import re

from .sheet import Malformed, Sheet, add, comment, line_of, rows

_INSTRUCTIONS = frozenset({
    "add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "maintainer", "onbuild",
    "run", "shell", "stopsignal", "user", "volume", "workdir",
})  # fmt: skip
_HEREDOC = re.compile(r"(?<!<)<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")
_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*(\S)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#[ \t]*\w+[ \t]*=")


def read_dockerfile(found: Sheet) -> None:
    """Every instruction of every stage, in order. Raises Malformed for a word that is none."""
    lines = rows(found)
    escape, position = _escape(lines), 0
    while position < len(lines):
        start, line = lines[position]
        text = line.strip()
        if not text or text[0] == "#":
            _comment(found, start, line)
            position += 1
            continue
        word = text.split(maxsplit=1)[0]
        if word.lower() not in _INSTRUCTIONS:
            raise Malformed("not a Dockerfile instruction", line_of(found, start))
        position, value, end = _whole(found, lines, position, escape)
        add(found, word.lower(), value[len(word) :].strip(), start + line.index(word), end)


def _escape(lines: list[tuple[int, str]]) -> str:
    """The character that continues a line: a backslash, unless a directive at the top says otherwise."""
    for _, line in lines:
        if not _DIRECTIVE.match(line):
            break
        match = _ESCAPE.match(line)
        if match:
            return match[1]
    return "\\"


def _whole(found: Sheet, lines: list[tuple[int, str]], position: int, escape: str) -> tuple[int, str, int]:
    """One instruction with the lines that belong to it: the position after it, its text, the offset of its end."""
    parts: list[str] = []
    end = 0
    while position < len(lines):
        start, line = lines[position]
        position += 1
        text = line.strip()
        if parts and (not text or text[0] == "#"):  # Docker skips both inside an instruction
            _comment(found, start, line)
            continue
        end = start + len(line.rstrip())
        goes_on = text.endswith(escape)
        parts.append(text[:-1].strip() if goes_on else text)
        if not goes_on:
            break
    value = " ".join(part for part in parts if part)
    for heredoc in _HEREDOC.finditer(value) if value[:3].lower() in ("run", "cop", "add") else ():
        close = next((n for n in range(position, len(lines)) if lines[n][1].strip() == heredoc[2]), None)
        if close is not None:  # else it was a shift or the like
            value = "\n".join([value, *(line for _, line in lines[position:close])])
            position, end = close + 1, lines[close][0] + len(lines[close][1])
    return position, value, end


def _comment(found: Sheet, start: int, line: str) -> None:
    at = line.find("#")
    if at >= 0:
        comment(found, start + at, line[at:].rstrip())
