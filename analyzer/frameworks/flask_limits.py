"""Flask-Limiter, `before_request` and WSGI wrappers → what guards whole applications and blueprints."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body
from ..link.values import Frame
from ..link.walk import nodes, statements
from ..model.code import Assign, Attribute, Call, Literal, Name, Subscript
from ..model.location import Location
from .body_limits import configured
from .evidence import CSRF, MIDDLEWARE, Evidence, by_url, merged, protection
from .extensions import extensions
from .guards import Guards, of_expr
from .lists import items
from .middlewares import function, named, standing
from .objects import Made, Objects, meant, objects
from .sources import argument, code, qualified, read, sites
from .tree import Tree

QUART = "quart.Quart"  # takes 16 MiB unless it is told another number (quart 0.22, quart/app.py)
LIMITER = "flask_limiter.Limiter"
_CSRF = "flask_wtf.csrf.CSRFProtect"
_DEFAULTS = ("RATELIMIT_DEFAULT", "RATELIMIT_DEFAULTS", "RATELIMIT_APPLICATION", "RATELIMIT_GLOBAL")
_WHY = "a before_request function that is not understood"
_HOOKS = ("before_request", "before_app_request")
# Run before them, and may end a request just as well.
_EARLIER = {"before_request": "url_value_preprocessor", "before_app_request": "app_url_value_preprocessor"}
_LATER = {"before_request": "after_request", "before_app_request": "after_app_request"}  # guard nothing


def app_wide(tree: Tree, app: Made) -> Evidence:
    """What guards every route of an application."""
    guards, found = tree.guards, tree.objects
    parts = [_wrappers(guards, found, app), _limiters(guards, found, app), _csrf(guards, found, app)]
    parts.append(extensions(guards.ev, found, app))
    default = Location(app.site.path, app.call.at) if app.kind == QUART else None
    parts.append(configured(guards.ev, "MAX_CONTENT_LENGTH", default, f"{QUART}.config.MAX_CONTENT_LENGTH"))
    parts.append(hooks(guards, found, app.site, ("before_request",)))
    parts += [hooks(guards, found, m.site, ("before_app_request",)) for m in found.made.values() if m.site != app.site]
    return merged(parts)


def _limiters(guards: Guards, found: Objects, app: Made) -> Evidence:
    """Limiters with default limits that are given this application, by constructor or `init_app`."""
    ev = guards.ev
    held = objects(ev, (LIMITER,))
    configured = _configured(ev)
    parts = []
    for site in _attached(ev, found, held, app):
        made = held.made[site]
        parts.append(protection(LIMITER, Location(site.path, made.call.at), MIDDLEWARE))
        if configured is not None or _has_defaults(ev, made):
            parts.append(protection(LIMITER, configured or Location(site.path, made.call.at)))
    return merged(parts)


def _csrf(guards: Guards, found: Objects, app: Made) -> Evidence:
    """`CSRFProtect(app)`: it checks every request that may change something."""
    held = objects(guards.ev, (_CSRF,))
    sites_ = _attached(guards.ev, found, held, app)
    places = [Location(site.path, held.made[site].call.at) for site in sites_]
    return merged(protection(_CSRF, at, kind) for at in places for kind in (MIDDLEWARE, CSRF))


def _attached(ev: Evaluator, found: Objects, held: Objects, app: Made) -> Iterable[SiteRef]:
    """The extensions that are given this application, by constructor or `init_app`."""
    attached: dict[SiteRef, None] = {}
    for made in held.made.values():
        for expr in [*made.call.args[:2], *(k.value for k in made.call.keywords if k.name == "app")]:
            if app.site in meant(found, expr, made.frame).keys:
                attached.setdefault(made.site)
    for site in sites(ev, "init_app"):
        called = read(ev, site)
        if called is None or not isinstance(called[0].callee, Attribute) or not called[0].args:
            continue
        limiters = meant(held, called[0].callee.value, called[1]).keys
        if limiters and app.site in meant(found, called[0].args[0], called[1]).keys:
            attached.update(dict.fromkeys(limiters))
    return attached


def _has_defaults(ev: Evaluator, limiter: Made) -> bool:
    for name in ("default_limits", "application_limits"):
        given = argument(ev, limiter.call, limiter.frame, name)
        if given.hidden:
            return True
        if given.expr is not None:
            held = items(ev, given.expr, given.frame)
            if held.found or not held.complete:
                return True
    return False


def _configured(ev: Evaluator) -> Location | None:
    """The place where the configuration gives default limits, as a name or as a key."""
    for path, facts in code(ev):
        if "config" not in facts.attributes and not set(_DEFAULTS) & set(facts.names):
            continue
        for number in range(len(facts.scopes)):
            for statement in statements(body(ev.index, ScopeRef(path, number))):
                if isinstance(statement, Assign) and any(_is_default(target) for target in statement.targets):
                    empty = isinstance(statement.value, Literal) and not statement.value.value
                    if not empty:
                        return Location(path, statement.at)
    return None


def _is_default(target: object) -> bool:
    match target:
        case Name(id=name):
            return name in _DEFAULTS
        case Subscript(index=Literal(value=key)):
            return key in _DEFAULTS
        case _:
            return False


def _wrappers(guards: Guards, found: Objects, app: Made) -> Evidence:
    """`app.wsgi_app = Wrapper(app.wsgi_app)`."""
    ev, parts = guards.ev, []
    for path, facts in code(ev):
        if "wsgi_app" not in facts.attributes:
            continue
        for number in range(len(facts.scopes)):
            frame = Frame(ScopeRef(path, number))
            for statement in statements(body(ev.index, frame.ref)):
                match statement:
                    case Assign(targets=(Attribute(value=owner, name="wsgi_app"),), value=Call(callee=callee) as call):
                        if app.site in meant(found, owner, frame).keys:
                            at = Location(path, call.at)
                            parts.append(standing(guards, callee, frame, at=at))
                    case _:
                        pass
    return merged(reversed(parts))  # the last one stands around those before it


def hooks(guards: Guards, found: Objects, site: SiteRef, words: tuple[str, ...]) -> Evidence:
    """The functions that run before and after requests of an application or blueprint; the latter guard nothing."""
    ev, parts = guards.ev, []
    after = {_LATER[word] for word in words}
    words = (*words, *(_EARLIER[word] for word in words), *sorted(after))
    for path, facts in code(ev):
        if set(words).isdisjoint(facts.attributes):
            continue
        for number, scope in enumerate(facts.scopes):
            frame = Frame(ScopeRef(path, scope.parent))
            for one in scope.decorators:
                if isinstance(one, Attribute) and one.name in words and site in meant(found, one.value, frame).keys:
                    ref, at = ScopeRef(path, number), Location(path, one.at)
                    itself = protection(qualified(ev, ref), at, MIDDLEWARE)
                    before = itself if one.name in after else function(guards, ref, at)
                    parts.append(by_url(before) if _reads_url(ev, ref, one.name) else before)
    for place in sites(ev, *words):
        called = read(ev, place)
        if called is None or not isinstance(called[0].callee, Attribute) or not called[0].args:
            continue
        if site in meant(found, called[0].callee.value, called[1]).keys:
            given, at = called[0].args[0], Location(place.path, called[0].at)
            later = called[0].callee.name in after
            parts.append(named(ev, given, called[1], at) if later else standing(guards, given, called[1], _WHY, at))
    return merged(parts)


def _reads_url(ev: Evaluator, ref: ScopeRef, word: str) -> bool:
    """Whether a function runs with the values of a URL, its second parameter, and looks at them."""
    params = ev.scope(ref).params.items
    if word not in _EARLIER.values() or len(params) < 2:
        return False
    return any(isinstance(node, Name) and node.id == params[1].name for node in nodes(body(ev.index, ref)))


def applied(guards: Guards, found: Objects) -> dict[SiteRef, Evidence]:
    """`limiter.limit("5/minute")(blueprint)` and `limiter.exempt(blueprint)`: evidence by blueprint."""
    ev = guards.ev
    result: dict[SiteRef, Evidence] = {}
    for place in [*ev.index.sites.get("?", ()), *sites(ev, "exempt")]:
        called = read(ev, place) if place.path not in ev.index.tests else None
        if called is None or not called[0].args:
            continue
        call, frame = called
        maker = call.callee.callee if isinstance(call.callee, Call) else call.callee
        if not isinstance(maker, Attribute) or maker.name not in ("limit", "shared_limit", "exempt"):
            continue
        evidence = of_expr(guards, call.callee, frame, Location(place.path, call.at), _WHY)
        for key in meant(found, call.args[0], frame).keys:
            result[key] = merged([result.get(key, Evidence()), evidence])
    return result
