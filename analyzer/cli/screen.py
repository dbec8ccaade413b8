"""The terminal and the environment → how wide a report may be, and whether in colour."""

from __future__ import annotations

import os
import shutil
import sys

_WIDTH = 100
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
