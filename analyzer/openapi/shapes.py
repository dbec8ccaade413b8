"""A path as a framework or a document writes it → its shape: what is fixed, and where something is filled in."""

from __future__ import annotations

import re

FILLED = "{}"
UNKNOWN = "…"  # a part that is not known
_CLOSING = {"{": "}", "<": ">", "(": ")"}
_COLON = re.compile(r"(?<=/)[:*][A-Za-z_]\w*")  # "/:name" of Bottle, "/*rest" of Pyramid
_ODD = re.compile(r"\\(.)")  # what a regular expression escapes
_LONGEST = 2_000  # characters of a path whose brackets are paired


def shape(path: str) -> str:
    """ "/users/{id:int}", "/users/<int:id>/" and "^/users/(?P<id>[0-9]+)/?$" are all "/users/{}"."""
    if len(path) > _LONGEST:
        return path
    bare = _COLON.sub(FILLED, _filled(path.removeprefix("^").removesuffix("$").removesuffix("/?")))
    bare = re.sub(r"/{2,}", "/", "/" + _ODD.sub(r"\1", bare))
    return bare.rstrip("/") or "/"


def may_be(known_in_part: str, whole: str) -> bool:
    """Whether a shape with parts that are not known may be another one."""
    pieces = [re.escape(piece) for piece in known_in_part.split(UNKNOWN)]
    return re.fullmatch(".*".join(pieces), whole, re.DOTALL) is not None


def _filled(path: str) -> str:
    """With every outermost bracket, whatever is in it, as FILLED; one that is never closed stays as it is."""
    result: list[str] = []
    position = 0
    while position < len(path):
        end = _end(path, position) if path[position] in _CLOSING else 0
        result.append(FILLED if end else path[position])
        position = end or position + 1
    return "".join(result)


def _end(path: str, start: int) -> int:
    """The position after the bracket that closes the one at `start`; 0 where there is none."""
    opening, closing = path[start], _CLOSING[path[start]]
    depth = 0
    for position in range(start, len(path)):
        if path[position] == opening:
            depth += 1
        elif path[position] == closing:
            depth -= 1
            if depth == 0:
                return position + 1
    return 0
