"""What the audit says of its progress → a bar on stderr, and the time of each stage."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PERIOD = 0.1  # seconds between two drawings


@dataclass(slots=True)
class Watching:
    """Follows an audit: `stage` begins one, `advance` is called as its parts are done.

    The bar is drawn from `advance` alone: a thread of its own would be copied into forked workers half-way.
    """

    visible: bool
    seconds: dict[str, float] = field(default_factory=dict)
    _name: str = ""
    _since: float = 0.0
    _drawn: float = 0.0
    _bar: Progress | None = None
    _task: TaskID | None = None

    def stage(self, name: str, total: int) -> None:
        """A stage begins; `total` is the number of its parts, 0 where that is not known."""
        self._lap()
        self._name, self._since = name, time.perf_counter()
        if not self.visible:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total or None)
        self._bar.refresh()

    def advance(self, steps: int) -> None:
        """So many more parts of the stage are done."""
        if self._bar is None or self._task is None:
            return
        self._bar.advance(self._task, steps)
        now = time.perf_counter()
        if now - self._drawn >= _PERIOD:
            self._drawn = now
            self._bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lap()
        if self._bar is not None:
            self._bar.stop()

    def _lap(self) -> None:
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + time.perf_counter() - self._since
            self._name = ""

    def statistics(self) -> str:
        """A line per stage, in the order in which they ran."""
        total = sum(self.seconds.values())
        lines = [f"{name:<14}{seconds:9.3f} s" for name, seconds in self.seconds.items()]
        return "\n".join([*lines, f"{'total':<14}{total:9.3f} s"])


def watching(quiet: bool) -> Watching:
    """A watch that draws where stderr is a terminal."""
    return Watching(visible=not quiet and sys.stderr.isatty())


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, auto_refresh=False)
