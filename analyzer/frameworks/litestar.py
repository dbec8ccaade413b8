"""Litestar: applications, routers and controllers, what is registered with what, and the endpoints that come out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import SiteRef
from ..link.values import ClassRef, Const, Frame, Function, Instance, Value
from ..model.answer import Known
from ..model.code import Attribute, Expr
from ..model.endpoint import Endpoint
from ..model.location import Location
from .body_limits import body_limit
from .evidence import Evidence, doubt, merged
from .guards import Guards
from .lists import Items, items, strings
from .litestar_layers import Provided, authenticators, configured, handed_in, hooked, layer, middleware, providers
from .litestar_routes import of_controller, of_function, of_listener
from .objects import Made, in_round, meant, objects, rounds
from .sources import HOLE, Argument, argument, read, sites, text_of, uses
from .tree import Inclusion, Manner, Tree, declared

APPS = ("litestar.Litestar",)
ROUTERS = ("litestar.Router",)
_RATE_LIMIT = "litestar.middleware.rate_limit."


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Litestar application with its endpoints, in the order of their places."""
    if not uses(ev, "litestar"):
        return []
    tree, known = Tree(Guards(ev), objects(ev, APPS + ROUTERS)), providers(ev)
    for made in tree.objects.made.values():
        _given(tree, made, known)
    for site in sites(ev, "register"):
        _registered(tree, site, known)
    for site in sites(ev, "append", "extend"):
        _configured(tree, site, known)
    found = declared(tree, Manner(APPS, lambda _: "litestar", joined, _prefix, _around, _app_wide))
    return [_opened(tree, _unlimited(one)) for one in found]


def joined(prefix: str, path: str) -> str:
    """Prefix and path as Litestar puts them together: one slash between, none at the end."""
    return "/" + re.sub("//+", "/", f"{prefix}/{path}").strip("/")


def _prefix(tree: Tree, made: Made, _: Inclusion | None) -> str:
    ev = tree.guards.ev
    return text_of(ev, argument(ev, made.call, made.frame, "path", 0 if made.kind in ROUTERS else None))


def _around(tree: Tree, made: Made) -> Evidence:
    return layer(tree.guards, made.call, made.frame)


def _app_wide(tree: Tree, made: Made) -> Evidence:
    """The guards and middlewares of an application, and what is hooked in while it starts."""
    ev = tree.guards.ev
    hooks = argument(ev, made.call, made.frame, "on_app_init")
    held = items(ev, hooks.expr, hooks.frame) if hooks.expr is not None else None
    parts = [body_limit(ev, made.site)]
    parts += [hooked(tree.guards, expr, frame) for expr, frame in (held.found if held else ())]
    parts += [configured(tree.guards, made.call, made.frame)]
    parts += [doubt("a hook that is not understood")] if held is not None and not held.complete else []
    if sum(one.kind in APPS for one in tree.objects.made.values()) == 1:
        called = (read(ev, site) for site in sites(ev, "on_app_init"))  # in a plugin's own `on_app_init`
        parts += [middleware(tree.guards, one[0].callee, one[1]) for one in called if one is not None]
    return merged([*parts, _around(tree, made)])


# ------------------------------------------------------------------ what is registered


def _given(tree: Tree, made: Made, known: Provided) -> None:
    """`Litestar(route_handlers=[…])` and `Router(path="/x", route_handlers=[…])`."""
    ev = tree.guards.ev
    given = argument(ev, made.call, made.frame, "route_handlers", 0 if made.kind in APPS else None)
    if given.expr is None:
        tree.hidden = "arguments that are not understood" if given.hidden else tree.hidden
        return
    held = items(ev, given.expr, given.frame)
    tree.hidden = tree.hidden if held.complete else "a list of handlers that is not understood"
    for expr, frame in held.found:
        for value in ev.expr(expr, frame):
            _one(tree, known, made.site, value, Location(frame.ref.path, expr.at))


def _registered(tree: Tree, site: SiteRef, known: Provided) -> None:
    """`app.register(handler)`, in every round of a loop around it."""
    ev = tree.guards.ev
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute):
        return
    call, frame = called
    owners = meant(tree.objects, called[0].callee.value, frame).keys
    given = argument(ev, call, frame, "value", 0)
    for owner in owners if given.expr is not None else ():
        turns = rounds(ev, call, frame)
        tree.hidden = tree.hidden if turns is not None else "a handler registered in a loop that is not understood"
        for turn in turns or ():
            values = in_round(ev, given.expr, given.frame, turn)[0] if given.expr is not None else ()
            for value in values:
                _one(tree, known, owner, value, Location(site.path, call.at))


