"""Chalice, AWS Powertools' resolvers and Azure's function apps: decorated functions → endpoints, and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Frame
from ..link.walk import dotted
from ..model.code import Attribute, Call, Expr, Literal
from ..model.endpoint import Serves
from ..model.facts import Scope, ScopeKind
from ..model.location import Location
from .evidence import IDENTITY, NONE, Evidence, merged, protection
from .fastapi_routes import named_methods
from .guards import Guards
from .indoors import indoors
from .objects import Made, in_round, meant, meant_by, objects, rounds
from .routes import Handler, Route, of_function
from .serverless import EVENT
from .sources import HOLE, argument, code, read, sites, text, text_of, uses
from .tree import Inclusion, Manner, Tree, declared

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head"})
_ANONYMOUS = "ANONYMOUS"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one of them speaks."""

    framework: str
    package: str
    apps: tuple[str, ...]
    routers: tuple[str, ...]
    include: Mapping[str, tuple[str, str, int | None]]  # method → the router's, the prefix's name and its position
    rule: str  # the name of a route's path
    methods: str
    default: tuple[str, ...]  # methods where none are given
    events: Callable[[str], bool]  # of a decorator's word
    base: str = ""  # before every path
    verbs: frozenset[str] = frozenset()


DIALECTS = (
    Dialect(
        "chalice", "chalice", ("chalice.Chalice",), ("chalice.Blueprint",),
        {"register_blueprint": ("blueprint", "url_prefix", 2)}, "path", "methods", ("GET",),
        lambda word: word.startswith("on_") or word in ("schedule", "lambda_function"),
    ),
    Dialect(
        "aws-powertools", "aws_lambda_powertools",
        tuple(
            f"aws_lambda_powertools.event_handler.{name}"
            for name in (
                "APIGatewayRestResolver", "APIGatewayHttpResolver", "ALBResolver", "LambdaFunctionUrlResolver",
                "VPCLatticeResolver", "VPCLatticeV2Resolver", "ApiGatewayResolver",
            )
        ),
        tuple(
            f"aws_lambda_powertools.event_handler.router.{name}"
            for name in (
                "Router", "APIGatewayRouter", "APIGatewayHttpRouter", "ALBRouter", "LambdaFunctionUrlRouter",
                "VPCLatticeRouter", "VPCLatticeV2Router",
            )
        ),
        {"include_router": ("router", "prefix", 1)}, "rule", "method", ("GET",), lambda _: False, "", _VERBS,
    ),
    Dialect(
        "azure-functions", "azure", ("azure.functions.FunctionApp",), ("azure.functions.Blueprint",),
        {word: ("function_container", "", None) for word in ("register_functions", "register_blueprint")},
        "route", "methods", ("*",), lambda word: word.endswith("_trigger") or word in ("schedule", "warm_up_trigger"),
        "/api",
    ),
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """What a project's functions answer, and what else starts them."""

    tree: Tree
    dialect: Dialect
    events: dict[SiteRef, list[Route]] = field(default_factory=dict)


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every application of a cloud's own framework, with what HTTP starts and what events start."""
    for dialect in DIALECTS:
        if uses(ev, dialect.package):
            yield from _declared(ev, dialect)


def _declared(ev: Evaluator, dialect: Dialect) -> Iterator[Declared]:
    found = Found(Tree(Guards(ev), objects(ev, dialect.apps + dialect.routers)), dialect)
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            if scope.decorators and scope.kind is ScopeKind.FUNCTION:
                _decorated(found, ScopeRef(path, number), scope)
    for site in sites(ev, *dialect.include):
        _included(found, site)
    manner = Manner(dialect.apps, lambda _: dialect.framework, joined, _prefix, _nothing, _nothing)
    yield from (one for one in declared(found.tree, manner) if one.app.endpoints)
    for owner, routes in _of_apps(found).items():
        first = min(route.at for route in routes)
        at = Location(owner.path, ev.index.site(owner).at) if owner.path == first.path else first
        yield indoors(ev, dialect.framework, "events", at, routes, Serves.EVENTS)


def _of_apps(found: Found) -> dict[SiteRef, list[Route]]:
    """Events by their application; a blueprint's are those of the only one, where there is no other."""
    apps = [made.site for made in found.tree.objects.made.values() if made.kind in found.dialect.apps]
    held: dict[SiteRef, list[Route]] = {}
    for owner in sorted(found.events):
        home = apps[0] if owner not in apps and len(apps) == 1 else owner
        held.setdefault(home, []).extend(found.events[owner])
    return held


def joined(prefix: str, path: str) -> str:
    """Prefix and path with one slash between, and one before."""
    whole = f"{prefix.rstrip('/')}/{path.lstrip('/')}" if path.strip("/") else prefix
    return whole if whole.startswith(("/", HOLE)) else f"/{whole}"


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    return inclusion.prefix or "" if inclusion is not None else ""


def _nothing(tree: Tree, made: Made) -> Evidence:
    """Nothing stands around an application or a router: what asks is said by each route."""
    return NONE


def _decorated(found: Found, ref: ScopeRef, scope: Scope) -> None:
    """The decorators of a function that say what starts it."""
    guards, frame = found.tree.guards, Frame(ScopeRef(ref.path, scope.parent))
    for position, one in enumerate(scope.decorators):
        callee = one.callee if isinstance(one, Call) else one
        if not isinstance(callee, Attribute):
            continue
        word = callee.name
        event = found.dialect.events(word)
        owners = meant(found.tree.objects, callee.value, frame).keys if event or _routes(found, word) else ()
        if not owners:
            continue
        below = tuple(d for d in scope.decorators[position + 1 :] if not _of_cloud(found, d, frame))
        handler, at = of_function(guards, ref, below, frame), Location(ref.path, one.at)
        name = _name(found, scope, frame)
        if event:
            route = Route(EVENT, f"{name}/{word.removesuffix('_trigger')}", handler, at, NONE)
            found.events.setdefault(owners[0], []).append(route)
        else:
            for owner in owners:
                found.tree.routes[owner].append(_route(found, word, one, frame, handler, name, at))
            found.tree.functions.setdefault(ref)


def _routes(found: Found, word: str) -> bool:
    return word == "route" or word in found.dialect.verbs


def _of_cloud(found: Found, decorator: Expr, frame: Frame) -> bool:
    """Whether a decorator is one of the application's own: an output binding, a second trigger, the name."""
    callee = decorator.callee if isinstance(decorator, Call) else decorator
    return isinstance(callee, Attribute) and bool(meant(found.tree.objects, callee.value, frame).keys)


def _name(found: Found, scope: Scope, frame: Frame) -> str:
    """The name under which a function is deployed: its own, or `@app.function_name("…")`."""
    for one in scope.decorators:
        if isinstance(one, Call) and isinstance(one.callee, Attribute) and one.callee.name == "function_name":
            return text_of(found.tree.guards.ev, argument(found.tree.guards.ev, one, frame, "name", 0))
    return scope.name


def _route(found: Found, word: str, one: Expr, frame: Frame, handler: Handler, name: str, at: Location) -> Route:
    ev, dialect = found.tree.guards.ev, found.dialect
    call = one if isinstance(one, Call) else Call(one.at, one, (), (), -1)
    given = argument(ev, call, frame, dialect.rule, 0)
    path = text_of(ev, given) if given.expr is not None or given.hidden else name
    named = argument(ev, call, frame, dialect.methods, 1)
    methods = (word.upper(),) if word in dialect.verbs else named_methods(ev, named)
    if named.expr is None and word == "route":
        methods = dialect.default
    return Route(methods, joined(dialect.base, path), handler, at, _asks(found, call, frame))


def _asks(found: Found, call: Call, frame: Frame) -> Evidence:
    """Chalice's `authorizer=` and `api_key_required=True`, Azure's `auth_level=`."""
    ev, at = found.tree.guards.ev, Location(frame.ref.path, call.at)
    if found.dialect.framework == "azure-functions":
        apps = [m for m in found.tree.objects.made.values() if m.kind in found.dialect.apps]
        level = argument(ev, call, frame, "auth_level")
        # What a route does not say the application says that it is registered with.
        defaults = [argument(ev, m.call, m.frame, "http_auth_level", 0).expr for m in apps]
        expr = level.expr if level.expr is not None or len(defaults) != 1 else defaults[0]
        word = dotted(expr).rpartition(".")[2] if expr is not None else "FUNCTION"
        return NONE if word == _ANONYMOUS else protection(f"AuthLevel.{word}", at, IDENTITY)
    parts = []
    authorizer, key = argument(ev, call, frame, "authorizer"), argument(ev, call, frame, "api_key_required")
    if authorizer.expr is not None and not (isinstance(authorizer.expr, Literal) and authorizer.expr.value is None):
        parts.append(protection(f"authorizer {dotted(authorizer.expr)}".strip(), at, IDENTITY))
    if isinstance(key.expr, Literal) and key.expr.value is True:
        parts.append(protection("api_key_required", at, IDENTITY))
    return merged(parts)


def _included(found: Found, site: SiteRef) -> None:
    """A blueprint registered, or a router included, in every round of a loop around it."""
    tree = found.tree
    ev, called = tree.guards.ev, read(tree.guards.ev, site)
    if called is None or not isinstance(called[0].callee, Attribute):
        return
    call, frame = called
    owners = meant(tree.objects, called[0].callee.value, frame).keys
    child, prefix, position = found.dialect.include[called[0].callee.name]
    given, before = argument(ev, call, frame, child, 0), argument(ev, call, frame, prefix, position)
    turns = rounds(ev, call, frame) if given.expr is not None else None
    if not owners or turns is None or given.expr is None:
        tree.loose |= bool(owners)
        return
    for turn in turns:
        keys = meant_by(tree.objects, *in_round(ev, given.expr, given.frame, turn)).keys
        tree.loose |= not keys
        inner = text(in_round(ev, before.expr, before.frame, turn)[0]) if before.expr is not None else ""
        for owner in owners:
            tree.inclusions[owner] += [Inclusion(key, inner) for key in keys if key != owner]
