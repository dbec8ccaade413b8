"""The intermediate representation of Python expressions and parameters, as written, with spans; see `code`."""

from __future__ import annotations

from enum import StrEnum
from typing import Union

import msgspec

from .location import Span


class LiteralKind(StrEnum):
    """The type of a literal."""

    STR = "str"
    BYTES = "bytes"  # the value is the Latin-1 decoding
    INT = "int"  # the value is an int within ±2**63, else its decimal text
    FLOAT = "float"
    COMPLEX = "complex"  # the value is repr() of the number
    BOOL = "bool"
    NONE = "none"
    ELLIPSIS = "ellipsis"


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A piece of code at a place."""

    at: Span


class Name(Node, tag=1, frozen=True):
    id: str


class Attribute(Node, tag=2, frozen=True):
    value: Expr
    name: str


class Literal(Node, tag=3, frozen=True):
    kind: LiteralKind
    value: str | int | float | bool | None


class Format(Node, tag=4, frozen=True):
    """An f-string or t-string: literal text and replacement fields in order."""

    parts: tuple[Expr, ...]  # Literal (STR) and Field
    template: bool  # a t-string


class Field(Node, tag=5, frozen=True):
    """A replacement field `{value!conversion:spec}`."""

    value: Expr
    conversion: str  # "", "r", "s" or "a"
    spec: Expr | None  # a Format


class Keyword(Node, tag=6, frozen=True):
    """A keyword argument; `name` is None for `**value`. `at` covers `name=value`."""

    name: str | None
    value: Expr


class Call(Node, tag=7, frozen=True):
    callee: Expr
    args: tuple[Expr, ...]  # Starred for `*value`
    keywords: tuple[Keyword, ...]
    site: int  # index into FileFacts.calls


class BinOp(Node, tag=8, frozen=True):
    left: Expr
    op: str  # "+", "%", "|", …
    right: Expr


class UnaryOp(Node, tag=9, frozen=True):
    op: str  # "-", "+", "~", "not"
    operand: Expr


class BoolOp(Node, tag=10, frozen=True):
    op: str  # "and", "or"
    values: tuple[Expr, ...]


class Compare(Node, tag=11, frozen=True):
    left: Expr
    ops: tuple[str, ...]  # "==", "is not", "not in", …
    comparators: tuple[Expr, ...]


class IfExp(Node, tag=12, frozen=True):
    test: Expr
    body: Expr
    orelse: Expr


class Sequence(Node, tag=13, frozen=True):
    kind: str  # "list", "tuple" or "set"
    items: tuple[Expr, ...]


class Dict(Node, tag=14, frozen=True):
    keys: tuple[Expr | None, ...]  # None for `**value`
    values: tuple[Expr, ...]


class Clause(Node, tag=15, frozen=True):
    """One `for … in … if …` of a comprehension; `at` is the span of the whole comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


class Comprehension(Node, tag=16, frozen=True):
    kind: str  # "list", "set", "generator" or "dict"
    element: Expr  # for "dict" the key
    value: Expr | None  # for "dict" the value
    clauses: tuple[Clause, ...]


class Lambda(Node, tag=17, frozen=True):
    params: Params
    body: Expr


class Await(Node, tag=18, frozen=True):
    value: Expr


class Yield(Node, tag=19, frozen=True):
    value: Expr | None
    delegates: bool  # `yield from`


class Subscript(Node, tag=20, frozen=True):
    value: Expr
    index: Expr


class Slice(Node, tag=21, frozen=True):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class Starred(Node, tag=22, frozen=True):
    value: Expr


class NamedExpr(Node, tag=23, frozen=True):
    target: str
    value: Expr


class UnknownExpr(Node, tag=24, frozen=True):
    """A kind of expression that this version does not know; nothing is lost silently."""

    kind: str


# ------------------------------------------------------------------- parameters


class Param(Node, tag=30, frozen=True):
    """A parameter; `at` covers name and annotation, not the default."""

    name: str
    kind: str  # "positional", "normal", "vararg", "keyword" or "kwarg"
    annotation: Expr | None
    default: Expr | None


class Params(msgspec.Struct, frozen=True, array_like=True, gc=False):
    items: tuple[Param, ...]  # in source order


Expr = Union[  # noqa: UP007 - msgspec resolves the forward references of a named Union
    Name, Attribute, Literal, Format, Field, Call, BinOp, UnaryOp, BoolOp, Compare, IfExp, Sequence, Dict,
    Comprehension, Lambda, Await, Yield, Subscript, Slice, Starred, NamedExpr, UnknownExpr,
]  # fmt: skip
