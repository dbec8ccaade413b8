"""Names of settings modules, and keys of an app's configuration → their values and whether production loads them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..model import project as answers
from ..model.answer import Known, Unknown
from ..model.code import (
    AnnAssign,
    Assign,
    Body,
    Call,
    Expr,
    Name,
    Raise,
    Try,
)  # fmt: skip
from ..model.location import Location, Span
from .calls import constant
from .configured_from import sources
from .entry_points import loads_elsewhere, of_servers
from .environment import fallback
from .evaluate import Evaluator
from .flask_settings import CONDITION, always_run, of_assignments, of_objects
from .imports import import_path
from .index import ScopeRef, body
from .named_environment import environment
from .values import Frame
from .walk import contains, dotted, nodes, statements

_OWN = re.compile(r"local|settings|config|secret|private|override")  # modules that whoever runs it writes himself
_ENDING = frozenset({"exit", "_exit", "abort", "quit"})
REPLACED = Unknown("a module that is not in the project must be there, and may say otherwise")


def settings(ev: Evaluator, name: str) -> tuple[answers.Setting, ...]:
    """Every place that gives a setting its value, sorted by place."""
    configured = {part.path for group in sources(ev) for source in group for part in source.parts if not part.scope}
    found: list[answers.Setting] = []
    for path, facts in sorted(ev.index.python.items()):
        if is_settings_module(ev, path) and path not in configured and name in facts.names:
            found += _django(ev, path, name)
        elif "config" in facts.attributes and path not in ev.index.tests:
            found += of_assignments(ev, path, name)
    later = [s.at for s in found if s.framework == "flask" and s.value != CONDITION and s.production != Known(False)]
    found += of_objects(ev, name, later[0] if later else None)
    return tuple(sorted(found, key=lambda setting: setting.at))


def is_settings_module(ev: Evaluator, path: str) -> bool:
    """Whether a file is a Django settings module by its name, its content or who names it."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    folder = posixpath.basename(posixpath.dirname(path))
    if (
        "settings" not in stem
        and folder != "settings"
        and not (folder == "config" and stem in ("base", "common", "production", "local"))
    ):
        return False
    names = set(ev.index.python[path].names)
    return bool(
        names & {"INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "DATABASES", "SECRET_KEY", "DEBUG", "REST_FRAMEWORK"}
    )


def _django(ev: Evaluator, path: str, name: str) -> Iterator[answers.Setting]:
    ref = ScopeRef(path, 0)
    found = _given(body(ev.index, ref), name)
    always = [at for at, _, unconditional in found if unconditional]
    production = in_production(ev, path)
    for at, value, unconditional in found:
        known = constant(ev.expr(value, Frame(ref))) if unconditional else CONDITION
        after = next((other for other in always if other.span > at.span), None) if unconditional else None
        after = after or (_replaced(ev, path, name) if unconditional else None)
        default = fallback(value) if unconditional and isinstance(known, Unknown) else None
        if isinstance(known, Known) and replaceable(ev, path, at.span):
            known = REPLACED
        place = Location(path, at.span)
        yield answers.Setting(
            name, known, place, "django", path, production, default, after and Location(after.path or path, after.span)
        )


def replaceable(ev: Evaluator, path: str, at: Span) -> bool:
    """Whether a module that is not in the project must be there: one that servers load in place of this one,
    or of a later `from local import *` that cannot be done without.
    """
    if loads_elsewhere(ev, path):
        return True
    absent = [
        item.at
        for item in ev.index.python[path].imports
        if item.name == "*" and item.scope == 0 and item.at.line > at.line
        and import_path(ev, item, path) not in ev.index.python and (item.level or _OWN.search(item.module))
    ]  # fmt: skip
    tries = [s for s in statements(body(ev.index, ScopeRef(path, 0))) if isinstance(s, Try)] if absent else []
    for span in absent:
        around = [handler for t in tries if contains(t.at, span) for handler in t.handlers]
        if not around or any(_ends(handler.body) for handler in around):
            return True
    return False


def _ends(block: Body) -> bool:
    """Whether a block ends the program: it raises, or calls something named for that."""
    return any(
        isinstance(node, Raise) or (isinstance(node, Call) and dotted(node.callee).rpartition(".")[2] in _ENDING)
        for node in nodes(block)
    )


def _given(block: Body, name: str) -> list[tuple[Location, Expr, bool]]:
    """The assignments to a module-level name: place, value, and whether they are made in any case."""
    always = {id(statement) for statement in always_run(block)}
    found = []
    for statement in statements(block):
        match statement:
            case Assign(targets=(Name(id=target),), value=value) | AnnAssign(target=Name(id=target), value=value):
                if target == name and value is not None:
                    found.append((Location("", statement.at), value, id(statement) in always))
            case _:
                pass
    return found


def in_production(ev: Evaluator, path: str) -> Known[bool] | Unknown:
    """Whether production loads a settings module: by its path, or because the server's entry point names it."""
    by_path = environment(path)
    if isinstance(by_path, Known):
        return by_path
    own = set(ev.index.names.get(path, ()))
    last = [
        i for i in ev.index.python[path].imports if i.name == "*" and import_path(ev, i, path) not in ev.index.python
    ]
    return Known(True) if not last and any(named in own for _, named in of_servers(ev)) else by_path


def _replaced(ev: Evaluator, path: str, name: str, seen: tuple[str, ...] = ()) -> Location | None:
    """Where the modules that build on this one (`from .base import *`) replace a value, if all for production do."""
    places: list[Location] = []
    own = set(ev.index.names.get(path, ()))
    if any(named in own for _, named in of_servers(ev)):
        return None
    for other, facts in sorted(ev.index.python.items()):
        builds = any(i.name == "*" and import_path(ev, i, other) == path for i in facts.imports)
        if other in (path, *seen) or not builds or environment(other) == Known(False):
            continue
        given = [at for at, _, unconditional in _given(body(ev.index, ScopeRef(other, 0)), name) if unconditional]
        deeper = _replaced(ev, other, name, (*seen, path)) if not given else None
        if not given and deeper is None:
            return None
        places.append(Location(other, given[-1].span) if given else deeper or Location(other, facts.scopes[0].at))
    return places[0] if places else None
