"""Where `rules/` and `reports/templates/` are: inside the package of a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules() -> Path:
    """The folder of the built-in rules and library models."""
    shipped = _PACKAGE / "_assets" / "rules"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "rules"
