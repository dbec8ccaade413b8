"""Sanic: applications, blueprints and their groups, versions in paths, and the endpoints that come out."""

from __future__ import annotations

from collections.abc import Iterable

from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import Const, Frame
from ..model.code import Call, Expr, Keyword
from ..model.location import Location
from .adding import Adding, applied, calls, decorators
from .answering import Answers, add, method_view, of_decorated, of_expression
from .evidence import NONE
from .guards import Guards
from .lists import items, strings
from .objects import Made, meant, objects
from .sanic_middleware import around
from .sources import HOLE, argument, code, text, text_of, uses
from .tree import Inclusion, Manner, Tree, declared

APPS = ("sanic.Sanic",)
BLUEPRINTS = ("sanic.Blueprint",)
GROUPS = ("sanic.Blueprint.group", "sanic.blueprint_group.BlueprintGroup")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_WORDS = _VERBS | {"route", "websocket"}
_ADDING = frozenset({"add_route", "add_websocket_route"})
_REQUEST = "sanic.Request"
_SOCKET = ("WEBSOCKET",)
_MARK = "\0"  # ends the version of a path, and what stands before its number: they go before all prefixes


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Sanic application with its endpoints, in the order of their places."""
    if not uses(ev, "sanic"):
        return ()
    tree = Tree(Guards(ev), objects(ev, APPS + BLUEPRINTS + GROUPS))
    for one in decorators(tree, _WORDS):
        _add(tree, one.adding, of_decorated(tree, one), 0)
    for adding, handler in applied(tree, _WORDS):
        _add(tree, adding, of_expression(tree, handler, adding.frame), 0)
    for adding in calls(tree, _ADDING):
        given = argument(ev, adding.call, adding.frame, "handler", 0)
        if given.expr is not None:
            _add(tree, adding, of_expression(tree, given.expr, given.frame), 1)
    _attached(tree)
    for adding in calls(tree, frozenset({"blueprint"})):
        _registered(tree, adding)
    for made in tree.objects.made.values():
        if made.kind == GROUPS[0]:
            for expr in made.call.args:
                _into(tree, (made.site,), expr, made.frame)
    for adding in calls(tree, frozenset({"append", "insert", "extend"})):
        for expr in adding.call.args[-1:]:
            _into(tree, adding.owners, expr, adding.frame)
    manner = Manner(
        APPS,
        lambda _: "sanic",
        joined,
        _prefix,
        around,
        around,
        whole_path=whole,
        on_loop=True,
        requests=(_REQUEST,) * 2,
    )
    return declared(tree, manner)


# ------------------------------------------------------------------------ paths


def joined(prefix: str, path: str) -> str:
    """Prefix and path as Sanic puts them together; the inner version holds (sanic 25.12, sanic/blueprints.py)."""
    outer_front, outer, before = _split(prefix)
    front, inner, after = _split(path)
    if after and not after.startswith(("/", HOLE)):
        after = f"/{after}"
    whole = before.rstrip("/") + after if after.startswith("/") else before + after
    return _versioned(front or outer_front, inner or outer, whole)


def whole(path: str) -> str:
    """The path with its version in front of all."""
    front, version, rest = _split(path)
    found = f"{front or '/v'}{version}/{rest.lstrip('/')}" if version else rest
    return (found if found.startswith(("/", HOLE)) else f"/{found}").replace(HOLE * 2, HOLE)


def _versioned(front: str, version: str, path: str) -> str:
    return f"{front}{_MARK}{version}{_MARK}{path}" if front or version else path


def _split(path: str) -> tuple[str, str, str]:
    front, version, rest = path.split(_MARK) if _MARK in path else ("", "", path)
    return front, version, rest


def _version(ev: Evaluator, adding: Adding | Made) -> tuple[str, str]:
    """`version_prefix="/api/v", version=1` as they stand in the path."""
    said = argument(ev, adding.call, adding.frame, "version_prefix")
    front = text_of(ev, said) if said.expr is not None else ""
    front = "" if front == "/v" else front
    given = argument(ev, adding.call, adding.frame, "version")
    if given.expr is None:
        return front, HOLE if given.hidden else ""
    values = ev.expr(given.expr, given.frame)
    if all(isinstance(v, Const) and v.value is None for v in values):
        return front, ""
    known = [str(v.value) for v in values if isinstance(v, Const)]
    return front, known[0].strip("/").lstrip("v") if len(known) == len(values) == 1 else HOLE


def _prefix(tree: Tree, made: Made, inclusion: Inclusion | None) -> str:
    if inclusion is not None and inclusion.prefix is not None:
        return inclusion.prefix
    return "" if made.kind in APPS else _versioned(*_version(tree.guards.ev, made), _own(tree, made))


def _own(tree: Tree, made: Made) -> str:
    """The prefix that a blueprint or a group is made with."""
    ev = tree.guards.ev
    own = text_of(ev, argument(ev, made.call, made.frame, "url_prefix", 1 if made.kind in BLUEPRINTS else None))
    return own if not own or own.startswith(("/", HOLE)) else f"/{own}"


# ----------------------------------------------------------------------- routes


def _add(tree: Tree, adding: Adding, answers: Answers, position: int) -> None:
    ev = tree.guards.ev
    uri = text_of(ev, argument(ev, adding.call, adding.frame, "uri", position))
    path = _versioned(*_version(ev, adding), uri if uri.startswith(("/", HOLE)) or not uri else f"/{uri}")
    methods = _methods(ev, adding, position)
    add(tree, adding, ("*",) if any(own for own, _ in answers) else methods, path, answers)


def _attached(tree: Tree) -> None:
    """`class Orders(HTTPMethodView, attach=app, uri="/orders")`."""
    for path, facts in code(tree.guards.ev):
        for number, scope in enumerate(facts.scopes):
            attach = next((value for name, value in scope.keywords if name == "attach"), None)
            if attach is None:
                continue
            frame = Frame(ScopeRef(path, scope.parent))
            given = tuple(Keyword(value.at, name or None, value) for name, value in scope.keywords)
            call = Call(scope.name_at, attach, (), given, -1)
            owners = meant(tree.objects, attach, frame).keys
            adding = Adding("add_route", call, frame, owners, Location(path, scope.name_at))
            _add(tree, adding, method_view(tree, ScopeRef(path, number), NONE), 1)


def _methods(ev: Evaluator, adding: Adding, position: int) -> tuple[str, ...]:
    if "websocket" in adding.word:
        return _SOCKET
    if adding.word in _VERBS:
        return (adding.word.upper(),)
    given = argument(ev, adding.call, adding.frame, "methods", position + 1)
    if given.expr is None and not given.hidden:
        return ("GET",)
    found = strings(ev, given)
    return tuple(sorted({name.upper() for name in found})) if found else ("*",)


# --------------------------------------------------------- blueprints and groups


def _registered(tree: Tree, adding: Adding) -> None:
    """`app.blueprint(bp_or_group_or_list, url_prefix=…, version=…)`: a blueprint's own prefix and version give way."""
    ev = tree.guards.ev
    given = argument(ev, adding.call, adding.frame, "blueprint", 0)
    said = argument(ev, adding.call, adding.frame, "url_prefix")
    url = (HOLE if said.hidden else "") if said.expr is None else text(ev.expr(said.expr, said.frame))
    front, version = _version(ev, adding)
    for made in _blueprints(tree, given.expr, given.frame) if given.expr is not None else ():
        own, (own_front, own_version) = _own(tree, made), _version(ev, made)
        group = made.kind in GROUPS
        number = own_version or version if group else version or own_version
        prefix = _versioned(own_front or front, number, joined(url, own) if group else url or own)
        for owner in adding.owners:
            tree.inclusions[owner].append(Inclusion(made.site, prefix))


def _into(tree: Tree, owners: Iterable[SiteRef], expr: Expr, frame: Frame) -> None:
    """Blueprints and groups in a group: each keeps its prefix, behind the group's."""
    for made in _blueprints(tree, expr, frame):
        for owner in owners:
            if owner in tree.objects.made and owner != made.site and tree.objects.made[owner].kind in GROUPS:
                tree.inclusions[owner].append(Inclusion(made.site))


def _blueprints(tree: Tree, expr: Expr, frame: Frame) -> list[Made]:
    """What an expression registers: one object, or those of a list."""
    found = meant(tree.objects, expr, frame).keys
    if not found:
        held = items(tree.guards.ev, expr, frame)
        found = tuple(key for one, where in held.found for key in meant(tree.objects, one, where).keys)
        tree.loose |= not (held.complete and found) or len(found) < len(held.found)
    return [tree.objects.made[key] for key in found if tree.objects.made[key].kind not in APPS]
