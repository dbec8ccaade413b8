"""aiohttp: applications and what is mounted in them, route tables, lists of routes, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.values import Frame
from ..model.code import Attribute, Call, Expr, Name
from ..model.location import Location
from .adding import Adding, applied, calls, decorators
from .answering import add, of_decorated, of_expression
from .body_limits import body_limit
from .evidence import NONE, Evidence, merged
from .extensions import extensions
from .guards import Guards
from .lists import items
from .middlewares import listed, standing
from .objects import Made, meant, objects
from .sources import Argument, argument, definition, read, sites, text_of, uses
from .tree import UNRESOLVED, Inclusion, Manner, Tree, declared

APPS = ("aiohttp.web.Application",)
TABLES = ("aiohttp.web.RouteTableDef",)
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_WORDS = _VERBS | {"route", "view"}
_ADDING = frozenset({f"add_{verb}" for verb in _VERBS} | {"add_route", "add_view"})
_REQUEST = "aiohttp.web.Request"


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every aiohttp application with its endpoints, in the order of their places."""
    if not uses(ev, "aiohttp"):
        return ()
    found = objects(ev, APPS + TABLES)
    found.parts = frozenset({"router"})
    tree = Tree(Guards(ev), found)
    for one in decorators(tree, _WORDS):
        add(tree, one.adding, _methods(ev, one.adding), _path(ev, one.adding), of_decorated(tree, one))
    for adding, handler in applied(tree, _WORDS):
        answers = of_expression(tree, handler, adding.frame)
        add(tree, adding, _methods(ev, adding), _path(ev, adding), answers)
    for adding in calls(tree, _ADDING):
        _added(tree, adding)
    for adding in calls(tree, frozenset({"add_routes"})):
        _listed(tree, adding)
    for adding in calls(tree, frozenset({"add_subapp", "add_domain"})):
        _mounted(tree, adding)
    _resources(tree)
    manner = Manner(
        APPS,
        lambda _: "aiohttp",
        str.__add__,
        _prefix,
        lambda *_: NONE,
        _app_wide,
        on_loop=True,
        requests=(_REQUEST,) * 2,
    )
    return declared(tree, manner)


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    return inclusion.prefix or "" if inclusion is not None else ""


# ----------------------------------------------------------------------- routes


def _named(word: str) -> str:
    """The verb of `add_get`, `get` or `route`."""
    return word.removeprefix("add_")


def _methods(ev: Evaluator, adding: Adding) -> tuple[str, ...]:
    verb = _named(adding.word)
    if verb in _VERBS:
        return (verb.upper(),)
    method = "*" if verb == "view" else text_of(ev, argument(ev, adding.call, adding.frame, "method", 0)).upper()
    return (method,) if method.isalpha() else ("*",)


def _path(ev: Evaluator, adding: Adding) -> str:
    position = 1 if _named(adding.word) == "route" else 0
    return text_of(ev, argument(ev, adding.call, adding.frame, "path", position))


def _added(tree: Tree, adding: Adding) -> None:
    """`app.router.add_get("/x", f)`, `web.get("/x", f)`."""
    ev = tree.guards.ev
    position = 2 if _named(adding.word) == "route" else 1
    given = argument(ev, adding.call, adding.frame, "handler", position)
    if given.expr is not None:
        answers = of_expression(tree, given.expr, given.frame)
        add(tree, adding, _methods(ev, adding), _path(ev, adding), answers)
    else:
        tree.hidden = tree.hidden or "a route whose handler is not seen"


def _listed(tree: Tree, adding: Adding) -> None:
    """`app.add_routes(table)` and `app.add_routes([web.get("/x", f), *table])`."""
    ev = tree.guards.ev
    given = argument(ev, adding.call, adding.frame, "routes", 0)
    if given.expr is None:
        tree.loose = True
        return

    def table(expr: Expr) -> bool:
        return isinstance(expr, Name | Attribute) and bool(meant(tree.objects, expr, given.frame).keys)

    held = items(ev, given.expr, given.frame, table)
    if not held.complete:
        tree.loose = True
    for expr, frame in held.found:
        _one(tree, adding, expr, frame)


