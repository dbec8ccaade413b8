"""Semgrep rules (ours and the user's) and the files of a project → suspicions; only semgrep's binary is run."""

from __future__ import annotations

from .binary import identity, version
from .definitions import load_rules
from .scan import detect

__all__ = ["detect", "identity", "load_rules", "version"]
