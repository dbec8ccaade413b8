"""Engines: a linked project (native) or files (semgrep, bandit) → suspicions."""
