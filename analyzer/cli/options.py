"""The options that commands share: their names, help texts and panels."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from .rule_names import complete


class Format(StrEnum):
    """What `--format` knows."""

    TERMINAL = "terminal"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"
    MARKDOWN = "markdown"
    GITHUB = "github"


class Severity(StrEnum):
    """The least severity, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(StrEnum):
    """The least confidence, surest first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FrontEnd(StrEnum):
    """Who reads Python."""

    AUTO = "auto"
    AST = "ast"
    LIBCST = "libcst"


class Engine(StrEnum):
    """Who detects."""

    NATIVE = "native"
    SEMGREP = "semgrep"
    BANDIT = "bandit"


class Color(StrEnum):
    """When colours are used."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


_RULES, _SHOW, _FILES, _RUN = "Which rules", "What is shown, and how", "Which files", "How it runs"
_LIST = "Comma-separated or repeated."

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="What is reported: files or folders. The whole project around them is read.",
        show_default=False,
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="RULE",
        rich_help_panel=_RULES,
        autocompletion=complete,
        help=f"Run these rules alone: ids, families, standards, or names in other tools (B113). {_LIST}",
    ),
]
ExtendSelect = Annotated[
    list[str] | None,
    typer.Option(
        "--extend-select",
        metavar="RULE",
        rich_help_panel=_RULES,
        autocompletion=complete,
        help=f"Run these as well, also where they are off by default. {_LIST}",
    ),
]
Engines = Annotated[
    list[Engine] | None,
    typer.Option(
        "--engine", rich_help_panel=_RULES, help="Run this engine alone. May be repeated.", show_default=False
    ),
]
NoSupersede = Annotated[
    bool,
    typer.Option(
        "--no-supersede",
        rich_help_panel=_RULES,
        help="Run other tools' tests also where a rule of ours looks at the same places.",
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="RULE",
        rich_help_panel=_RULES,
        autocompletion=complete,
        help=f"Leave these rules out, besides those of the configuration. {_LIST}",
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rules", metavar="DIR", rich_help_panel=_RULES, help="A folder with rules of your own. Their code is run."
    ),
]
SemgrepRules = Annotated[
    list[str] | None,
    typer.Option(
        "--semgrep-rules",
        metavar="DIR",
        rich_help_panel=_RULES,
        help="A folder or file with semgrep rules of your own. May be repeated.",
    ),
]
LeastSeverity = Annotated[
    Severity | None,
    typer.Option("--severity", rich_help_panel=_RULES, help="The least that is shown (low).", show_default=False),
]
LeastConfidence = Annotated[
    Confidence | None,
    typer.Option("--confidence", rich_help_panel=_RULES, help="The least that is shown (medium).", show_default=False),
]
FailOn = Annotated[
    Severity | None,
    typer.Option(
        "--fail-on",
        rich_help_panel=_RULES,
        help="The least severity that ends in exit code 1 (low).",
        show_default=False,
    ),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", rich_help_panel=_RULES, help="Exit with 0 also when there are findings.")
]
Strict = Annotated[
    bool, typer.Option("--strict", rich_help_panel=_RULES, help="Exit with 4 when something could not be checked.")
]
Baseline = Annotated[
    str,
    typer.Option(
        "--baseline",
        metavar="FILE",
        rich_help_panel=_SHOW,
        help="Do not show, and do not fail for, what this file accepts.",
        show_default=False,
    ),
]
WriteBaseline = Annotated[
    str,
    typer.Option(
        "--write-baseline",
        metavar="FILE",
        rich_help_panel=_SHOW,
        help="Accept all that is found now, in this file. What the run does not look at stays as it is there.",
        show_default=False,
    ),
]
DiffBase = Annotated[
    str,
    typer.Option(
        "--diff-base",
        metavar="REF",
        rich_help_panel=_SHOW,
        help="Show only what is new since HEAD left this git revision. The whole project is read all the same.",
        show_default=False,
    ),
]
Formatted = Annotated[
    Format | None,
    typer.Option("--format", "-f", rich_help_panel=_SHOW, help="What stdout gets (terminal).", show_default=False),
]
Output = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=_SHOW,
        help="Write a report besides: .html, .md, .sarif, .json or .txt says its format, or FORMAT=FILE. Repeatable.",
    ),
]
ShowSuppressed = Annotated[
    bool,
    typer.Option("--show-suppressed", rich_help_panel=_SHOW, help="List what comments and configuration silenced."),
]
ShowFiles = Annotated[
    bool, typer.Option("--show-files", rich_help_panel=_SHOW, help="List the files that would be read, and stop.")
]
Statistics = Annotated[
    bool,
    typer.Option("--statistics", rich_help_panel=_SHOW, help="Print stages' times and known receivers to stderr."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", rich_help_panel=_SHOW, help="Say nothing but errors on stderr.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", rich_help_panel=_SHOW, help="Say more on stderr; tracebacks of internal errors."),
]
Coloured = Annotated[
    Color, typer.Option("--color", rich_help_panel=_SHOW, help="NO_COLOR and FORCE_COLOR are honoured under auto.")
]
Root = Annotated[
    str,
    typer.Option(
        "--root",
        metavar="DIR",
        rich_help_panel=_FILES,
        help="The project's folder, all of it reported where no PATH is given. Else the nearest one with .git,"
        " pyproject.toml, setup.cfg or manage.py.",
        show_default=False,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="GLOB", rich_help_panel=_FILES, help=f"Read no such files, as in .gitignore. {_LIST}"
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="GLOB",
        rich_help_panel=_FILES,
        help=f"Read such files although a rule leaves them out. {_LIST}",
    ),
]
Configured = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        metavar="FILE|KEY=VALUE",
        rich_help_panel=_RUN,
        help="A file in place of the project's, or one setting. May be repeated.",
    ),
]
Isolated = Annotated[bool, typer.Option("--isolated", rich_help_panel=_RUN, help="Ignore the project's configuration.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=0, max=256, rich_help_panel=_RUN, help="Processes; 0 for one per core.", show_default=False
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", rich_help_panel=_RUN, help="Neither read nor write the cache.")]
CacheDir = Annotated[
    str,
    typer.Option(
        "--cache-dir", metavar="DIR", rich_help_panel=_RUN, help="Another folder for the cache.", show_default=False
    ),
]
ReadBy = Annotated[
    FrontEnd | None,
    typer.Option(
        "--front-end", rich_help_panel=_RUN, help="Who parses Python (auto: ast, else libcst).", show_default=False
    ),
]


def listed(values: Sequence[str] | None) -> tuple[str, ...]:
    """The items of an option that may be repeated and may hold commas."""
    return tuple(item.strip() for value in values or () for item in value.split(",") if item.strip())


def overrides(*, no_cache: bool, no_supersede: bool = False, **given: object) -> dict[str, object]:
    """The fields of Config that the user gave; those left at None, False, "" or () are the configuration's."""
    found = {
        name: str(value) if isinstance(value, StrEnum) else value for name, value in given.items() if _is_given(value)
    }
    return {**found, **({"cache": False} if no_cache else {}), **({"supersede": False} if no_supersede else {})}


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value not in ("", ())
