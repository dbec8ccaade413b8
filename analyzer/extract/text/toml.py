"""A TOML file → its values, flattened ("tool.x.list.0"); `tomllib` gives the values, a scan of the lines the places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from .sheet import DEEPEST, Malformed, Sheet, add, comment, line_of, rows

_PART = r"(?:[A-Za-z0-9_-]+|\"(?:\\.|[^\"\\\r\n])*\"|'[^'\r\n]*')"
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_PATH})[ \t]*\]\]?")
_KEY = re.compile(rf"[ \t]*({_PATH})[ \t]*=")
_LEXEME = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"\"\"+|'''.*?'''+|\"(?:\\.|[^\"\\\r\n])*\"|'[^'\r\n]*'|#[^\r\n]*|[\[\]{}]|[^\"'#\[\]{}]+|.",
    re.DOTALL,
)
_CLAUSE_END = re.compile(r"[=,{}\[\]\r\n]")
_LINE = re.compile(r"at line (\d+)")
Path = tuple[str, ...]


def read_toml(found: Sheet) -> None:
    """Every value. Raises Malformed where `tomllib` refuses the text."""
    if any(_is_long_path(clause) for clause in _CLAUSE_END.split(found.text)):  # `tomllib` takes quadratic time
        raise Malformed("nested too deeply", 0)
    try:
        document = tomllib.loads(found.text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        reason = str(error).partition(" (at ")[0]
        raise Malformed(f"not valid TOML: {reason}", int(line[1]) if line else 0) from None
    except RecursionError:
        raise Malformed("nested too deeply", 0) from None
    places = _places(found)
    for path, value in _flat(document):
        start, end = next((places[path[:size]] for size in range(len(path), 0, -1) if path[:size] in places), (0, 0))
        add(found, ".".join(path), value, start, end)


def _is_long_path(clause: str) -> bool:
    return clause.count(".") > DEEPEST and all(clause.split("."))


def _flat(document: dict[str, object]) -> Iterator[tuple[Path, str]]:
    """Leaves in source order, each with its path; an empty table or array is a leaf."""
    stack: list[tuple[Path, object]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if len(path) > DEEPEST:
            raise Malformed("nested too deeply", 0)
        if isinstance(value, dict) and (value or not path):
            stack.extend((path + (key,), inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list) and value:
            stack.extend((path + (str(index),), inner) for index, inner in reversed(list(enumerate(value))))
        else:
            yield path, _written(value)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return str(value)


def _places(found: Sheet) -> dict[Path, tuple[int, int]]:
    """Where each path is assigned or opened: offsets of its line. Notes the comments on the way."""
    inside = _continued(found)
    places: dict[Path, tuple[int, int]] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for start, line in rows(found):
        if line_of(found, start) in inside:
            continue
        where = (start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _numbered(_parts(header[2]), counts, header[1] == "[[")
            places.setdefault(table, where)
        elif key:
            places.setdefault(table + _parts(key[1]), where)
    return places


def _numbered(path: Path, counts: dict[Path, int], another: bool) -> Path:
    """A table's path with the index of the newest element put behind each array of tables on the way."""
    full: Path = ()
    for position, part in enumerate(path):
        full += (part,)
        if another and position == len(path) - 1:
            counts[full] = counts.get(full, -1) + 1
        if full in counts:
            full += (str(counts[full]),)
    return full


def _parts(path: str) -> Path:
    """The keys of a dotted path, unquoted."""
    parts = []
    for part in re.findall(_PART, path):
        parts.append(next(iter(tomllib.loads(f"{part}=0"))) if part[0] in "\"'" else part)
    return tuple(parts)


def _continued(found: Sheet) -> set[int]:
    """The lines that begin inside a string or an array, where nothing that looks like a key is one."""
    inside: set[int] = set()
    depth = 0
    for lexeme in _LEXEME.finditer(found.text):
        text = lexeme[0]
        if text[0] == "#":
            comment(found, lexeme.start(), text)
        elif text in ("[", "{"):
            depth += 1
        elif text in ("]", "}"):
            depth -= 1
        first, last = line_of(found, lexeme.start()), line_of(found, lexeme.end())
        if last > first and (depth or text[0] in "\"'"):
            inside.update(range(first + 1, last + 1))
    return inside
