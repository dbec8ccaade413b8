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


FORMATS: Mapping[str, Callable[[Report, Options], str]] = MappingProxyType(
    {"terminal": _terminal, "concise": _concise, "json": _json, "sarif": _sarif}
)
_SUFFIXES = {".sarif": "sarif", ".json": "json", ".txt": "concise"}


def render(report: Report, format: str, *, width: int = 80, color: bool = False, show_suppressed: bool = False) -> str:
    """The report in one of FORMATS, ending with a line end. Raises KeyError for any other name.

    `width` is in terminal cells. `color` allows ANSI sequences (terminal only). `show_suppressed` lists what was
    silenced (terminal), or writes it marked as suppressed (sarif); json always holds it, concise only counts it.
    """
    return FORMATS[format](report, Options(width=width, color=color, show_suppressed=show_suppressed))


def format_of(path: str) -> str | None:
    """The format that a file's suffix asks for, or None."""
    return _SUFFIXES.get(PurePath(path).suffix.lower())
