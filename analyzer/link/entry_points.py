"""Python and deployment files → which of them says that Django is to load which settings module."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..model.answer import Known
from ..model.code import Assign, Call, Expr, Literal, Subscript
from .environment import fallback
from .evaluate import Evaluator
from .index import ScopeRef, body, call_at
from .named_environment import environment
from .values import Const, Frame
from .walk import dotted, statements

_NAMED = "DJANGO_SETTINGS_MODULE"
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_OF_CI = (".github/", ".gitlab/", ".circleci/")
_BY_HAND = "manage.py"  # what developers start: it says nothing of production


def entry_points(ev: Evaluator) -> tuple[tuple[str, str], ...]:
    """Which file names which settings module, sorted; once for each."""
    if ev.entry_points is None:
        ev.entry_points = tuple(sorted({*_in_code(ev), *_in_deployment(ev)}))
    return ev.entry_points


def of_servers(ev: Evaluator) -> list[tuple[str, str]]:
    """The entry points that are not only for developers."""
    return [found for found in entry_points(ev) if posixpath.basename(found[0]) != _BY_HAND]


def loads_elsewhere(ev: Evaluator, path: str) -> bool:
    """Whether a server of the same backend loads a module that is not in the project: made when it is installed."""
    if environment(path) == Known(True):
        return False
    top = path.partition("/")[0]
    return any(
        _MODULE.fullmatch(named) and named not in ev.index.modules
        and ("/" not in where or "/" not in path or where.partition("/")[0] == top)
        for where, named in of_servers(ev)
    )  # fmt: skip


def _in_code(ev: Evaluator) -> Iterator[tuple[str, str]]:
    """`os.environ.setdefault(…)` and `os.environ[…] = …`, with whatever the two are written as."""
    for site in ev.index.sites.get("setdefault", ()):
        call = call_at(ev.index, site) if site.path not in ev.index.tests else None
        if isinstance(call, Call) and len(call.args) == 2 and _is_environment(call.callee, call.args[0]):
            frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
            yield from _named(ev, call.args[0], call.args[1], frame)
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests or ("environ" not in facts.attributes and "environ" not in facts.names):
            continue
        for number in range(len(facts.scopes)):
            frame = Frame(ScopeRef(path, number))
            for statement in statements(body(ev.index, frame.ref)):
                match statement:
                    case Assign(targets=(Subscript(value=owner, index=key),), value=value):
                        if dotted(owner).rpartition(".")[2] == "environ":
                            yield from _named(ev, key, value, frame)
                    case _:
                        pass


def _is_environment(callee: Expr, key: Expr) -> bool:
    return dotted(callee).endswith("environ.setdefault") or (isinstance(key, Literal) and key.value == _NAMED)


def _named(ev: Evaluator, key: Expr, value: Expr, frame: Frame) -> Iterator[tuple[str, str]]:
    if _NAMED not in _texts(ev, key, frame):
        return
    found = _texts(ev, value, frame)
    default = fallback(value)
    for name in found or ([default] if isinstance(default, str) else []):
        yield frame.ref.path, name


def _texts(ev: Evaluator, expr: Expr, frame: Frame) -> list[str]:
    """What a text may be; `str("…")` is what it is given."""
    if isinstance(expr, Call) and dotted(expr.callee) == "str" and len(expr.args) == 1:
        return _texts(ev, expr.args[0], frame)
    return [v.value for v in ev.expr(expr, frame) if isinstance(v, Const) and isinstance(v.value, str)]


def _in_deployment(ev: Evaluator) -> Iterator[tuple[str, str]]:
    for path, facts in sorted(ev.index.text.items()):
        if environment(path) == Known(False) or path.startswith(_OF_CI):
            continue
        for entry in facts.entries:
            if entry.key.endswith(_NAMED) and "pytest" not in entry.key:
                yield path, entry.value
