"""How a report is to look: what the command line says to every reporter alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """Width and colour matter to the terminal only; suppressed findings are shown by those formats that can."""

    width: int = 80  # in cells
    color: bool = False
    show_suppressed: bool = False
    places: str = ""  # where files of the project can be seen: an address that a path is put behind; "" for nowhere
    prefix: str = ""  # the root's path in its repository, with slash; "" where they are the same
    templates: Mapping[str, str] = field(default_factory=dict)  # file name → text; what HTML is made of
