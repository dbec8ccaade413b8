"""FastAPI and Starlette: applications and routers, what includes what, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body
from ..link.values import Frame, Instance
from ..link.walk import contains, nodes, statements
from ..model.code import Attribute, Call, Expr, If
from ..model.location import Location
from .adding import frames
from .evidence import NONE, Evidence, doubt, merged
from .fastapi_middleware import app_wide
from .fastapi_routes import FAMILY, add_routes, overriding, route_items
from .graphql_routes import add_served, mounted
from .guards import Guards, of_dependencies, own
from .idle_limits import past_mount, past_routers
from .objects import Made, meant, meant_by, objects
from .sources import HOLE, argument, read, sites, text_of, uses
from .tree import Inclusion, Manner, Tree, declared
from .views import functions

APPS = ("fastapi.FastAPI", "starlette.applications.Starlette")
ROUTERS = ("fastapi.APIRouter", "starlette.routing.Router", "strawberry.fastapi.GraphQLRouter")
_MOUNT = "an unresolved mount"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every FastAPI or Starlette application with its endpoints, in the order of their places."""
    if not uses(ev, "fastapi", "starlette"):
        return ()
    guards = Guards(ev)
    tree = Tree(guards, objects(ev, APPS + ROUTERS))
    add_routes(tree)
    add_served(tree)
    for site in sites(ev, "include_router", "mount", "include_routers"):
        _include(tree, site)
    for made in tree.objects.made.values():
        _given_routes(tree, made)
    return declared(tree, _MANNER)


def joined(prefix: str, path: str) -> str:
    """Prefix and path as Starlette puts them together, the leading slash ensured."""
    whole = prefix + path
    return whole if whole.startswith(("/", HOLE)) or not whole else f"/{whole}"


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    """An inclusion's prefix comes before the router's own."""
    given = inclusion.prefix or "" if inclusion is not None else ""
    if made.kind in APPS:
        return given
    return joined(given, text_of(tree.guards.ev, argument(tree.guards.ev, made.call, made.frame, "prefix", None)))


def _around(tree: Tree, made: Made) -> Evidence:
    """What guards everything of a router."""
    parts = [of_dependencies(tree.guards, made.call, made.frame)]
    if made.cls is not None:
        parts.append(_own_class(tree, made.cls, Location(made.site.path, made.call.at)))
    return merged(parts)


def _passing(tree: Tree, inclusion: Inclusion, around: Evidence) -> Evidence:
    """What guards inside an inclusion; `routes=router.routes`, without a prefix, puts the routes themselves there."""
    if inclusion.mounted:
        return past_mount(around)
    return around if inclusion.prefix is None else past_routers(tree.guards.ev, around)


_MANNER = Manner(APPS, lambda app: FAMILY[app.kind], joined, _prefix, _around, app_wide, _passing)


def _own_class(tree: Tree, cls: ScopeRef, at: Location) -> Evidence:
    """A subclass of the project's: what its code says, and whether its constructor may add dependencies unseen."""
    ev = tree.guards.ev
    for init in functions(ev, cls, ("__init__",)).values():
        for node in nodes(body(ev.index, init)):
            if "dependencies" in (getattr(node, "name", None), getattr(node, "id", None), getattr(node, "value", None)):
                return doubt("a router class of the project's own")
    return own(tree.guards, cls, at)


# --------------------------------------------------------------------- inclusions


def _include(tree: Tree, site: SiteRef) -> None:
    """`parent.include_router(child, …)` or `parent.mount(path, child)`, each time that it runs."""
    ev = tree.guards.ev
    found = read(ev, site)
    if found is None or not isinstance(found[0].callee, Attribute) or overriding(ev, found[1].ref):
        return
    call, mounts = found[0], ev.index.site(site).callee.endswith("mount")
    for frame, sure in frames(ev, call, found[1]):
        parents = meant(tree.objects, found[0].callee.value, frame).keys
        child = argument(ev, call, frame, "app" if mounts else "router", 1 if mounts else 0)
        if parents and child.expr is not None and sure:
            _one(tree, call, parents, child.expr, child.frame)
        else:
            tree.loose |= not mounts
            tree.hidden = _MOUNT


def _one(tree: Tree, call: Call, parents: tuple[SiteRef, ...], child: Expr, frame: Frame) -> None:
    ev, mounts = tree.guards.ev, isinstance(call.callee, Attribute) and call.callee.name == "mount"
    values = ev.expr(child, frame)
    children = meant_by(tree.objects, values, child, frame).keys
    if not children:
        path = text_of(ev, argument(ev, call, frame, "path", 0)) if mounts else ""
        if mounts and [parent for parent in parents if mounted(tree, parent, path.rstrip("/"), child, frame)]:
            return
        files = all(isinstance(v, Instance) and str(v.cls).startswith("starlette.staticfiles") for v in values)
        tree.loose |= not (mounts or files)
        tree.hidden = tree.hidden or ("" if files else _MOUNT)
        return
    prefix = text_of(ev, argument(ev, call, frame, "path" if mounts else "prefix", 0 if mounts else None))
    evidence = NONE if mounts else of_dependencies(tree.guards, call, frame)
    for parent in parents:
        for key in children:
            one = Inclusion(key, prefix.rstrip("/") if mounts else prefix, evidence, mounts)
            if (
                key != parent
                and one not in tree.inclusions[parent]
                and not _around_in_a_branch(tree, call, parent, one)
            ):
                tree.inclusions[parent].append(one)


def _around_in_a_branch(tree: Tree, call: Call, parent: SiteRef, one: Inclusion) -> bool:
    """`if settings.prefix: outer = FastAPI(); outer.mount(settings.prefix, app)`: where it is not set, `app` is all."""
    around = tree.objects.made[parent]
    if one.prefix != HOLE or not one.mounted or tree.objects.made[one.child].kind not in APPS:
        return False
    for statement in statements(body(tree.guards.ev.index, around.frame.ref)):
        if isinstance(statement, If) and contains(statement.at, call.at) and contains(statement.at, around.call.at):
            inner = tree.objects.made[one.child]
            return inner.site.path != parent.path or not contains(statement.at, inner.call.at)
    return False


def _given_routes(tree: Tree, made: Made) -> None:
    """`Starlette(routes=[Route(…), Mount(…)])`."""
    ev = tree.guards.ev
    given = argument(ev, made.call, made.frame, "routes", 1 if made.kind == APPS[1] else None)
    if given.expr is None:
        return
    for key in meant(tree.objects, given.expr, given.frame).keys:
        tree.inclusions[made.site].append(Inclusion(key))  # `routes=router.routes`
    for path, child in route_items(tree, made.site, given.expr, given.frame):
        mounted(tree, made.site, path, *child)
        for key in meant(tree.objects, child[0], child[1]).keys:
            tree.inclusions[made.site].append(Inclusion(key, path, NONE, True))
