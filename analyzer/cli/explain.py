"""`backend-audit explain`: the name of a rule → its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import options as o
from .finish import Exit, finish, put
from .rule_names import complete

if TYPE_CHECKING:
    from ..model.rule import LoadedRule


def explain(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE", autocompletion=complete, help="An id, or its name elsewhere: bandit:B113 or B113."
        ),
    ],
    rules: o.Rules = None,
    semgrep_rules: o.SemgrepRules = None,
    color: o.Coloured = o.Color.AUTO,
    verbose: o.Verbose = False,
) -> None:
    """Print the page of a rule: what it finds, why it matters, what to do, with an example of each."""
    finish(lambda: _work(rule, tuple(rules or ()), tuple(semgrep_rules or ()), str(color)), verbose=verbose)


def _work(name: str, folders: tuple[str, ...], patterns: tuple[str, ...], color: str) -> int:
    from ..assemble import summary
    from ..reporters.rule_page import page
    from . import screen

    text = page(summary(_find(name, folders, patterns)))
    put(_drawn(text, screen.width()) if screen.color(color) else text)
    return Exit.CLEAN


def _find(name: str, folders: tuple[str, ...], patterns: tuple[str, ...]) -> LoadedRule:
    """The rule; only where its file is not named like it are all the others loaded."""
    from ..catalogue import catalogue
    from ..model.config import Config
    from ..registry import load_rules
    from ..rule_names import named

    alone = load_rules(folders, only=name.strip().lower()).rules
    return alone[0] if alone else named(name, catalogue(Config(rules=folders, semgrep_rules=patterns)).rules)


def _drawn(text: str, width: int) -> str:
    """Markdown as a terminal shows it."""
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    return console.file.getvalue() if isinstance(console.file, io.StringIO) else text
