"""One file and an evaluator → its summary: what each place of it calls, and what these calls pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.code import Attribute, Call, Define, Expr, Literal
from ...model.facts import ScopeKind
from ..evaluate import Evaluator
from ..index import ScopeRef, body, enclosing_class
from ..loop import Spot, spot_of
from ..parameters import bind, open_parameters
from ..values import ClassRef, Const, Frame, Function, Instance, Opaque, Thunk, Values
from ..walk import header_parts, nodes
from . import atoms, handed, implicit
from .implicit import Defined
from .passing import Passing
from .summary import Atom, Callee, Passed, Place, Summary
from .targets import called, callees
from .wrapping import wrappers

_ANYWHERE = Spot(frozenset(), frozenset())


@dataclass(slots=True)
class _File:
    """What has been found so far."""

    ev: Evaluator
    path: str
    known: Defined
    passing: Passing
    speaking: frozenset[type]
    places: list[Place] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    wrapped: list[tuple[int, tuple[tuple[tuple[str, int], ...], ...]]] = field(default_factory=list)


def summarize(ev: Evaluator, path: str, known: Defined, passing: Passing) -> Summary:
    """What a file says of its calls; `ev` has an empty memory, so that the answer depends on what it reads alone."""
    file = _File(ev, path, known, passing, implicit.speaking(known))
    scopes = ev.index.python[path].scopes
    bases = []
    for number, scope in enumerate(scopes):
        _scope(file, ScopeRef(path, number))
        if scope.kind is ScopeKind.CLASS:
            bases.append((number, _bases(ev, ScopeRef(path, number))))
    asked = tuple(sorted((ref.path, ref.scope, name) for ref, name in passing.asked))
    found = (tuple(file.places), tuple(file.passed), tuple(bases), tuple(file.wrapped))
    return Summary(*found, asked, ev.memory.bounded)


def _bases(ev: Evaluator, ref: ScopeRef) -> tuple[tuple[str, int], ...]:
    """The classes of the project directly above one."""
    frame = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    found = [value.ref for base in ev.scope(ref).bases for value in ev.expr(base, frame) if isinstance(value, ClassRef)]
    return tuple(dict.fromkeys((one.path, one.scope) for one in found))


def _scope(file: _File, ref: ScopeRef) -> None:
    ev, frame = file.ev, Frame(ref)
    found = list(nodes(body(ev.index, ref)))
    spot = spot_of(found)
    _nodes(file, found, frame, spot)
    for node in found:
        if isinstance(node, Define):
            _definition(file, ScopeRef(ref.path, node.scope), frame)


def _nodes(file: _File, found: list[Any], frame: Frame, spot: Spot) -> None:
    for node in found:
        kind = type(node)
        if kind is Call:
            _call(file, node, frame, spot)
        elif kind in file.speaking:
            for at, callee in implicit.implied(file.ev, node, frame, file.known):
                file.places.append(Place(frame.ref.scope, at, -1, (callee,), (), later=at in spot.elsewhere))


def _definition(file: _File, ref: ScopeRef, frame: Frame) -> None:
    """The header of a definition, which the scope around it evaluates, and the decorators, which it calls."""
    ev, scope = file.ev, file.ev.scope(ref)
    for part in header_parts(scope):
        _nodes(file, list(nodes(part)), frame, _ANYWHERE)
    if scope.kind is ScopeKind.CLASS:
        if (made := implicit.made(ev, ref)) and "__init_subclass__" in file.known.methods:
            file.places.append(Place(frame.ref.scope, scope.header, -1, tuple(made), ()))
        return
    own = [_decorated(file, ref, decorator, frame) for decorator in reversed(scope.decorators)]
    if any(own):
        layers = wrappers(ev, ref, frame)
        file.wrapped.append((ref.scope, tuple(tuple((one.path, one.scope) for one in layer) for layer in layers)))


def _decorated(file: _File, ref: ScopeRef, decorator: Expr, frame: Frame) -> bool:
    """Whether it is a decorator of the project's own."""
    ev, own = file.ev, False
    for value in ev.expr(decorator, frame):
        for one in called(ev, value):
            own = True
            callee = Callee(one.path, one.scope, "decorator")
            file.places.append(Place(frame.ref.scope, decorator.at, -1, (callee,), ()))
            _gives(file, callee, 0 if one.how == "call" else 1, Function(ref))
        if registered := handed.registered(ev, value, ref):
            file.places.append(Place(frame.ref.scope, decorator.at, -1, (registered,), ()))
    return own


