"""Messages and pages of rules → HTML: everything escaped and visible, `code` in backticks, paragraphs, lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

from .visible import visible

_CODE = re.compile(r"(`+)(.+?)\1")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page: "text" has one item, "list" several, "code" its lines."""

    kind: str
    items: tuple[str, ...]


def shown(value: object) -> object:
    """What a template prints: text made visible; everything else, and finished HTML, as it is."""
    if type(value) is not str or (value.isascii() and value.isprintable()):
        return value  # most texts: nothing to look for in them
    return visible(value)


def prose(text: str) -> Markup:
    """One line of HTML: what stands in backticks is `<code>`."""
    parts: list[Markup] = []
    end = 0
    for match in _CODE.finditer(text):
        parts += [escape(visible(text[end : match.start()])), Markup("<code>{}</code>").format(visible(match[2]))]
        end = match.end()
    return Markup("").join([*parts, escape(visible(text[end:]))])


def query(text: str) -> str:
    """The value of a filter, for an address: as the list to choose from holds it."""
    return quote(visible(text), safe="/")


def breakable(text: str) -> Markup:
    """A path or dotted name that may be broken after its separators."""
    separator = "/" if "/" in text else "."
    return escape(visible(text)).replace(separator, Markup(f"{separator}<wbr>"))


def source(text: str) -> Markup:
    """Lines of code as HTML, for `<pre>`."""
    lines = text.replace("\t", "    ").split("\n")
    return Markup("\n").join(visible(line) for line in lines)


def number(count: int, singular: str = "", plural: str = "") -> str:
    """ "1,204", "1 file", "1,204 files"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}" if singular else f"{count:,}"


def blocks(paragraphs: Iterable[str]) -> tuple[Block, ...]:
    """The blocks of a page of Markdown, as far as rules use it."""
    return tuple(_block(paragraph) for paragraph in paragraphs)


def _block(paragraph: str) -> Block:
    lines = paragraph.split("\n")
    if lines[0].lstrip().startswith(("```", "~~~")):
        return Block("code", tuple(lines[1:-1] if len(lines) > 2 else lines))
    if lines[0].startswith("    "):
        return Block("code", tuple(line.removeprefix("    ") for line in lines))
    if lines[0].startswith(("- ", "* ")):
        items: list[str] = []
        for line in lines:
            if line.startswith(("- ", "* ")):
                items.append(line[2:])
            else:
                items[-1] += " " + line.strip()
        return Block("list", tuple(items))
    return Block("text", (" ".join(paragraph.split()),))
