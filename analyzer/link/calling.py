"""Calls → what they give back: library results, instances of classes, returns of the project's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import constructor, method
from ..model.code import Assign, Attribute, Await, Call, Expr, ExprStmt, Literal, Name, Return, Stmt, Yield
from ..model.library import Operation
from ..model.location import Location
from ..model.project import Origin
from . import grown, parameters, texts, typehints
from .index import ScopeRef, SiteRef, body, enclosing_class
from .values import ClassRef, Const, External, Frame, Function, Instance, Opaque, Thunk, Value, Values, join
from .walk import dotted, statements

if TYPE_CHECKING:
    from .evaluate import Evaluator

DEEPEST_CALL = 4  # functions entered one inside another
# Calls that hand their first argument through, and what they make of it does not matter here.
_SAME = frozenset({
    "typing.cast", "builtins.super", "copy.copy", "copy.deepcopy", "functools.lru_cache", "functools.cache",
    "builtins.list", "builtins.tuple", "builtins.set",
    "builtins.sorted", "builtins.reversed", "builtins.frozenset", "builtins.dict", "contextlib.closing",
    "contextlib.aclosing", "builtins.iter", "builtins.next",
})  # fmt: skip
_CASTS = frozenset({"typing.cast"})


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
            return _library(ev, target, call, frame, at, made)
        case Instance(cls=ScopeRef() as ref):
            from . import classes

            own = classes.member(ev, ref, "__call__", target)
            return result_of(ev, own, call, frame, at, made) if own else _unknown(call, at)
        case Instance(cls=str() as cls):
            known = method(ev.libraries, cls, "__call__")
            return _library(ev, External(known[0], target), call, frame, at, made) if known else _unknown(call, at)
        case Opaque(origin=origin, trace=trace):
            same = isinstance(call.callee, Attribute) and call.callee.name in texts.KEEPING
            kept = origin if same or origin in (Origin.REQUEST, Origin.OPERATOR, Origin.ESCAPED) else Origin.CALL
            return (Opaque("a call of something not understood", kept, at, dotted(call.callee), trace),)
        case _:
            return _unknown(call, at)


def _unknown(call: Call, at: Location) -> Values:
    return (Opaque("a call that is not understood", Origin.CALL, at, dotted(call.callee)),)


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


def operation(ev: Evaluator, target: External) -> Operation | None:
    """What the library models say of calling something: a function, a method, or a class (its constructor)."""
    if target.name in ev.libraries.functions:
        return ev.libraries.functions[target.name]
    if target.name in ev.libraries.classes:
        made = constructor(ev.libraries, target.name)
        return made[1] if made else ev.libraries.classes[target.name].constructor
    owner, _, name = target.name.rpartition(".")
    found = method(ev.libraries, owner, name) if owner in ev.libraries.classes else None
    return found[1] if found else None


def _library(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location, made: SiteRef) -> Values:
    text = texts.string_method(ev, target, call, frame, at)
    if text is not None:
        return text
    if target.name in _SAME and call.args:
        picked = call.args[1] if target.name in _CASTS and len(call.args) > 1 else call.args[0]
        if target.name in _CASTS:
            return typehints.instances(ev, call.args[0], frame) or ev.expr(picked, frame)
        return ev.expr(picked, frame)
    if target.name in ev.libraries.markers.get("environment", ()):
        return (Opaque("read from the environment", Origin.OPERATOR, at, dotted(call.callee)),)
    known = operation(ev, target)
    if known is not None:
        if "sql" in known.safe_for:
            return (Const('"quoted"', at),)
        if known.returns_by and call.args:
            keys = [v.value for v in ev.expr(call.args[0], frame) if isinstance(v, Const)]
            chosen = tuple(
                Instance(known.returns_by[k], made) for k in keys if isinstance(k, str) and k in known.returns_by
            )
            if chosen:
                return chosen
        if known.self_typed and target.receiver is not None:
            return (target.receiver,)
        if known.text_of is not None and len(call.args) > known.text_of:
            return ev.expr(call.args[known.text_of], frame)
        if known.returns:
            return (Instance(known.returns, made),)
    if target.name in ev.libraries.classes or _looks_like_class(target.name):
        return (Instance(target.name, made),)
    return grown.method(ev, target, call, frame, at) or _unknown(call, at)


def _looks_like_class(name: str) -> bool:
    """A capitalised last word is a class by the conventions of PEP 8; its instances keep its name."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()


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
