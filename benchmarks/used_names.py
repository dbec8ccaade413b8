"""Backends and what a library declares → how often they name it, and the part of a proposal that they use."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
from declarations import Found, Sources

from analyzer.library_files import types
from analyzer.model.library import Library
from analyzer.type_texts import classes_in


def occurrences(paths: Collection[Path], sources: Sources) -> Counter[str]:
    """How often backends name what the library declares ("jinja2.Template"), and any attribute (".render"): of the
    latter nobody knows here whose they are, but only files that import the library count.
    """
    counted: Counter[str] = Counter()
    for file in sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])):
        content = file.read_bytes()
        if any(top.encode() in content for top in sources.tops):
            try:
                tree = ast.parse(content)
            except (SyntaxError, ValueError):
                continue
            counted.update(_named(tree, sources))
    return counted


def _named(tree: ast.Module, sources: Sources) -> Iterator[str]:
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            house = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                whole = alias.name if alias.asname or house else alias.name.partition(".")[0]
                if (house + whole).partition(".")[0] in sources.tops:
                    imported[alias.asname or whole] = house + whole
    for node in ast.walk(tree) if imported else ():
        if isinstance(node, ast.Attribute):
            yield f".{node.attr}"
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            if first in imported:
                found = sources.find(f"{imported[first]}.{rest}".rstrip("."))
                if isinstance(found, Found):
                    yield sources.public(found)


def only_used(library: Library, used: Counter[str]) -> None:
    """Leaves out what does not occur, but for the classes that something which does occur leads to."""
    for model in library.classes.values():
        for inner in (model.methods, model.attributes):
            for name in [name for name in inner if name != "__call__" and not used[f".{name}"]]:
                del inner[name]
    for section in (library.functions, library.instances):
        for name in [name for name in section if not used[name]]:
            del section[name]
    waiting = {name for name in library.classes if used[name]} | _led_to(msgspec.structs.replace(library, classes={}))
    kept: set[str] = set()
    while waiting := waiting - kept:
        kept |= waiting
        near = {name: library.classes[name] for name in sorted(waiting) if name in library.classes}
        waiting = _led_to(Library("", "", (), classes=near)) | {base for model in near.values() for base in model.bases}
    for name in [name for name in library.classes if name not in kept]:
        del library.classes[name]


def _led_to(library: Library) -> set[str]:
    return {name for _, text in types(library) for name in classes_in(text)}
