"""The commands of `backend-audit`, with `scan` for whatever is no command's name."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import cache, endpoints, explain, init, rules, scan, why

_OWN = ("--help", "-h", "--version", "--install-completion", "--show-completion")
_HELP = """Find where a Python backend breaks the standards of reliability, security and performance.

The code is read, never run. [bold]backend-audit ./src[/bold] is short for
[bold]backend-audit scan ./src[/bold]; its options are shown by
[bold]backend-audit scan --help[/bold]. A folder that is named like a command is given as [bold]./rules[/bold].

[bold]Examples[/bold]

  [cyan]backend-audit[/cyan]                                  audit the project around this folder

  [cyan]backend-audit src -o report.sarif[/cyan]              and write a report for code scanning

  [cyan]backend-audit endpoints --missing authentication[/cyan]  which endpoints are there, and what protects each

  [cyan]backend-audit explain raw-sql[/cyan]                  what a rule means, and what to do

  [cyan]backend-audit why raw-sql app/db.py:42[/cyan]         the evidence at one place, or what cleared it

  [cyan]backend-audit why app/db.py:42[/cyan]                 what each expression on a line is, and from where
"""
_EPILOG = (
    "Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 usage or configuration; 3 nothing to scan; "
    "4 internal error, or incomplete under --strict."
)


class _DefaultsToScan(TyperGroup):
    """A group whose first argument, unless it is a command or an option of the group, belongs to `scan`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own Context
        completing = ctx.resilient_parsing and not args
        if not completing and (not args or (args[0] not in self.commands and args[0].split("=")[0] not in _OWN)):
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override]  # as above
        """Options of `scan` complete without its name, too."""
        found = list(super().shell_complete(ctx, incomplete))
        if incomplete.startswith("-"):
            inner = self.commands["scan"].make_context("scan", [], parent=ctx, resilient_parsing=True)
            found += self.commands["scan"].shell_complete(inner, incomplete)
        return found


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__
        from .finish import put

        put(f"backend-audit {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    cls=_DefaultsToScan,
    help=_HELP,
    epilog=_EPILOG,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Only --version stands before a command; the help text is the application's."""


app.command("scan", help=scan.HELP, epilog=_EPILOG)(scan.scan)
app.command("endpoints", help=endpoints.HELP)(endpoints.endpoints)
app.command("explain")(explain.explain)
app.command("why", cls=why.OneQuestion, help=why.HELP)(why.why)
app.command("rules")(rules.rules)
app.command("init", help=init.HELP)(init.init)
app.add_typer(cache.app, name="cache")
