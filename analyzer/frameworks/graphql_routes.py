"""GraphQL routers and ASGI applications under a FastAPI or Starlette application → the routes that they answer."""

from __future__ import annotations

from ..link.evaluate import Evaluator
from ..link.index import SiteRef
from ..link.values import External, Frame, Instance
from ..model.code import Call, Expr
from ..model.location import Location
from .evidence import IDENTITY, Evidence, only
from .guards import of_expr
from .objects import Made
from .routes import Handler, Route
from .sources import argument, read, text_of
from .tree import Tree

_ROUTER = "GraphQLRouter"
_ASGI = frozenset({
    "strawberry.asgi.GraphQL", "ariadne.asgi.GraphQL", "starlette_graphene3.GraphQLApp", "starlette.graphql.GraphQLApp",
})  # fmt: skip
_VIEWS = ("strawberry.flask.", "strawberry.quart.", "flask_graphql.", "graphql_server.flask")
_METHODS = (("GET", "POST"), ("WEBSOCKET",))


def add_served(tree: Tree) -> None:
    """The routes of every router of Strawberry's (strawberry/fastapi/router.py): one path, by HTTP and by WebSocket."""
    ev = tree.guards.ev
    for made in tree.objects.made.values():
        names = [name for name in ev.qualified(made.call.callee, made.frame) if name.endswith(f".{_ROUTER}")]
        if names:
            path = text_of(ev, argument(ev, made.call, made.frame, "path", 1))
            _routes(tree, made.site, path, names[0], made.call, made.frame, _context(tree, made))


def _context(tree: Tree, made: Made) -> Evidence:
    """What `context_getter=` asks: FastAPI calls it as a dependency of the route."""
    given = argument(tree.guards.ev, made.call, made.frame, "context_getter")
    if given.expr is None:
        return Evidence()
    at = Location(given.frame.ref.path, given.expr.at)
    found = only(of_expr(tree.guards, given.expr, given.frame, at, "a context that is not understood"), IDENTITY)
    return Evidence(found.found)  # one that finds nobody gives resolvers a context without a user


def mounted(tree: Tree, owner: SiteRef, path: str, expr: Expr, frame: Frame) -> bool:
    """`app.mount("/graphql", GraphQL(schema))`, or `add_route` of it; False for anything else."""
    for value in tree.guards.ev.expr(expr, frame):
        name = _asgi(tree.guards.ev, value)
        if name:
            site = value.made if isinstance(value, Instance) else None
            found = (
                (expr, frame) if isinstance(expr, Call) else read(tree.guards.ev, site) if site is not None else None
            )
            if found is not None:
                _routes(tree, owner, path, name, *found, Evidence())
            return found is not None
    return False


def class_view(value: object, at: Location) -> list[tuple[tuple[str, ...], Handler]]:
    """A library's class view for Flask or Quart, with its methods (strawberry/flask/views.py); [] for anything else."""
    name = value.name if isinstance(value, External) else ""
    known = name.startswith(_VIEWS) and name.endswith("GraphQLView")
    return [(_METHODS[0], Handler(name, at, None, False, Evidence()))] if known else []


def _asgi(ev: Evaluator, value: object) -> str:
    if isinstance(value, Instance) and isinstance(value.cls, str):
        return value.cls if value.cls in _ASGI else ""
    return value.name if isinstance(value, External) and value.name in _ASGI else ""


def _routes(tree: Tree, owner: SiteRef, path: str, name: str, call: Call, frame: Frame, asks: Evidence) -> None:
    at = Location(frame.ref.path, call.at)
    for methods in _METHODS:
        handler = Handler(name, at, None, True, asks)
        tree.routes[owner].append(Route(methods, path, handler, at, Evidence()))
