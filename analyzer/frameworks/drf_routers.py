"""DRF's routers → the routes of the viewsets registered with them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Const, External, Frame, Value
from ..link.walk import dotted
from ..model.code import Attribute, Call
from ..model.facts import ScopeKind
from ..model.location import Location
from . import permissions
from .adding import frames
from .django_classes import actions_of
from .django_views import Chosen, Views, action_views, external
from .evidence import NONE, doubt
from .lists import strings
from .objects import Objects, meant, objects
from .routes import Handler, Route
from .sources import HOLE, Argument, argument, name_place, qualified, read, sites, text, text_of
from .throttles import of_list
from .views import METHODS, class_attribute, functions

KINDS = (
    "rest_framework.routers.SimpleRouter", "rest_framework.routers.DefaultRouter", "rest_framework.routers.BaseRouter",
    "rest_framework_nested.routers.SimpleRouter", "rest_framework_nested.routers.DefaultRouter",
    "rest_framework_nested.routers.NestedSimpleRouter", "rest_framework_nested.routers.NestedDefaultRouter",
    "rest_framework_extensions.routers.ExtendedSimpleRouter", "rest_framework_extensions.routers.ExtendedDefaultRouter",
    "rest_framework_bulk.routes.BulkRouter",
)  # fmt: skip
_LIST = {"get": "list", "post": "create"}
_DETAIL = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_ACTION = (
    "rest_framework.decorators.action",
    "rest_framework.decorators.detail_route",
    "rest_framework.decorators.list_route",
)


@dataclass(frozen=True, slots=True)
class Registration:
    """`router.register(prefix, ViewSet)`."""

    prefix: str
    viewset: Value | None
    at: Location


@dataclass(slots=True)
class Routers:
    """What is registered with every router of a repository."""

    objects: Objects
    held: dict[SiteRef, list[Registration]] = field(default_factory=lambda: defaultdict(list))
    extended: dict[SiteRef, list[SiteRef]] = field(default_factory=lambda: defaultdict(list))
    partly: dict[SiteRef, None] = field(default_factory=dict)  # routers with a registration that was not understood


def routers(ev: Evaluator) -> Routers:
    """Every router with its registrations."""
    found = Routers(objects(ev, KINDS))
    if not found.objects.made:
        return found
    for site in sites(ev, "register"):
        called = read(ev, site)
        if called is not None and isinstance(called[0].callee, Attribute) and called[0].args:
            _register(ev, found, called[0], called[0].callee, called[1])
    for site in sites(ev, "extend"):
        _extend(ev, found, site)
    return found


def _register(ev: Evaluator, found: Routers, call: Call, callee: Attribute, frame: Frame) -> None:
    """`router.register("users", UserViewSet)`, each time that it runs."""
    at = Location(frame.ref.path, call.at)
    for inner, sure in frames(ev, call, frame):
        owners = meant(found.objects, callee.value, inner).keys
        prefix, view = argument(ev, call, inner, "prefix", 0), argument(ev, call, inner, "viewset", 1)
        if prefix.expr is None or view.expr is None or not sure:
            found.partly.update(dict.fromkeys(owners))
            continue
        values = ev.expr(view.expr, view.frame)
        usable = next((v for v in values if isinstance(v, ClassRef | External)), None)
        for owner in owners:
            found.held[owner].append(Registration(text_of(ev, prefix), usable, at))


def _extend(ev: Evaluator, found: Routers, site: SiteRef) -> None:
    """`router.registry.extend(other.registry)`."""
    if not ev.index.site(site).callee.endswith(".registry.extend"):
        return
    called = read(ev, site)
    if called is None or not called[0].args or not isinstance(called[0].args[0], Attribute):
        return
    callee = called[0].callee
    assert isinstance(callee, Attribute) and isinstance(callee.value, Attribute)
    for owner in meant(found.objects, callee.value.value, called[1]).keys:
        found.extended[owner] += meant(found.objects, called[0].args[0].value, called[1]).keys


def router_routes(views: Views, found: Routers, key: SiteRef, depth: int = 0) -> list[Route]:
    """The routes that `router.urls` stands for."""
    ev, made = views.guards.ev, found.objects.made[key]
    slash = "/"
    given = argument(ev, made.call, made.frame, "trailing_slash")
    if given.expr is not None and any(
        isinstance(v, Const) and v.value is False for v in ev.expr(given.expr, given.frame)
    ):
        slash = ""
    parent = ""
    if "Nested" in made.kind:
        outer = text_of(ev, argument(ev, made.call, made.frame, "parent_prefix", 1)).strip("/")
        lookup = text_of(ev, argument(ev, made.call, made.frame, "lookup", 2)) or HOLE
        parent = f"{outer}/<{lookup}_pk>/"
    result: list[Route] = []
    for registration in found.held.get(key, ()):
        for route in _viewset(views, registration, slash):
            result.append(replace(route, path=parent + route.path))
    for other in found.extended.get(key, ()) if depth < 4 else ():
        result += router_routes(views, found, other, depth + 1)
    if key in found.partly:
        at = Location(key.path, made.call.at)
        unknown = Handler(HOLE, at, None, False, doubt("a router built at run time"))
        result.append(Route(("*",), HOLE, unknown, at, NONE))
    return result


def _viewset(views: Views, registration: Registration, slash: str) -> list[Route]:
    ev, at = views.guards.ev, registration.at
    base = registration.prefix.strip("/")
    base = f"{base}/" if base and slash else base
    if not isinstance(registration.viewset, ClassRef):
        name = registration.viewset.name if isinstance(registration.viewset, External) else HOLE
        handler = external(views, name, at)
        return [Route(("*",), f"{base}{HOLE}", handler, at, NONE)]
    ref = registration.viewset.ref
    brought = {a for one in classes.bases(ev, ref) if isinstance(one, str) for a in actions_of(one)}
    own = set(functions(ev, ref, (*_LIST.values(), *_DETAIL.values())))
    lookup = class_attribute(ev, ref, "lookup_url_kwarg") or class_attribute(ev, ref, "lookup_field")
    detail = f"{registration.prefix.strip('/')}/<{text(ev.expr(*lookup)) or 'pk' if lookup else 'pk'}>".lstrip("/")
    allowed = class_attribute(ev, ref, "http_method_names")
    names = set(strings(ev, Argument(*allowed, hidden=False)) or METHODS) if allowed else set(METHODS)
    result = []
    for path, table in ((base, _LIST), (detail + slash, _DETAIL)):
        actions = {m: a for m, a in table.items() if a in brought | own and m in names}
        if actions:
            result += [
                Route(methods, path, handler, at, NONE) for methods, handler in action_views(views, ref, actions)
            ]
    for path, methods, handler in _extra(views, ref, names):
        start = detail if path.startswith("+") else registration.prefix.strip("/")
        result.append(Route(methods, f"{start}/{path.removeprefix('+')}{slash}".lstrip("/"), handler, at, NONE))
    return result


def _extra(views: Views, ref: ScopeRef, allowed: set[str]) -> list[tuple[str, tuple[str, ...], Handler]]:
    """The routes of `@action` methods: the path ("+" before it for one below an object), methods, handler."""
    ev = views.guards.ev
    found: dict[str, tuple[str, dict[str, str], Chosen]] = {}
    mapped: list[tuple[str, str, str]] = []
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        for number in ev.index.children[base.path].get(base.scope, ()):
            scope = ev.index.python[base.path].scopes[number]
            if scope.kind is not ScopeKind.FUNCTION or scope.name in found:
                continue
            for one in scope.decorators:
                callee = one.callee if isinstance(one, Call) else one
                written = dotted(callee).split(".")
                if len(written) == 3 and written[1] == "mapping":
                    mapped.append((written[0], written[2], scope.name))
                elif isinstance(one, Call) and set(ev.qualified(callee, Frame(base))) & set(_ACTION):
                    found[scope.name] = _action(views, one, Frame(base), scope.name)
    for name, method, function in mapped:
        if name in found:
            found[name][1][method] = function
    result = []
    for path, actions, chosen in found.values():
        usable = {method: action for method, action in actions.items() if method in allowed}
        for methods, handler in action_views(views, ref, usable, chosen) if usable else ():
            functions_of = [a for m, a in sorted(usable.items()) if m.upper() in methods]
            target = functions(ev, ref, (functions_of[0],)).get(functions_of[0]) if functions_of else None
            if target is not None:
                is_async = ev.scope(target).is_async
                handler = Handler(qualified(ev, target), name_place(ev, target), target, is_async, handler.evidence)
            result.append((path, methods, handler))
    return result


def _action(views: Views, call: Call, frame: Frame, name: str) -> tuple[str, dict[str, str], Chosen]:
    """`@action(detail=True, methods=["post"], url_path="set-password", permission_classes=[…])`."""
    ev = views.guards.ev
    given = argument(ev, call, frame, "methods", 0)
    methods = strings(ev, given) if given.expr is not None else ("get",)
    path = text_of(ev, argument(ev, call, frame, "url_path", 2)) or name
    detail = argument(ev, call, frame, "detail", 1)
    below = detail.expr is not None and any(
        isinstance(v, Const) and v.value is True for v in ev.expr(detail.expr, detail.frame)
    )
    below = below or "rest_framework.decorators.detail_route" in ev.qualified(call.callee, frame)
    limits, people = (argument(ev, call, frame, f"{what}_classes") for what in ("throttle", "permission"))
    own = Chosen(
        None if limits.expr is None else of_list(views.guards, limits.expr, limits.frame, views.throttles, ""),
        None if people.expr is None else permissions.of_list(views.guards, people.expr, people.frame),
    )
    return ("+" if below else "") + path, {m.lower(): name for m in methods or ("get",)}, own
