"""The intermediate representation of Python code: expressions and statements as written, with spans.

Both front ends produce these values, equal to the last byte. Conventions that make that possible:

* a span covers the node without parentheses around it, as CPython's `ast` has it;
* everything inside an f-string or t-string carries the span of the whole (implicitly concatenated) string,
  because CPython before 3.12 does not know better;
* implicitly concatenated literals are one literal; adjacent literal parts of an f-string are one part.
"""

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


class _Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    at: Span


# ------------------------------------------------------------------ expressions


class Name(_Node, tag=1, frozen=True):
    id: str


class Attribute(_Node, tag=2, frozen=True):
    value: Expr
    name: str


class Literal(_Node, tag=3, frozen=True):
    kind: LiteralKind
    value: str | int | float | bool | None


class Format(_Node, tag=4, frozen=True):
    """An f-string or t-string: literal text and replacement fields in order."""

    parts: tuple[Expr, ...]  # Literal (STR) and Field
    template: bool  # a t-string


class Field(_Node, tag=5, frozen=True):
    """A replacement field `{value!conversion:spec}`."""

    value: Expr
    conversion: str  # "", "r", "s" or "a"
    spec: Expr | None  # a Format


class Keyword(_Node, tag=6, frozen=True):
    """A keyword argument; `name` is None for `**value`. `at` covers `name=value`."""

    name: str | None
    value: Expr


class Call(_Node, tag=7, frozen=True):
    callee: Expr
    args: tuple[Expr, ...]  # Starred for `*value`
    keywords: tuple[Keyword, ...]
    site: int  # index into FileFacts.calls


class BinOp(_Node, tag=8, frozen=True):
    left: Expr
    op: str  # "+", "%", "|", …
    right: Expr


class UnaryOp(_Node, tag=9, frozen=True):
    op: str  # "-", "+", "~", "not"
    operand: Expr


class BoolOp(_Node, tag=10, frozen=True):
    op: str  # "and", "or"
    values: tuple[Expr, ...]


class Compare(_Node, tag=11, frozen=True):
    left: Expr
    ops: tuple[str, ...]  # "==", "is not", "not in", …
    comparators: tuple[Expr, ...]


class IfExp(_Node, tag=12, frozen=True):
    test: Expr
    body: Expr
    orelse: Expr


class Sequence(_Node, tag=13, frozen=True):
    kind: str  # "list", "tuple" or "set"
    items: tuple[Expr, ...]


class Dict(_Node, tag=14, frozen=True):
    keys: tuple[Expr | None, ...]  # None for `**value`
    values: tuple[Expr, ...]


class Clause(_Node, tag=15, frozen=True):
    """One `for … in … if …` of a comprehension; `at` is the span of the whole comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


class Comprehension(_Node, tag=16, frozen=True):
    kind: str  # "list", "set", "generator" or "dict"
    element: Expr  # for "dict" the key
    value: Expr | None  # for "dict" the value
    clauses: tuple[Clause, ...]


class Lambda(_Node, tag=17, frozen=True):
    params: Params
    body: Expr


class Await(_Node, tag=18, frozen=True):
    value: Expr


class Yield(_Node, tag=19, frozen=True):
    value: Expr | None
    delegates: bool  # `yield from`


class Subscript(_Node, tag=20, frozen=True):
    value: Expr
    index: Expr


class Slice(_Node, tag=21, frozen=True):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class Starred(_Node, tag=22, frozen=True):
    value: Expr


class NamedExpr(_Node, tag=23, frozen=True):
    target: str
    value: Expr


class UnknownExpr(_Node, tag=24, frozen=True):
    """A kind of expression that this version does not know; nothing is lost silently."""

    kind: str


# ------------------------------------------------------------------- parameters


class Param(_Node, tag=30, frozen=True):
    """A parameter; `at` covers name and annotation, not the default."""

    name: str
    kind: str  # "positional", "normal", "vararg", "keyword" or "kwarg"
    annotation: Expr | None
    default: Expr | None


class Params(msgspec.Struct, frozen=True, array_like=True, gc=False):
    items: tuple[Param, ...]  # in source order


# ------------------------------------------------------------------- statements


class Assign(_Node, tag=40, frozen=True):
    targets: tuple[Expr, ...]
    value: Expr


class AnnAssign(_Node, tag=41, frozen=True):
    target: Expr
    annotation: Expr
    value: Expr | None


class AugAssign(_Node, tag=42, frozen=True):
    target: Expr
    op: str  # "+", "%", …
    value: Expr


class ExprStmt(_Node, tag=43, frozen=True):
    value: Expr


class Return(_Node, tag=44, frozen=True):
    value: Expr | None


class Raise(_Node, tag=45, frozen=True):
    value: Expr | None
    cause: Expr | None


class Delete(_Node, tag=46, frozen=True):
    targets: tuple[Expr, ...]


class Assert(_Node, tag=47, frozen=True):
    test: Expr
    message: Expr | None


class Outer(_Node, tag=48, frozen=True):
    """`global` or `nonlocal`."""

    kind: str
    names: tuple[str, ...]


class ImportStmt(_Node, tag=49, frozen=True):
    imports: tuple[int, ...]  # indexes into FileFacts.imports


class Simple(_Node, tag=50, frozen=True):
    kind: str  # "pass", "break" or "continue"


class If(_Node, tag=51, frozen=True):
    """`if` or `elif`; an `elif` is an If alone in the `orelse` of the one before."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class For(_Node, tag=52, frozen=True):
    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    is_async: bool


class While(_Node, tag=53, frozen=True):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class WithItem(_Node, tag=54, frozen=True):
    """`value as target`; `at` is the span of the value."""

    value: Expr
    target: Expr | None


class With(_Node, tag=55, frozen=True):
    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]
    is_async: bool


class Handler(_Node, tag=56, frozen=True):
    """`except caught as name:`; `at` covers the clause with its body."""

    caught: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


class Try(_Node, tag=57, frozen=True):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]
    star: bool  # `except*`


class Case(_Node, tag=58, frozen=True):
    """`case pattern if guard:`; `at` is the span of the pattern."""

    captures: tuple[str, ...]  # names the pattern binds, in source order
    values: tuple[Expr, ...]  # value, class and literal expressions in the pattern, in source order
    guard: Expr | None
    body: tuple[Stmt, ...]


class Match(_Node, tag=59, frozen=True):
    subject: Expr
    cases: tuple[Case, ...]


class Define(_Node, tag=60, frozen=True):
    """A function or class statement; `at` starts at `def`, `async` or `class`, not at a decorator."""

    scope: int  # index into FileFacts.scopes


class TypeAlias(_Node, tag=61, frozen=True):
    name: str
    value: Expr


class UnknownStmt(_Node, tag=62, frozen=True):
    kind: str


Expr = Union[  # noqa: UP007 - msgspec resolves the forward references of a named Union
    Name, Attribute, Literal, Format, Field, Call, BinOp, UnaryOp, BoolOp, Compare, IfExp, Sequence, Dict,
    Comprehension, Lambda, Await, Yield, Subscript, Slice, Starred, NamedExpr, UnknownExpr,
]  # fmt: skip
Stmt = Union[  # noqa: UP007
    Assign, AnnAssign, AugAssign, ExprStmt, Return, Raise, Delete, Assert, Outer, ImportStmt, Simple, If, For,
    While, With, Try, Match, Define, TypeAlias, UnknownStmt,
]  # fmt: skip
Body = tuple[Stmt, ...]
