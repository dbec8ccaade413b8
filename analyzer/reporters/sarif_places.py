"""Places and texts of a report → the objects that SARIF has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..model.location import Location, Span, Step
from .visible import visible

Json = dict[str, Any]
Excerpts = Mapping[str, Mapping[int, str]]

SNIPPET_LINES = 20  # a longer one is left out: the file is there to be read
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def message(text: str) -> Json:
    """A message whose text is only text: what looks like a link or a placeholder is neither."""
    return {"text": plain_text(text)}


def plain_text(text: str) -> str:
    """Text that makes no link (`](` starts one's target) and no placeholder (`{0}`), and holds no control character."""
    return _PLACEHOLDER.sub(r"{{\1}}", visible(text).replace("](", "] ("))


def link(text: str, target: int) -> str:
    """An embedded link to the related location with this id."""
    escaped = re.sub(r"([\[\]\\])", r"\\\1", plain_text(text))
    return f"[{escaped}]({target})"


def artifact(path: str) -> Json:
    """A file, as a URI relative to the repository's root."""
    return {"uri": uri(path), "uriBaseId": "%SRCROOT%"}


def uri(path: str) -> str:
    """A path as it stands in an address. Bytes of a name that are not UTF-8 are kept."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "replace")
    return quote(raw.lstrip(b"/"), safe="/")


def region(span: Span) -> Json:
    """A span with columns from 1 and an exclusive end; a crooked one is made empty rather than refused."""
    line, column = max(span.line, 1), max(span.column, 0) + 1
    end = max((line, column), (span.end_line, max(span.end_column, 0) + 1))
    return {"startLine": line, "startColumn": column, "endLine": end[0], "endColumn": end[1]}


def physical(at: Location, excerpts: Excerpts | None = None) -> Json:
    """A place in a file, with the text of its region if `excerpts` has all of it."""
    where = region(at.span)
    text = _snippet(at, excerpts) if excerpts is not None else None
    if text:
        where["snippet"] = {"text": text}
    return {"artifactLocation": artifact(at.path), "region": where}


def step(part: Step, excerpts: Excerpts | None = None) -> Json:
    """A place with what happens there."""
    return {"physicalLocation": physical(part.at, excerpts), "message": message(part.message or "here")}


def _snippet(at: Location, excerpts: Excerpts) -> str | None:
    span, lines = at.span, excerpts.get(at.path, {})
    wanted = range(span.line, span.end_line + 1)
    if not 1 <= len(wanted) <= SNIPPET_LINES or any(number not in lines for number in wanted):
        return None
    texts = [lines[number] for number in wanted]
    texts[-1] = texts[-1][: max(span.end_column, 0)]
    texts[0] = texts[0][max(span.column, 0) :]
    return "\n".join(texts)
