"""Node classes that the host's `ast` may not have yet: its own where it has them, else stand-ins."""

from __future__ import annotations

import ast
import sys
from typing import Any

if sys.version_info >= (3, 12):
    TypeAlias: Any = ast.TypeAlias
else:

    class TypeAlias(ast.stmt):
        """`type name = value` (3.12)."""

        _fields = ("name", "type_params", "value")


if sys.version_info >= (3, 14):
    TemplateStr: Any = ast.TemplateStr
    Interpolation: Any = ast.Interpolation
else:

    class TemplateStr(ast.expr):
        """A t-string (3.14)."""

        _fields = ("values",)

    class Interpolation(ast.expr):
        """A replacement field of a t-string (3.14)."""

        _fields = ("value", "str", "conversion", "format_spec")


class StrangeExpr(ast.expr):
    """An expression of libcst that has no counterpart here."""

    _fields = ("kind",)
    kind: str


class StrangeStmt(ast.stmt):
    """A statement of libcst that has no counterpart here."""

    _fields = ("kind",)
    kind: str


class StrangePattern(ast.pattern):
    """A pattern of libcst that has no counterpart here."""

    _fields = ("kind",)
    kind: str


def kind(node: Any) -> str:
    """What an unknown node is called."""
    return node.kind if isinstance(node, StrangeExpr | StrangeStmt | StrangePattern) else type(node).__name__
