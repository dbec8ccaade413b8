"""A report and the texts of its templates → one HTML file that loads nothing, and is complete without its script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from .html_prose import breakable, number, prose, query, shown, source
from .html_view import CARDS, FEW, position, view
from .levels import CONFIDENCES, SEVERITIES
from .visible import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from ..model.report import Report
    from .options import Options

PAGE, STYLE, SCRIPT = "report.html.j2", "report.css", "report.js"
LISTED = 1_000  # entries of a list of findings that are not the report's: suppressed, known before


def html(report: Report, options: Options) -> str:
    """The page. Raises KeyError where `options.templates` lacks a text."""
    from markupsafe import Markup

    style, script = options.templates[STYLE], options.templates[SCRIPT]
    page = _environment(options.templates).get_template(PAGE)
    text = page.render(
        report=report,
        view=view(report),
        style=Markup(style),  # ours, and held by its hash
        script=Markup(script),
        policy=policy(style, script),
        severities=SEVERITIES,
        confidences=CONFIDENCES,
        limit=CARDS,
        listed=LISTED,
        few=FEW,
    )
    return encodable(text)


def policy(style: str, script: str) -> str:
    """What a browser may do with the page: apply that style, run that script, nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _environment(templates: Mapping[str, str]) -> Environment:
    """Everything that a template prints is escaped, and has no invisible or control character."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    found = Environment(
        loader=DictLoader(dict(templates)), autoescape=True, undefined=StrictUndefined, finalize=shown,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.filters.update(prose=prose, query=query, number=number, source=source, breakable=breakable, position=position)
    return found
