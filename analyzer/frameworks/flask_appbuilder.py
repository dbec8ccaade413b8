"""Flask-AppBuilder: view and API classes that an `AppBuilder` is given → the routes of their exposed methods."""

from __future__ import annotations

from collections.abc import Iterator

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import ClassRef, Const, Container, Frame, Instance, Value
from ..model.code import Attribute, BinOp, Call, Expr, Sequence
from ..model.facts import ScopeKind
from ..model.location import Location
from .adding import frames
from .evidence import NONE, doubt
from .lists import strings
from .objects import meant
from .routes import Handler, Route, of_function
from .sources import HOLE, argument, name_place, qualified, read, sites, text, text_of
from .tree import Tree
from .views import class_attribute

BUILDERS = ("flask_appbuilder.AppBuilder",)
_ADDING = ("add_view", "add_view_no_menu", "add_api")
_PACKAGE = "flask_appbuilder."
_CHOSEN = "routes that are chosen at run time"

Exposed = tuple[str, tuple[str, ...]]  # a rule below the class's own path, and methods
_GET, _FORM = ("GET",), ("GET", "POST")
# What the library's classes expose (Flask-AppBuilder 5.0: views.py, api/__init__.py, charts/views.py).
_LIBRARY: dict[str, dict[str, tuple[Exposed, ...]]] = {
    "IndexView": {"index": (("/", _GET),)},
    "SimpleFormView": {"this_form_get": (("/form", _GET),), "this_form_post": (("/form", ("POST",)),)},
    "PublicFormView": {"this_form_get": (("/form", _GET),), "this_form_post": (("/form", ("POST",)),)},
    "ModelView": {
        "list": (("/list/", _GET),),
        "show": (("/show/<pk>", _GET),),
        "add": (("/add", _FORM),),
        "edit": (("/edit/<pk>", _FORM),),
        "delete": (("/delete/<pk>", _FORM),),
        "download": (("/download/<string:filename>", _GET),),
        "action": (("/action/<string:name>/<pk>", _FORM),),
        "action_post": (("/action_post", ("POST",)),),
    },
    "MasterDetailView": {"list": (("/list/", _GET), ("/list/<pk>", _GET))},
    "MultipleView": {"list": (("/list/", _GET),)},
    "CompactCRUDMixin": {
        "list": (("/list/", _FORM),),
        "add": (("/add/", _FORM),),
        "edit": (("/edit/<pk>", _FORM),),
        "delete": (("/delete/<pk>", _FORM),),
    },
    "GroupByChartView": {"chart": (("/chart/<group_by>", _GET), ("/chart/", _GET))},
    "ModelRestApi": {
        "info": (("/_info", _GET),),
        "get": (("/<int:pk>", _GET),),
        "get_list": (("/", _GET),),
        "post": (("/", ("POST",)),),
        "put": (("/<pk>", ("PUT",)),),
        "delete": (("/<pk>", ("DELETE",)),),
    },
}
_ABOVE = {"DirectByChartView": "GroupByChartView"}  # library class → the one of the table that it derives from
_APIS = ("BaseApi", "ModelRestApi")


def add_views(tree: Tree) -> None:
    """Adds what every builder of a project is given to it."""
    ev = tree.guards.ev
    for site in sites(ev, *_ADDING):
        found = read(ev, site)
        if found is not None and isinstance(found[0].callee, Attribute):
            for frame, _ in frames(ev, *found):
                _given(tree, meant(tree.objects, found[0].callee.value, frame).keys, found[0], "baseview", 0, frame)
    for made in tree.objects.made.values():
        if made.kind in BUILDERS:
            _given(tree, (made.site,), made.call, "indexview", 3, made.frame)


def _given(tree: Tree, owners: tuple[SiteRef, ...], call: Call, name: str, position: int, frame: Frame) -> None:
    """The routes of the class, or the object of one, that a builder is handed."""
    ev = tree.guards.ev
    builders = [key for key in owners if tree.objects.made[key].kind in BUILDERS]
    given = argument(ev, call, frame, name, position)
    if given.expr is None or not builders:
        return
    for value in ev.expr(given.expr, given.frame):
        ref = _class(value)
        for route in _routes(tree, ref, Location(frame.ref.path, call.at)) if ref is not None else ():
            for owner in builders:
                tree.routes[owner].append(route)


def _class(value: Value) -> ScopeRef | None:
    match value:
        case ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
            return ref
        case _:
            return None


def _routes(tree: Tree, ref: ScopeRef, at: Location) -> Iterator[Route]:
    """One route for each rule of each method that a class exposes and does not leave out."""
    ev = tree.guards.ev
    base, only, without = route_base(ev, ref), _named(ev, ref, "include_route_methods"), _left_out(ev, ref)
    if only is None or without is None:
        tree.hidden = tree.hidden or _CHOSEN
        return
    for name, function, exposed in _exposed(ev, ref):
        if (only and name not in only) or name in without:
            continue
        for rule, methods in exposed:
            yield Route(methods, _joined(base, rule), _handler(tree, ref, name, function), at, NONE)


