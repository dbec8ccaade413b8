"""Parameters → values: by annotation, by dependency injection, by default, and by the calls that the project makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Expr, Name, Param, Sequence, Starred, Subscript
from ..model.facts import Scope
from ..model.location import Location
from ..model.project import Origin
from . import typehints
from .callgraph.graph import EdgeKind
from .index import ScopeRef, SiteRef, call_at, enclosing_class
from .values import OF_CLASSES, Alias, ClassRef, Frame, Instance, Opaque, Thunk, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST_CALLERS = 24  # call sites read to learn a parameter; with more of them it is not followed
_CALLING = (EdgeKind.DIRECT, EdgeKind.VIRTUAL)
_GENERATORS = ("types.GeneratorType", "types.AsyncGeneratorType")
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
        if ev.passing is not None:  # what they are, where nobody asks what they are made of
            return (Instance("builtins.tuple" if param.kind == "vararg" else "builtins.dict"),)
        return ev.opaque("collected arguments", Frame(ref), param.at, param.name, _origin(ev, ref))
    above = Frame(ScopeRef(ref.path, scope.parent))
    if injected := dependency(ev, param, above):
        return injected
    typed: Values = ()
    if param.annotation is not None:
        typed = typehints.instances(ev, param.annotation, above)
        typed = tuple(v for v in typed if not _is_text(v))
    elif inherited := _inherited(ev, ref, scope, param):
        return inherited
    if typed and any(_informative(ev, v) for v in typed):
        return typed
    if ref in ev.handlers:
        if ref in ev.given and param == next(iter(scope.params.items[_receivers(ev, ref) :]), None):
            return (Instance(ev.given[ref]),)
        return ev.opaque("a parameter of an endpoint", Frame(ref), param.at, param.name, Origin.REQUEST)
    called = _by_callers(ev, ref, scope, param, above)
    return called if called is not None else typed or _unknown(ev, ref, param)


def _receivers(ev: Evaluator, ref: ScopeRef) -> int:
    """How many of a function's first parameters are `self`."""
    return int(enclosing_class(ev.index, ref) is not None and not _is_static(ev.scope(ref)))


def _is_text(found: Value) -> bool:
    """Whether something is a text, or holds texts: what these are made of is then worth more than their class."""
    if not isinstance(found, Instance):
        return False
    return found.cls in _TEXT or bool(found.of) and all(map(_is_text, found.of))


def _inherited(ev: Evaluator, ref: ScopeRef, scope: Scope, param: Param) -> Values:
    """What the method that this one overrides says of a parameter without annotation."""
    owner = enclosing_class(ev.index, ref)
    if owner is None or scope.name in ("__init__", "__new__"):
        return ()
    from . import classes

    for base in classes.bases(ev, owner)[1:]:
        if isinstance(base, str):
            continue
        for binding in ev.bindings(base).get(scope.name, ()):
            above = ev.scope(ScopeRef(base.path, binding.number)) if binding.number >= 0 else None
            for other in above.params.items if above is not None else ():
                if other.name == param.name and other.annotation is not None and other.kind == param.kind:
                    found = typehints.instances(ev, other.annotation, Frame(base))
                    return tuple(v for v in found if _informative(ev, v) and not _is_text(v))
    return ()


def open_parameters(ev: Evaluator, ref: ScopeRef) -> frozenset[str]:
    """The parameters of a function that only its callers can tell the type of."""
    if ref not in ev.open:
        scope = ev.scope(ref)
        ev.open[ref] = frozenset(param.name for param in scope.params.items if _is_open(ev, ref, scope, param))
    return ev.open[ref]


def _is_open(ev: Evaluator, ref: ScopeRef, scope: Scope, param: Param) -> bool:
    if param.kind in ("vararg", "kwarg") or _receiver(ev, ref, scope, param):
        return False
    above = Frame(ScopeRef(ref.path, scope.parent))
    if dependency(ev, param, above):
        return False
    if param.annotation is None:
        return not _inherited(ev, ref, scope, param)
    return not any(_informative(ev, v) for v in typehints.instances(ev, param.annotation, above))


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
    if words & OF_CLASSES or scope.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return (ClassRef(owner),)
    return (Instance(owner),)


def dependency(ev: Evaluator, param: Param, frame: Frame) -> Values:
    """What FastAPI's `Depends(f)` gives a parameter, as a default or inside `Annotated`; () where there is none."""
    for candidate, where in _declared(ev, param, frame):
        if set(ev.qualified(candidate.callee, where)).intersection(ev.libraries.markers.get("dependency", ())):
            declared = typehints.instances(ev, param.annotation, frame) if param.annotation is not None else ()
            return _made(ev, candidate, where, declared) if candidate.args else declared
    return ()


def _made(ev: Evaluator, declared_by: Call, frame: Frame, declared: Values) -> Values:
    """What the dependency returns, or yields; where that is not understood, the class that the parameter names."""
    from .calling import result_of

    at, made = Location(frame.ref.path, declared_by.at), SiteRef(frame.ref.path, declared_by.site)
    call = Call(declared_by.at, declared_by.args[0], (), (), declared_by.site)
    found: Values = ()
    for value in result_of(ev, ev.expr(declared_by.args[0], frame), call, frame, at, made):
        found = join(found, value.of if isinstance(value, Instance) and value.cls in _GENERATORS else (value,))
    known = tuple(v for v in declared if isinstance(v, Instance) and not str(v.cls).startswith("builtins."))
    if known and any(isinstance(v, Opaque) for v in found):
        return join(tuple(v for v in found if not isinstance(v, Opaque)), known)
    return found


def _declared(ev: Evaluator, param: Param, frame: Frame) -> Iterator[tuple[Call, Frame]]:
    """The calls that may declare a dependency, with where they stand; a name for `Annotated[T, …]` is seen through."""
    yield from ((call, frame) for call in dependency_calls(param))
    if isinstance(param.annotation, Name | Attribute):
        for value in ev.expr(param.annotation, frame):
            if isinstance(value, Alias):
                named = Param(param.at, param.name, param.kind, value.expr, None)
                yield from ((call, value.frame) for call in dependency_calls(named))


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
    if ev.passing is not None:
        default = ev.expr(param.default, above) if param.default is not None else ()
        return join(ev.passing.values(ref, param), tuple(v for v in default if isinstance(v, Instance | ClassRef)))
    sites = callers(ev, ref)
    if not sites:
        return None
    if len(sites) > MOST_CALLERS:
        ev.crowded.add(ref)
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
    """The call sites of the project that call this function, test code left out, by place."""
    if ev.graph is None:
        return ()
    return tuple(sorted({edge.site for edge in ev.graph.callers.get(ref, ()) if edge.site and edge.kind in _CALLING}))


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
