"""Code that Python turns into calls: properties, `with`, `raise` and texts of the project's own classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ...model.code import (
    Assign,
    Attribute,
    BinOp,
    BoolOp,
    Call,
    Expr,
    Format,
    If,
    IfExp,
    Name,
    Raise,
    UnaryOp,
    While,
    With,
)  # fmt: skip
from ...model.facts import PythonFacts, ScopeKind
from ...model.location import Span
from ..evaluate import Evaluator
from ..index import ScopeRef
from ..values import ClassRef, Frame, Instance
from . import shown
from .summary import Callee
from .targets import called, method_of

_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property", "setter", "classproperty"})


@dataclass(frozen=True, slots=True)
class Defined:
    """Names of a project's functions that Python calls where no call is written."""

    properties: frozenset[str]
    methods: frozenset[str]  # "__getitem__" and the like


def defined(facts: dict[str, PythonFacts]) -> Defined:
    """What all classes of a project define together."""
    properties: set[str] = set()
    methods: set[str] = set()
    for one in facts.values():
        for scope in one.scopes:
            if scope.kind is not ScopeKind.FUNCTION:
                continue
            if one.scopes[scope.parent].kind is not ScopeKind.CLASS:
                continue
            if scope.name.startswith("__"):
                methods.add(scope.name)
            elif any(last_word(decorator) in _PROPERTIES for decorator in scope.decorators):
                properties.add(scope.name)
    return Defined(frozenset(properties), frozenset(methods))


def implied(ev: Evaluator, node: Any, frame: Frame, known: Defined) -> Iterator[tuple[Span, Callee]]:
    """The functions of the project that a node of one of the types `speaking` runs without calling them."""
    match node:
        case Attribute(name=name):
            if name in known.properties:
                yield from _property(ev, node, frame, 0)
        case Assign(targets=targets):
            for target in targets:
                if isinstance(target, Attribute) and target.name in known.properties:
                    yield from _property(ev, target, frame, 1)
        case With(items=items, is_async=is_async):
            names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
            for item in items:
                yield from _protocol(ev, item.value, frame, known, *names)
        case If(test=test) | While(test=test) | IfExp(test=test) | UnaryOp(op="not", operand=test):
            yield from _protocol(ev, test, frame, known, "__bool__")
        case BoolOp(values=values):
            for value in values[:-1]:
                yield from _protocol(ev, value, frame, known, "__bool__")
        case Raise(value=value) if isinstance(value, Name | Attribute):
            yield from ((value.at, one) for found in ev.expr(value, frame) for one in called(ev, found))
        case Format() | BinOp():
            yield from ((node.at, one) for one in shown.methods(ev, shown.by_node(node), frame))
        case _:
            pass


# Loops, items and operators are left out: asking what each of them works on costs more than the few of their methods
# that do more than look at a value are worth.
_SPEAKING = frozenset({Attribute, Assign, With, Raise})
_ASKING = frozenset({If, While, IfExp, UnaryOp, BoolOp})
# Functions of Python that call a method of what they are given.
_ASKED = {f"builtins.{name}": f"__{name}__" for name in ("len", "bool", "iter", "next", "hash", "int")}


def speaking(known: Defined) -> frozenset[type]:
    """The types of nodes that `implied` has an answer for."""
    asking = _ASKING if "__bool__" in known.methods else frozenset()
    return _SPEAKING | asking | shown.speaking(known.methods)


def asked(ev: Evaluator, call: Call, names: Iterable[str], frame: Frame, known: Defined) -> Iterator[Callee]:
    """The methods that a call of one of Python's own functions runs: `len(order)`, `print(order)`."""
    if known.methods & shown.METHODS:
        yield from shown.methods(ev, shown.by_call(call, names), frame)
    for name in names:
        if name in _ASKED and len(call.args) == 1 and isinstance(call.args[0], Name | Attribute | Call):
            yield from (callee for _, callee in _protocol(ev, call.args[0], frame, known, _ASKED[name]))


def _property(ev: Evaluator, node: Attribute, frame: Frame, nth: int) -> Iterator[tuple[Span, Callee]]:
    for value in ev.expr(node.value, frame):
        if isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
            found = method_of(ev, value.cls, node.name, nth)
            if found is not None and _is_property(ev, found):
                owner = (value.cls.path, value.cls.scope) if value.made is None else None
                yield node.at, Callee(found.path, found.scope, "property", owner)


def _is_property(ev: Evaluator, ref: ScopeRef) -> bool:
    return any(last_word(decorator) in _PROPERTIES for decorator in ev.scope(ref).decorators)


def _protocol(ev: Evaluator, expr: Expr, frame: Frame, known: Defined, *names: str) -> Iterator[tuple[Span, Callee]]:
    """The methods of these names of what an expression is; asked only where the project has such a method."""
    wanted = [name for name in names if name in known.methods]
    if not wanted:
        return
    for value in ev.expr(expr, frame):
        if isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
            for name in wanted:
                found = method_of(ev, value.cls, name)
                if found is not None:
                    owner = (value.cls.path, value.cls.scope) if value.made is None else None
                    yield expr.at, Callee(found.path, found.scope, "protocol", owner)


def made(ev: Evaluator, ref: ScopeRef) -> list[Callee]:
    """What defining a class runs: `__init_subclass__` of its bases."""
    found = [
        Callee(method.path, method.scope, "protocol")
        for base in ev.scope(ref).bases
        for value in ev.expr(base, Frame(ScopeRef(ref.path, ev.scope(ref).parent)))
        if isinstance(value, ClassRef) and (method := method_of(ev, value.ref, "__init_subclass__")) is not None
    ]
    return list(dict.fromkeys(found))


def last_word(expr: object) -> str:
    """The last word of a decorator or callee as written: "setter" of `@name.setter`."""
    while not isinstance(expr, Attribute) and hasattr(expr, "callee"):
        expr = expr.callee
    return getattr(expr, "name", "") or getattr(expr, "id", "") or ""
