"""Calls → what they give back: library results, instances of classes, returns of the project's functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..libraries import method
from ..model.code import (
    AnnAssign,
    Assign,
    Attribute,
    Await,
    Call,
    Expr,
    ExprStmt,
    Literal,
    Name,
    Raise,
    Return,
    Stmt,
    Yield,
)  # fmt: skip
from ..model.location import Location
from ..model.project import Origin
from . import branches, callables, containers, decoration, library_results, parameters, subclasses, texts, typehints
from .index import ScopeRef, SiteRef, body, enclosing_class
from .library_results import operation as operation  # who asks what calling something means asks here
from .library_results import unknown
from .values import (
    OF_CLASSES,
    ClassRef,
    Const,
    External,
    Frame,
    Function,
    Instance,
    Lambda,
    Opaque,
    Partial,
    Thunk,
    Value,
    Values,
    identity,
    is_circle,
    join,
)
from .walk import dotted, nodes, statements

if TYPE_CHECKING:
    from .evaluate import Evaluator

_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
DEEPEST_CALL = 4  # functions entered one inside another


def result(ev: Evaluator, call: Call, frame: Frame) -> Values:
    """What a call gives back (awaited, where it must be)."""
    key = ("call", identity(frame), call.site)

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
    known = tuple(v for v in targets if not (isinstance(v, Const) and v.value is None))  # to call None raises
    for target in known or targets:
        found = join(found, _one(ev, target, call, frame, at, made))
    return found or (Opaque("a call that is not understood", Origin.CALL, at, dotted(call.callee)),)


def _one(ev: Evaluator, target: Value, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    match target:
        case ClassRef(ref=ref):
            return (Instance(ref, made),)
        case Function():
            has_receiver = target.receiver is not None or _is_classmethod(ev, target)
            bound = parameters.bind(ev, target.ref, call, frame, has_receiver=has_receiver)
            values = call_function(ev, target, bound, frame, at)
            return _generated(ev, target, decoration.seen_through(ev, target, values, at))
        case Lambda():
            return callables.of_lambda(ev, target, call, frame) if frame.depth < DEEPEST_CALL else unknown(call, at)
        case Partial():
            return callables.of_partial(ev, target, call, frame, at, made)
        case External():
            special = callables.special(ev, target, call, frame, at)
            return special or library_results.result(ev, target, call, frame, at, made)
        case Instance(cls=ScopeRef() as ref):
            from . import classes

            own = classes.member(ev, ref, "__call__", target)
            return result_of(ev, own, call, frame, at, made) if own else unknown(call, at)
        case Instance(cls=str() as cls):
            known = method(ev.libraries, cls, "__call__")
            if known is None:
                return unknown(call, at)
            return library_results.result(ev, External(known[0], target), call, frame, at, made)
        case Opaque() if is_circle(target):
            return (target,)
        case Opaque(origin=origin, trace=trace):
            same = isinstance(call.callee, Attribute) and call.callee.name in texts.KEEPING
            kept = origin if same or origin in (Origin.REQUEST, Origin.OPERATOR, Origin.ESCAPED) else Origin.CALL
            return (Opaque("a call of something not understood", kept, at, dotted(call.callee), trace),)
        case _:
            return unknown(call, at)


def _is_classmethod(ev: Evaluator, target: Function) -> bool:
    words = {d.id for d in ev.scope(target.ref).decorators if isinstance(d, Name)}
    return not words.isdisjoint(OF_CLASSES)


def _generated(ev: Evaluator, target: Function, values: Values) -> Values:
    """A generator gives an object that gives what it yields; one that makes a context manager is entered at once."""
    scope = ev.scope(target.ref)
    if not scope.is_generator or any(last_word(d) in _MANAGERS for d in scope.decorators):
        return values
    return (Instance("types.AsyncGeneratorType" if scope.is_async else "types.GeneratorType", None, values),)


def last_word(decorator: Expr) -> str:
    """The last word of a decorator as written: "contextmanager", also of `contextlib.contextmanager()`."""
    inner = decorator.callee if isinstance(decorator, Call) else decorator
    return inner.id if isinstance(inner, Name) else inner.name if isinstance(inner, Attribute) else ""


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
    """What a function of the project returns for these arguments, or yields."""
    scope = ev.scope(target.ref)
    declared = _by_annotation(ev, target)
    if caller.depth >= DEEPEST_CALL:
        ev.memory.cut()
        return declared or (Opaque("calls too deeply nested to follow", Origin.CALL, at, scope.name),)
    if declared and all(isinstance(v, Instance) and isinstance(v.cls, ScopeRef) for v in declared):
        return declared  # a class of the project says more than a look into the body, and costs less
    circle = (Opaque("a function that calls itself", Origin.CALL, at, scope.name),)
    if caller.depth and caller.ref == target.ref:
        return circle  # its other returns say what it gives
    frame = ev.frame(target.ref, _arguments(ev, target, bound), caller.depth + 1, target.within)

    def compute() -> Values:
        whole = body(ev.index, target.ref)
        values = join(*_given_back(ev, target, frame, branches.running(ev, whole, frame)))
        if all(map(is_circle, values)):  # a recursion ends in a branch that this call does not take itself
            values = join(*_given_back(ev, target, frame, statements(whole)))
        if declared and (not values or any(isinstance(v, Opaque) for v in values) or all(map(_is_constant, values))):
            kept = (v for v in values if not isinstance(v, Opaque) and not (isinstance(v, Const) and v.value is None))
            return join(tuple(kept), declared)
        return values or _nothing(ev, target, at)

    return ev.remember(("returns", frame), compute, lambda: circle)


def _is_constant(value: Value) -> bool:
    return isinstance(value, Const)


def _given_back(ev: Evaluator, target: Function, frame: Frame, run: Iterable[Stmt]) -> Iterator[Values]:
    """What each `return` gives, or of a generator each `yield`."""
    generator = ev.scope(target.ref).is_generator
    for statement in run:
        if isinstance(statement, Return) and statement.value is not None and not generator:
            yield ev.expr(statement.value, frame)
        elif generator and (yielded := _yielded(statement)) is not None and yielded.value is not None:
            if yielded.delegates:
                yield containers.element(ev, yielded.value, (), frame)
            else:
                yield ev.expr(yielded.value, frame)


def _nothing(ev: Evaluator, target: Function, at: Location) -> Values:
    """A function without a value returns None; one that can only raise is meant to be overridden."""
    *_, last = body(ev.index, target.ref) or (None,)
    if isinstance(last, Raise) or any(last_word(d) == "abstractmethod" for d in ev.scope(target.ref).decorators):
        unknown = Opaque("a method that a subclass has to define", Origin.CALL, at, ev.scope(target.ref).name)
        return subclasses.overriding(ev, target, at) or (unknown,)
    return (Const(None),)


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


def _yielded(statement: Stmt) -> Yield | None:
    value = statement.value if isinstance(statement, ExprStmt | Assign | AnnAssign) else None
    if isinstance(value, Await):
        value = value.value
    return value if isinstance(value, Yield) else None


def _by_annotation(ev: Evaluator, target: Function) -> Values:
    """Instances of the classes that a function is declared to return, or to yield."""
    scope = ev.scope(target.ref)
    if scope.returns is None:
        return ()
    above = Frame(ScopeRef(target.ref.path, scope.parent))
    if isinstance(target.receiver, Instance | ClassRef) and _speaks_of_self(scope.returns):
        mine = callables.class_of(target.receiver) or (target.receiver,)
        above = ev.frame(above.ref, (("Self", mine),), 0)
    found = typehints.instances(ev, scope.returns, above)
    if scope.is_generator:
        found = join(*(v.of for v in found if isinstance(v, Instance)))
    return tuple(v for v in found if not (isinstance(v, Instance) and v.cls in ("builtins.str", "typing.Any")))


def _speaks_of_self(annotation: Expr) -> bool:
    return any(
        (isinstance(n, Name) and n.id == "Self")
        or (isinstance(n, Literal) and isinstance(n.value, str) and "Self" in n.value)
        for n in nodes(annotation)
    )
