"""Django: the projects of a repository by their settings, and the endpoints of their root URL lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from ..libraries import canonical
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Const, External
from ..model.endpoint import NOBODY_LOOKED, Endpoint, Purpose
from ..model.location import Location, Span
from . import drf_pagination, permissions
from .django_apart import apart, url_modules
from .django_settings import DjangoProject, expressions, listed, projects
from .django_urls import ADMIN, Walk, of_module
from .django_views import Views
from .drf_routers import Routers, routers
from .endpoints import application, endpoint
from .evidence import BODY_LIMIT, Evidence, complete, merged, protection, settle
from .gateway import gateway
from .guards import Guards, of_value
from .languages import marked
from .middlewares import of_values, unseen
from .permissions import Permissions
from .routes import MOST_ENDPOINTS, Route
from .sources import module_name, uses
from .throttles import Throttles, named, of_settings

_MIDDLEWARE = "a middleware that is not understood"
_FORMS = "DATA_UPLOAD_MAX_MEMORY_SIZE"
_NO_SETTINGS = "no settings module found"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Django project with its endpoints, sorted by the place of its root URL list."""
    if not uses(ev, "django"):
        return
    guards, registered, front = Guards(ev), routers(ev), gateway(ev)
    found = projects(ev)
    walks: dict[str, Walk] = {}
    routes: dict[str, list[Route]] = {}
    for project in found:
        throttled, permitted = of_settings(ev, project), permissions.of_settings(guards, project)
        views = Views(guards, throttled, permitted, drf_pagination.of_settings(ev, project))
        walks[project.urls] = walk = Walk(views, registered)
        routes[project.urls] = list(islice(of_module(walk, project.urls), MOST_ENDPOINTS))
    unplaced = apart(ev, walks) if found else {}
    for project in found:
        around = merged([_middleware(guards, project), front])
        name, every = module_name(ev, project.modules[0]), [*routes[project.urls], *unplaced.get(project.urls, ())]
        yield _declared(walks[project.urls].views, every, project.urls, name, around, _lockout(guards, project))
    if not found:
        yield from _loose(guards, registered, front)


def _loose(guards: Guards, registered: Routers, front: Evidence) -> Iterable[Declared]:
    """URL modules of a reusable application: those that no other one includes, each an application of its own."""
    ev = guards.ev
    modules = url_modules(ev)
    reached: dict[str, None] = {}
    for path in modules:
        walk = Walk(Views(guards, Throttles(), Permissions()), registered)
        for _ in of_module(walk, path):
            pass
        reached.update({other: None for other in walk.visited if other != path})
    around = merged([front, unseen(_NO_SETTINGS)])
    for path in modules:
        if path not in reached:
            views = Views(guards, Throttles(), Permissions())
            routes = of_module(Walk(views, registered), path)
            yield _declared(views, routes, path, module_name(ev, path), around, Evidence())


def _declared(
    views: Views, routes: Iterable[Route], urls: str, name: str, around: Evidence, lockout: Evidence
) -> Declared:
    guards, ev = views.guards, views.guards.ev
    key = f"{urls}:urlpatterns"
    table: dict[Endpoint, None] = {}
    for route in routes:
        path = "/" + route.path.lstrip("/")
        found = endpoint(guards, route, path, "django", key, around)
        if route.handler.name == ADMIN:
            found = replace(found, purpose=Purpose.LOGIN)
        if found.purpose is Purpose.LOGIN and lockout.found:
            whole = merged([route.handler.evidence, around, lockout])
            found = replace(found, limits=settle(ev, whole))
        paged, taken = drf_pagination.of_list(ev, found, route.handler.ref, views.pagination)
        paged = found.pagination if paged == NOBODY_LOOKED else paged
        table[replace(found, pagination=paged, inputs=(*found.inputs, *taken))] = None
        if len(table) >= MOST_ENDPOINTS:
            break
    bound = ev.bindings(ScopeRef(urls, 0)).get("urlpatterns", ())
    made = next((b for b in bound if b.expr is not None), bound[0] if bound else None)  # not where it is imported
    at = Location(urls, made.at if made else Span(1, 0, 1, 0))
    seen = complete(ev)  # what is not resolved is a route "…" of the table
    app = application(guards, key, "django", name, at, table, around, seen)
    return Declared(app, tuple(sorted(views.functions, key=lambda ref: (ref.path, ref.scope))))


def _middleware(guards: Guards, project: DjangoProject) -> Evidence:
    """What the entries of MIDDLEWARE say of limits."""
    ev = guards.ev
    held = listed(ev, project, "MIDDLEWARE")
    parts = [] if held.complete else [unseen(_MIDDLEWARE)]
    for expr, frame in held.found:
        at = Location(frame.ref.path, expr.at)
        values = named(ev, ev.expr(expr, frame), frame.ref.path)
        parts.append(of_values(ev, values, at))
        parts += [of_value(guards, value, at, _MIDDLEWARE) for value in values]
    return merged([*parts, *_body_limit(ev, project)])


def _body_limit(ev: Evaluator, project: DjangoProject) -> Iterable[Evidence]:
    """Django itself refuses a form of more than 2.5 MB, uploads left aside, unless the setting says None."""
    path = project.modules[0]
    held = list(expressions(ev, project, _FORMS))
    none = any(isinstance(v, Const) and v.value is None for expr, frame in held for v in ev.expr(expr, frame))
    at = Location(held[0][1].ref.path, held[0][0].at) if held else Location(path, ev.scope(ScopeRef(path, 0)).header)
    return () if none else (protection(f"django.conf.settings.{_FORMS}", at, BODY_LIMIT),)


def _lockout(guards: Guards, project: DjangoProject) -> Evidence:
    """django-axes and its like: they shut out a client after failed log-ins, so they guard log-ins alone."""
    ev, parts = guards.ev, []
    for setting in ("MIDDLEWARE", "AUTHENTICATION_BACKENDS"):
        for expr, frame in listed(ev, project, setting).found:
            for value in named(ev, ev.expr(expr, frame), frame.ref.path):
                if isinstance(value, External):
                    name = canonical(ev.libraries, value.name)
                    if marked(ev, name, "login-lockout") or name.startswith(("axes.", "defender.")):
                        parts.append(protection(name, Location(frame.ref.path, expr.at)))
    return merged(parts)
