"""What a framework module says of a project: its applications, and which scopes serve their endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..model.endpoint import App
from .evaluate import Evaluator
from .index import ScopeRef


@dataclass(frozen=True, slots=True)
class Declared:
    """An application with the functions that run for its endpoints (handlers, methods of class views)."""

    app: App
    handlers: tuple[ScopeRef, ...]


Framework = Callable[[Evaluator], Iterable[Declared]]
