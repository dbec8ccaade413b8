"""`backend-audit why`: a place → what its expressions are taken to be; with a rule, what that rule says of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from . import options as o
from .finish import finish
from .rule_names import complete

HELP = """Say what the expressions of a line are taken to be, or what a rule sees in it.

With a place alone: each name, attribute, call, subscript and parameter of the line, what it may be, and \
the bindings, callers and library models that say so; or the reason why it is not known.

With a rule before the place: its finding there with the evidence, what silenced or cleared it, or that it saw \
nothing. The exit code is then 1 where the rule reports the line.

[bold]Examples[/bold]

  [cyan]backend-audit why app/db.py:42[/cyan]          what is `session` there?

  [cyan]backend-audit why raw-sql app/db.py:42[/cyan]  why does this rule report it?
"""
_WORDS = "[RULE] PATH:LINE"


class OneQuestion(TyperCommand):
    """A command whose usage shows its words as they are meant: a place, and before it a rule or none."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What stands behind the command's name."""
        return [self.options_metavar or "", _WORDS]


def why(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar=_WORDS,
            autocompletion=complete,
            help="A line of a file; before it a rule, by its id or its name elsewhere.",
        ),
    ],
    root: o.Root = "",
    rules: o.Rules = None,
    config: o.Configured = None,
    isolated: o.Isolated = False,
    jobs: o.Jobs = None,
    no_cache: o.NoCache = False,
    cache_dir: o.CacheDir = "",
    color: o.Coloured = o.Color.AUTO,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Answer one question about one line."""
    given = o.overrides(root=root, rules=tuple(rules or ()), jobs=jobs, cache_dir=cache_dir, no_cache=no_cache)
    settings = tuple(config or ())

    def work() -> int:
        from . import evidence, expressions
        from .asked import asked

        question = asked(words)
        if question.rule:
            return evidence.work(question, given, settings, isolated, quiet)
        return expressions.work(question, given, settings, isolated, quiet, str(color))

    finish(work, verbose=verbose)
