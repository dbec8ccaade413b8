"""What an engine gives back: suspicions, what it could not judge, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.finding import Problem, Suspicion, Unjudged


@dataclass(frozen=True, slots=True)
class Detected:
    """The outcome of one engine."""

    suspicions: tuple[Suspicion, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    problems: tuple[Problem, ...] = ()  # a side engine's are notes: what it skipped leaves ours whole
    files: int = 0  # that it was given
    lasting: bool = True  # False where a clock or memory guard was met: then nothing of it may be kept
