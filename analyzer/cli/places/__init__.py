"""A place where people meet the tool, and the file that is there → the file as it should be, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from ...failure import UserError

_TEXTS = Path(__file__).resolve().parent


class Place(StrEnum):
    """Where the tool is met."""

    VSCODE = "vscode"
    PYCHARM = "pycharm"
    GITHUB = "github"
    PRE_COMMIT = "pre-commit"


FILES = {
    Place.VSCODE: ".vscode/tasks.json",
    Place.PYCHARM: ".idea/watcherTasks.xml",
    Place.GITHUB: ".github/workflows/backend-audit.yml",
    Place.PRE_COMMIT: ".pre-commit-config.yaml",
}
_NEXT = {
    Place.VSCODE: "Terminal → Run Task → backend-audit; findings stand in the Problems view",
    Place.PYCHARM: "open the project anew; each save audits it (plugin File Watchers), and the editor marks findings\n"
    "without that plugin: Settings → Tools → External Tools → +, with\n"
    "  Program            backend-audit\n"
    "  Arguments          scan --root $ProjectFileDir$ --format concise --quiet\n"
    "  Working directory  $ProjectFileDir$\n"
    "  Output filters     $FILE_PATH$:$LINE$:$COLUMN$",
    Place.GITHUB: "commit it; findings stand under Security → Code scanning, and on the page of each run",
    Place.PRE_COMMIT: "pre-commit install; a commit then fails on findings that it adds",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What `init` is to do."""

    text: str | None  # the whole file as it should be; None where it is so already
    next: str  # lines for the user


def plan(place: Place, existing: str | None, version: str, force: bool) -> Plan:
    """The file of a place; `existing` is its text now, None where there is none.

    Raises UserError, with what to add by hand as its hint, where the text cannot be kept in full.
    """
    from . import merge

    text = wanted(place, version)
    if existing is None or not existing.strip():
        return Plan(text, _NEXT[place])
    match place:
        case Place.VSCODE:
            merged = merge.with_task(existing, text, force)
        case Place.PYCHARM:
            merged = merge.with_watcher(existing, text, force)
        case Place.PRE_COMMIT:
            merged = merge.with_hook(existing, text)
        case Place.GITHUB:
            if existing.split() != text.split() and not force:
                raise UserError(f"{FILES[place]} is there already, and says something else", "--force replaces it")
            merged = text
        case _:
            assert_never(place)
    return Plan(None if merged == existing else merged, _NEXT[place])


def wanted(place: Place, version: str) -> str:
    """The file of a place where there is none yet."""
    match place:
        case Place.VSCODE:
            return _read("tasks.json")
        case Place.PYCHARM:
            return _read("watcherTasks.xml")
        case Place.GITHUB:
            return _read("workflow.yml").replace("{version}", version)
        case Place.PRE_COMMIT:
            return "repos:\n" + _read("pre-commit-config.yaml")
        case _:
            assert_never(place)


def _read(name: str) -> str:
    return (_TEXTS / name).read_text(encoding="utf-8")
