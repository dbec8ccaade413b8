"""Parameters → values: by annotation, by dependency injection, by default, and by the calls that the project makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Expr, Name, Param, Sequence, Starred, Subscript
from ..model.facts import Scope
from ..model.location import Location
from ..model.project import Origin
from . import typehints
from .index import ScopeRef, SiteRef, call_at, enclosing_class
from .values import ClassRef, Frame, Function, Instance, Thunk, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_CALLERS = 24  # call sites read to learn a parameter; with more of them it is not followed
# Classes whose instances say nothing of the text they hold.
_TEXT = frozenset({"builtins.str", "builtins.bytes", "typing.Any", "builtins.object"})


def value(ev: Evaluator, frame: Frame, param: Param) -> Values:
    """What a parameter may be when nothing is known of the particular call."""
    for known, values in frame.known:
        if known == param.name:
            return ev.force(values)
    ref = frame.ref
    return ev.remember(
        ("param", ref, param.name),
        lambda: _value(ev, ref, param),
        lambda: ev.opaque("a parameter that depends on itself", Frame(ref), param.at, param.name),
    )


def _value(ev: Evaluator, ref: ScopeRef, param: Param) -> Values:
    scope = ev.scope(ref)
    if receiver := _receiver(ev, ref, scope, param):
        return receiver
    if param.kind in ("vararg", "kwarg"):
        return ev.opaque("collected arguments", Frame(ref), param.at, param.name, _origin(ev, ref))
    above = Frame(ScopeRef(ref.path, scope.parent))
    if injected := dependency(ev, param, above):
        return injected
    typed: Values = ()
    if param.annotation is not None:
        typed = typehints.instances(ev, param.annotation, above)
        typed = tuple(v for v in typed if not (isinstance(v, Instance) and v.cls in _TEXT))
    if typed and any(_informative(ev, v) for v in typed):
        return typed
    if ref in ev.handlers:
        return ev.opaque("a parameter of an endpoint", Frame(ref), param.at, param.name, Origin.REQUEST)
    called = _by_callers(ev, ref, scope, param, above)
    return called if called is not None else typed or _unknown(ev, ref, param)


def _informative(ev: Evaluator, found: Value) -> bool:
    """Whether a class is known enough to be used in place of what callers pass."""
    return isinstance(found, Instance) and (isinstance(found.cls, ScopeRef) or found.cls in ev.libraries.classes)


def _origin(ev: Evaluator, ref: ScopeRef) -> Origin:
    return Origin.REQUEST if ref in ev.handlers else Origin.PARAMETER


def _unknown(ev: Evaluator, ref: ScopeRef, param: Param) -> Values:
    return ev.opaque("a parameter whose callers are not known", Frame(ref), param.at, param.name, _origin(ev, ref))


def _receiver(ev: Evaluator, ref: ScopeRef, scope: Scope, param: Param) -> Values:
    """`self` and `cls` of a method."""
    owner = enclosing_class(ev.index, ref)
    if owner is None or not scope.params.items or scope.params.items[0] is not param:
        return ()
    words = {d.id for d in scope.decorators if isinstance(d, Name)}
    if "staticmethod" in words:
        return ()
    if "classmethod" in words or scope.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return (ClassRef(owner),)
    return (Instance(owner),)


def dependency(ev: Evaluator, param: Param, frame: Frame) -> Values:
    """What FastAPI's `Depends(f)` gives a parameter, as a default or inside `Annotated`; () where there is none."""
    for candidate in dependency_calls(param):
        if set(ev.qualified(candidate.callee, frame)).intersection(ev.libraries.markers.get("dependency", ())):
            if candidate.args:
                from .calling import result_of

                at = Location(frame.ref.path, candidate.at)
                made = SiteRef(frame.ref.path, candidate.site)
                return result_of(
                    ev,
                    ev.expr(candidate.args[0], frame),
                    Call(candidate.at, candidate.args[0], (), (), candidate.site),
                    frame,
                    at,
                    made,
                )
            if param.annotation is not None:
                return typehints.instances(ev, param.annotation, frame)
    return ()


