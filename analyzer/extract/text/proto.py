"""A .proto file → its package ("package") and the methods of its services ("services.Orders.Get": "Request Reply")."""

from __future__ import annotations

import re

from .sheet import Sheet, add

# Comments and texts are taken out first, each replaced by as many blanks, so that offsets hold.
_APART = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_PACKAGE = re.compile(r"\bpackage\s+([\w.]+)\s*;")
_SERVICE = re.compile(r"\bservice\s+(\w+)\s*\{")
_BRACE = re.compile(r"[{}]")
_METHOD = re.compile(r"\brpc\s+(\w+)\s*\(\s*((?:stream\s+)?[\w.]+)\s*\)\s*returns\s*\(\s*((?:stream\s+)?[\w.]+)\s*\)")


def read_proto(found: Sheet) -> None:
    """The package and every method. Raises Malformed for too many of them."""
    text = _APART.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), found.text)
    package = _PACKAGE.search(text)
    if package is not None:
        add(found, "package", package[1], package.start(1), package.end(1))
    for service in _SERVICE.finditer(text):
        for method in _METHOD.finditer(text, service.end(), _end(text, service.end())):
            key = f"services.{service[1]}.{method[1]}"
            add(found, key, f"{method[2]} {method[3]}", method.start(1), method.end(1))


def _end(text: str, start: int) -> int:
    """Where the brace that was opened before an offset is closed."""
    depth = 1
    for brace in _BRACE.finditer(text, start):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return len(text)
