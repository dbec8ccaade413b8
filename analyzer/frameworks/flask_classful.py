"""Flask-Classful and Flask-Classy: classes that are registered with an application → a route for each public method."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import ClassRef, Const, Frame
from ..model.code import Attribute, Call, Expr, Name
from ..model.location import Location
from .adding import frames
from .evidence import NONE, Evidence, merged
from .guards import Guards, own
from .lists import strings
from .objects import meant
from .routes import Route, of_function
from .sources import HOLE, Argument, argument, read, sites, text, text_of
from .tree import Tree
from .views import class_attribute, functions, listed

PACKAGES = ("flask_classful", "flask_classy")
_VIEWS = tuple(f"{package}.FlaskView" for package in PACKAGES)
_MARKS = frozenset(f"{package}.{word}" for package in PACKAGES for word in ("route", "method"))
# What the library does by default (Flask-Classful 0.16, flask_classful.py).
_SPECIAL = {"index": "GET", "get": "GET", "put": "PUT", "patch": "PATCH", "post": "POST", "delete": "DELETE"}
_NOT_ROUTED = re.compile(r"_|before_|after_")
_CONVERTERS = {"str": "string:", "int": "int:", "float": "float:", "UUID": "uuid:"}
_HUMPS = (re.compile(r"(.)([A-Z][a-z]+)"), re.compile(r"([a-z0-9])([A-Z])"))
_SLASHES = re.compile(r"//+")
_WHY = "a decorator that is not understood"
_LOST = "a view that is registered with something unknown"


def add_classes(tree: Tree) -> None:
    """Adds what every `View.register(app, route_base=…, route_prefix=…)` registers."""
    ev = tree.guards.ev
    for site in sites(ev, "register"):
        found = read(ev, site)
        if found is None or not isinstance(found[0].callee, Attribute):
            continue
        for frame, _ in frames(ev, *found):
            for ref in _classes(ev, found[0].callee.value, frame):
                _registered(tree, found[0], frame, ref)


def _classes(ev: Evaluator, expr: Expr, frame: Frame) -> list[ScopeRef]:
    held = [value.ref for value in ev.expr(expr, frame) if isinstance(value, ClassRef)]
    return [ref for ref in held if classes.derives(ev, ref, *_VIEWS)]


def _registered(tree: Tree, call: Call, frame: Frame, ref: ScopeRef) -> None:
    given = argument(tree.guards.ev, call, frame, "app", 0)
    owners = meant(tree.objects, given.expr, given.frame).keys if given.expr is not None else ()
    if not owners:
        tree.hidden = tree.hidden or _LOST
    for route in _routes(tree, call, frame, ref) if owners else ():
        for owner in owners:
            tree.routes[owner].append(route)


def _routes(tree: Tree, call: Call, frame: Frame, ref: ScopeRef) -> Iterator[Route]:
    ev, at = tree.guards.ev, Location(frame.ref.path, call.at)
    above = "/".join((_said(ev, call, frame, ref, "route_prefix", 3) or "", _base(ev, call, frame, ref)))
    around = merged([listed(tree.guards, ref, "decorators", _WHY), *_before(tree.guards, ref)])
    left_out = _texts(ev, ref, "excluded_methods")
    slash = "" if _is_false(ev, ref, "trailing_slash") else "/"
    for name, function in sorted(_methods(ev, ref).items()):
        if _NOT_ROUTED.match(name) or name in left_out:
            continue
        tree.functions.setdefault(function)
        scope, inner = ev.scope(function), Frame(ScopeRef(function.path, ev.scope(function).parent))
        marks = [d for d in scope.decorators if isinstance(d, Call) and _MARKS & set(ev.qualified(d.callee, inner))]
        guarding = tuple(d for d in scope.decorators if d not in marks)
        handler = of_function(tree.guards, function, guarding, inner)
        handler = replace(handler, evidence=merged([handler.evidence, around]))
        for rule, methods in _rules(ev, function, name, marks, inner) or _by_name(ev, ref, function, name, slash):
            yield Route(methods, _SLASHES.sub("/", f"/{above}/{rule}" if rule else f"/{above}"), handler, at, NONE)


def _rules(
    ev: Evaluator, function: ScopeRef, name: str, marks: list[Call], frame: Frame
) -> list[tuple[str, tuple[str, ...]]]:
    """What `@route("/x", methods=[…])` says, once for each."""
    found = []
    for mark in marks:
        if any(q.endswith(".route") for q in ev.qualified(mark.callee, frame)):
            methods = strings(ev, argument(ev, mark, frame, "methods")) or ["GET"]
            rule = text_of(ev, argument(ev, mark, frame, "rule", 0))
            found.append((rule, tuple(sorted({method.upper() for method in methods}))))
    return found


def _by_name(
    ev: Evaluator, ref: ScopeRef, function: ScopeRef, name: str, slash: str
) -> list[tuple[str, tuple[str, ...]]]:
    """The rule of a method without one: its name, unless that is a verb's, and its parameters without defaults."""
    taken = "/".join(_parameters(ev, function))
    if name in _SPECIAL:
        return [(f"{taken}{slash}", (_SPECIAL[name],))]
    methods = tuple(sorted(method.upper() for method in _texts(ev, ref, "default_methods"))) or ("GET",)
    return [(f"{name}/{taken}{slash}" if taken else f"{name}{slash}", methods)]


