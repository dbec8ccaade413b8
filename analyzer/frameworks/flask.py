"""Flask and Quart: applications, blueprints, flask-restful and flask-restx APIs, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import SiteRef
from ..link.values import Const, Frame
from ..model.code import Attribute, Call, Expr
from .adding import frames
from .evidence import NONE, Evidence, merged
from .flask_appbuilder import BUILDERS, add_views
from .flask_classful import add_classes
from .flask_limits import app_wide, applied, hooks
from .flask_routes import add_routes
from .guards import Guards
from .idle_limits import defaults_unattached, unattached
from .objects import Made, meant, objects
from .sources import HOLE, argument, read, sites, text, text_of, uses
from .tree import Inclusion, Manner, Tree, declared

APPS = ("flask.Flask", "apiflask.APIFlask", "quart.Quart")
BLUEPRINTS = ("flask.Blueprint", "apiflask.APIBlueprint", "flask_smorest.Blueprint", "quart.Blueprint")
APIS = ("flask_restful.Api", "flask_restx.Api", "flask_smorest.Api")
NAMESPACES = ("flask_restx.Namespace",)


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Flask application with its endpoints, in the order of their places."""
    if not uses(ev, "flask", "apiflask", "flask_restx", "flask_restful", "flask_smorest", "flask_appbuilder", "quart"):
        return ()
    guards = Guards(ev)
    tree = Tree(guards, objects(ev, APPS + BLUEPRINTS + APIS + NAMESPACES + BUILDERS))
    add_routes(tree)
    add_views(tree)
    add_classes(tree)
    of_limiters = applied(guards, tree.objects)
    unattached(guards)
    for site in sites(ev, "register_blueprint", "add_namespace", "init_app"):
        _registered(tree, site)
    for made in tree.objects.made.values():
        if made.kind in APIS + BUILDERS:
            _api(tree, made)

    def around(tree: Tree, made: Made) -> Evidence:
        hooked = hooks(tree.guards, tree.objects, made.site, ("before_request",))
        return merged([of_limiters.get(made.site, NONE), hooked])

    def whole(tree: Tree, app: Made) -> Evidence:
        return merged([app_wide(tree, app), defaults_unattached(tree.guards)])

    return declared(tree, Manner(APPS, _framework, joined, _prefix, around, whole))


def _framework(app: Made) -> str:
    return "quart" if app.kind.startswith("quart.") else "flask"


def joined(prefix: str, path: str) -> str:
    """Prefix and rule as Flask puts them together: one slash between them."""
    if not prefix:
        return path if path.startswith(("/", HOLE)) or not path else f"/{path}"
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if path else prefix


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    """The prefix of a registration holds in place of the object's own."""
    return _own_prefix(tree, made) if inclusion is None or inclusion.prefix is None else inclusion.prefix


def _own_prefix(tree: Tree, made: Made) -> str:
    ev = tree.guards.ev
    if made.kind in BUILDERS:
        return ""
    if made.kind in NAMESPACES:
        path = argument(ev, made.call, made.frame, "path", 2)
        named = text_of(ev, argument(ev, made.call, made.frame, "name", 0))
        return text_of(ev, path) if path.expr is not None else f"/{named}"
    if made.kind in APIS:
        return text_of(ev, argument(ev, made.call, made.frame, "prefix", 1 if made.kind == APIS[0] else None))
    prefix = text_of(ev, argument(ev, made.call, made.frame, "url_prefix", 5))
    return prefix if not prefix or prefix.startswith(("/", HOLE)) else f"/{prefix}"


# ------------------------------------------------------------------ registrations


def _registered(tree: Tree, site: SiteRef) -> None:
    """`app.register_blueprint(bp)`, `api.add_namespace(ns)`, `api.init_app(app)`, each time that it runs."""
    ev = tree.guards.ev
    found = read(ev, site)
    if found is None or not isinstance(found[0].callee, Attribute) or not (found[0].args or found[0].keywords):
        return
    call, frame = found
    word = found[0].callee.name
    if word == "init_app":
        _initialised(tree, call, meant(tree.objects, found[0].callee.value, frame).keys, frame)
        return
    parameter = "ns" if word == "add_namespace" else "blueprint"
    for inner, sure in frames(ev, call, frame):
        child = argument(ev, call, inner, parameter, 0)
        owners = meant(tree.objects, found[0].callee.value, inner).keys
        tree.loose |= not sure
        if owners and child.expr is not None:
            _one(tree, call, owners, child.expr, child.frame)
        else:
            tree.loose = True


def _initialised(tree: Tree, call: Call, owners: tuple[SiteRef, ...], frame: Frame) -> None:
    """`api = Api(); api.init_app(app)`."""
    for owner in owners:
        if tree.objects.made[owner].kind in APIS + BUILDERS and call.args:
            parents = meant(tree.objects, call.args[0], frame).keys
            tree.loose |= not parents
            for parent in parents:
                tree.inclusions[parent].append(Inclusion(owner))


def _one(tree: Tree, call: Call, owners: tuple[SiteRef, ...], child: Expr, frame: Frame) -> None:
    ev = tree.guards.ev
    children = meant(tree.objects, child, frame).keys
    if not children:
        tree.loose = True
        return
    namespace = tree.objects.made[children[0]].kind in NAMESPACES
    given = argument(ev, call, frame, "path" if namespace else "url_prefix", 1 if namespace else None)
    prefix: str | None = HOLE if given.hidden else None
    if given.expr is not None:
        held = ev.expr(given.expr, given.frame)
        prefix = None if all(isinstance(v, Const) and v.value is None for v in held) else text(held)
    for parent in owners:
        put = tree.inclusions[parent]
        put += [one for key in children if key != parent and (one := Inclusion(key, prefix)) not in put]


def _api(tree: Tree, made: Made) -> None:
    """`Api(app_or_blueprint)`."""
    given = argument(tree.guards.ev, made.call, made.frame, "app", 0)
    if given.expr is not None:
        for parent in meant(tree.objects, given.expr, given.frame).keys:
            if parent != made.site:
                tree.inclusions[parent].append(Inclusion(made.site))
