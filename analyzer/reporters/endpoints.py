"""A listing of endpoints and the name of a format → text; no reporter opens a file."""

from __future__ import annotations

from pathlib import PurePath

from ..model.surface import Surface

FORMATS = ("table", "json", "csv", "markdown")
_SUFFIXES = {".txt": "table", ".json": "json", ".csv": "csv", ".md": "markdown"}


def render_endpoints(
    surface: Surface, format: str, *, width: int = 80, color: bool = False, details: bool = False
) -> str:
    """The listing in one of FORMATS, or where it differs from a document; json has both.

    Raises KeyError for any other name. `width`, `color` and `details` matter to the table only.
    """
    match format:
        case "table" if surface.comparison is not None:
            from .contract_table import contract_table

            return contract_table(surface, surface.comparison, width, color)
        case "table":
            from .endpoints_table import endpoints_table

            return endpoints_table(surface, width, color, details)
        case "json":
            from .endpoints_json import endpoints_json

            return endpoints_json(surface)
        case "csv":
            from .endpoints_csv import endpoints_csv

            return endpoints_csv(surface)
        case "markdown":
            from .endpoints_markdown import endpoints_markdown

            return endpoints_markdown(surface)
    raise KeyError(format)


def endpoints_format_of(path: str) -> str | None:
    """The format that a file's suffix asks for, or None."""
    return _SUFFIXES.get(PurePath(path).suffix.lower())
