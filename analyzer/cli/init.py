"""`backend-audit init`: the name of a place → its file, written or completed, and what to do next."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from . import options as o
from .finish import Exit, finish, put
from .places import Place

HELP = """Set up the places where findings are met: an editor, GitHub, or each commit.

What is there is kept: a file of others is completed, and where that would lose something it is left alone and what to
add is shown.

[bold]Examples[/bold]

  [cyan]backend-audit init vscode[/cyan]         a task that fills the Problems view

  [cyan]backend-audit init pycharm[/cyan]        a watcher that marks findings in the editor

  [cyan]backend-audit init github[/cyan]         a workflow for code scanning

  [cyan]backend-audit init pre-commit[/cyan]     a hook that refuses new findings
"""


def init(
    place: Annotated[Place, typer.Argument(metavar="PLACE", help="vscode, pycharm, github or pre-commit.")],
    path: Annotated[str, typer.Option("--path", metavar="DIR", help="The project's folder.")] = ".",
    force: Annotated[bool, typer.Option("--force", help="Replace what is there of ours.")] = False,
    verbose: o.Verbose = False,
) -> None:
    """Write what an editor, GitHub or pre-commit needs to run the audit."""
    finish(lambda: _work(place, path, force), verbose=verbose)


def _work(place: Place, folder: str, force: bool) -> int:
    from .. import __version__
    from .outputs import Output, write
    from .places import FILES, plan

    name = FILES[place]
    file = os.path.realpath(os.path.join(folder, name))
    existing = _existing(folder, name, file)
    planned = plan(place, existing, __version__, force)
    if planned.text is None:
        put(f"{name} has it already\n")
    else:
        _make_folder(os.path.dirname(file), name)
        write(Output("", name, file), planned.text)
        put(f"{'wrote' if existing is None else 'completed'} {name}\n")
    put("".join(f"  {line}\n" for line in planned.next.splitlines()))
    return Exit.CLEAN


def _existing(folder: str, name: str, file: str) -> str | None:
    """The text of the file, None where there is none. Raises UserError where it cannot be read or kept."""
    from ..failure import UserError

    if not os.path.isdir(folder):
        raise UserError(f"--path {folder}: there is no such folder")
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        raise UserError(f"{name} is a folder") from None
    except UnicodeDecodeError:
        raise UserError(f"{name} is not UTF-8, and is left alone") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}") from None


def _make_folder(folder: str, name: str) -> None:
    from ..failure import UserError

    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UserError(f"{name} cannot be written: {error.strerror}") from None