def _joined(base: str, rule: str) -> str:
    return f"{base.rstrip('/')}/{rule.lstrip('/')}" if rule else base


def _handler(tree: Tree, ref: ScopeRef, name: str, function: ScopeRef | None) -> Handler:
    guards, ev = tree.guards, tree.guards.ev
    if function is None:  # the library's own, which asks for a permission where it is not public
        return Handler(f"{qualified(ev, ref)}.{name}", name_place(ev, ref), ref, False, doubt("a view of a library"))
    tree.functions.setdefault(function)
    scope, frame = ev.scope(function), _around(ev, function)
    plain = tuple(one for one in scope.decorators if _rule(ev, one, frame) is None)
    return of_function(guards, function, plain, frame)


def route_base(ev: Evaluator, ref: ScopeRef) -> str:
    """The path of a class: as it says, or by its resource's name or its own."""
    written = _text(ev, ref, "route_base", None)
    if written is not None:
        return written
    name = ev.scope(ref).name.lower()
    if any(isinstance(one, str) and one.rpartition(".")[2] in _APIS for one in classes.bases(ev, ref)):
        resource = _text(ev, ref, "resource_name", None) or name
        return f"/api/{_text(ev, ref, 'version', 'v1')}/{resource.lower()}"
    return f"/{name}"


def _text(ev: Evaluator, ref: ScopeRef, name: str, default: str | None) -> str | None:
    found = class_attribute(ev, ref, name)
    values = ev.expr(*found) if found is not None else ()
    if not values or all(isinstance(v, Const) and v.value is None for v in values):
        return default
    return text(values)


def _exposed(ev: Evaluator, ref: ScopeRef) -> Iterator[tuple[str, ScopeRef | None, tuple[Exposed, ...]]]:
    """Methods with their rules; one that a class defines anew without `@expose` has none."""
    seen: set[str] = set()
    for base in classes.bases(ev, ref):
        if isinstance(base, str):
            short = base.rpartition(".")[2]
            table = _LIBRARY.get(_ABOVE.get(short, short), {}) if base.startswith(_PACKAGE) else {}
            yield from ((name, None, exposed) for name, exposed in table.items() if name not in seen)
            seen |= table.keys()
            continue
        own = [ScopeRef(base.path, n) for n in ev.index.children[base.path].get(base.scope, ())]
        functions = {ev.scope(one).name: one for one in own if ev.scope(one).kind is ScopeKind.FUNCTION}
        for name, function in functions.items():
            if name not in seen:
                rules = (_rule(ev, one, _around(ev, function)) for one in ev.scope(function).decorators)
                yield name, function, tuple(rule for rule in rules if rule is not None)
        seen |= functions.keys()


def _around(ev: Evaluator, ref: ScopeRef) -> Frame:
    return Frame(ScopeRef(ref.path, ev.scope(ref).parent))


def _rule(ev: Evaluator, decorator: Expr, frame: Frame) -> Exposed | None:
    """`@expose("/x", methods=["GET"])`."""
    if not isinstance(decorator, Call):
        return None
    names = ev.qualified(decorator.callee, frame)
    if not any(name.startswith(_PACKAGE) and name.endswith(".expose") for name in names):
        return None
    methods = argument(ev, decorator, frame, "methods", 1)
    named = strings(ev, methods) if methods.expr is not None else _GET
    url = argument(ev, decorator, frame, "url", 0)
    return text_of(ev, url) if url.expr is not None else "/", tuple(sorted(map(str.upper, named or ("*",))))


# ------------------------------------------------------------------ which of them


def _left_out(ev: Evaluator, ref: ScopeRef) -> frozenset[str] | None:
    return _named(ev, ref, "exclude_route_methods")


def _named(ev: Evaluator, ref: ScopeRef, name: str) -> frozenset[str] | None:
    """The method names of a class attribute; empty where there is none, None where they are not known."""
    found = class_attribute(ev, ref, name)
    if found is None or all(isinstance(v, Const) and v.value is None for v in ev.expr(*found)):
        return frozenset()
    return _names(ev, *found)


def _names(ev: Evaluator, expr: Expr, frame: Frame) -> frozenset[str] | None:
    """The texts of a set: literals, unions, differences, and names for them."""
    if isinstance(expr, BinOp) and expr.op in "|-":
        left, right = _names(ev, expr.left, frame), _names(ev, expr.right, frame)
        if left is None or right is None:
            return None
        return left | right if expr.op == "|" else left - right
    if isinstance(expr, Sequence):
        texts = {text(ev.expr(item, frame)) for item in expr.items}
        return None if HOLE in texts else frozenset(texts)
    found: set[str] = set()
    for value in ev.expr(expr, frame):
        match value:
            case Const(value=str(one)):
                found.add(one)
            case Container(expr=held) if held is not expr:
                inner = _names(ev, held, value.frame)
                if inner is None:
                    return None
                found |= inner
            case _:
                return None
    return frozenset(found)