def dependency_calls(param: Param) -> tuple[Call, ...]:
    """The calls that may declare a dependency: the default, and the extras of `Annotated[T, …]`."""
    found: list[Expr] = [] if param.default is None else [param.default]
    match param.annotation:
        case Subscript(value=Name(id="Annotated") | Attribute(name="Annotated"), index=Sequence(items=items)):
            found += items[1:]
        case _:
            pass
    return tuple(part for part in found if isinstance(part, Call))


def _by_callers(ev: Evaluator, ref: ScopeRef, scope: Scope, param: Param, above: Frame) -> Values | None:
    """The join over the project's own calls of this function; None when nobody is seen to call it."""
    sites = callers(ev, ref)
    if not sites and ref not in ev.crowded:
        return None
    if not sites or len(sites) > MOST_CALLERS:
        return ev.opaque("a parameter with too many callers", Frame(ref), param.at, param.name, Origin.PARAMETER)
    values: Values = ()
    for site in sites:
        call = call_at(ev.index, site)
        if call is None:
            continue
        frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
        given = bind(ev, ref, call, frame, has_receiver=enclosing_class(ev.index, ref) is not None).get(param.name)
        if given is not None:
            values = join(values, ev.force(given))
        elif param.default is not None:
            values = join(values, ev.expr(param.default, above))
        else:
            values = join(values, _unknown(ev, ref, param))
    return values


def callers(ev: Evaluator, ref: ScopeRef) -> tuple[SiteRef, ...]:
    """The call sites of the project that call this function, test code left out; found by name, proved by value.

    None are given where there are too many candidates to prove; the function then stands in `ev.crowded`.
    """
    if ref in ev.callers:
        return ev.callers[ref]
    owner = enclosing_class(ev.index, ref)
    candidates = _candidates(ev, ref, owner)
    found: list[SiteRef] = []
    if len(candidates) > MOST_CALLERS * 8:
        ev.crowded.add(ref)
        candidates = []
    for site in candidates:
        call = call_at(ev.index, site)
        if call is not None and _calls(ev, call, Frame(ScopeRef(site.path, ev.index.site(site).scope)), ref, owner):
            found.append(site)
    ev.callers[ref] = tuple(found)
    return ev.callers[ref]


def _candidates(ev: Evaluator, ref: ScopeRef, owner: ScopeRef | None) -> list[SiteRef]:
    """The call sites that may be of a function by the words at the call and the imports of its file."""
    scope = ev.scope(ref)
    name = ev.scope(owner).name if owner is not None and scope.name == "__init__" else scope.name
    method = owner is not None and scope.name != "__init__"
    found = []
    for site in ev.index.sites.get(name, ()):
        bare = ev.index.site(site).callee == name
        if site.path in ev.index.tests or (bare and method):
            continue
        if (
            not bare
            or site.path == ref.path
            or any(item.bound == name or item.name == "*" for item in ev.index.python[site.path].imports)
        ):
            found.append(site)
    return found


def _calls(ev: Evaluator, call: Call, frame: Frame, ref: ScopeRef, owner: ScopeRef | None) -> bool:
    for target in ev.expr(call.callee, frame):
        if isinstance(target, Function) and target.ref == ref:
            return True
        if isinstance(target, ClassRef) and target.ref == owner:
            return True
    return False


def bind(ev: Evaluator, ref: ScopeRef, call: Call, frame: Frame, *, has_receiver: bool) -> dict[str, Values | Thunk]:
    """The arguments of a call by parameter name; `*args` and `**kwargs` at the call bind nothing they may fill."""
    items = list(ev.scope(ref).params.items)
    if has_receiver and items and not _is_static(ev.scope(ref)):
        items = items[1:]
    bound: dict[str, Values | Thunk] = {}
    positional = [p for p in items if p.kind in ("positional", "normal")]
    for param, arg in zip(positional, call.args, strict=False):
        if isinstance(arg, Starred):
            break
        bound[param.name] = Thunk(arg.at, frame, arg)
    names = {p.name for p in items}
    for keyword in call.keywords:
        if keyword.name in names and keyword.name is not None:
            bound[keyword.name] = Thunk(keyword.value.at, frame, keyword.value)
    return bound


def _is_static(scope: Scope) -> bool:
    return any(isinstance(d, Name) and d.id == "staticmethod" for d in scope.decorators)
