"""`.env` and INI files → entries: KEY=VALUE, with quotes and lines that go on."""

from __future__ import annotations

import re

from .sheet import Malformed, Sheet, add, comment, line_of, rows

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*")
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'|`([^`]*)`", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"\[([^\]]+)\][ \t]*(?:[;#].*)?")
_BEHIND = re.compile(r"[ \t]+(#[^\r\n]*)")
_HASH = re.compile(r"(?:^|[ \t])#")


def read_env(found: Sheet) -> None:
    """`KEY=value`, `export KEY='value'`, quoted values over several lines; a bare `KEY` is one with no value."""
    done = 0  # offset up to which a quoted value reached
    for start, line in rows(found):
        if start < done or not line.strip():
            continue
        if line.lstrip().startswith("#"):
            comment(found, start + line.index("#"), line[line.index("#") :])
            continue
        name = _NAME.match(line)
        if name is None or (name.end() < len(line) and line[name.end()] not in "=#"):
            raise Malformed("not KEY=VALUE", line_of(found, start))
        done = _env_value(found, start, line, name)


def _env_value(found: Sheet, start: int, line: str, name: re.Match[str]) -> int:
    """Add one assignment; the offset where its value ends."""
    key, begin = name[1], start + name.start(1)
    rest = line[name.end() + 1 :] if line[name.end() : name.end() + 1] == "=" else ""
    at = start + len(line) - len(rest.lstrip())
    quoted = _QUOTED.match(found.text, at) if rest.lstrip()[:1] in ("'", '"', "`") else None
    if quoted:
        value = next(group for group in quoted.groups() if group is not None)
        if quoted[1] is not None:
            value = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), value)
        add(found, key, value, begin, quoted.end())
        behind = _BEHIND.match(found.text, quoted.end())
        if behind:
            comment(found, behind.start(1), behind[1])
        return quoted.end()
    hash_at = _HASH.search(rest)
    if hash_at:
        comment(found, start + len(line) - len(rest) + hash_at.end() - 1, rest[hash_at.end() - 1 :])
        rest = rest[: hash_at.start()]
    add(found, key, rest.strip(), begin, max(at, start + name.end(1)) if not rest.strip() else at + len(rest.strip()))
    return start


def read_ini(found: Sheet) -> None:
    """Sections, keys with `=` or `:`, values that go on in indented lines; keys as written, "section.key"."""
    section, open_key = "", ("", 0, 0)
    values: list[str] = []

    def close() -> None:
        key, start, end = open_key
        if key:
            add(found, key, "\n".join(values).strip(), start, end)

    for start, line in rows(found):
        text = line.strip()
        if text[:1] in ("#", ";"):
            if text[0] == "#":
                comment(found, start + line.index("#"), text)
            continue
        if not text:
            continue
        if line[0] in " \t" and open_key[0]:
            values.append(text)
            open_key = (*open_key[:2], start + len(line.rstrip()))
            continue
        close()
        open_key, values = ("", 0, 0), []
        if text[0] == "[":
            header = _SECTION.fullmatch(text)
            if header is None:
                raise Malformed("a section without its closing bracket", line_of(found, start))
            section = header[1].strip()
            continue
        name, value = _split(text)
        begin = start + line.index(text)
        open_key, values = (f"{section}.{name}" if section else name, begin, begin + len(text)), [value]
    close()


def _split(text: str) -> tuple[str, str]:
    """Key and value of one line; the value is "" where there is neither `=` nor `:`."""
    match = re.search(r"[=:]", text)
    if match is None:
        return text, ""
    return text[: match.start()].strip() or "?", text[match.end() :].strip()
