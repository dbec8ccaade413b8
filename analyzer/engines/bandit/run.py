"""A file and test ids → what bandit's tests say of it, inside a process of the pool; bandit is a library here.

Bandit's own traversal is replaced: it computes line ranges for every node, honours `nosec` (that is for triage to do)
and loads its tests through a scan of the whole environment that leaves a cache in the user's home. What a test sees
of a node is made by bandit's own visitor, so a test says here what it says there.
"""

from __future__ import annotations

import ast
import io
import sys
from functools import cache
from importlib import import_module
from importlib.metadata import distribution
from types import ModuleType
from typing import Any

import msgspec

from .placing import Places
from .replies import Asked, Reply

_NOT_NEEDED = ("bandit.core.extension_loader", "bandit.core.manager")  # the scan; the command line's half
_ASKED = msgspec.msgpack.Decoder(Asked)
_ENCODER = msgspec.msgpack.Encoder()
_NAME = "./module.py"  # what bandit is told: it would look for packages around a real path


def run(payload: bytes) -> bytes:
    """Run the tests on one file: msgpack of Asked in, of Reply out."""
    asked = _ASKED.decode(payload)
    if not asked.tests:
        return _ENCODER.encode(Reply(known=_known()))
    return _ENCODER.encode(_reply(asked))


def _reply(asked: Asked) -> Reply:
    try:
        tree = ast.parse(asked.content)
    except (SyntaxError, ValueError):  # the latter for NUL bytes
        return Reply(unread="syntax")
    except RecursionError:
        return Reply(unread="nested too deeply")
    walk = _Walk(asked)
    walk.through(tree)
    places = Places(asked.content, tree)
    found = [place for node, *said in walk.said if (place := places.found(node, *said))]
    crashed = tuple(sorted(walk.crashed.items()))
    return Reply(tuple(sorted(found)), crashed)


class _Walk:
    """Visits every node in bandit's order, and is the tester that bandit's visitor asks to run the tests."""

    def __init__(self, asked: Asked) -> None:
        self.said: list[tuple[ast.AST | tuple[int, int], str, str]] = []  # node or place, test, verdict
        self.crashed: dict[str, str] = {}
        self._tests = _chosen(asked.tests)
        self._new_context = _library("bandit.core.context").Context
        self._data = io.BytesIO(asked.content)
        visitor = _library("bandit.core.node_visitor").BanditNodeVisitor
        self._visitor = visitor(_NAME, self._data, None, None, False, {}, None)
        self._visitor.tester = self
        self._visitor.update_scores = lambda scores: None

    def through(self, tree: ast.Module) -> None:
        """Run the tests on the whole tree, then those on the file."""
        wanted = {*self._tests, "Import", "ImportFrom"}
        pending: list[ast.AST] = [tree]
        while pending:
            node = pending.pop()
            kind = type(node).__name__
            if kind in wanted:
                self._visitor.context = self._context(node)
                self._visitor.visit(node)
                self._visitor.namespace = ""
            elif kind == "Constant":
                self._constant(node)
            children: list[Any] = list(ast.iter_child_nodes(node))
            for child in children:
                child._bandit_parent = node  # where bandit's tests look for it
            pending += reversed(children)
        if "File" in self._tests:
            whole = {"file_data": self._data, "filename": _NAME, "lineno": 0, "linerange": [0, 1], "col_offset": 0}
            self.run_tests(whole, "File")

    def run_tests(self, context: dict[str, Any], kind: str) -> None:
        """What bandit's visitor calls with the context of a node: run the tests of this kind of node."""
        for test, config in self._tests.get(kind, ()):
            try:
                seen = self._new_context(dict(context))
                issue = test(seen, *config)
            except MemoryError:  # the guard's doing, not the test's
                raise
            except Exception as error:  # noqa: BLE001 - a test that fails costs what it would have said
                self.crashed.setdefault(test._test_id, f"{type(error).__name__}: {error}"[:200])
                continue
            if issue is not None:
                place = context.get("node") or (issue.lineno, issue.col_offset)
                verdict = f"{issue.severity}/{issue.confidence}".lower()
                self.said.append((place, issue.test_id or test._test_id, verdict))

    def _context(self, node: ast.AST) -> dict[str, Any]:
        visitor = self._visitor
        lines = range(getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) + 1)
        return {
            "imports": visitor.imports,
            "import_aliases": visitor.import_aliases,
            "lineno": lines.start,
            "col_offset": getattr(node, "col_offset", 0),
            "end_col_offset": getattr(node, "end_col_offset", 0),
            "node": node,
            "linerange": lines,
            "filename": _NAME,
            "file_data": self._data,
        }

    def _constant(self, node: Any) -> None:
        """Bandit tells strings and bytes apart, and leaves out those that are statements."""
        kind = {"str": "Str", "bytes": "Bytes"}.get(type(node.value).__name__, "")
        if kind in self._tests and not isinstance(node._bandit_parent, ast.Expr):
            self.run_tests({**self._context(node), kind.lower(): node.value}, kind)


def _library(name: str) -> ModuleType:
    """A module of bandit's, without what only its command line needs."""
    if "bandit" not in sys.modules:
        for unneeded in _NOT_NEEDED:
            sys.modules.setdefault(unneeded, ModuleType(unneeded))
    return import_module(name)


@cache
def _tests() -> tuple[Any, ...]:
    """Bandit's test functions, but for its lists of calls and imports."""
    _library("bandit")
    return tuple(entry.load() for entry in distribution("bandit").entry_points if entry.group == "bandit.plugins")


@cache
def _lists() -> dict[str, list[dict[str, Any]]]:
    """Kind of node → what is listed for it: `id`, `qualnames`, …"""
    _library("bandit")
    lists: dict[str, list[dict[str, Any]]] = {}
    for entry in distribution("bandit").entry_points:
        if entry.group == "bandit.blacklists":
            for kind, listed in entry.load()().items():
                lists.setdefault(kind, []).extend(listed)
    return lists


def _known() -> tuple[str, ...]:
    named = {test._test_id for test in _tests()}
    return tuple(sorted(named | {item["id"] for listed in _lists().values() for item in listed}))


@cache
def _chosen(ids: tuple[str, ...]) -> dict[str, list[tuple[Any, tuple[Any, ...]]]]:
    """Kind of node → the test functions with what they are given beside the context."""
    tests: dict[str, list[tuple[Any, tuple[Any, ...]]]] = {}
    for test in _tests():
        if test._test_id in ids:
            for kind in test._checks:
                tests.setdefault(kind, []).append((test, _configuration(test)))
    listed = {kind: [item for item in items if item["id"] in ids] for kind, items in _lists().items()}
    blacklist = _library("bandit.core.blacklisting").blacklist
    blacklist._test_id = "B001"
    for kind, items in listed.items():
        if items:
            tests.setdefault(kind, []).append((blacklist, (listed,)))
    return tests


def _configuration(test: Any) -> tuple[Any, ...]:
    """Bandit's own defaults, where the test takes a configuration."""
    if not hasattr(test, "_takes_config"):
        return ()
    return (import_module(test.__module__).gen_config(test._takes_config),)
