"""`config.add_tween(…)`, `pyramid.tweens` of a settings file and what is included → the tweens around every view."""

from __future__ import annotations

from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.values import ClassRef, Const, External, Frame, Function, Module
from ..model.code import Attribute, Expr
from ..model.location import Location
from .evidence import MIDDLEWARE, Evidence, doubt, merged, protection
from .guards import Guards, own
from .middlewares import of_values
from .pyramid_includes import included
from .sources import HOLE, argument, read, sites
from .throttles import named

_KEY = "pyramid.tweens"
_INCLUDED = "an include of something unknown, which may bring tweens"
# What a library's `includeme` puts around (pyramid_tm 2.6, pyramid_exclog 1.1), and those that put nothing there.
_BRINGS = {"pyramid_tm": "pyramid_tm.tm_tween_factory", "pyramid_exclog": "pyramid_exclog.exclog_tween_factory"}
_BRINGS_NONE = frozenset({
    "pyramid_jinja2", "pyramid_chameleon", "pyramid_mako", "pyramid_beaker", "pyramid_redis_sessions", "pyramid_retry",
    "pyramid_nacl_session", "pyramid_mailer", "pyramid_services", "pyramid_handlers", "pyramid_layout",
})  # fmt: skip


def tweens(guards: Guards) -> Evidence:
    """Every tween, the one that is added last outermost; what they guard against, as far as they are the project's."""
    ev = guards.ev
    added = [_added(guards, *found) for found in _given(ev, "add_tween", "tween_factory")]
    parts = [_included(ev, *found) for found in _given(ev, "include", "callable")]
    return merged([*_listed(ev), *reversed(added), *parts])


def _given(ev: Evaluator, word: str, name: str) -> Iterator[tuple[Expr, Frame]]:
    for site in sites(ev, word):
        called = read(ev, site)
        if called is not None and isinstance(called[0].callee, Attribute):
            given = argument(ev, *called, name, 0)
            if given.expr is not None:
                yield given.expr, given.frame


def _added(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    at = Location(frame.ref.path, expr.at)
    values = named(guards.ev, guards.ev.expr(expr, frame), frame.ref.path)
    mine = [own(guards, v.ref, at) for v in values if isinstance(v, Function | ClassRef)]
    itself = of_values(guards.ev, values, at)
    return merged([itself if itself.found else protection(HOLE, at, MIDDLEWARE), *mine])


def _included(ev: Evaluator, expr: Expr, frame: Frame) -> Evidence:
    """`config.include("pyramid_tm")`: what is of the project says for itself what it adds."""
    parts = []
    for value in ev.expr(expr, frame):
        if included(ev, value, frame) is not None:
            continue
        match value:
            case Const(value=str(name)) | External(name=name) | Module(name=name, path=""):
                package = name.partition(".")[0]
            case _:
                package = ""
        if package in _BRINGS:
            parts.append(protection(_BRINGS[package], Location(frame.ref.path, expr.at), MIDDLEWARE))
        elif package not in _BRINGS_NONE:
            parts.append(doubt(_INCLUDED, MIDDLEWARE))
    return merged(parts)


def _listed(ev: Evaluator) -> Iterator[Evidence]:
    """`pyramid.tweens = a b`: the outermost first."""
    for path, facts in sorted(ev.index.text.items()):
        for entry in facts.entries:
            if path not in ev.index.tests and entry.key.endswith(_KEY):
                for name in entry.value.split():
                    yield protection(name, Location(path, entry.at), MIDDLEWARE)
