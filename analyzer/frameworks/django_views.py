"""The view of a URL pattern → the methods that it answers and what guards them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import ClassRef, Container, External, Frame, Function, Instance
from ..link.walk import dotted
from ..model.code import Attribute, Call, Dict, Expr, Lambda
from ..model.endpoint import Idle
from ..model.location import Location
from . import permissions
from .django_classes import is_rest, methods_of
from .drf_pagination import Pagination
from .evidence import IDENTITY, NONE, Evidence, doubt, merged, protection
from .guards import Guards
from .harmless import harmless
from .languages import marked
from .limiting import idle
from .lists import items, strings
from .permissions import Permissions
from .routes import Handler, of_decorators, of_function, of_reference
from .sources import HOLE, argument, definition, name_place, qualified, text
from .speech import speaks
from .throttles import Throttles, default, of_list, of_view
from .views import METHODS, class_attribute, functions, grouped, of_class

Answers = list[tuple[tuple[str, ...], Handler]]
_ANY = ("*",)
_VIEW = "a handler that is not understood"
_METHODS = {
    "django.views.decorators.http.require_GET": ("GET",),
    "django.views.decorators.http.require_POST": ("POST",),
    "django.views.decorators.http.require_safe": ("GET", "HEAD"),
}
_NAMED = ("django.views.decorators.http.require_http_methods", "rest_framework.decorators.api_view")


class Chosen(NamedTuple):
    """What an `@action` sets for itself in place of its viewset's; None where it leaves it."""

    throttles: Evidence | None = None
    permissions: Evidence | None = None


_AS_CLASS = Chosen()


@dataclass(slots=True)
class Views:
    """What is needed to judge the views of one project, and the functions found to run for them."""

    guards: Guards
    throttles: Throttles
    permissions: Permissions
    pagination: Pagination = Pagination(seen=False)
    functions: dict[ScopeRef, None] = field(default_factory=dict)
    kept: dict[tuple[ScopeRef, tuple[str, ...]], Answers] = field(default_factory=dict)


def answers(views: Views, expr: Expr, frame: Frame, depth: int = 0) -> Answers:
    """What answers the requests of a pattern: functions, classes by `as_view`, and wrappers around them."""
    ev = views.guards.ev
    if isinstance(expr, Call):
        if isinstance(expr.callee, Attribute) and expr.callee.name in ("as_view", "as_asgi"):
            return _class_view(views, expr, frame)
        if expr.args and depth < 8:
            return _wrapped(views, expr, frame, depth)
    if isinstance(expr, Lambda):
        return [(_ANY, Handler("lambda", Location(frame.ref.path, expr.at), None, False, NONE))]
    for value in ev.expr(expr, frame):
        match value:
            case Function(ref=ref):
                return _function(views, ref)
            case External(name=name) | Instance(cls=str() as name) if name not in ("builtins.object",):
                return [(_ANY, external(views, name, Location(frame.ref.path, expr.at)))]
            case Instance(cls=ScopeRef() as ref):
                return _instance(views, ref)
            case _:
                pass
    found = definition(ev, expr, frame)
    if found is not None and depth < 8 and found[0] is not expr:
        return answers(views, *found, depth + 1)
    return [(_ANY, of_reference(views.guards, expr, frame))]


def _wrapped(views: Views, expr: Call, frame: Frame, depth: int) -> Answers:
    """`login_required(view)`, `cache_page(60)(view)`, `ratelimit(key="ip", rate="5/m")(View.as_view())`."""
    target = expr.args[-1] if not _is_view(views, expr.args[0], frame) else expr.args[0]
    if not _is_view(views, target, frame):
        return [(_ANY, of_reference(views.guards, expr, frame))]
    around = of_decorators(views.guards, (expr.callee,), frame)
    inner = answers(views, target, frame, depth + 1)
    return [(methods, replace(h, evidence=merged([h.evidence, around]))) for methods, h in inner]


def _is_view(views: Views, expr: Expr, frame: Frame) -> bool:
    if isinstance(expr, Call):
        return not isinstance(expr.callee, Attribute) or expr.callee.name == "as_view" or bool(expr.args)
    values = views.guards.ev.expr(expr, frame)
    return (
        any(isinstance(v, Function | External) for v in values) or definition(views.guards.ev, expr, frame) is not None
    )


