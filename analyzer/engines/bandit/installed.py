"""Which bandit is installed, told without importing it, and what its findings depend on."""

from __future__ import annotations

import os
import re
import sys

_INSTALLED = re.compile(r"bandit-([^-]+)(?:-.*)?\.(?:dist|egg)-info", re.IGNORECASE)


def version() -> str:
    """The installed bandit's version; "" where it is missing. (`importlib.metadata` takes 30 ms to import.)"""
    for entry in sys.path:
        try:
            names = os.listdir(entry)
        except OSError:
            continue
        if found := sorted(match[1] for name in names if (match := _INSTALLED.fullmatch(name))):
            return found[0]
    return ""


def identity() -> str:
    """Bandit's version and the grammar that it reads, which is the host's."""
    return f"bandit {version()} {sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}"
