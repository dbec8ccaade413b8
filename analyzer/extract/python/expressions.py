"""`ast` expressions → code.Expr; calls, names and attributes are added to the outline in evaluation order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Many
from typing import Any

from ...model.code import (
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Clause,
    Compare,
    Comprehension,
    Dict,
    Expr,
    Field,
    Format,
    IfExp,
    Keyword,
    Lambda,
    Literal,
    LiteralKind,
    Name,
    NamedExpr,
    Param,
    Params,
    Sequence,
    Slice,
    Starred,
    Subscript,
    UnaryOp,
    UnknownExpr,
    Yield,
)  # fmt: skip
from ...model.facts import CallSite
from ...model.location import Span
from .grammar import Interpolation, TemplateStr, kind
from .literals import literal, text
from .outline import Outline

Lower = Callable[[Outline, Any], Expr]

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


class _Table(dict[type[ast.AST], Lower]):
    """A kind that is not listed becomes an UnknownExpr."""

    def __missing__(self, kind: type[ast.AST]) -> Lower:
        return _unknown


def lower(o: Outline, node: ast.expr) -> Expr:
    """One expression, evaluated in the scope that is being read."""
    return EXPRESSIONS[type(node)](o, node)


def maybe(o: Outline, node: ast.expr | None) -> Expr | None:
    """An expression that may be missing."""
    return None if node is None else EXPRESSIONS[type(node)](o, node)


def several(o: Outline, nodes: Iterable[ast.expr]) -> tuple[Expr, ...]:
    """Expressions in order."""
    return tuple([EXPRESSIONS[type(node)](o, node) for node in nodes])


def _unknown(o: Outline, n: ast.expr) -> Expr:
    return UnknownExpr(o.span(n), kind(n))


def _name(o: Outline, n: ast.Name) -> Expr:
    name = n.id
    o.names.add(name)
    return Name(o.span(n), name)


def _attribute(o: Outline, n: ast.Attribute) -> Expr:
    value = n.value
    name = n.attr
    o.attributes.add(name)
    return Attribute(o.span(n), EXPRESSIONS[type(value)](o, value), name)


def _constant(o: Outline, n: ast.Constant) -> Expr:
    value = n.value
    if type(value) is str:
        return Literal(o.span(n), LiteralKind.STR, text(value))
    return Literal(o.span(n), *literal(value))


def _call(o: Outline, n: ast.Call) -> Expr:
    func = n.func
    callee = EXPRESSIONS[type(func)](o, func)
    args = tuple([EXPRESSIONS[type(arg)](o, arg) for arg in n.args]) if n.args else ()
    keywords = tuple([_keyword(o, k) for k in n.keywords]) if n.keywords else ()
    at = o.span(n)
    site = len(o.calls)
    # the callee's own calls stand before it, so that its number is known only now
    o.calls.append(CallSite(dotted(callee), o.scope, at))
    return Call(at, callee, args, keywords, site)


def _keyword(o: Outline, n: ast.keyword) -> Keyword:
    value = n.value
    return Keyword(o.span(n), n.arg, EXPRESSIONS[type(value)](o, value))


def dotted(callee: Expr) -> str:
    """A callee as written: "a.b.c"; what is no dotted name is "?"."""
    if type(callee) is Name:
        return callee.id
    tail = ""
    while type(callee) is Attribute:
        tail = f".{callee.name}{tail}"
        callee = callee.value
    return (callee.id if type(callee) is Name else "?") + tail


def _binary(o: Outline, n: ast.BinOp) -> Expr:
    left, right = n.left, n.right
    a = EXPRESSIONS[type(left)](o, left)
    return BinOp(o.span(n), a, OPERATORS[type(n.op)], EXPRESSIONS[type(right)](o, right))


def _unary(o: Outline, n: ast.UnaryOp) -> Expr:
    operand = n.operand
    return UnaryOp(o.span(n), OPERATORS[type(n.op)], EXPRESSIONS[type(operand)](o, operand))


def _boolean(o: Outline, n: ast.BoolOp) -> Expr:
    return BoolOp(o.span(n), OPERATORS[type(n.op)], several(o, n.values))


def _compare(o: Outline, n: ast.Compare) -> Expr:
    left = n.left
    first = EXPRESSIONS[type(left)](o, left)
    return Compare(o.span(n), first, tuple([OPERATORS[type(op)] for op in n.ops]), several(o, n.comparators))


def _conditional(o: Outline, n: ast.IfExp) -> Expr:
    return IfExp(o.span(n), lower(o, n.test), lower(o, n.body), lower(o, n.orelse))


def _list(o: Outline, n: ast.List) -> Expr:
    return Sequence(o.span(n), "list", several(o, n.elts))


def _tuple(o: Outline, n: ast.Tuple) -> Expr:
    return Sequence(o.span(n), "tuple", several(o, n.elts))


def _set(o: Outline, n: ast.Set) -> Expr:
    return Sequence(o.span(n), "set", several(o, n.elts))


def _dict(o: Outline, n: ast.Dict) -> Expr:
    pairs = [(maybe(o, key), EXPRESSIONS[type(value)](o, value)) for key, value in zip(n.keys, n.values, strict=True)]
    return Dict(o.span(n), tuple([key for key, _ in pairs]), tuple([value for _, value in pairs]))


def _comprehension(o: Outline, n: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Expr:
    at = o.span(n)
    clauses = _clauses(o, at, n.generators)
    return Comprehension(at, _KINDS[type(n)], lower(o, n.elt), None, clauses)


def _dict_comprehension(o: Outline, n: ast.DictComp) -> Expr:
    at = o.span(n)
    clauses = _clauses(o, at, n.generators)
    # `{**a for a in b}` (PEP 798) has no value: `ast` gives what is unpacked as the key
    return Comprehension(at, "dict", lower(o, n.key), maybe(o, n.value), clauses)


def _clauses(o: Outline, at: Span, generators: Many[ast.comprehension]) -> tuple[Clause, ...]:
    made = []
    for g in generators:
        iterable, target = lower(o, g.iter), lower(o, g.target)
        made.append(Clause(at, target, iterable, several(o, g.ifs), bool(g.is_async)))
    return tuple(made)


def _lambda(o: Outline, n: ast.Lambda) -> Expr:
    parameters = params(o, n.args)
    o.lambdas += 1
    body = lower(o, n.body)
    o.lambdas -= 1
    return Lambda(o.span(n), parameters, body)


def params(o: Outline, n: ast.arguments) -> Params:
    """Parameters in source order; their annotations and defaults are evaluated in the scope that is being read."""
    listed = [(arg, "positional") for arg in n.posonlyargs] + [(arg, "normal") for arg in n.args]
    defaults: list[ast.expr | None] = [*([None] * (len(listed) - len(n.defaults))), *n.defaults]
    if n.vararg is not None:
        listed.append((n.vararg, "vararg"))
        defaults.append(None)
    listed += [(arg, "keyword") for arg in n.kwonlyargs]
    defaults += n.kw_defaults
    if n.kwarg is not None:
        listed.append((n.kwarg, "kwarg"))
        defaults.append(None)
    return Params(
        tuple(
            [
                Param(o.span(arg), arg.arg, kind, maybe(o, arg.annotation), maybe(o, default))
                for (arg, kind), default in zip(listed, defaults, strict=True)
            ]
        )
    )


def _await(o: Outline, n: ast.Await) -> Expr:
    return Await(o.span(n), lower(o, n.value))


def _yield(o: Outline, n: ast.Yield | ast.YieldFrom) -> Expr:
    if not o.lambdas:
        o.generators.add(o.scope)
    return Yield(o.span(n), maybe(o, n.value), type(n) is ast.YieldFrom)


def _subscript(o: Outline, n: ast.Subscript) -> Expr:
    value, index = n.value, n.slice
    a = EXPRESSIONS[type(value)](o, value)
    return Subscript(o.span(n), a, EXPRESSIONS[type(index)](o, index))


def _slice(o: Outline, n: ast.Slice) -> Expr:
    return Slice(o.span(n), maybe(o, n.lower), maybe(o, n.upper), maybe(o, n.step))


def _starred(o: Outline, n: ast.Starred) -> Expr:
    return Starred(o.span(n), lower(o, n.value))


def _walrus(o: Outline, n: ast.NamedExpr) -> Expr:
    name = n.target.id
    o.names.add(name)
    return NamedExpr(o.span(n), name, lower(o, n.value))


def _format(o: Outline, n: Any) -> Expr:
    span = o.span
    at = span(n)
    o.span = lambda _: at  # everything inside has the span of the whole string
    parts: list[Expr] = []
    texts: list[str] = []
    for value in n.values:
        part = lower(o, value)
        if type(part) is Literal:
            texts.append(str(part.value))
            continue
        _flush(at, texts, parts)
        parts.append(part)
    _flush(at, texts, parts)
    o.span = span
    return Format(at, tuple(parts), type(n) is TemplateStr)


def _flush(at: Span, texts: list[str], parts: list[Expr]) -> None:
    """Adjacent pieces of text are one part, and an empty one is none."""
    joined = "".join(texts)
    texts.clear()
    if joined:
        parts.append(Literal(at, LiteralKind.STR, joined))


def _field(o: Outline, n: Any) -> Expr:
    conversion = "" if n.conversion < 0 else chr(n.conversion)
    return Field(o.span(n), lower(o, n.value), conversion, maybe(o, n.format_spec))


_KINDS: dict[type[ast.AST], str] = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}

EXPRESSIONS = _Table({
    ast.Name: _name, ast.Attribute: _attribute, ast.Constant: _constant, ast.Call: _call, ast.BinOp: _binary,
    ast.UnaryOp: _unary, ast.BoolOp: _boolean, ast.Compare: _compare, ast.IfExp: _conditional, ast.List: _list,
    ast.Tuple: _tuple, ast.Set: _set, ast.Dict: _dict, ast.ListComp: _comprehension, ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension, ast.DictComp: _dict_comprehension, ast.Lambda: _lambda, ast.Await: _await,
    ast.Yield: _yield, ast.YieldFrom: _yield, ast.Subscript: _subscript, ast.Slice: _slice, ast.Starred: _starred,
    ast.NamedExpr: _walrus, ast.JoinedStr: _format, TemplateStr: _format, ast.FormattedValue: _field,
    Interpolation: _field,
})  # fmt: skip
