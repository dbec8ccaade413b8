"""Where `rules/` and `reports/templates/` are: inside the package of a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules() -> Path:
    """The folder of the built-in rules and library models."""
    shipped = _PACKAGE / "_assets" / "rules"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "rules"


def templates() -> dict[str, str]:
    """What the HTML report is made of: file name → text."""
    shipped = _PACKAGE / "_assets" / "templates"
    folder = shipped if shipped.is_dir() else _PACKAGE.parent / "reports" / "templates"
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("report*"))}
