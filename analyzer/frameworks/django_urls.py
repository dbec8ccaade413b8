"""URL lists of Django → routes: `path`, `re_path`, `include`, `i18n_patterns`, the admin and DRF's routers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..link import classes
from ..link.imports import import_path
from ..link.index import ScopeRef, module_path
from ..link.values import Const, Container, External, Frame, Instance, Module, Value
from ..link.walk import dotted
from ..model.code import Attribute, Call, Expr, Name, Sequence
from ..model.location import Location
from .django_classes import LIBRARY_METHODS, LIBRARY_URLS
from .django_views import Views, answers, external
from .drf_routers import Routers, router_routes
from .evidence import IDENTITY, NONE, Evidence, doubt, protection
from .lists import Items, items
from .ninja import Ninja, behind, ninja
from .objects import meant
from .routes import Handler, Route
from .sources import END, HOLE, argument, text_of

ADMIN = "django.contrib.admin.site"
_MODULES = ("django.urls.", "django.conf.urls.", "django.urls.conf.")
_IGNORED = ("django.conf.urls.static.", "django.contrib.staticfiles.", "debug_toolbar.", "django.conf.urls.i18n.")
_KEPT = frozenset({
    "i18n_patterns", "static", "format_suffix_patterns", "include", "path", "re_path", "url", "debug_toolbar_urls",
    "staticfiles_urlpatterns",
    "get_urls", "patterns",
})  # fmt: skip
UNRESOLVED = doubt("an unresolved include")
DYNAMIC = doubt("a route built at run time")


@dataclass(slots=True)
class Walk:
    """One walk through the URL lists of a project."""

    views: Views
    routers: Routers
    visited: dict[str, None] = field(default_factory=dict)  # paths of URL modules
    ninja: Ninja | None = None  # the APIs of django-ninja, once they are asked for


def _keep(expr: Expr) -> bool:
    """Expressions that stand for patterns of their own."""
    if isinstance(expr, Attribute):
        return expr.name == "urls"
    if isinstance(expr, Call):
        return dotted(expr.callee).rpartition(".")[2] in _KEPT or (
            isinstance(expr.callee, Attribute) and expr.callee.name in _KEPT
        )
    return False


def of_module(walk: Walk, path: str, trail: tuple[str, ...] = ()) -> Iterator[Route]:
    """The routes of a URL module; an include of a module that is being read is a circle and adds nothing."""
    if path in trail:
        return
    walk.visited.setdefault(path)
    ev = walk.views.guards.ev
    frame = Frame(ScopeRef(path, 0))
    yield from _all(walk, items(ev, Name(END, "urlpatterns"), frame, _keep), frame, (*trail, path))
    if all(b.how == "added" for b in ev.bindings(frame.ref).get("urlpatterns", ())):
        for item in ev.index.python[path].imports:
            source = import_path(ev, item, path) if item.name == "*" else None
            if source and source in ev.index.python:
                yield from of_module(walk, source, (*trail, path))


def _all(walk: Walk, held: Items, frame: Frame, trail: tuple[str, ...]) -> Iterator[Route]:
    for expr, where in held.found:
        yield from _pattern(walk, expr, where, trail)
    if not held.complete:
        at = Location(frame.ref.path, walk.views.guards.ev.scope(ScopeRef(frame.ref.path, 0)).header)
        yield _unknown(HOLE, HOLE, at, DYNAMIC)


def _unknown(path: str, name: str, at: Location, why: Evidence) -> Route:
    return Route(("*",), path, Handler(name, at, None, False, why), at, NONE)


def _pattern(walk: Walk, expr: Expr, frame: Frame, trail: tuple[str, ...]) -> Iterator[Route]:
    """The routes of one item of a URL list."""
    ev, at = walk.views.guards.ev, Location(frame.ref.path, expr.at)
    if isinstance(expr, Attribute) and expr.name == "urls":
        yield from _urls(walk, expr, frame, trail)
        return
    if not isinstance(expr, Call):
        found = items(ev, expr, frame, _keep)
        yield from _all(walk, found, frame, trail) if found.found else [_unknown(HOLE, HOLE, at, DYNAMIC)]
        return
    names = ev.qualified(expr.callee, frame)
    name = names[0] if names else ""
    word = name.rpartition(".")[2] or dotted(expr.callee).rpartition(".")[2]
    if name.startswith(_IGNORED) and word != "i18n_patterns":
        return
    if word == "i18n_patterns":
        for arg in expr.args:
            for route in _all(walk, items(ev, Sequence(arg.at, "list", (arg,)), frame, _keep), frame, trail):
                yield replace(route, path=f"{HOLE}/{route.path}")
    elif word in ("path", "re_path", "url") and (not names or name.startswith(_MODULES)):
        yield from _route(walk, expr, frame, word, trail)
    elif word == "include":
        yield from _include(walk, expr, frame, trail)
    elif word in ("format_suffix_patterns", "patterns") and expr.args:
        for arg in expr.args[:1] if word == "format_suffix_patterns" else expr.args:
            yield from _all(walk, items(ev, arg, frame, _keep), frame, trail)
    else:
        held = items(ev, expr, frame)
        yield from (
            _all(walk, held, frame, trail) if held.found else [_unknown(HOLE, dotted(expr.callee) or HOLE, at, DYNAMIC)]
        )


def _route(walk: Walk, call: Call, frame: Frame, word: str, trail: tuple[str, ...]) -> Iterator[Route]:
    """`path(route, view)`."""
    ev, at = walk.views.guards.ev, Location(frame.ref.path, call.at)
    given = argument(ev, call, frame, "route" if word != "url" else "regex", 0)
    route = text_of(ev, given)
    if word != "path":
        route = route.removeprefix("^").removesuffix("$")
    view = argument(ev, call, frame, "view", 1)
    if view.expr is None:
        yield _unknown(route, HOLE, at, DYNAMIC)
        return
    inner = _nested(walk, view.expr, view.frame, trail)
    if inner is not None:
        for found in inner:
            yield replace(found, path=route + found.path)
        return
    for methods, handler in answers(walk.views, view.expr, view.frame):
        yield Route(methods, route, handler, at, NONE)


def _nested(walk: Walk, expr: Expr, frame: Frame, trail: tuple[str, ...]) -> Iterator[Route] | None:
    """The routes of what stands where a view may: an include, a list, `admin.site.urls`; None for a view."""
    ev = walk.views.guards.ev
    if isinstance(expr, Call) and dotted(expr.callee).rpartition(".")[2] == "include":
        return _include(walk, expr, frame, trail)
    if isinstance(expr, Attribute) and expr.name == "urls":
        return _urls(walk, expr, frame, trail)
    if isinstance(expr, Sequence) and expr.items:
        return _all(walk, items(ev, expr.items[0], frame, _keep), frame, trail)
    if isinstance(expr, Name):
        held = [v for v in ev.expr(expr, frame) if isinstance(v, Container)]
        if held and isinstance(held[0].expr, Sequence):
            return _nested(walk, held[0].expr, held[0].frame, trail)
    return None


def _include(walk: Walk, call: Call, frame: Frame, trail: tuple[str, ...]) -> Iterator[Route]:
    """`include("shop.urls")`, `include((patterns, "shop"))`, `include(router.urls)`, `include([path(…)])`."""
    ev, at = walk.views.guards.ev, Location(frame.ref.path, call.at)
    target = argument(ev, call, frame, "arg", 0)
    if target.expr is None:
        yield _unknown(HOLE, HOLE, at, UNRESOLVED)
        return
    expr, where = target.expr, target.frame
    if isinstance(expr, Attribute) and expr.name == "urls" and not _is_module(walk, expr, where):
        yield from _urls(walk, expr, where, trail)
        return
    if isinstance(expr, Sequence) and expr.kind == "tuple" and expr.items:
        expr = expr.items[0]
    names = [v.value for v in ev.expr(expr, where) if isinstance(v, Const) and isinstance(v.value, str)]
    modules = [v.path for v in ev.expr(expr, where) if isinstance(v, Module) and v.path]
    if modules:
        yield from of_module(walk, modules[0], trail)
    elif names:
        yield from _named(walk, names[0], frame.ref.path, at, trail)
    elif isinstance(expr, Attribute) and expr.name == "urls":
        yield from _urls(walk, expr, where, trail)
    else:
        held = items(ev, expr, where, _keep)
        tupled = [
            v for v in ev.expr(expr, where) if isinstance(v, Container) and getattr(v.expr, "kind", "") == "tuple"
        ]
        if tupled and isinstance(tupled[0].expr, Sequence) and tupled[0].expr.items:
            held = items(ev, tupled[0].expr.items[0], tupled[0].frame, _keep)
        if held.found:
            yield from _all(walk, held, where, trail)
        else:
            values = [v.name for v in ev.expr(expr, where) if isinstance(v, External)]
            yield _unknown(HOLE, values[0] if values else dotted(expr) or HOLE, at, UNRESOLVED)


def _is_module(walk: Walk, expr: Expr, frame: Frame) -> bool:
    return any(isinstance(v, Module) for v in walk.views.guards.ev.expr(expr, frame))


def _named(walk: Walk, name: str, importer: str, at: Location, trail: tuple[str, ...]) -> Iterator[Route]:
    """A URL module by its dotted name: the project's, or one that a library brings."""
    ev = walk.views.guards.ev
    path = module_path(ev.index, name, importer)
    if path is not None and path in ev.index.python:
        yield from of_module(walk, path, trail)
    elif name in LIBRARY_URLS:
        for route, view in LIBRARY_URLS[name]:
            yield Route(LIBRARY_METHODS[view], route, external(walk.views, view, at), at, NONE)
    else:
        yield _unknown(HOLE, name, at, UNRESOLVED)


