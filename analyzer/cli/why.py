"""`backend-audit why`: a rule and a place → the finding there with its evidence, or why there is none."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options as o
from .finish import finish
from .rule_names import complete


def why(
    rule: Annotated[str, typer.Argument(metavar="RULE", autocompletion=complete, help="An id, or its name elsewhere.")],
    place: Annotated[str, typer.Argument(metavar="PATH:LINE", help="A line of a file.")],
    root: o.Root = "",
    rules: o.Rules = None,
    config: o.Configured = None,
    isolated: o.Isolated = False,
    jobs: o.Jobs = None,
    no_cache: o.NoCache = False,
    cache_dir: o.CacheDir = "",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Say why a rule reports a line, what silenced or cleared it there, or that it saw nothing."""
    given = o.overrides(root=root, rules=tuple(rules or ()), jobs=jobs, cache_dir=cache_dir, no_cache=no_cache)
    from .evidence import work

    settings = tuple(config or ())
    finish(lambda: work(rule, place, given, settings, isolated, quiet), verbose=verbose)
