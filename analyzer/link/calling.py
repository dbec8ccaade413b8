"""Calls → what they give back: library results, instances of classes, returns of the project's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import method
from ..model.code import Assign, Attribute, Await, Call, Expr, ExprStmt, Literal, Name, Return, Stmt, Yield
from ..model.location import Location
from ..model.project import Origin
from . import library_results, parameters, texts, typehints
from .index import ScopeRef, SiteRef, body, enclosing_class
from .library_results import operation as operation  # who asks what calling something means asks here
from .library_results import unknown
from .values import ClassRef, Const, External, Frame, Function, Instance, Opaque, Thunk, Value, Values, join
from .walk import dotted, statements

if TYPE_CHECKING:
    from .evaluate import Evaluator

DEEPEST_CALL = 4  # functions entered one inside another


def result(ev: Evaluator, call: Call, frame: Frame) -> Values:
    """What a call gives back (awaited, where it must be)."""
    key = ("call", frame.ref, call.site) if not frame.known else ("call", frame, call.site)

    def compute() -> Values:
        if isinstance(call.callee, Name) and call.callee.id == "super":
            return _super(ev, frame)
        made = SiteRef(frame.ref.path, call.site)
        at = Location(frame.ref.path, call.at)
        if _doubles_quotes(call):
            return (Opaque("escaped by hand", Origin.ESCAPED, at, dotted(call.callee)),)
        return result_of(ev, ev.expr(call.callee, frame), call, frame, at, made)

    return ev.remember(
        key,
        compute,
        lambda: ev.opaque("a call that depends on itself", frame, call.at, dotted(call.callee), Origin.CALL),
    )


def _doubles_quotes(call: Call) -> bool:
    """`text.replace("'", "''")`: standard SQL's own way to escape a quoted value (ISO 9075).

    MySQL reads backslashes too, so the text is not safe everywhere; but its origin matters no longer.
    """
    match call:
        case Call(callee=Attribute(name="replace"), args=(Literal(value=old), Literal(value=new))):
            return (old, new) in (("'", "''"), ('"', '""'))
        case _:
            return False


def result_of(ev: Evaluator, targets: Values, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    """What calling any of the targets gives back."""
    found: Values = ()
    for target in targets:
        found = join(found, _one(ev, target, call, frame, at, made))
    return found or (Opaque("a call that is not understood", Origin.CALL, at, dotted(call.callee)),)


def _one(ev: Evaluator, target: Value, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    match target:
        case ClassRef(ref=ref):
            return (Instance(ref, made),)
        case Function():
            has_receiver = target.receiver is not None or _is_classmethod(ev, target)
            bound = parameters.bind(ev, target.ref, call, frame, has_receiver=has_receiver)
            return call_function(ev, target, bound, frame, at)
        case External():
            return library_results.result(ev, target, call, frame, at, made)
        case Instance(cls=ScopeRef() as ref):
            from . import classes

            own = classes.member(ev, ref, "__call__", target)
            return result_of(ev, own, call, frame, at, made) if own else unknown(call, at)
        case Instance(cls=str() as cls):
            known = method(ev.libraries, cls, "__call__")
            return (
                library_results.result(ev, External(known[0], target), call, frame, at, made)
                if known
                else unknown(call, at)
            )
        case Opaque(origin=origin, trace=trace):
            same = isinstance(call.callee, Attribute) and call.callee.name in texts.KEEPING
            kept = origin if same or origin in (Origin.REQUEST, Origin.OPERATOR, Origin.ESCAPED) else Origin.CALL
            return (Opaque("a call of something not understood", kept, at, dotted(call.callee), trace),)
        case _:
            return unknown(call, at)


def _is_classmethod(ev: Evaluator, target: Function) -> bool:
    words = {d.id for d in ev.scope(target.ref).decorators if isinstance(d, Name)}
    return "classmethod" in words


def _super(ev: Evaluator, frame: Frame) -> Values:
    owner = enclosing_class(ev.index, frame.ref)
    if owner is None:
        return ()
    from . import classes

    above = classes.bases(ev, owner)[1:]
    return tuple(Instance(base) for base in above[:1])


def call_function(
    ev: Evaluator, target: Function, bound: dict[str, Values | Thunk], caller: Frame, at: Location
) -> Values:
    """What a function of the project returns for these arguments."""
    scope = ev.scope(target.ref)
    if caller.depth >= DEEPEST_CALL:
        ev.memory.cut()
        return _by_annotation(ev, target) or (Opaque("calls too deeply nested to follow", Origin.CALL, at, scope.name),)
    declared = _by_annotation(ev, target)
    if declared and all(isinstance(v, Instance) and isinstance(v.cls, ScopeRef) for v in declared):
        return declared  # a class of the project says more than a look into the body, and costs less
    known = _arguments(ev, target, bound)
    frame = ev.frame(target.ref, known, caller.depth + 1)

    def compute() -> Values:
        values: Values = ()
        for statement in statements(body(ev.index, target.ref)):
            if isinstance(statement, Return) and statement.value is not None and not scope.is_generator:
                values = join(values, ev.expr(statement.value, frame))
            elif scope.is_generator and (yielded := _yielded(statement)) is not None:
                values = join(values, ev.expr(yielded, frame))
        if declared and (not values or all(isinstance(v, Opaque | Const) for v in values)):
            return join(tuple(v for v in values if isinstance(v, Const) and v.value is not None), declared)
        return values or (Const(None),)

    cut = (Opaque("a function that calls itself", Origin.CALL, at, scope.name),)
    return ev.remember(("returns", frame), compute, lambda: cut)


def _arguments(
    ev: Evaluator, target: Function, bound: dict[str, Values | Thunk]
) -> tuple[tuple[str, Values | Thunk], ...]:
    """The arguments by name: literals as values, so that equal calls share one answer, others read when asked for."""
    found: list[tuple[str, Values | Thunk]] = []
    scope = ev.scope(target.ref)
    owner = enclosing_class(ev.index, target.ref)
    if target.receiver is not None and owner is not None and scope.params.items:
        found.append((scope.params.items[0].name, (target.receiver,)))
    for name in sorted(bound):
        given = bound[name]
        found.append((name, ev.force(given) if isinstance(given, Thunk) and isinstance(given.expr, Literal) else given))
    for param in scope.params.items:
        if param.default is not None and param.name not in bound:
            above = Frame(ScopeRef(target.ref.path, scope.parent))
            if not parameters.dependency(ev, param, above):
                found.append((param.name, ev.expr(param.default, above)))
    return tuple(found)


def _yielded(statement: Stmt) -> Expr | None:
    value = statement.value if isinstance(statement, ExprStmt | Assign) else None
    if isinstance(value, Await):
        value = value.value
    return value.value if isinstance(value, Yield) and not value.delegates else None


def _by_annotation(ev: Evaluator, target: Function) -> Values:
    scope = ev.scope(target.ref)
    if scope.returns is None:
        return ()
    found = typehints.instances(ev, scope.returns, Frame(ScopeRef(target.ref.path, scope.parent)))
    return tuple(v for v in found if not (isinstance(v, Instance) and v.cls in ("builtins.str", "typing.Any")))
