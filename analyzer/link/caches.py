"""Django's `CACHES` → whether all of its caches live in the process: asking them is no way to another service."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known
from ..model.code import AnnAssign, Assign, Dict, Expr, Literal, Name, Subscript
from .evaluate import Evaluator
from .index import ScopeRef, body
from .named_environment import environment
from .settings import is_settings_module
from .walk import statements

DJANGO = "django.core.cache."  # how the names of its cache's operations begin
_LOCAL = ("locmem.LocMemCache", "dummy.DummyCache")


def in_process(ev: Evaluator) -> bool:
    """Whether each cache that a settings module configures is known to be local memory, or none at all."""
    given = [value for path in _modules(ev) for value in _configured(ev, path)]
    return bool(given) and all(_local(value) for value in given)


def _modules(ev: Evaluator) -> Iterator[str]:
    """The settings modules that may be production's."""
    for path in sorted(ev.index.python):
        if path not in ev.index.tests and is_settings_module(ev, path) and environment(path) != Known(False):
            yield path


def _configured(ev: Evaluator, path: str) -> Iterator[Expr]:
    """What a module puts into `CACHES`: one by one, where it is a plain dictionary."""
    for statement in statements(body(ev.index, ScopeRef(path, 0))):
        match statement:
            case Assign(targets=(Name(id="CACHES"),), value=value) | AnnAssign(target=Name(id="CACHES"), value=value):
                if value is not None:
                    yield from value.values if isinstance(value, Dict) else (value,)
            case Assign(targets=(Subscript(value=Name(id="CACHES")),), value=value):
                yield value
            case _:
                pass


def _local(cache: Expr) -> bool:
    """`{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}`."""
    if not isinstance(cache, Dict):
        return False
    pairs = zip(cache.keys, cache.values, strict=True)
    named = [value for key, value in pairs if isinstance(key, Literal) and key.value == "BACKEND"]
    return bool(named) and all(isinstance(n, Literal) and str(n.value).endswith(_LOCAL) for n in named)
