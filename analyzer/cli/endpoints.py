"""`backend-audit endpoints`: options → the endpoints of a backend and what protects each, or a document compared."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from . import options as o
from .finish import finish

HELP = """List the endpoints of a backend, and what protects each.

The whole project around PATH is read and never run; PATH says whose endpoints are listed. A protection that is \
"no" is known to be missing; "?" is one of which that is not known, and "–" one that nobody looked for.

With --openapi, only the differences from that document are shown; the exit code is 1 where there are any.

[bold]Examples[/bold]

  [cyan]backend-audit endpoints[/cyan]                                   the table

  [cyan]backend-audit endpoints --missing authentication[/cyan]          whoever may be asked by anybody

  [cyan]backend-audit endpoints --path /api/v1 --method POST[/cyan]      some of them

  [cyan]backend-audit endpoints -o endpoints.json -o endpoints.csv[/cyan]  for scripts and spreadsheets

  [cyan]backend-audit endpoints --openapi docs/openapi.yaml[/cyan]       does the document still tell the truth?
"""
_WHICH, _HOW = "Which endpoints", "What is shown, and how"


class Listing(StrEnum):
    """What `--format` knows."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Under = Annotated[
    list[str] | None,
    typer.Option(
        "--path",
        metavar="GLOB",
        rich_help_panel=_WHICH,
        help="Only paths that begin so (/api/v1) or look so ('*/export'). May be repeated.",
    ),
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method", metavar="METHOD", rich_help_panel=_WHICH, help="Only those that answer it: POST, or POST,PUT."
    ),
]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        "--missing",
        metavar="KIND",
        rich_help_panel=_WHICH,
        help="Only those known to lack it: authentication, authorisation, rate-limit, csrf, body-limit or caching; "
        "of several, all.",
    ),
]
Doubtful = Annotated[
    list[str] | None,
    typer.Option(
        "--unknown",
        metavar="KIND",
        rich_help_panel=_WHICH,
        help="Only those of which it is not known whether they have it.",
    ),
]
Frameworks = Annotated[
    list[str] | None,
    typer.Option(
        "--framework", metavar="NAME", rich_help_panel=_WHICH, help="Only those of a framework: fastapi, django."
    ),
]
Formatted = Annotated[Listing, typer.Option("--format", "-f", rich_help_panel=_HOW, help="What stdout gets.")]
Output = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=_HOW,
        help="Write to a file besides: .json, .csv, .md or .txt says its format, or FORMAT=FILE. Repeatable.",
    ),
]
Evidence = Annotated[
    bool,
    typer.Option("--evidence", rich_help_panel=_HOW, help="Show below each endpoint what protects it, and where."),
]
Documented = Annotated[
    str,
    typer.Option(
        "--openapi",
        metavar="FILE",
        rich_help_panel=_HOW,
        show_default=False,
        help="Compare with an OpenAPI 3 or Swagger 2 document, JSON or YAML.",
    ),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", rich_help_panel=_HOW, help="Exit with 0 also where --openapi differs.")
]


def endpoints(
    paths: o.Paths = None, under: Under = None, method: Methods = None, missing: Missing = None,
    unknown: Doubtful = None, framework: Frameworks = None, openapi: Documented = "", exit_zero: ExitZero = False,
    format: Formatted = Listing.TABLE, output: Output = None, evidence: Evidence = False,
    color: o.Coloured = o.Color.AUTO, quiet: o.Quiet = False, verbose: o.Verbose = False,
    root: o.Root = "",
    exclude: o.Exclude = None, include: o.Include = None, config: o.Configured = None, isolated: o.Isolated = False,
    jobs: o.Jobs = None, no_cache: o.NoCache = False, cache_dir: o.CacheDir = "",
) -> None:  # fmt: skip
    """List endpoints."""
    given = o.overrides(
        root=root, exclude=o.listed(exclude), include=o.listed(include), jobs=jobs, cache_dir=cache_dir,
        no_cache=no_cache,
    )  # fmt: skip

    def work() -> int:
        from .chosen import choice
        from .listing import Wanted, work

        chosen = choice(tuple(under or ()), o.listed(method), o.listed(missing), o.listed(unknown), o.listed(framework))
        return work(Wanted(
            tuple(paths or ()), given, tuple(config or ()), isolated, chosen, openapi, exit_zero, str(format),
            tuple(output or ()), evidence, str(color), quiet,
        ))  # fmt: skip

    finish(work, verbose=verbose)
