"""A file → whether it is a script that somebody runs by hand, and nothing of the backend uses."""

from __future__ import annotations

import posixpath
import re

from .evaluate import Evaluator
from .imports import import_path
from .index import module_path

_FOLDER = re.compile(r"(\w+_)?scripts?|tools|contrib|hack|dev|devtools|examples?|benchmarks?|docs?")


def is_script(ev: Evaluator, path: str) -> bool:
    """Whether a file stands in a folder of scripts outside of any package, and no file but other scripts imports it."""
    if path not in ev.scripts:
        ev.scripts[path] = _by_place(ev, path) and not _serves(ev, path) and not _imported(ev, path)
    return ev.scripts[path]


def _by_place(ev: Evaluator, path: str) -> bool:
    folders = path.split("/")[:-1]
    packages = ("/".join([*folders[: n + 1], "__init__.py"]) for n in range(len(folders)))
    return any(_FOLDER.fullmatch(folder) for folder in folders) and not any(p in ev.index.python for p in packages)


def _serves(ev: Evaluator, path: str) -> bool:
    return any(ref.path == path for ref in ev.handlers)


def _imported(ev: Evaluator, path: str) -> bool:
    stem = posixpath.splitext(posixpath.basename(path))[0]
    for other, facts in sorted(ev.index.python.items()):
        for item in facts.imports if other != path and not _by_place(ev, other) else ():
            if item.name == stem and module_path(ev.index, f"{item.module}.{item.name}", other) == path:
                return True
            if item.module.rpartition(".")[2] == stem and import_path(ev, item, other) == path:
                return True
    return False
