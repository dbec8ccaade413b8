"""`backend-audit cache`: where the cache is, and how to empty it."""

from __future__ import annotations

from pathlib import Path

import typer

from . import options as o
from .finish import Exit, finish, put

app = typer.Typer(help="Show or empty the cache of what was read.", no_args_is_help=True)


@app.command("dir")
def show(cache_dir: o.CacheDir = "") -> None:
    """Print the folder of the cache."""
    finish(lambda: _show(cache_dir))


@app.command("clear")
def clear(cache_dir: o.CacheDir = "", verbose: o.Verbose = False) -> None:
    """Empty the cache. The next audit reads every file anew; its result is the same."""
    finish(lambda: _clear(cache_dir), verbose=verbose)


def _show(given: str) -> int:
    put(f"{_folder(given)}\n")
    return Exit.CLEAN


def _clear(given: str) -> int:
    from ..store import clear as empty

    folder = _folder(given)
    entries, size = empty(folder)
    put(f"removed {entries} entries, {size / 1_000_000:.1f} MB, from {folder}\n")
    return Exit.CLEAN


def _folder(given: str) -> Path:
    if given:
        return Path(given).absolute()
    from ..store import user_directory

    return user_directory()