def _configured(tree: Tree, site: SiteRef, known: Provided) -> None:
    """`config.route_handlers.extend([…])` in a plugin or a hook: with one application it is clear whose they are."""
    if not ev_site(tree, site).endswith(("route_handlers.append", "route_handlers.extend")):
        return
    called, apps = read(tree.guards.ev, site), [m.site for m in tree.objects.made.values() if m.kind in APPS]
    if called is None or not called[0].args or len(apps) != 1:
        tree.hidden = "a handler registered by a plugin"
        return
    call, frame = called
    whole = Items(((call.args[0], frame),), True)
    held = _listed(tree.guards.ev, call.args[0], frame) if ev_site(tree, site).endswith("extend") else whole
    tree.hidden = tree.hidden if held.complete else "a list of handlers that is not understood"
    for expr, where in held.found:
        for value in tree.guards.ev.expr(expr, where):
            _one(tree, known, apps[0], value, Location(where.ref.path, expr.at))


def _listed(ev: Evaluator, expr: Expr, frame: Frame) -> Items:
    """The items of a list, also of one that the function is given by its only caller."""
    held = items(ev, expr, frame)
    given = handed_in(ev, expr, frame) if not held.found else None
    return items(ev, *given) if given is not None else held


def ev_site(tree: Tree, site: SiteRef) -> str:
    """What a site calls, as written."""
    return tree.guards.ev.index.site(site).callee


def _one(tree: Tree, known: Provided, owner: SiteRef, value: Value, at: Location) -> None:
    """What is registered: a router, a controller, a listener, or a function that a decorator made a handler."""
    guards = tree.guards
    match value:
        case Instance(made=site) if site in tree.objects.made:
            if site != owner:
                tree.inclusions[owner].append(Inclusion(site))
        case ClassRef(ref=ref) if classes.derives(guards.ev, ref, "litestar.Controller"):
            found = of_controller(guards, ref, known)
            tree.routes[owner] += found
            tree.functions.update(dict.fromkeys(r.handler.ref for r in found if r.handler.ref is not None))
        case ClassRef(ref=ref):
            tree.routes[owner] += of_listener(guards, ref, at)
        case Function(ref=ref):
            tree.routes[owner] += of_function(guards, ref, known)
            tree.functions.setdefault(ref)
        case Instance(cls=str() as cls) if cls.startswith("litestar."):
            pass  # files, and what the framework brings
        case Const():
            pass
        case _:
            tree.hidden = "a handler that is not understood"


# --------------------------------------------------------- what an authenticator leaves open


def _unlimited(found: Declared) -> Declared:
    """Litestar's own rate limit looks at HTTP alone (litestar 2.25.0, litestar/middleware/rate_limit.py:71)."""
    table = tuple(
        replace(one, limits=Known(tuple(p for p in one.limits.value if not p.what.startswith(_RATE_LIMIT))))
        if one.methods == ("WEBSOCKET",) and isinstance(one.limits, Known)
        else one
        for one in found.app.endpoints
    )
    return replace(found, app=replace(found.app, endpoints=table))


def _opened(tree: Tree, found: Declared) -> Declared:
    """Paths that an application's authenticator excludes are open, as far as nothing else asks there."""
    ev = tree.guards.ev
    patterns: list[tuple[str, Location]] = []
    for call, frame in authenticators(tree.guards):
        given: Argument = argument(ev, call, frame, "exclude")
        known = strings(ev, given) if given.expr is not None else None
        single = text_of(ev, given) if given.expr is not None and not known else HOLE
        at = Location(frame.ref.path, call.at)
        patterns += [(one, at) for one in (known or (() if single == HOLE else (single,)))]
    if not patterns:
        return found
    table = tuple(_exempt(one, patterns) for one in found.app.endpoints)
    return replace(found, app=replace(found.app, endpoints=table))


def _exempt(endpoint: Endpoint, patterns: list[tuple[str, Location]]) -> Endpoint:
    asks = endpoint.authentication
    if not isinstance(asks, Known) or not asks.value or not all("litestar" in one.what for one in asks.value):
        return endpoint
    at = next((at for pattern, at in patterns if _searches(pattern, endpoint.path)), None)
    return endpoint if at is None else replace(endpoint, authentication=Known((), (at,)))


def _searches(pattern: str, path: str) -> bool:
    try:
        return re.search(pattern, path) is not None
    except re.error:
        return False
