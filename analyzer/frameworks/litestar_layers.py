"""The layers around a Litestar handler (application, router, controller, itself) → what their arguments guard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body, enclosing_class
from ..link.parameters import bind, callers
from ..link.values import ClassRef, External, Frame, Function, Thunk
from ..link.walk import contains, nodes
from ..model.code import Attribute, Call, Dict, Expr, Literal, Name, Subscript
from ..model.location import Location, Span
from .evidence import CSRF, IDENTITY, MIDDLEWARE, OPENED, Evidence, doubt, merged, protection
from .guards import DEEPEST, Guards, of_expr, own
from .lists import items
from .middlewares import HIDDEN, named, unseen
from .sources import argument, definition, read, sites
from .views import class_attribute, functions

_GUARD = "a guard that is not understood"
_MIDDLEWARE = "a middleware that is not understood"
_HOOKS = ("middleware", "on_app_init")  # attributes by which a configuration is plugged in
_APP, _HOOK = "litestar.Litestar", "a hook that may add middlewares"
_CONFIGS = ("allowed_hosts", "cors_config", "compression_config")
_DEFINE = "litestar.middleware.DefineMiddleware"
_SECURITY = ("SessionAuth", "JWTAuth", "JWTCookieAuth", "OAuth2PasswordBearerAuth")


def layer(guards: Guards, call: Call, frame: Frame) -> Evidence:
    """What the arguments of an application, a router or a route guard."""
    ev, parts = guards.ev, []
    for name in ("guards", "middleware"):
        given = argument(ev, call, frame, name)
        if given.expr is not None:
            parts.append(_listed(guards, name, given.expr, given.frame))
        elif given.hidden:
            parts.append(unseen(HIDDEN) if name == "middleware" else doubt(HIDDEN))
    opened = argument(ev, call, frame, "exclude_from_auth")
    if isinstance(opened.expr, Literal) and opened.expr.value is True:
        at = Location(frame.ref.path, call.at)
        parts += [Evidence(exempt=(IDENTITY,)), protection("exclude_from_auth", at, OPENED)]
    return merged(parts)


def of_class(guards: Guards, ref: ScopeRef) -> Evidence:
    """What the attributes of a controller guard."""
    found = ((name, class_attribute(guards.ev, ref, name)) for name in ("guards", "middleware"))
    return merged(_listed(guards, name, *held) for name, held in found if held is not None)


def _listed(guards: Guards, name: str, expr: Expr, frame: Frame) -> Evidence:
    held = items(guards.ev, expr, frame)
    why = _GUARD if name == "guards" else _MIDDLEWARE
    parts = [] if held.complete else [doubt(why) if name == "guards" else unseen(why)]
    for one, where in held.found:
        at = Location(where.ref.path, one.at)
        guard = name == "guards"
        parts.append(of_expr(guards, one, where, at, why) if guard else around(guards, one, where))
    return merged(parts)


def around(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One middleware: itself, and what it guards against."""
    return merged([_named(guards.ev, expr, frame), middleware(guards, expr, frame)])


