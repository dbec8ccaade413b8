"""A path relative to the root, and the bytes → whether a file is test code, on which most rules are silent."""

from __future__ import annotations

import re

_FOLDERS = frozenset({"tests", "test", "__tests__"})
_FILES = re.compile(
    r"(?:test_.*|.*_test|conftest|tests)\.py|.*[.](?:test|spec)\.(?:js|jsx|mjs|cjs|ts|tsx)", re.IGNORECASE
)
_FRAMEWORK = re.compile(rb"^(?:import|from)[ \t]+(?:pytest|unittest)\b", re.MULTILINE)
_HELPERS = re.compile(
    rb"^(?:import|from)[ \t]+(?:pytest|unittest|django\.test|rest_framework\.test|flask\.testing|fastapi\.testclient|"
    rb"starlette\.testclient)\b",
    re.MULTILINE,
)
_FIXTURES = re.compile(rb"^@pytest\.fixture\b", re.MULTILINE)
_TEST = re.compile(rb"^[ \t]*(?:async[ \t]+)?def test_", re.MULTILINE)


def is_test(path: str, content: bytes) -> bool:
    """Judge by the folders under the root, the file's name, or what the file imports and defines."""
    *folders, name = path.split("/")
    if not _FOLDERS.isdisjoint(folders) or _FILES.fullmatch(name):
        return True
    if "testing" in folders and _HELPERS.search(content):
        return True  # what the tests share; a folder of that name may also hold experiments on users
    if b"pytest" in content and _FIXTURES.search(content):
        return True  # nobody needs pytest to serve requests
    return b"def test_" in content and bool(_FRAMEWORK.search(content) and _TEST.search(content))
