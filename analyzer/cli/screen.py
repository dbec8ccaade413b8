"""The terminal and the environment → how wide a report may be, whether in colour, and where its places can be seen."""

from __future__ import annotations

import os
import re
import shutil
import sys

_WIDTH = FILE_WIDTH = 100
_WIDEST = 140


def width() -> int:
    """Cells per line: the terminal's, within reason; a fixed number where stdout is none."""
    if not sys.stdout.isatty():
        return _WIDTH
    return max(40, min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDEST))


def color(choice: str) -> bool:
    """Whether stdout gets colours. `auto` asks NO_COLOR, FORCE_COLOR and the terminal, in this order."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def places() -> str:
    """The address before the paths of files in the run of a GitHub workflow; "" anywhere else."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, repository, commit = (os.environ.get(name, "") for name in names)
    right = (
        re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?", server)
        and re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII)
        and re.fullmatch(r"[0-9a-f]{40,64}", commit)
    )
    return f"{server}/{repository}/blob/{commit}/" if right else ""


def prefix(root: str) -> str:
    """What the git repository around an absolute folder calls it, with a slash; "" for its top, and outside of any."""
    top = root
    while not os.path.lexists(os.path.join(top, ".git")):
        if top == os.path.dirname(top):
            return ""
        top = os.path.dirname(top)
    return "" if top == root else os.path.relpath(root, top).replace(os.sep, "/") + "/"
