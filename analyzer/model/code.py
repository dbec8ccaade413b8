"""The intermediate representation of Python code: expressions and statements as written, with spans.

Both front ends produce these values, equal to the last byte. Conventions that make that possible:

* a span covers the node without parentheses around it, as CPython's `ast` has it;
* everything inside an f-string or t-string carries the span of the whole (implicitly concatenated) string,
  because CPython before 3.12 does not know better;
* implicitly concatenated literals are one literal; adjacent literal parts of an f-string are one part.
"""

from __future__ import annotations

from typing import Union

from .expressions import (
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
    Node,
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

__all__ = [
    "AnnAssign", "Assert", "Assign", "Attribute", "AugAssign", "Await", "BinOp", "Body", "BoolOp", "Call", "Case",
    "Clause", "Compare", "Comprehension", "Define", "Delete", "Dict", "Expr", "ExprStmt", "Field", "For", "Format",
    "Handler", "If", "IfExp", "ImportStmt", "Keyword", "Lambda", "Literal", "LiteralKind", "Match", "Name",
    "NamedExpr", "Outer", "Param", "Params", "Raise", "Return", "Sequence", "Simple", "Slice", "Starred", "Stmt",
    "Subscript", "Try", "TypeAlias", "UnaryOp", "UnknownExpr", "UnknownStmt", "While", "With", "WithItem", "Yield",
]  # fmt: skip


class Assign(Node, tag=40, frozen=True):
    targets: tuple[Expr, ...]
    value: Expr


class AnnAssign(Node, tag=41, frozen=True):
    target: Expr
    annotation: Expr
    value: Expr | None


class AugAssign(Node, tag=42, frozen=True):
    target: Expr
    op: str  # "+", "%", …
    value: Expr


class ExprStmt(Node, tag=43, frozen=True):
    value: Expr


class Return(Node, tag=44, frozen=True):
    value: Expr | None


class Raise(Node, tag=45, frozen=True):
    value: Expr | None
    cause: Expr | None


class Delete(Node, tag=46, frozen=True):
    targets: tuple[Expr, ...]


class Assert(Node, tag=47, frozen=True):
    test: Expr
    message: Expr | None


class Outer(Node, tag=48, frozen=True):
    """`global` or `nonlocal`."""

    kind: str
    names: tuple[str, ...]


class ImportStmt(Node, tag=49, frozen=True):
    imports: tuple[int, ...]  # indexes into FileFacts.imports


class Simple(Node, tag=50, frozen=True):
    kind: str  # "pass", "break" or "continue"


class If(Node, tag=51, frozen=True):
    """`if` or `elif`; an `elif` is an If alone in the `orelse` of the one before."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class For(Node, tag=52, frozen=True):
    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    is_async: bool


class While(Node, tag=53, frozen=True):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class WithItem(Node, tag=54, frozen=True):
    """`value as target`; `at` is the span of the value."""

    value: Expr
    target: Expr | None


class With(Node, tag=55, frozen=True):
    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]
    is_async: bool


class Handler(Node, tag=56, frozen=True):
    """`except caught as name:`; `at` covers the clause with its body."""

    caught: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


class Try(Node, tag=57, frozen=True):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]
    star: bool  # `except*`


class Case(Node, tag=58, frozen=True):
    """`case pattern if guard:`; `at` is the span of the pattern."""

    captures: tuple[str, ...]  # names the pattern binds, in source order
    values: tuple[Expr, ...]  # value, class and literal expressions in the pattern, in source order
    guard: Expr | None
    body: tuple[Stmt, ...]


class Match(Node, tag=59, frozen=True):
    subject: Expr
    cases: tuple[Case, ...]


class Define(Node, tag=60, frozen=True):
    """A function or class statement; `at` starts at `def`, `async` or `class`, not at a decorator."""

    scope: int  # index into FileFacts.scopes


class TypeAlias(Node, tag=61, frozen=True):
    name: str
    value: Expr


class UnknownStmt(Node, tag=62, frozen=True):
    kind: str


Stmt = Union[  # noqa: UP007 - as `Expr`
    Assign, AnnAssign, AugAssign, ExprStmt, Return, Raise, Delete, Assert, Outer, ImportStmt, Simple, If, For,
    While, With, Try, Match, Define, TypeAlias, UnknownStmt,
]  # fmt: skip
Body = tuple[Stmt, ...]
