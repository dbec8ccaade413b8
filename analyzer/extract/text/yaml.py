"""A YAML file → its values, flattened ("services.web.ports.0"), all documents in one list.

The parser's events are read one by one: no recursion that a hostile file could drive, no tag that makes an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .sheet import DEEPEST, Malformed, Sheet, add, comment, line_of

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml
_HASH = re.compile(r"(?:^|(?<=[\s]))#[^\r\n]*", re.MULTILINE)


@dataclass(slots=True, eq=False)
class _Node:
    """A scalar, mapping or sequence; a mapping's children alternate between keys and values."""

    kind: str  # "scalar", "mapping" or "sequence"
    start: int
    end: int
    value: str = ""
    children: list[_Node] = field(default_factory=list)


def read_yaml(found: Sheet) -> None:
    """Every value of every document; aliases and merge keys are followed. Raises Malformed."""
    scalars: list[_Node] = []
    try:
        documents = list(_documents(found, scalars))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = line_of(found, mark.index) if mark else 0
        raise Malformed(f"not valid YAML: {getattr(error, 'problem', None) or 'unacceptable character'}", line) from None
    for document in documents:
        _flatten(found, document)
    _comments(found, scalars)


def _documents(found: Sheet, scalars: list[_Node]) -> Iterator[_Node]:
    """The root of each document; a node that is aliased stands in several places."""
    stack: list[_Node] = []
    anchors: dict[str, _Node] = {}
    event: Any
    for event in yaml.parse(found.text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            anchors = {}
        if isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            done.end = max(done.end, event.end_mark.index if event.end_mark.index > event.start_mark.index else done.end)
            if not stack:
                yield done
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(found, event, anchors, scalars)
        if stack:
            stack[-1].children.append(node)
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(node)
            if len(stack) > DEEPEST:
                raise Malformed("nested too deeply", line_of(found, node.start))
        elif not stack:
            yield node


def _node(found: Sheet, event: Any, anchors: dict[str, _Node], scalars: list[_Node]) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise Malformed("not valid YAML: an alias of nothing", line_of(found, start))
        return anchors[event.anchor]
    if isinstance(event, yaml.ScalarEvent):
        node = _Node("scalar", start, start + len(found.text[start:end].rstrip()), event.value)
        scalars.append(node)
    else:
        node = _Node("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence", start, end)
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _flatten(found: Sheet, root: _Node) -> None:
    """Add the leaves below a node in source order; an empty mapping or sequence is a leaf.

    What an alias of an ancestor would repeat for ever ends where it is nested too deeply.
    """
    stack: list[tuple[str, _Node, int, int]] = [("", root, root.start, 0)]
    while stack:
        key, node, start, depth = stack.pop()
        inner = _children(node)
        if inner and depth < DEEPEST:
            below = ((f"{key}.{name}" if key else name, child, at, depth + 1) for name, child, at in reversed(inner))
            stack.extend(below)
        else:
            value = {"mapping": "{}", "sequence": "[]"}.get(node.kind, node.value) if not inner else "…"
            add(found, key, value, start, max(start, node.end))


def _children(node: _Node) -> list[tuple[str, _Node, int]]:
    """Name, node and the offset of the name, for each child; merged mappings yield to the mapping's own keys."""
    if node.kind != "mapping":
        return [(str(index), child, child.start) for index, child in enumerate(node.children)]
    own: list[tuple[str, _Node, int]] = []
    merged: list[_Node] = []
    for key, value in zip(node.children[::2], node.children[1::2], strict=True):
        name = key.value if key.kind == "scalar" else "?"
        if name == "<<" and value.kind != "scalar":
            merged.extend(value.children if value.kind == "sequence" else [value])
        else:
            own.append((name, value, key.start))
    names = {name for name, _, _ in own}
    for other in merged[:DEEPEST]:
        for key, value in zip(other.children[::2], other.children[1::2], strict=False):
            name = key.value if key.kind == "scalar" else "?"
            if name not in names:
                names.add(name)
                own.append((name, value, key.start))
    return own


def _comments(found: Sheet, scalars: list[_Node]) -> None:
    """Hashes behind white space that stand in no scalar."""
    position = 0
    for match in _HASH.finditer(found.text):
        while position < len(scalars) and scalars[position].end <= match.start():
            position += 1
        if position == len(scalars) or match.start() < scalars[position].start:
            comment(found, match.start(), match[0])