def hooked(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One of `on_app_init`: an authenticator puts its middleware outermost, a function may add any."""
    plugged = isinstance(expr, Attribute) and expr.name in _HOOKS
    itself = _named(guards.ev, expr, frame) if plugged else doubt(_HOOK, MIDDLEWARE)
    return merged([itself, middleware(guards, expr, frame)])


def configured(guards: Guards, call: Call, frame: Frame) -> Evidence:
    """What an application makes middlewares of: `cors_config=`, `csrf_config=`, …; plugins may add any."""
    parts = []
    for name in (*_CONFIGS, "csrf_config", "plugins"):
        given = argument(guards.ev, call, frame, name)
        if given.expr is None or (isinstance(given.expr, Literal) and given.expr.value is None):
            continue
        at = Location(given.frame.ref.path, given.expr.at)
        parts.append(doubt(_HOOK, MIDDLEWARE) if name == "plugins" else protection(f"{_APP}.{name}", at, MIDDLEWARE))
        parts += [protection(f"{_APP}.{name}", at, CSRF)] if name == "csrf_config" else []
    return merged(parts)


def _named(ev: Evaluator, expr: Expr, frame: Frame) -> Evidence:
    """A middleware by its name; `DefineMiddleware(Cls, …)` stands for the class, `config.middleware` for its config."""
    at = Location(frame.ref.path, expr.at)
    match expr:
        case Attribute(value=value, name=name) if name in _HOOKS:
            return _named(ev, value, frame)
        case Call(callee=callee, args=(first, *_)) if _DEFINE in ev.qualified(callee, frame):
            return named(ev, first, frame, at)
        case Name() if (defined := definition(ev, expr, frame)) is not None and isinstance(defined[0], Call):
            maker = defined[0].callee
            return named(ev, maker.value if isinstance(maker, Subscript) else expr, frame, at)
        case _:
            return named(ev, expr, frame, at)


def middleware(guards: Guards, expr: Expr, frame: Frame, depth: int = 0) -> Evidence:
    """`Limits`, `DefineMiddleware(Limits, …)`, `RateLimitConfig(…).middleware`, `jwt_auth.on_app_init`."""
    ev, at = guards.ev, Location(frame.ref.path, expr.at)
    match expr:
        case Attribute(value=value, name=name) if name in _HOOKS:
            return middleware(guards, value, frame, depth + 1)
        case Call(callee=Subscript(value=maker)):  # `JWTAuth[User](…)`
            return of_expr(guards, maker, frame, at, _MIDDLEWARE)
        case Call(callee=callee, args=(first, *_)) if _DEFINE in ev.qualified(callee, frame):
            return of_expr(guards, first, frame, at, _MIDDLEWARE)
        case _:
            defined = definition(ev, expr, frame) if depth < DEEPEST else None
    defined = defined or handed_in(ev, expr, frame)
    if defined is not None and isinstance(defined[0], Attribute | Call | Name) and depth < DEEPEST:
        return middleware(guards, *defined, depth + 1)
    asks = [ref for v in ev.expr(expr, frame) if isinstance(v, ClassRef) for ref in _authenticating(ev, v.ref)]
    return merged(own(guards, ref, at) for ref in asks) if asks else of_expr(guards, expr, frame, at, _MIDDLEWARE)


def _authenticating(ev: Evaluator, cls: ScopeRef) -> list[ScopeRef]:
    """What decides in the project's own authentication middleware: its base lets through whom this lets through."""
    if not classes.derives(ev, cls, "litestar.middleware.AbstractAuthenticationMiddleware"):
        return []
    return list(functions(ev, cls, ("authenticate_request",)).values())


def handed_in(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[Expr, Frame] | None:
    """What the only caller of a function gives for the parameter that a name stands for."""
    if not isinstance(expr, Name) or not any(p.name == expr.id for p in ev.scope(frame.ref).params.items):
        return None
    calls = [called for site in callers(ev, frame.ref) if (called := read(ev, site)) is not None]
    method = enclosing_class(ev.index, frame.ref) is not None
    given = bind(ev, frame.ref, *calls[0], has_receiver=method).get(expr.id) if len(calls) == 1 else None
    return (given.expr, given.frame) if isinstance(given, Thunk) else None


def authenticators(guards: Guards) -> Iterator[tuple[Call, Frame]]:
    """The calls that configure who asks for credentials."""
    ev = guards.ev
    unnamed = [site for site in ev.index.sites.get("?", ()) if site.path not in ev.index.tests]
    for site in [*sites(ev, *_SECURITY), *unnamed]:
        found = read(ev, site)
        callee = found[0].callee if found is not None else None
        maker = callee.value if isinstance(callee, Subscript) else callee
        values = ev.expr(maker, found[1]) if found is not None and maker is not None else ()
        names = [v.name for v in values if isinstance(v, External)]
        if found is not None and any(n.startswith("litestar.") and n.endswith(_SECURITY) for n in names):
            yield found


# ---------------------------------------------------------------------- dependencies


Provided = Mapping[str, list[tuple[ScopeRef, Location]]]  # name → functions that give what is passed under it


def provided(guards: Guards, ref: ScopeRef, known: Provided, depth: int = 0) -> Evidence:
    """The dependencies that a handler's parameters name, and those that these name in turn."""
    parts = []
    for param in guards.ev.scope(ref).params.items if depth < DEEPEST else ():
        for function, at in known.get(param.name, ()):
            if function != ref:
                guards.dependencies.setdefault(function)
                parts += [own(guards, function, at), provided(guards, function, known, depth + 1)]
    return merged(parts)


def providers(ev: Evaluator) -> Provided:
    """What `dependencies={"name": Provide(f)}` provides, in whatever layer."""
    found: dict[str, list[tuple[ScopeRef, Location]]] = {}
    for expr, frame in _mappings(ev):
        for key, value in zip(expr.keys, expr.values, strict=True):
            target = value.args[0] if isinstance(value, Call) and value.args else value
            for function in ev.expr(target, frame):
                if isinstance(key, Literal) and isinstance(key.value, str) and isinstance(function, Function):
                    found.setdefault(key.value, []).append((function.ref, Location(frame.ref.path, value.at)))
    return found


def _mappings(ev: Evaluator) -> Iterator[tuple[Dict, Frame]]:
    """Every dict in which something is provided, once: in code, or in the call of a decorator."""
    seen: set[tuple[ScopeRef, Span]] = set()
    for site in sites(ev, "Provide"):
        found = read(ev, site)
        for node in _written(ev, found[1].ref) if found is not None else ():
            if found is None or not isinstance(node, Dict) or not contains(node.at, found[0].at):
                continue
            if (found[1].ref, node.at) not in seen:
                seen.add((found[1].ref, node.at))
                yield node, found[1]


def _written(ev: Evaluator, ref: ScopeRef) -> Iterator[object]:
    """Everything that a scope's code is made of, the decorators of what it defines included."""
    yield from nodes(body(ev.index, ref))
    for number in ev.index.children[ref.path].get(ref.scope, ()):
        for decorator in ev.index.python[ref.path].scopes[number].decorators:
            yield from nodes(decorator)