def external(views: Views, name: str, at: Location) -> Handler:
    """A view of a library."""
    name = canonical(views.guards.ev.libraries, name)
    if name == "rest_framework.authtoken.views.obtain_auth_token":
        name = "rest_framework.authtoken.views.ObtainAuthToken"
    if name.endswith(".ObtainAuthToken"):
        evidence = NONE  # it empties `throttle_classes` for itself (DRF, rest_framework/authtoken/views.py)
    elif name.startswith(
        ("rest_framework.", "rest_framework_simplejwt.", "dj_rest_auth.", "djoser.", "drf_spectacular.")
    ):
        evidence = merged([default(views.guards, views.throttles, ""), _of_rest(views, name, at)])
    else:
        evidence = NONE if harmless(name) or speaks(name) else doubt(_VIEW)
        if marked(views.guards.ev, name, IDENTITY):
            evidence = protection(name, at, IDENTITY)
    return Handler(name, at, None, False, evidence)


def _of_rest(views: Views, name: str, at: Location) -> Evidence:
    """A library's DRF view stands under the project's default, unless it is known to choose for itself."""
    if name.startswith("rest_framework_simplejwt.views.Token"):
        return NONE
    return merged([views.permissions.evidence, doubt(_VIEW, IDENTITY)])


def _function(views: Views, ref: ScopeRef) -> Answers:
    """A function view: methods by its decorators; DRF's `@api_view` brings the default throttles."""
    guards, scope = views.guards, views.guards.ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    views.functions.setdefault(ref)
    methods: tuple[str, ...] = _ANY
    rest, throttled, permitted, above = False, None, None, NONE
    plain: list[Expr] = []
    for one in scope.decorators:
        names = guards.ev.qualified(one.callee if isinstance(one, Call) else one, frame)
        name = names[0] if names else ""
        if name in _METHODS:
            methods = _METHODS[name]
        elif name in _NAMED:
            rest = rest or name == _NAMED[1]
            given = argument(guards.ev, one, frame, "request_method_list", 0) if isinstance(one, Call) else None
            listed = strings(guards.ev, given) if given is not None else ()
            methods = tuple(sorted(m.upper() for m in listed)) if listed else _ANY if listed is None else ("GET",)
        elif name == "rest_framework.decorators.throttle_classes" and isinstance(one, Call) and one.args:
            chosen = of_list(guards, one.args[0], frame, views.throttles, "")
            # Above `@api_view` it marks what that has made already (DRF 3.16.1, rest_framework/decorators.py:67).
            throttled, above = (chosen, above) if rest else (throttled, chosen)
        elif name == "rest_framework.decorators.permission_classes" and isinstance(one, Call) and one.args:
            permitted = permissions.of_list(guards, one.args[0], frame)
        else:
            plain.append(one)
    handler = of_function(guards, ref, tuple(plain), frame)
    above = idle(above, Idle.ABOVE_ROUTE) if rest else above
    if rest and throttled is None:
        throttled = default(guards, views.throttles, "")
    if rest and permitted is None:
        permitted = views.permissions.evidence
    extra = [above, *(part for part in (throttled, permitted) if part is not None)]
    return [(methods, replace(handler, evidence=merged([handler.evidence, *extra])))]


def _instance(views: Views, ref: ScopeRef) -> Answers:
    ev = views.guards.ev
    called = functions(ev, ref, ("__call__",))
    views.functions.update(dict.fromkeys(called.values()))
    return [(_ANY, Handler(qualified(ev, ref), name_place(ev, ref), ref, False, class_evidence(views, ref)))]


