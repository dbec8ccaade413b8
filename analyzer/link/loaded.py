"""A dotted name that code loads, written as a text or kept in a setting → the class, function or module it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model.code import Expr, Literal
from ..model.project import Origin
from .bindings import Bind
from .index import ScopeRef, module_path
from .lookups import entry
from .values import ClassRef, Const, External, Frame, Function, Module, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Functions that give what a dotted name stands for.
LOADERS = frozenset({
    "django.utils.module_loading.import_string", "werkzeug.utils.import_string", "importlib.import_module",
    "pkgutil.resolve_name",
})  # fmt: skip
_SETTINGS = "django.conf.settings."
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+")
MOST = 4  # names that one setting may have, module by module


def loaded(ev: Evaluator, expr: Expr, frame: Frame) -> Values | None:
    """What a loader gives for this argument; None where no name that it may be is the project's."""
    meant = [_meant(ev, value, frame) for value in ev.expr(expr, frame) if not _is_none(value)]
    found = join(*meant)
    if found and not all(meant):
        found = join(found, ev.opaque("a name that is loaded", frame, expr.at, dotted(expr), Origin.CALL))
    return found or None


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _meant(ev: Evaluator, value: Value, frame: Frame) -> Values:
    match value:
        case Const(value=str(text), at=at):
            return _named(ev, text, at.path if at is not None and at.path else frame.ref.path)
        case External(name=name) if name.startswith(_SETTINGS):
            written = entry(ev, "setting", name.removeprefix(_SETTINGS))
            return join(*(_named(ev, text, path) for path, text in written)) if len(written) <= MOST else ()
        case _:
            return ()


def _named(ev: Evaluator, text: str, importer: str) -> Values:
    """What the project has under a dotted name that is written in a file; () for a library's."""
    from .names import member

    if _DOTTED.fullmatch(text) is None:
        return ()
    full = text.replace(":", ".")
    if (whole := module_path(ev.index, full, importer)) in ev.index.python:
        return (Module(whole, full),)
    owner, _, name = full.rpartition(".")
    path = module_path(ev.index, owner, importer)
    found = member(ev, path, name) or () if path in ev.index.python else ()
    return tuple(one for one in found if isinstance(one, ClassRef | Function | External))


def by_setting(ev: Evaluator) -> dict[str, tuple[tuple[str, str], ...]]:
    """Setting → the dotted names that the project's settings modules give it, each with its file."""
    from .settings import is_settings_module

    found: dict[str, dict[tuple[str, str], None]] = {}
    for path in sorted(ev.index.python):
        if path in ev.index.tests or not is_settings_module(ev, path):
            continue
        for name, bound in ev.bindings(ScopeRef(path, 0)).items():
            for binding in bound if name.isupper() else ():
                text = binding.expr.value if binding.how is Bind.VALUE and isinstance(binding.expr, Literal) else None
                if isinstance(text, str) and _DOTTED.fullmatch(text):
                    found.setdefault(name, {})[path, text] = None
    return {name: tuple(written) for name, written in found.items()}
