"""Plain names → values: reaching bindings, closures, parameters, imports, built-ins."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from ..model.code import Expr, Name, Param
from ..model.facts import ScopeKind
from ..model.location import Location, Span
from ..model.project import Origin
from . import allowed, containers, entering, imports, narrowing, outside, parameters, typehints, unpacking
from .bindings import Bind, Binding
from .classes import UNFOLLOWED
from .flow import Flow
from .index import ScopeRef, body
from .inner import innermost, parameter_name
from .values import ClassRef, Const, External, Frame, Function, Opaque, Txt, Values, identity, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

_BUILTINS = frozenset(dir(builtins))


def name(ev: Evaluator, expr: Name, frame: Frame) -> Values:
    """What a name means where it stands."""
    values = narrowing.narrowed(ev, expr.id, expr.at, _unchecked(ev, expr, frame), frame)
    if _may_be_checked(values):
        among = allowed.checked(ev, expr, frame)
        if among is not None:
            return join(tuple(v for v in values if not isinstance(v, Opaque | Txt)), among)
    return values


def _may_be_checked(values: Values) -> bool:
    for value in values:  # asked for every name: a generator would cost more than it says
        if type(value) is Opaque or type(value) is Txt:
            return True
    return False


def _unchecked(ev: Evaluator, expr: Name, frame: Frame) -> Values:
    inner = ev.inner_names(frame.ref).get(expr.id)
    within = innermost(inner, expr.at) if inner else None
    if within is None and frame.known and _rebound(ev, expr, frame):
        return _remembered(ev, expr, frame, None)
    wanted = parameter_name(expr.id, within.at) if within is not None and within.how is Bind.PARAMETER else expr.id
    for known, values in frame.known:
        if known == wanted:
            return ev.force(values)
    return _remembered(ev, expr, frame, within)


def _remembered(ev: Evaluator, expr: Name, frame: Frame, within: Binding | None) -> Values:
    return ev.remember(
        ("name", identity(frame), expr.id, expr.at),
        lambda: _look_up(ev, expr.id, frame, expr.at) if within is None else _of_inner(ev, within, frame),
        lambda: ev.opaque("a name that depends on itself", frame, expr.at, expr.id),
    )


def _rebound(ev: Evaluator, expr: Name, frame: Frame) -> bool:
    """Whether a parameter that is known may have been bound anew; what else is known holds at the place itself."""
    if expr.id not in ev.bindings(frame.ref) or ev.scope(frame.ref).kind is not ScopeKind.FUNCTION:
        return False
    return ev.param(frame.ref, expr.id) is not None


def _of_inner(ev: Evaluator, within: Binding, frame: Frame) -> Values:
    """A loop variable of a comprehension, or a parameter of a lambda of which no call is known."""
    if within.how is Bind.ELEMENT and within.expr is not None:
        return containers.element(ev, within.expr, within.path, frame)
    if within.expr is not None:
        return ev.expr(within.expr, frame)
    return ev.opaque("a parameter of a lambda", frame, within.at, within.name, Origin.PARAMETER)


def _look_up(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values:
    ref = frame.ref
    outer = ev.outer_names(ref).get(wanted)
    found = _local(ev, wanted, frame, at) if outer is None else _written_here(ev, wanted, frame, at)
    if found is None and outer != "global":
        found = _around(ev, wanted, frame)
    if found is None:
        top = ScopeRef(ref.path, 0)
        found = _anywhere(ev, wanted, Frame(top)) if ref != top else imports.starred(ev, wanted, ref.path)
    if found is not None:
        return found
    if wanted in _BUILTINS:
        return (External(f"builtins.{wanted}"),)
    return ev.opaque("a name that is not defined here", frame, at, wanted)


def _around(ev: Evaluator, wanted: str, frame: Frame) -> Values | None:
    """The name in the functions around a scope; a closure remembers what they were called with."""
    known = frame.outer
    parent = ev.scope(frame.ref).parent
    while parent > 0:
        above = ScopeRef(frame.ref.path, parent)
        if ev.scope(above).kind is ScopeKind.FUNCTION:
            matching = known if known is not None and known.ref == above else None
            found = _anywhere(ev, wanted, matching or Frame(above))
            if found is not None:
                return found
            known = matching.outer if matching is not None else known
        parent = ev.scope(above).parent
    return None


def _local(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values | None:
    """The values by the bindings that reach the place, the parameter included; None when the scope binds it nowhere."""
    param = ev.param(frame.ref, wanted)
    bound = ev.bindings(frame.ref).get(wanted)
    if bound is None:
        return None if param is None else parameters.value(ev, frame, param)
    if len(bound) == 1 and param is None:
        return of_binding(ev, bound[0], frame)
    entry = (Binding(Bind.MATCHED, wanted, param.at),) if param is not None else ()
    state = reaching(ev, wanted, at, frame, entry)
    return _joined(ev, wanted, state or tuple(bound), frame, param)


def reaching(ev: Evaluator, wanted: str, at: Span, frame: Frame, entry: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """The bindings of a name in a scope that may hold at a place, `entry` being what held before them."""
    facts = ev.index.python[frame.ref.path]
    bound = tuple(ev.bindings(frame.ref).get(wanted, ()))
    return Flow(wanted, at, bound, facts.scopes, facts.imports).reaching(body(ev.index, frame.ref), entry)


def _written_here(ev: Evaluator, wanted: str, frame: Frame, at: Span) -> Values | None:
    """A `global` or `nonlocal` name that this function has surely assigned before the place; else None."""
    if wanted not in ev.bindings(frame.ref):
        return None
    before = Binding(Bind.MATCHED, wanted, Span(0, 0, 0, 0))
    state = reaching(ev, wanted, at, frame, (before,))
    return None if not state or before in state else _joined(ev, wanted, state, frame, None)


def _joined(ev: Evaluator, wanted: str, state: tuple[Binding, ...], frame: Frame, param: Param | None) -> Values:
    from .texts import added

    values: Values = ()
    for binding in state:
        if param is not None and binding.at == param.at and binding.how is Bind.MATCHED:
            given = [ev.force(values_) for known, values_ in frame.known if known == wanted]
            values = join(values, given[0] if given else parameters.value(ev, frame, param))
        elif binding.how is Bind.ADDED:
            more = of_binding(ev, binding, frame)
            # In a branch too: the longer text holds everything that the shorter one does.
            values = added(values, more, Location(frame.ref.path, binding.at))
        else:
            values = join(values, of_binding(ev, binding, frame))
    return values


def _anywhere(ev: Evaluator, wanted: str, frame: Frame) -> Values | None:
    """The values by every binding of a scope, whatever the order; None when it binds the name nowhere."""
    key = ("any", identity(frame), wanted)
    if (known := ev.memory.kept.get(key)) is not None:
        return known
    bound = ev.bindings(frame.ref).get(wanted, ())
    param = ev.param(frame.ref, wanted)
    handed = outside.handed(ev, frame.ref, wanted)
    if not bound and param is None and not handed:
        return imports.starred(ev, wanted, frame.ref.path) if frame.ref.scope == 0 else None

    def compute() -> Values:
        inside = (
            _joined(ev, wanted, tuple(bound), frame, None)
            if param is None
            else join(parameters.value(ev, frame, param), *(of_binding(ev, b, frame) for b in bound))
        )
        return join(inside, *(of_binding(ev, binding, Frame(where)) for where, binding in handed))

    at = bound[0].at if bound else param.at if param else Span(1, 0, 1, 0)
    return ev.remember(
        key,
        compute,
        lambda: ev.opaque("a name that depends on itself", frame, at, wanted),
    )


def binds(ev: Evaluator, wanted: str, ref: ScopeRef) -> bool:
    """Whether a scope itself, or a function inside it, gives a name a value."""
    return bool(ev.bindings(ref).get(wanted)) or bool(outside.handed(ev, ref, wanted))


def member(ev: Evaluator, path: str, wanted: str) -> Values | None:
    """What a module of the project binds to a name; None when it does not."""
    return _anywhere(ev, wanted, Frame(ScopeRef(path, 0)))


def of_binding(ev: Evaluator, binding: Binding, frame: Frame) -> Values:
    """What one binding gives its name."""
    at = Location(frame.ref.path, binding.at)
    unknown: Values = (Opaque(UNFOLLOWED, Origin.UNKNOWN, at, binding.name),)
    match binding.how:
        case Bind.VALUE | Bind.NAMED | Bind.ADDED:
            assert binding.expr is not None
            values = ev.expr(binding.expr, frame)
            if binding.annotation is not None and all(isinstance(v, Opaque | Const) for v in values):
                return _typed(ev, binding.annotation, frame, values)
            return values
        case Bind.ANNOTATED:
            assert binding.annotation is not None
            return typehints.instances(ev, binding.annotation, frame) or unknown
        case Bind.ENTERED if binding.expr is not None:
            return entering.entered(ev, binding.expr, binding.is_async, frame)
        case Bind.ELEMENT:
            assert binding.expr is not None
            return containers.element(ev, binding.expr, binding.path, frame)
        case Bind.ITEM:
            assert binding.expr is not None
            return containers.unpacked(ev, binding.expr, binding.path, frame)
        case Bind.REST:
            return unpacking.rest(ev, binding, frame)
        case Bind.CAUGHT if binding.expr is not None:
            return unpacking.caught(ev, binding.expr, frame)
        case Bind.IMPORTED:
            return imports.imported(ev, ev.index.python[frame.ref.path].imports[binding.number], frame.ref.path)
        case Bind.DEFINED:
            return _defined(ev, ScopeRef(frame.ref.path, binding.number), frame)
        case _:
            return unknown


def _typed(ev: Evaluator, annotation: Expr, frame: Frame, values: Values) -> Values:
    """`x: T | None = None`: the class is known although the value is not."""
    found = typehints.instances(ev, annotation, frame)
    return join(tuple(v for v in values if isinstance(v, Const) and v.value is not None), found) if found else values


def _defined(ev: Evaluator, ref: ScopeRef, frame: Frame) -> Values:
    if ev.scope(ref).kind is ScopeKind.CLASS:
        return (ClassRef(ref),)
    return (Function(ref, within=frame if frame.known or frame.outer is not None else None),)