def _class_view(views: Views, expr: Call, frame: Frame) -> Answers:
    ev = views.guards.ev
    assert isinstance(expr.callee, Attribute)
    for value in ev.expr(expr.callee.value, frame):
        ref = value.ref if isinstance(value, ClassRef) else value.cls if isinstance(value, Instance) else None
        if isinstance(ref, ScopeRef):  # `as_view` is found on an object too, and makes another one
            actions = _actions(ev, expr, frame)
            return action_views(views, ref, actions) if actions else _of_class(views, ref)
        if isinstance(value, External):
            name = canonical(ev.libraries, value.name)
            return [(methods_of(name) or _ANY, external(views, name, Location(frame.ref.path, expr.at)))]
    at = Location(frame.ref.path, expr.at)
    return [(_ANY, Handler(dotted(expr.callee.value) or HOLE, at, None, False, doubt(_VIEW)))]


def _actions(ev: Evaluator, expr: Call, frame: Frame) -> dict[str, str]:
    """`as_view({"get": "list"})`."""
    found: dict[str, str] = {}
    given = argument(ev, expr, frame, "actions", 0)
    for value in ev.expr(given.expr, given.frame) if given.expr is not None else ():
        if isinstance(value, Container) and isinstance(value.expr, Dict):
            for key, item in zip(value.expr.keys, value.expr.values, strict=True):
                if key is not None:
                    found[text(ev.expr(key, value.frame))] = text(ev.expr(item, value.frame))
    return found


def _of_class(views: Views, ref: ScopeRef) -> Answers:
    if (ref, ()) in views.kept:
        return views.kept[ref, ()]
    ev = views.guards.ev
    found = functions(ev, ref, METHODS)
    library = {m for base in classes.bases(ev, ref) if isinstance(base, str) for m in methods_of(base)}
    allowed = class_attribute(ev, ref, "http_method_names")
    if allowed is not None:
        listed = {text(ev.expr(*one)) for one in items(ev, *allowed).found}
        found = {name: f for name, f in found.items() if name in listed}
        library = {m for m in library if m.lower() in listed}
    for name in ("head", "options", "trace"):
        if len(found) + len(library) > 1:
            found.pop(name, None)
    views.functions.update(dict.fromkeys([*found.values(), *functions(ev, ref, ("dispatch",)).values()]))
    extra = tuple(sorted(m.lower() for m in library if m.lower() not in found))
    evidence = class_evidence(views, ref)
    result = grouped(views.guards, ref, found, evidence, extra)
    if not result:
        result = [(_ANY, Handler(qualified(ev, ref), name_place(ev, ref), ref, False, evidence))]
    views.kept[ref, ()] = result
    return result


def action_views(views: Views, ref: ScopeRef, actions: dict[str, str], chosen: Chosen = _AS_CLASS) -> Answers:
    """A viewset's route: HTTP method → action, defined in the project or by a mixin of DRF."""
    ev = views.guards.ev
    found = functions(ev, ref, tuple(sorted(set(actions.values()))))
    views.functions.update(dict.fromkeys(found.values()))
    own = {method: found[action] for method, action in actions.items() if action in found}
    extra = tuple(sorted(method for method, action in actions.items() if action not in found))
    return grouped(views.guards, ref, own, class_evidence(views, ref, chosen), extra)


def class_evidence(views: Views, ref: ScopeRef, chosen: Chosen = _AS_CLASS) -> Evidence:
    """What guards all methods of a view class: decorators, mixins, its own code, DRF's throttles and permissions."""
    guards, ev = views.guards, views.guards.ev
    parts = []
    for base in classes.bases(ev, ref):
        if isinstance(base, ScopeRef):
            scope = ev.scope(base)
            above = Frame(ScopeRef(base.path, scope.parent))
            parts.append(of_decorators(guards, scope.decorators, above))
            for dispatch in functions(ev, base, ("dispatch",)).values():
                inner = Frame(ScopeRef(dispatch.path, ev.scope(dispatch).parent))
                parts.append(of_decorators(guards, ev.scope(dispatch).decorators, inner))
    parts.append(of_class(guards, ref))
    if is_rest(ev, ref):
        parts.append(of_view(guards, ref, views.throttles) if chosen.throttles is None else chosen.throttles)
        people = permissions.of_view(guards, ref, views.permissions)
        parts.append(people if chosen.permissions is None else chosen.permissions)
    elif any(isinstance(b, str) and b not in ev.libraries.classes and not harmless(b) for b in classes.bases(ev, ref)):
        parts.append(doubt("a base class that is not understood"))
    return merged(parts)
