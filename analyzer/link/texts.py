"""Strings built at run time → texts: constant pieces with holes where something else is filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model.code import BinOp, Call, Dict, Expr, Field, Format, Literal, Sequence
from ..model.location import Location, Step
from ..model.project import Hole, Origin
from . import classes, containers, grown
from .index import ScopeRef
from .values import MOST, Const, Container, External, Frame, Instance, Opaque, Txt, Value, Values, join
from .walk import dotted

if TYPE_CHECKING:
    from .evaluate import Evaluator

_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])")
_BRACE = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)[^{}]*\}")
_NUMBER = "diouxXeEfFgG"
# Methods of str that give the same text, as far as holes are concerned.
_KEEPING = frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "replace", "expandtabs", "zfill", "ljust",
    "rjust", "center", "removeprefix", "removesuffix", "format_map", "casefold", "swapcase", "translate", "encode", "decode", "partition",
    "split", "rsplit", "splitlines", "rpartition",
})  # fmt: skip
_TRUTH = frozenset({"startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace", "isidentifier", "islower", "isupper"})
MOST_PIECES = 200

Pieces = tuple[str | Hole, ...]


def pieces(ev: Evaluator, value: Value, at: Location, expr: Expr | None, safe: str = "sql") -> Pieces:
    """One value as part of a text."""
    match value:
        case Const(value=constant):
            return (str(constant),)
        case Txt(pieces=inner):
            return inner
        case Instance(cls=str() as cls) if _is_safe(ev, cls, safe):
            return ("0",)
        case Instance(cls=ScopeRef() as ref) if members := classes.enumerated(ev, ref):
            return (str(members[0].value),)
        case Opaque(origin=origin, written=written, trace=trace, at=where):
            name = (dotted(expr) if expr is not None else "") or written
            steps = trace if where == at else (*trace, Step(where, f"`{written or name}` comes from here"))
            return (Hole(at, name, origin, steps[-6:]),)
        case _:
            return (Hole(at, dotted(expr) if expr is not None else "", Origin.UNKNOWN),)


def _is_safe(ev: Evaluator, cls: str, safe: str) -> bool:
    model = ev.libraries.classes.get(cls)
    return model is not None and safe in model.safe_for


def _one(parts: Pieces, at: Location) -> Value:
    """A text; neighbouring constant pieces become one, and a text without holes a constant."""
    merged: list[str | Hole] = []
    for part in parts[:MOST_PIECES]:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if all(isinstance(part, str) for part in merged):
        return Const("".join(part for part in merged if isinstance(part, str)), at)
    return Txt(tuple(merged), at)


def _alternatives(ev: Evaluator, expr: Expr, frame: Frame, at: Location) -> list[Pieces]:
    """The texts that an expression may fill in."""
    return _choices(ev, expr, ev.expr(expr, frame), at)


def _choices(ev: Evaluator, expr: Expr, values: Values, at: Location) -> list[Pieces]:
    """The texts that an expression's values fill in; many alternatives become one with a hole if any has one."""
    found = [pieces(ev, value, Location(at.path, expr.at), expr) for value in values]
    unique = list(dict.fromkeys(found))
    with_holes = [p for p in unique if any(isinstance(part, Hole) for part in p)]
    if len(unique) > 3:
        return with_holes[:1] or unique[:1]
    return unique or [("",)]


def _product(groups: list[list[Pieces]], at: Location) -> Values:
    """Every combination of the groups' alternatives, at most MOST; those with holes first."""
    texts: list[Pieces] = [()]
    for group in groups:
        texts = [(*text, *part) for text in texts for part in group]
        if len(texts) > MOST:
            texts.sort(key=lambda t: not any(isinstance(p, Hole) for p in t))
            texts = texts[:MOST]
    return join(tuple(_one(text, at) for text in texts))


def formatted(ev: Evaluator, expr: Format, frame: Frame) -> Values:
    """An f-string; a t-string is no text (its fields are not filled in)."""
    at = Location(frame.ref.path, expr.at)
    if expr.template:
        return (Instance("string.templatelib.Template"),)
    groups: list[list[Pieces]] = []
    for part in expr.parts[:MOST_PIECES]:
        if isinstance(part, Literal):
            groups.append([(str(part.value),)])
        elif isinstance(part, Field):
            number = isinstance(part.spec, Format) and any(
                isinstance(p, Literal) and str(p.value)[-1:] in tuple("dfeg") for p in part.spec.parts
            )
            groups.append([("0",)] if number else _alternatives(ev, part.value, frame, at))
    return _product(groups, at)


def _is_text(value: Value) -> bool:
    return isinstance(value, Txt) or (isinstance(value, Const) and isinstance(value.value, str))


