"""`app.config.from_object(…)` → the classes and modules that a Flask application is configured from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model.answer import Known, Unknown
from ..model.code import Call, Expr, Literal, Name
from ..model.facts import ScopeKind
from . import classes
from .bindings import Bind
from .environment import fallback
from .evaluate import Evaluator
from .index import ScopeRef, call_at, module_path
from .named_environment import environment
from .values import ClassRef, Const, Frame, Instance, Module, Txt, Value
from .walk import dotted

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What reads a configuration that stands where the backend runs, and may say otherwise.
_READERS = ("from_envvar", "from_prefixed_env", "from_file", "from_pyfile")
_OWNER = "config."


@dataclass(frozen=True, slots=True)
class Source:
    """One class or module that an application may be configured from, with those that it takes its values from."""

    ref: ScopeRef  # the class, or scope 0 of the module
    parts: tuple[ScopeRef, ...]  # itself first, then its bases in the project
    production: Known[bool] | Unknown


def sources(ev: Evaluator) -> tuple[tuple[Source, ...], ...]:
    """For each `from_object`, by place, what it may be given, sorted by place."""
    groups = []
    for site in sorted(ev.index.sites.get("from_object", ())):
        call = call_at(ev.index, site) if site.path not in ev.index.tests else None
        if not isinstance(call, Call) or not call.args or not dotted(call.callee).endswith(f"{_OWNER}from_object"):
            continue
        found: dict[ScopeRef, bool] = {}
        for ref, by_default in _named(ev, call.args[0], Frame(ScopeRef(site.path, ev.index.site(site).scope))):
            found[ref] = found.get(ref, False) or by_default
        group = sorted(found.items())
        groups.append(tuple(Source(r, _parts(ev, r), Known(True) if chosen else named(ev, r)) for r, chosen in group))
    return tuple(filter(None, dict.fromkeys(groups)))


def read_at_run_time(ev: Evaluator) -> bool:
    """Whether an application also takes its configuration from where it runs."""
    sites = (site for word in _READERS for site in ev.index.sites.get(word, ()) if site.path not in ev.index.tests)
    return any(ev.index.site(site).callee.endswith(f"{_OWNER}{word}") for site in sites for word in _READERS)


def named(ev: Evaluator, ref: ScopeRef) -> Known[bool] | Unknown:
    """Whether a class or module of a configuration says by its name that it is production's."""
    by_name = environment(_HUMP.sub("_", ev.scope(ref).name).lower()) if ref.scope else environment(ref.path)
    return by_name if isinstance(by_name, Known) else environment(ref.path)


def _named(ev: Evaluator, expr: Expr, frame: Frame) -> Iterator[tuple[ScopeRef, bool]]:
    """What an argument may be; True beside what holds where the environment says nothing."""
    for value in ev.expr(expr, frame):
        for ref in _meant(ev, value, frame.ref.path):
            yield ref, False
    default = None if isinstance(expr, Literal) else fallback(expr)
    for binding in ev.bindings(frame.ref).get(expr.id, ()) if isinstance(expr, Name) else ():
        if default is None and binding.how is Bind.VALUE and binding.expr is not None:
            default = fallback(binding.expr)
    for ref in _of_text(ev, default, frame.ref.path) if isinstance(default, str) else ():
        yield ref, True


def _meant(ev: Evaluator, value: Value, importer: str) -> list[ScopeRef]:
    match value:
        case ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
            return [ref]
        case Module(path=path) if path in ev.index.python:
            return [ScopeRef(path, 0)]
        case Const(value=str() as text):
            return _of_text(ev, text, importer)
        case Txt(pieces=pieces) if isinstance(pieces[0], str) and "." in pieces[0]:
            # `"shop.config.%sConfig" % environment`: every class of the module that is called so
            module, _, start = pieces[0].rpartition(".")
            rest = "".join(re.escape(piece) if isinstance(piece, str) else r"\w+" for piece in pieces[1:])
            return _classes(ev, module, re.compile(re.escape(start) + rest), importer)
        case _:
            return []


def _of_text(ev: Evaluator, text: str, importer: str) -> list[ScopeRef]:
    """`"shop.settings"`, `"shop.config.ProductionConfig"`."""
    path = module_path(ev.index, text, importer)
    if path is not None and path in ev.index.python:
        return [ScopeRef(path, 0)]
    module, _, name = text.rpartition(".")
    return _classes(ev, module, re.compile(re.escape(name)), importer) if name else []


def _classes(ev: Evaluator, module: str, name: re.Pattern[str], importer: str) -> list[ScopeRef]:
    path = module_path(ev.index, module, importer)
    scopes = ev.index.python[path].scopes if path is not None and path in ev.index.python else ()
    return [
        ScopeRef(path or "", number)
        for number, scope in enumerate(scopes)
        if scope.kind is ScopeKind.CLASS and scope.parent == 0 and name.fullmatch(scope.name)
    ]


def _parts(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef, ...]:
    if not ref.scope:
        return (ref,)
    return tuple(base for base in classes.bases(ev, ref) if isinstance(base, ScopeRef))
