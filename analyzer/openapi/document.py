"""The bytes of an OpenAPI document → plain values, or a UserError that says what a readable one looks like.

The document lies in an audited repository: its size, nesting and aliases are bounded before anything is built of it.
"""

from __future__ import annotations

import json
from typing import Any

from ..failure import UserError
from ..model.contract import Document
from .operations import credentials, operations

LARGEST = 50_000_000  # bytes
DEEPEST = 200
MOST_NODES = 5_000_000  # with every alias counted for all that it stands for
_EXAMPLE = (
    "right is, for example: --openapi docs/openapi.json, a file that begins with openapi: 3.0.3 or swagger: '2.0'"
)


def read(name: str, content: bytes) -> Document:
    """The document of this name. Raises UserError for anything that is no OpenAPI 3 or Swagger 2 document."""
    if len(content) > LARGEST:
        raise UserError(f"{name} is larger than {LARGEST // 1_000_000} MB", "documents of real APIs are far smaller")
    value = _parsed(name, content)
    if not isinstance(value, dict) or not isinstance(value.get("paths", {}), dict):
        raise UserError(f"{name} is no OpenAPI document: it has no `paths`", _EXAMPLE)
    version = str(value.get("openapi") or value.get("swagger") or "")
    if not version.startswith(("2.", "3.")) and version not in ("2", "3"):
        wrong = f"its version is {version[:20]!r}" if version else "it says no version"
        raise UserError(f"{name} is no OpenAPI document of a known version: {wrong}", _EXAMPLE)
    found, ignored = operations(value, old=version.startswith("2"))
    return Document(name, version, found, credentials(value), ignored)


def _parsed(name: str, content: bytes) -> Any:
    """JSON where it begins like JSON, else YAML, which tells better what is wrong with it."""
    text = content.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        raise UserError(f"{name} is empty", _EXAMPLE)
    try:
        if text.lstrip()[:1] in (b"{", b"["):
            return _json(name, text)
        return _yaml(name, text)
    except UnicodeDecodeError:
        raise UserError(f"{name} is not UTF-8 text", _EXAMPLE) from None


def _json(name: str, text: bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise _too_deep(name) from None
    except json.JSONDecodeError as error:
        raise UserError(f"{name} line {error.lineno}: not valid JSON: {error.msg}", _EXAMPLE) from None
    except ValueError as error:  # a number of too many digits
        raise UserError(f"{name}: not valid JSON: {str(error)[:100]}", _EXAMPLE) from None


def _yaml(name: str, text: bytes) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml
    try:
        _refuse_bombs(name, yaml.parse(text, Loader=loader))
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise UserError(f"{name}{line}: not valid YAML: {error.problem or 'unreadable'}", _EXAMPLE) from None
    except (yaml.YAMLError, ValueError) as error:  # a date or a number that there is none of
        raise UserError(f"{name}: not valid YAML: {str(error).splitlines()[0][:100]}", _EXAMPLE) from None


def _refuse_bombs(name: str, events: Any) -> None:
    """Raises UserError where the document nests too deeply, or its aliases stand for too much or for themselves."""
    import yaml

    sizes: dict[str, int] = {}  # of what an anchor names
    open_nodes: list[tuple[str | None, int]] = []  # the anchor of each collection around, and the nodes before it
    nodes = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise UserError(f"{name} holds an alias of nothing, or of what is around it", _EXAMPLE)
            nodes += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, nodes))
            nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = nodes - before
        if len(open_nodes) > DEEPEST:
            raise _too_deep(name)
        if nodes > MOST_NODES:
            raise UserError(f"{name} holds more than {MOST_NODES:,} values, with its aliases written out")


def _too_deep(name: str) -> UserError:
    return UserError(f"{name} is nested too deeply", f"at most {DEEPEST} levels are read")