def operated(ev: Evaluator, expr: BinOp, frame: Frame) -> Values:
    """`a + b` and `a % b` on texts; arithmetic on constants; anything else is not understood."""
    left, at = ev.expr(expr.left, frame), Location(frame.ref.path, expr.at)
    if expr.op == "%" and any(map(_is_text, left)):
        return join(*(_percent(ev, value, expr.right, frame, at) for value in left if _is_text(value)))
    right = ev.expr(expr.right, frame)
    if expr.op == "+" and (any(map(_is_text, left)) or any(map(_is_text, right))):
        groups = [_choices(ev, expr.left, left, at), _choices(ev, expr.right, right, at)]
        return _product(groups, at)
    if expr.op == "+" and any(isinstance(v, Container) for v in left):
        return join(left, right)
    repeated = tuple(v for v in (*left, *right) if _is_text(v) or isinstance(v, Container)) if expr.op == "*" else ()
    if repeated:
        return repeated
    numbers = _arithmetic(expr.op, left, right, at)
    return numbers or ev.opaque("an operation that is not followed", frame, expr.at, "", _worst(left, right))


def _worst(*groups: Values) -> Origin:
    origins = [v.origin for group in groups for v in group if isinstance(v, Opaque)]
    return next((o for o in Origin if o in origins), Origin.UNKNOWN)


def _arithmetic(op: str, left: Values, right: Values, at: Location) -> Values:
    found: list[Value] = []
    for a in left:
        for b in right:
            if isinstance(a, Const) and isinstance(b, Const):
                x, y = a.value, b.value
                if isinstance(x, int | float) and isinstance(y, int | float):
                    done = _compute(op, x, y)
                    found.append(Const(done, at) if done is not None else Instance("builtins.int"))
                    continue
            if all(isinstance(v, Instance) and v.cls in ("builtins.int", "builtins.float") or
                   isinstance(v, Const) and isinstance(v.value, int | float) for v in (a, b)):
                found.append(Instance("builtins.int"))
                continue
            return ()
    return join(tuple(found))


def _compute(op: str, x: float, y: float) -> int | float | None:
    try:
        match op:
            case "+":
                return x + y
            case "-":
                return x - y
            case "*" if abs(x) < 1e9 and abs(y) < 1e9:
                return x * y
            case "/" if y:
                return x / y
            case "//" if y:
                return x // y
            case _:
                return None
    except OverflowError:
        return None


def added(before: Values, more: Values, at: Location) -> Values:
    """`text += more`."""
    if not any(map(_is_text, before)):
        return join(before, more) if before else more
    kept = [v for v in before if _is_text(v)] + [v for v in before if isinstance(v, Opaque)]
    found: list[Value] = []
    for value in kept[:4]:
        for addition in more[:4]:
            found.append(_one((*_plain(value, at), *_plain(addition, at)), at))
    return join(tuple(sorted(found, key=lambda v: not isinstance(v, Txt))))


def _plain(value: Value, at: Location) -> Pieces:
    match value:
        case Const(value=constant):
            return (str(constant),)
        case Txt(pieces=inner):
            return inner
        case Opaque(origin=origin, written=written, trace=trace, at=where):
            return (Hole(where, written, origin, trace),)
        case _:
            return (Hole(at, "", Origin.UNKNOWN),)


def _percent(ev: Evaluator, template: Value, right: Expr, frame: Frame, at: Location) -> Values:
    """`template % right`."""
    values = _operands(ev, right, frame)
    groups: list[list[Pieces]] = []
    position = 0
    for part in _plain(template, at):
        if isinstance(part, Hole):
            groups.append([(part,)])
            continue
        last = 0
        for match in _PERCENT.finditer(part):
            groups.append([(part[last : match.start()],)])
            last = match.end()
            if match["kind"] == "%":
                groups.append([("%",)])
            elif match["kind"] in _NUMBER:
                groups.append([("0",)])
                position += match["key"] is None
            else:
                groups.append(_operand(ev, values, right, match["key"], position, frame, at))
                position += match["key"] is None
        groups.append([(part[last:],)])
    return _product(groups, at)


def _operands(ev: Evaluator, right: Expr, frame: Frame) -> list[Expr] | None:
    """The expressions of a literal tuple, [the expression] for a single one, None where it is a mapping or unknown."""
    if isinstance(right, Sequence) and right.kind == "tuple":
        return list(right.items)
    return None if isinstance(right, Dict) else [right]


