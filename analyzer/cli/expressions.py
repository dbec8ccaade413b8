"""One line of Python → the project around it, and what each expression on that line is taken to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..failure import UserError
from .finish import Exit, put
from .progress import watching

if TYPE_CHECKING:
    from ..link import LinkedProject
    from ..model.source import Snapshot
    from ..model.taken import Taken
    from .asked import Asked

_NEAR = 3  # lines named where the asked one holds nothing


def work(
    asked: Asked, overrides: Mapping[str, object], config: tuple[str, ...], isolated: bool, quiet: bool, color: str
) -> int:
    """Print the answer; the exit code is 0. Raises UserError."""
    from ..audit import ask
    from ..decode import decode, lines
    from ..discover.root import locate
    from ..reporters.terminal_taken import drawn
    from ..settings import load
    from . import screen

    settings = load((asked.file,), overrides, config=config, isolated=isolated)
    path = locate(settings).targets[0]

    def question(project: LinkedProject, snapshot: Snapshot) -> tuple[tuple[Taken, ...], bytes]:
        found = _taken(project, path, asked.line)
        return found, next(file.content for file in snapshot.files if file.path == path)

    with watching(quiet) as watch:
        found, content = ask(settings, question, watch)
    text = dict(enumerate(lines(decode(content)), 1))
    put(drawn(found, asked.line, text, screen.width(), screen.color(color)))
    return Exit.CLEAN


def _taken(project: LinkedProject, path: str, line: int) -> tuple[Taken, ...]:
    """What stands on the line. Raises UserError where the file was not read, or the line holds nothing to ask about."""
    from ..link.taken import lines_of

    index = project.ev.index
    if path in index.unread:
        raise UserError(f"{path} could not be read: {index.unread[path].why}", "only what is read can be understood")
    if path not in index.python:
        raise UserError(f"{path} is no Python file of the project", "for example: backend-audit why app/db.py:42")
    if found := project.taken(path, line):
        return found
    last = index.python[path].lines
    if line > last:
        raise UserError(f"{path} has {last} lines, and no line {line}")
    near = sorted(lines_of(project.ev, path), key=lambda other: (abs(other - line), other))[:_NEAR]
    hint = "".join(f"backend-audit why {path}:{other}\n" for other in sorted(near)).rstrip("\n")
    raise UserError(f"{path}:{line} holds no name, attribute, call, subscript or parameter", hint)
