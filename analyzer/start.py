"""The console script: takes the working directory off the import path, then hands over to the command line.

Nothing but `sys` and `os` is imported before that. What Python itself does before our first line is out of reach:
with `PYTHONPATH` naming the audited tree, its `sitecustomize.py`, its `analyzer/` and what the generated script imports
(`re`) have run by then; so has `analyzer/` of the working directory under `python -m analyzer`, which `-P` prevents.
"""

import os
import sys

_SITES = ("site-packages", "dist-packages")
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _belongs(path: str, cwd: str) -> bool:
    """Whether an entry of the import path is the interpreter's own and not the tree's that we were started in."""
    if os.path.basename(path) in _SITES or path == os.path.dirname(os.path.realpath(os.__file__)):
        return True
    if not _inside(path, cwd):
        return True
    return path != cwd and any(_inside(path, os.path.realpath(prefix)) for prefix in (sys.prefix, sys.base_prefix))


def _safe(entries: list[str], cwd: str, pythonpath: str) -> list[str]:
    """The import path without relative entries, those of `pythonpath`, and those at or under `cwd`.

    An environment inside the working directory stays; the folder of our own package, where it would have to go, moves
    to the end, where it can hide neither the standard library nor a dependency.
    """
    named = {os.path.realpath(part) for part in pythonpath.split(os.pathsep)} if pythonpath else set()
    kept, last = [], []
    for entry in entries:
        real = os.path.realpath(entry)
        if os.path.isabs(entry) and real not in named and _belongs(real, cwd):
            kept.append(entry)
        elif real == os.path.realpath(_HOME):
            last = [_HOME]
    return kept + last


def import_path() -> list[str]:
    """The import path as it may be handed to a process of ours."""
    try:
        cwd = os.path.realpath(os.getcwd())
    except OSError:  # deleted under our feet
        cwd = "\0"
    return _safe(sys.path, cwd, os.environ.get("PYTHONPATH", ""))


def secure() -> None:
    """Take the working directory and `PYTHONPATH` off the import path, for this process and for its children."""
    sys.path[:] = import_path()
    os.environ.pop("PYTHONPATH", None)
    os.environ["PYTHONSAFEPATH"] = "1"


def main() -> None:
    """Run the command line; ends with SystemExit."""
    secure()
    import gc

    gc.set_threshold(200_000, 20, 100)  # facts and values hold no cycles: looking for them costs a tenth of the time
    from analyzer.cli import main as run

    run()
