"""A report and the name of a format → text; no reporter opens a file or knows a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from .options import Options

if TYPE_CHECKING:
    from ..model.report import Report

# Each imports its module when it is called: the terminal's needs rich, which is slow to load.


def _terminal(report: Report, options: Options) -> str:
    from .terminal import terminal

    return terminal(report, options)


def _concise(report: Report, options: Options) -> str:
    from .concise import concise

    return concise(report, options)


def _json(report: Report, options: Options) -> str:
    from .json import json_report

    return json_report(report)


def _sarif(report: Report, options: Options) -> str:
    from .sarif import sarif

    return sarif(report, options)


def _html(report: Report, options: Options) -> str:
    from .html import html

    return html(report, options)


def _markdown(report: Report, options: Options) -> str:
    from .markdown import markdown

    return markdown(report, options)


def _github(report: Report, options: Options) -> str:
    from .github import github

    return github(report, options)


FORMATS: Mapping[str, Callable[[Report, Options], str]] = MappingProxyType(
    {
        "terminal": _terminal,
        "concise": _concise,
        "json": _json,
        "sarif": _sarif,
        "html": _html,
        "markdown": _markdown,
        "github": _github,
    }  # fmt: skip
)
_SUFFIXES = {".sarif": "sarif", ".json": "json", ".txt": "concise", ".html": "html", ".htm": "html", ".md": "markdown"}


def render(
    report: Report, format: str, *, width: int = 80, color: bool = False, show_suppressed: bool = False,
    templates: Mapping[str, str] = MappingProxyType({}), places: str = "", prefix: str = "",
) -> str:  # fmt: skip
    """The report in one of FORMATS, ending with a line end. Raises KeyError for any other name.

    `width` is in terminal cells. `color` allows ANSI sequences (terminal only). `show_suppressed` lists what was
    silenced (terminal), or writes it marked as suppressed (sarif); json and html always hold it, concise counts it.
    `templates` are the texts that html is made of, `assets.templates()`: no reporter opens a file.
    `places` says where the files are seen (markdown), `prefix` what their repository calls the root (markdown, github,
    sarif).
    """
    return FORMATS[format](report, Options(width, color, show_suppressed, places, prefix, templates))


def format_of(path: str) -> str | None:
    """The format that a file's suffix asks for, or None."""
    return _SUFFIXES.get(PurePath(path).suffix.lower())
