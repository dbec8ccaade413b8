"""How a report is to look: what the command line says to every reporter alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Width and colour matter to the terminal only; suppressed findings are shown by those formats that can."""

    width: int = 80  # in cells
    color: bool = False
    show_suppressed: bool = False
