"""Code that makes a text of objects → `__format__`, `__str__` or `__repr__` of the project's classes, which it runs."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator

from ...model.code import Attribute, BinOp, Call, Dict, Expr, Field, Format, Literal, Name, Sequence, Subscript
from .. import classes
from ..evaluate import Evaluator
from ..index import ScopeRef
from ..names import of_binding
from ..values import ClassRef, Const, External, Frame, Function, Instance, Value, Values
from .summary import Callee

Shown = Iterator[tuple[Expr, str]]  # what is made a text, and the method that is asked first

_FORMAT, _STR, _REPR = "__format__", "__str__", "__repr__"
METHODS = frozenset({_FORMAT, _STR, _REPR})
_SPEAKING = frozenset({Format, BinOp})
# What `object` does with what a class leaves to it: `format(x)` asks for `str(x)`, and that for `repr(x)`.
_CHAINS = {_FORMAT: (_FORMAT, _STR, _REPR), _STR: (_STR, _REPR), _REPR: (_REPR,)}
_CONVERSIONS = {"": _FORMAT, "s": _STR, "r": _REPR, "a": _REPR}
_PERCENT = {"s": _STR, "r": _REPR, "a": _REPR}
_CODE = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?P<width>\*)?\d*(?:\.(?P<precision>\*)?\d*)?[hlL]?(?P<code>.)")
_CALLS = {"builtins.str": _STR, "builtins.repr": _REPR, "builtins.ascii": _REPR, "builtins.format": _FORMAT}
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal"})
_LOGGING = {f"{owner}.{level}": 0 for owner in ("logging", "logging.Logger") for level in _LEVELS} | {
    "logging.log": 1,
    "logging.Logger.log": 1,
}
# Classes of Python that have none of these methods of their own.
_SILENT = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"})
# Those whose `__format__` asks for no other method.
_FORMATTED = frozenset({
    "builtins.str", "builtins.int", "builtins.float", "builtins.complex", "decimal.Decimal", "fractions.Fraction",
    "datetime.datetime", "datetime.date", "datetime.time", "ipaddress.IPv4Address", "ipaddress.IPv6Address",
})  # fmt: skip
_HOLDERS = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"})
# Decorators that bring a `__repr__`.
_GENERATING = frozenset({"dataclass", "define", "frozen", "mutable", "attrs", "s"})


def speaking(methods: frozenset[str]) -> frozenset[type]:
    """The types of nodes that make texts, where the project has a method for it."""
    return _SPEAKING if methods & METHODS else frozenset()


def by_node(node: Format | BinOp) -> Shown:
    """What an f-string, or a text with `%`, shows."""
    match node:
        case Format(parts=parts, template=False):
            for part in parts:
                if isinstance(part, Field):
                    yield part.value, _CONVERSIONS[part.conversion]
        case BinOp(op="%", left=Literal(value=str(text)), right=right):
            match right:
                case Sequence(kind="tuple", items=items):
                    yield from _percent(text, items, {})
                case Dict(keys=keys, values=values):
                    named = {str(k.value): v for k, v in zip(keys, values, strict=True) if isinstance(k, Literal)}
                    yield from _percent(text, (), named)
                case _:
                    yield from _percent(text, (right,), {})
        case _:
            pass


def by_call(call: Call, names: Iterable[str]) -> Shown:
    """What a call of one of Python's own functions, or of a logger, shows."""
    for name in names:
        if name in _CALLS and call.args:
            yield call.args[0], _CALLS[name]
        elif name == "builtins.print":
            yield from ((argument, _STR) for argument in call.args)
        elif name in _LOGGING and len(call.args) > _LOGGING[name]:
            message, *others = call.args[_LOGGING[name] :]
            yield message, _STR
            if isinstance(message, Literal) and isinstance(message.value, str):
                yield from _percent(message.value, others, {})
        elif name == "builtins.str.format" and isinstance(call.callee, Attribute):
            yield from _braces(call.callee.value, call)


