"""A YAML file → its values, flattened ("services.web.ports.0"), all documents in one list.

The parser's events are read one by one: no recursion that a hostile file could drive, no tag that makes an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .sheet import DEEPEST, LONGEST_KEY, Malformed, Sheet, add, comment, line_of

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may be built without libyaml
_STEPS = 1_000_000  # keys looked at in merged mappings
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
        mark: Any = getattr(error, "problem_mark", None)
        line = line_of(found, mark.index) if mark is not None else 0
        why = getattr(error, "problem", None) or "unacceptable character"
        raise Malformed(f"not valid YAML: {why}", line) from None
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
            done.end = max(done.end, _range(event)[1])
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
    start, end = _range(event)
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


def _range(event: Any) -> tuple[int, int]:
    return event.start_mark.index, event.end_mark.index


def _flatten(found: Sheet, root: _Node) -> None:
    """Add the leaves below a node in source order; an empty mapping or sequence is a leaf.

    What an alias of an ancestor would repeat for ever ends where it is nested too deeply.
    """
    stack: list[tuple[str, _Node, int, int]] = [("", root, root.start, 0)]
    budget = _STEPS
    while stack:
        key, node, start, depth = stack.pop()
        others = _merged(node)
        budget -= sum(len(other.children) for other in others)
        if budget < 0:
            raise Malformed("grows too big by its aliases", line_of(found, start))
        if len(key) > LONGEST_KEY:
            raise Malformed("holds too long a key", line_of(found, start))
        inner = _children(node, others)
        if inner and depth < DEEPEST:
            below = ((f"{key}.{name}" if key else name, child, at, depth + 1) for name, child, at in reversed(inner))
            stack.extend(below)
        else:
            value = {"mapping": "{}", "sequence": "[]"}.get(node.kind, node.value) if not inner else "…"
            add(found, key, value, start, node.end if node.end > start else _end_of_line(found, start))


def _end_of_line(found: Sheet, start: int) -> int:
    """Where an entry ends whose value is an alias of something further up."""
    line = line_of(found, start)
    end = found.starts[line] if line < len(found.starts) else len(found.text)
    return start + len(found.text[start:end].rstrip())


def _children(node: _Node, others: list[_Node]) -> list[tuple[str, _Node, int]]:
    """Name, node and the offset of the name, for each child; merged mappings yield to the mapping's own keys."""
    if node.kind != "mapping":
        return [(str(index), child, child.start) for index, child in enumerate(node.children)]
    children = [(_name(key), value, key.start) for key, value in _pairs(node) if not _merges(key, value)]
    names = {name for name, _, _ in children}
    for other in others:
        for key, value in _pairs(other):
            if not _merges(key, value) and _name(key) not in names:
                names.add(_name(key))
                children.append((_name(key), value, key.start))
    return children


def _merged(node: _Node) -> list[_Node]:
    """The mappings that `<<` merges into one, nearest first, each once, and those that these merge."""
    waiting, seen, found = [node], {id(node)}, []
    for mapping in waiting:
        for key, value in _pairs(mapping):
            for other in (value.children if value.kind == "sequence" else [value]) if _merges(key, value) else ():
                if id(other) not in seen and other.kind == "mapping":
                    seen.add(id(other))
                    waiting.append(other)
                    found.append(other)
    return found


def _pairs(node: _Node) -> Iterator[tuple[_Node, _Node]]:
    return zip(node.children[::2], node.children[1::2], strict=False) if node.kind == "mapping" else iter(())


def _name(key: _Node) -> str:
    return key.value if key.kind == "scalar" else "?"


def _merges(key: _Node, value: _Node) -> bool:
    return _name(key) == "<<" and value.kind != "scalar"


def _comments(found: Sheet, scalars: list[_Node]) -> None:
    """Hashes behind white space that stand in no scalar."""
    position = 0
    for match in _HASH.finditer(found.text):
        while position < len(scalars) and scalars[position].end <= match.start():
            position += 1
        if position == len(scalars) or match.start() < scalars[position].start:
            comment(found, match.start(), match[0])
