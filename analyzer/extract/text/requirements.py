"""A requirements file → one entry per requirement: the normalised name and its specifier; options by their own name."""

from __future__ import annotations

import re

from .sheet import Malformed, Sheet, add, comment, line_of, rows

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_OPTION = re.compile(r"(--?[A-Za-z][\w-]*)(?:\s*=\s*|\s+|$)(.*)")
_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(@\s*\S.*|[^;]*)(?:;.*)?")
_SPECIFIER = re.compile(r"\(? ?(?:(?:===|==|~=|!=|<=|>=|<|>) ?(?:[^\s,;()<>=!~]|!(?!=))+ ?,? ?)*\)?")
_HASHES = re.compile(r"\s--?[a-z][\w-]*[\s=].*$")  # `--hash=…` and other options behind a requirement
_PLACE = re.compile(r"(?:\w+\+)?\w+://|file:|\.{0,2}/|[A-Za-z]:\\|\S*\.(?:whl|zip|tar\.gz)\b|\S*/", re.IGNORECASE)


def read_requirements(found: Sheet) -> None:
    """`name==1.0` → ("name", "==1.0"); a path or URL has the key "url", `-r x.txt` the key "-r"."""
    begin, joined, end = 0, "", 0
    for start, line in rows(found):
        hash_at = _COMMENT.search(line)
        text = line
        if hash_at:
            comment(found, start + hash_at.start(), hash_at[0].rstrip())
            text = line[: hash_at.start()]
        if not joined:
            begin = start + len(text) - len(text.lstrip())
        goes_on = not hash_at and text.rstrip().endswith("\\")
        text = text.rstrip()[:-1] if goes_on else text
        if text.strip():
            end = start + len(text.rstrip())
        joined = f"{joined} {text.strip()}".strip()
        if joined and not goes_on:
            _requirement(found, joined, begin, end)
            joined = ""
    if joined:
        _requirement(found, joined, begin, end)


def _requirement(found: Sheet, text: str, start: int, end: int) -> None:
    text = " ".join(text.split())
    option = _OPTION.fullmatch(text)
    if option:
        return add(found, option[1], option[2].strip(), start, end)
    bare = _HASHES.sub("", text).strip()
    match = _REQUIREMENT.fullmatch(bare)
    specifier = match[2].strip() if match else ""
    if match and (specifier.startswith("@") or _SPECIFIER.fullmatch(specifier)):
        return add(found, re.sub(r"[-_.]+", "-", match[1]).lower(), specifier, start, end)
    if _PLACE.match(bare):
        return add(found, "url", bare, start, end)
    raise Malformed("not a requirement", line_of(found, start))