def _percent(text: str, items: Iterable[Expr], named: dict[str, Expr]) -> Shown:
    """The items that the codes of a text make texts of."""
    waiting = iter(items)
    for found in _CODE.finditer(text):
        if found["code"] == "%":
            continue
        for star in ("width", "precision"):
            if found[star]:
                next(waiting, None)
        item = named.get(found["key"]) if found["key"] is not None else next(waiting, None)
        if item is not None and found["code"] in _PERCENT:
            yield item, _PERCENT[found["code"]]


def _braces(text: Expr, call: Call) -> Shown:
    """What `"{} {name!r}".format(…)` shows; fields that look into what they are given are left out."""
    if not isinstance(text, Literal) or not isinstance(text.value, str):
        return
    named = {keyword.name: keyword.value for keyword in call.keywords}
    count = 0
    try:
        fields = list(string.Formatter().parse(text.value))
    except ValueError:  # such a call raises
        return
    for _, field, spec, conversion in fields:
        if field is None:
            continue
        key, count = (str(count), count + 1) if not field else (field, count)
        item = named.get(key)
        if key.isdecimal() and int(key) < len(call.args):
            item = call.args[int(key)]
        if item is not None and not (spec and not conversion):
            yield item, _CONVERSIONS.get(conversion or "", _FORMAT)


def methods(ev: Evaluator, shown: Shown, frame: Frame) -> Iterator[Callee]:
    """The methods of the project's classes that making texts of expressions runs."""
    for expr, method in shown:
        # What a call gives is asked for here alone: it costs more than the few of them that give such an object say.
        if isinstance(expr, Name | Attribute | Subscript):
            values = ev.expr(expr, frame)
            for value in values:
                if isinstance(value, Const) and isinstance(expr, Attribute):
                    value = _member(ev, expr, frame) or value
                yield from _of(ev, value, method)
            yield from (one for item in _held(values) for one in _of(ev, item, _REPR))


def _held(values: Values) -> Values:
    """The items of what is surely a list or the like, which asks each of them for its `repr()`."""
    match values:
        case (Instance(cls=str(name), of=items),) if name in _HOLDERS:
            return items
        case _:
            return ()


def _member(ev: Evaluator, expr: Attribute, frame: Frame) -> Instance | None:
    """`Status.OPEN` as an object: it is read as the constant that it stands for, but shown as its class says."""
    for owner in ev.expr(expr.value, frame):
        if isinstance(owner, ClassRef) and expr.name in ev.bindings(owner.ref) and classes.enumerated(ev, owner.ref):
            return Instance(owner.ref)
    return None


def _of(ev: Evaluator, value: Value, method: str) -> Iterator[Callee]:
    if isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
        found = _method(ev, value.cls, method)
        if found is not None:
            owner = (value.cls.path, value.cls.scope) if value.made is None else None
            yield Callee(found.path, found.scope, "protocol", owner)


def _method(ev: Evaluator, cls: ScopeRef, first: str) -> ScopeRef | None:
    """The method that runs; None for a library's, and where a class in between is not known."""
    line = classes.bases(ev, cls)
    for method in _CHAINS[first]:
        for base in line:
            if isinstance(base, str):
                if base in _SILENT or (method == _FORMAT and base not in _FORMATTED):
                    continue
                return None
            if bound := ev.bindings(base).get(method):
                given = (v.ref for v in of_binding(ev, bound[-1], Frame(base)) if isinstance(v, Function))
                return next(given, None)
            if not _leaves(ev, base, method):
                return None
    return None


def _leaves(ev: Evaluator, cls: ScopeRef, method: str) -> bool:
    """Whether a class that has no such method leaves it to its bases, all of which are known."""
    scope = ev.scope(cls)
    if method == _REPR and any(_last_word(decorator) in _GENERATING for decorator in scope.decorators):
        return False
    frame = Frame(ScopeRef(cls.path, scope.parent))
    return all(any(isinstance(v, ClassRef | External) for v in ev.expr(base, frame)) for base in scope.bases)


def _last_word(expr: Expr) -> str:
    while isinstance(expr, Call):
        expr = expr.callee
    return expr.id if isinstance(expr, Name) else getattr(expr, "name", "") or ""