def _gives(file: _File, callee: Callee, position: int, value: Function) -> None:
    """A decorator is called with what it decorates."""
    target = ScopeRef(callee.path, callee.scope)
    params = [p for p in file.ev.scope(target).params.items if p.kind in ("positional", "normal")]
    if len(params) > position:
        found, rest = atoms.atoms((value,))
        file.passed.append(Passed(target.path, target.scope, params[position].name, found, rest, False))


def _call(file: _File, call: Call, frame: Frame, spot: Spot) -> None:
    ev = file.ev
    values = ev.expr(call.callee, frame)
    found, names = callees(ev, call.callee, values)
    unknown = [value for value in values if isinstance(value, Opaque)]
    single = len([value for value in values if not (isinstance(value, Const) and value.value is None)]) <= 1
    for value in values:
        if isinstance(value, Function | ClassRef):
            _pass(file, value, call, frame, single)
    found += handed.over(ev, call, frame, values)
    found += implicit.asked(ev, call, names, frame, file.known)
    file.places.append(
        Place(
            frame.ref.scope,
            call.at,
            call.site,
            tuple(found),
            tuple(names),
            _receiver(ev, call.callee, frame),
            _wanted(ev, call.callee, frame) if not found and (unknown or names) else (),
            call.at in spot.awaited,
            call.at in spot.elsewhere,
            not unknown,
            single,
            _given(file, unknown),
        )
    )


def _given(file: _File, unknown: list[Opaque]) -> tuple[tuple[str, int, str], ...]:
    """The parameters that what is called comes from."""
    found = [atom for value in unknown if (atom := file.passing.atom(value)) is not None]
    return tuple(dict.fromkeys((atom.path, atom.scope, atom.name) for atom in found))


def _receiver(ev: Evaluator, callee: Expr, frame: Frame) -> str:
    """Whether it is known what a method is called on."""
    if not isinstance(callee, Attribute):
        return ""
    values = ev.expr(callee.value, frame)
    unknown = [value.why for value in values if isinstance(value, Opaque)]
    if not unknown:
        return "known"
    return "partly" if len(unknown) < len(values) else unknown[0]


def _wanted(ev: Evaluator, callee: Expr, frame: Frame) -> tuple[tuple[str, int], ...]:
    """The classes of a receiver whose method is defined nowhere in sight: a mixin, or an abstract class without it."""
    if not isinstance(callee, Attribute) or isinstance(callee.value, Call):
        return ()
    values = ev.expr(callee.value, frame)
    refs = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ScopeRef) and v.made is None]
    return tuple((ref.path, ref.scope) for ref in refs)


def _pass(file: _File, value: Function | ClassRef, call: Call, frame: Frame, single: bool) -> None:
    """What a call gives to the parameters that say nothing of their type."""
    ev = file.ev
    targets = called(ev, value)
    if not targets:
        return
    target = ScopeRef(targets[0].path, targets[0].scope)
    wanted = open_parameters(ev, target)
    if not wanted:
        return
    method = isinstance(value, ClassRef) or value.receiver is not None
    method = method and enclosing_class(ev.index, target) is not None
    for name, given in _sorted(bind(ev, target, call, frame, has_receiver=method)):
        if name in wanted:
            found, rest = _atoms(file, given)
            file.passed.append(Passed(target.path, target.scope, name, found, rest, single))


def _sorted(bound: Mapping[str, Values | Thunk]) -> Iterator[tuple[str, Values | Thunk]]:
    return iter(sorted(bound.items()))


def _atoms(file: _File, given: Values | Thunk) -> tuple[tuple[Atom, ...], bool]:
    if isinstance(given, Thunk) and isinstance(given.expr, Literal) and given.expr.value is None:
        return (), False
    values = file.ev.force(given)
    found, rest = atoms.atoms(values)
    handed_on = [atom for value in values if isinstance(value, Opaque) and (atom := file.passing.atom(value))]
    others = len([value for value in values if isinstance(value, Opaque)]) > len(handed_on)
    return (*found, *handed_on), others if handed_on else rest