def _urls(walk: Walk, expr: Attribute, frame: Frame, trail: tuple[str, ...]) -> Iterator[Route]:
    """`router.urls` and `admin.site.urls`."""
    ev, at = walk.views.guards.ev, Location(frame.ref.path, expr.at)
    keys = meant(walk.routers.objects, expr.value, frame).keys
    apis = () if keys else meant(_apis(walk).objects, expr.value, frame).keys
    if apis:
        for route in (route for key in apis for route in behind(_apis(walk), key)):
            walk.views.functions.update({route.handler.ref: None} if route.handler.ref is not None else {})
            yield route
    elif keys:
        for key in keys:
            yield from router_routes(walk.views, walk.routers, key)
    elif any(_is_admin(walk, value) for value in ev.expr(expr.value, frame)) or dotted(expr.value).endswith(
        "admin.site"
    ):
        yield Route(("*",), "", Handler(ADMIN, at, None, False, protection(ADMIN, at, IDENTITY)), at, NONE)
    else:
        held = items(ev, expr, frame)
        yield from (
            _all(walk, held, frame, trail) if held.found else [_unknown(HOLE, dotted(expr) or HOLE, at, UNRESOLVED)]
        )


def _apis(walk: Walk) -> Ninja:
    """The APIs of django-ninja."""
    if walk.ninja is None:
        walk.ninja = ninja(walk.views.guards)
    return walk.ninja


def _is_admin(walk: Walk, value: Value) -> bool:
    match value:
        case External(name=name) | Instance(cls=str() as name):
            return name.startswith("django.contrib.admin.")
        case Instance(cls=ScopeRef() as ref):
            bases = classes.bases(walk.views.guards.ev, ref)
            return any(isinstance(base, str) and base.startswith("django.contrib.admin.") for base in bases)
        case _:
            return False