def _operand(
    ev: Evaluator, values: list[Expr] | None, right: Expr, key: str | None, position: int, frame: Frame, at: Location
) -> list[Pieces]:
    if key is not None:
        return _keyed(ev, right, key, frame, at)
    if values is not None and position < len(values):
        held = ev.expr(values[position], frame)
        inner = [v for v in held if isinstance(v, Container) and isinstance(v.expr, Sequence)]
        if len(values) == 1 and inner and isinstance(inner[0].expr, Sequence) and position < len(inner[0].expr.items):
            return _alternatives(ev, inner[0].expr.items[position], inner[0].frame, at)
        return _alternatives(ev, values[position], frame, at)
    if values is not None and len(values) == 1:
        for value in ev.expr(values[0], frame):
            if isinstance(value, Container) and isinstance(value.expr, Sequence) and position < len(value.expr.items):
                return _alternatives(ev, value.expr.items[position], value.frame, at)
    return [(Hole(Location(at.path, right.at), dotted(right), Origin.UNKNOWN),)]


def _keyed(ev: Evaluator, mapping: Expr, key: str, frame: Frame, at: Location) -> list[Pieces]:
    for value in ev.expr(mapping, frame):
        if isinstance(value, Container) and isinstance(value.expr, Dict):
            for name, item in zip(value.expr.keys, value.expr.values, strict=True):
                if isinstance(name, Literal) and name.value == key:
                    return _alternatives(ev, item, value.frame, at)
    return [(Hole(Location(at.path, mapping.at), dotted(mapping), Origin.UNKNOWN),)]


def string_method(ev: Evaluator, target: External, call: Call, frame: Frame, at: Location) -> Values | None:
    """The result of a method of str on a known text, or of str() itself; None for anything else."""
    if target.name == "builtins.str" and call.args:
        return join(tuple(_one(pieces(ev, v, at, call.args[0]), at) for v in ev.expr(call.args[0], frame)))
    if not target.name.startswith("builtins.str.") or target.receiver is None or not _is_text(target.receiver):
        return None
    name = target.name.removeprefix("builtins.str.")
    if name == "format":
        return _braces(ev, target.receiver, call, frame, at)
    if name == "join" and call.args:
        return _joined(ev, target.receiver, call.args[0], frame, at)
    if name in _TRUTH:
        return (Instance("builtins.bool"),)
    if name == "replace" and len(call.args) > 1:
        filled = [p for p in _alternatives(ev, call.args[1], frame, at)]
        return _product([[_plain(target.receiver, at)], [tuple(x for x in f if isinstance(x, Hole)) for f in filled]], at)
    return (target.receiver,) if name in _KEEPING else (Instance("builtins.int"),)


def _braces(ev: Evaluator, template: Value, call: Call, frame: Frame, at: Location) -> Values:
    """`template.format(…)`."""
    groups: list[list[Pieces]] = []
    position = 0
    for part in _plain(template, at):
        if isinstance(part, Hole):
            groups.append([(part,)])
            continue
        last = 0
        for match in _BRACE.finditer(part):
            groups.append([(part[last : match.start()],)])
            last = match.end()
            if match["field"] is None:
                groups.append([(match[0][0],)])
                continue
            name = re.split(r"[.\[]", match["field"], maxsplit=1)[0]
            chosen = position if not name else int(name) if name.isdigit() and len(name) < 4 else None
            position += not name
            groups.append(_argument(ev, call, name, chosen, match["field"], frame, at))
        groups.append([(part[last:],)])
    return _product(groups, at)


def _argument(
    ev: Evaluator, call: Call, name: str, position: int | None, written: str, frame: Frame, at: Location
) -> list[Pieces]:
    if position is not None and position < len(call.args):
        return _alternatives(ev, call.args[position], frame, at)
    for keyword in call.keywords:
        if keyword.name == name and written == name:
            return _alternatives(ev, keyword.value, frame, at)
    for keyword in call.keywords:
        if keyword.name is None:
            return _keyed(ev, keyword.value, name, frame, at)
    return [(Hole(at, written, Origin.UNKNOWN),)]


def _joined(ev: Evaluator, separator: Value, parts: Expr, frame: Frame, at: Location) -> Values:
    """`separator.join(parts)`: the parts that hold something unknown are what matters."""
    found: list[Pieces] = []
    for value in ev.expr(parts, frame):
        if isinstance(value, Container):
            later = (v for more in grown.added(ev, value) for v in more)
            held = [pieces(ev, v, value.at, None) for v in (*containers.items(ev, value), *later)]
            found += [p for p in held if any(isinstance(x, Hole) for x in p)] or held[:1]
        elif isinstance(value, Const | Txt) and _is_text(value):
            found.append(_plain(value, at))
        else:
            found.append(pieces(ev, value, Location(at.path, parts.at), parts))
    glue = _plain(separator, at)
    text: list[str | Hole] = []
    for part in found:
        text += [*(glue if text else ()), *part]
    return (_one(tuple(text), at),) if text else (Const("", at),)