def _parameters(ev: Evaluator, function: ScopeRef) -> Iterator[str]:
    for param in ev.scope(function).params.items:
        if param.name == "self" or param.default is not None or param.kind not in ("positional", "normal"):
            continue
        converter = _CONVERTERS.get(param.annotation.id, "") if isinstance(param.annotation, Name) else ""
        yield f"<{converter}{param.name}>"


def _methods(ev: Evaluator, ref: ScopeRef) -> dict[str, ScopeRef]:
    """The functions of a class and its bases in the project, the nearest of each name."""
    bases = [base for base in classes.bases(ev, ref) if isinstance(base, ScopeRef)]
    names = {name for base in bases for name, bound in ev.bindings(base).items() if any(b.number >= 0 for b in bound)}
    return functions(ev, ref, tuple(sorted(names)))


def _before(guards: Guards, ref: ScopeRef) -> list[Evidence]:
    """What the class runs before each of its methods."""
    found = functions(guards.ev, ref, ("before_request",)).values()
    return [own(guards, one, Location(one.path, guards.ev.scope(one).name_at)) for one in found]


def _base(ev: Evaluator, call: Call, frame: Frame, ref: ScopeRef) -> str:
    said = _said(ev, call, frame, ref, "route_base", 1)
    if said is not None:
        return said
    name = ev.scope(ref).name.removesuffix("View")
    for hump in _HUMPS:
        name = hump.sub(r"\1-\2", name)
    return name.lower()


def _said(ev: Evaluator, call: Call, frame: Frame, ref: ScopeRef, name: str, position: int) -> str | None:
    """What the registration says, else the class."""
    given: Argument = argument(ev, call, frame, name, position)
    if given.expr is not None or given.hidden:
        return text_of(ev, given) or HOLE
    held = class_attribute(ev, ref, name)
    values = ev.expr(*held) if held is not None else ()
    return None if all(isinstance(v, Const) and v.value is None for v in values) else text(values)


def _texts(ev: Evaluator, ref: ScopeRef, name: str) -> list[str]:
    held = class_attribute(ev, ref, name)
    return list(strings(ev, Argument(*held, False)) or ()) if held is not None else []


def _is_false(ev: Evaluator, ref: ScopeRef, name: str) -> bool:
    held = class_attribute(ev, ref, name)
    values = ev.expr(*held) if held is not None else ()
    return any(isinstance(v, Const) and v.value is False for v in values)