def _one(tree: Tree, adding: Adding, expr: Expr, frame: Frame) -> None:
    """One item of a list of routes: a table with all that is in it, or a route."""
    ev = tree.guards.ev
    for key in meant(tree.objects, expr, frame).keys:
        for owner in adding.owners:
            tree.inclusions[owner].append(Inclusion(key))
        return
    made, where = (expr, frame) if isinstance(expr, Call) else definition(ev, expr, frame) or (expr, frame)
    names = [name for name in ev.qualified(made.callee, where)] if isinstance(made, Call) else []
    word = next((n.rpartition(".")[2] for n in names if n.startswith("aiohttp.web")), "")
    if not isinstance(made, Call) or word not in _WORDS | {"static"}:
        tree.hidden = tree.hidden or "a route that is not understood"
    elif word != "static":
        _added(tree, Adding(word, made, where, adding.owners, Location(where.ref.path, made.at)))


def _resources(tree: Tree) -> None:
    """`resource = app.router.add_resource("/x")`, then `resource.add_route("GET", f)`."""
    ev = tree.guards.ev
    if any(True for _ in calls(tree, frozenset({"register_resource"}))):
        tree.hidden = tree.hidden or "a resource of a kind that is not understood"
    for adding in calls(tree, frozenset({"add_resource"})):
        path = text_of(ev, argument(ev, adding.call, adding.frame, "path", 0))
        for other in _on(tree, adding):
            given = argument(ev, other.call, other.frame, "handler", 1)
            if given.expr is not None:
                method = text_of(ev, argument(ev, other.call, other.frame, "method", 0)).upper()
                answers = of_expression(tree, given.expr, given.frame)
                add(tree, other, (method,) if method.isalpha() else ("*",), path, answers)


def _on(tree: Tree, resource: Adding) -> list[Adding]:
    """The `add_route` calls in the same scope on what a call of `add_resource` gives."""
    ev, found = tree.guards.ev, []
    for site in sites(ev, "add_route"):
        called = read(ev, site)
        if called is None or called[1].ref != resource.frame.ref or not isinstance(called[0].callee, Attribute):
            continue
        owner = called[0].callee.value
        made = owner if isinstance(owner, Call) else (definition(ev, owner, called[1]) or (None,))[0]
        if isinstance(made, Call) and made.at == resource.call.at:
            at = Location(site.path, called[0].at)
            found.append(Adding("add_route", called[0], resource.frame, resource.owners, at))
    return found


# ---------------------------------------------------------- applications in others


def _mounted(tree: Tree, adding: Adding) -> None:
    """`app.add_subapp("/admin", admin)`; what a domain chooses keeps its paths."""
    ev = tree.guards.ev
    given = argument(ev, adding.call, adding.frame, "subapp", 1)
    children = meant(tree.objects, given.expr, given.frame).keys if given.expr is not None else ()
    if not children:
        tree.hidden = tree.hidden or UNRESOLVED
    prefix = "" if adding.word == "add_domain" else text_of(ev, argument(ev, adding.call, adding.frame, "prefix", 0))
    for owner in adding.owners:
        for key in children:
            if key != owner:
                tree.inclusions[owner].append(Inclusion(key, prefix.rstrip("/"), NONE, True))


def _app_wide(tree: Tree, app: Made) -> Evidence:
    """The middlewares of an application, given to it or added later, and how large a body it takes."""
    guards = tree.guards
    parts = [listed(guards, argument(guards.ev, app.call, app.frame, "middlewares"))]
    parts.append(extensions(guards.ev, tree.objects, app))
    for word in ("append", "insert", "extend"):
        for expr, frame in _later(tree, app, word):
            several = word == "extend"
            parts.append(listed(guards, Argument(expr, frame, False)) if several else standing(guards, expr, frame))
    under = any(app.site == one.child for held in tree.inclusions.values() for one in held)
    # The application in front reads the request (aiohttp 3.14, aiohttp/web_app.py): of one under it nothing is asked.
    return merged(parts if under else [*parts, body_limit(guards.ev, app.site)])


def _later(tree: Tree, app: Made, word: str) -> Iterable[tuple[Expr, Frame]]:
    """What `app.middlewares.append(…)` is given."""
    for site in sites(tree.guards.ev, word):
        called = read(tree.guards.ev, site)
        match called[0].callee if called is not None else None:
            case Attribute(value=Attribute(value=owner, name="middlewares")) if called is not None:
                if app.site in meant(tree.objects, owner, called[1]).keys:
                    yield from ((arg, called[1]) for arg in called[0].args[-1:])
            case _:
                pass
