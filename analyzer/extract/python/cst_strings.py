"""String literals of libcst → constants, f-strings and t-strings of `ast`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import libcst as cst

from .cst_tree import Tree
from .grammar import Interpolation, TemplateStr

Convert = Callable[[Tree, cst.BaseExpression], ast.expr]

_PLAIN = re.compile(r"""([a-zA-Z]*)('''|\"\"\"|'|\")""")
_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)
_LAST_BACKSLASHES = re.compile(r"\\+\Z")


def plain(token: str) -> str | bytes:
    """The value of a string token; raises SyntaxError, TypeError or ValueError where Python would refuse it."""
    opening = _PLAIN.match(token)
    if opening is not None and ("\\" not in token or "r" in opening.group(1).lower()):
        inner = token[opening.end() : -len(opening.group(2))]
        return inner.encode("ascii") if "b" in opening.group(1).lower() else inner
    value = ast.literal_eval(token)
    if not isinstance(value, str | bytes):
        raise TypeError("a string that is none")
    return value


def simple(tree: Tree, node: cst.SimpleString) -> ast.expr:
    """A string without replacement fields."""
    return tree.make(ast.Constant, node, value=plain(node.value))


def formatted(tree: Tree, node: cst.FormattedString | cst.TemplatedString, convert: Convert) -> ast.expr:
    """An f-string or t-string."""
    kind = TemplateStr if isinstance(node, cst.TemplatedString) else ast.JoinedStr
    made: ast.expr = tree.make(kind, node, values=list(_values(tree, [node], convert)))
    return made


def concatenated(tree: Tree, node: cst.ConcatenatedString, convert: Convert) -> ast.expr:
    """Literals side by side, which are one."""
    pieces = list(_pieces(node))
    if all(isinstance(piece, cst.SimpleString) for piece in pieces):
        texts = [plain(piece.value) for piece in pieces]
        empty: Any = b"" if isinstance(texts[0], bytes) else ""
        return tree.make(ast.Constant, node, value=empty.join(texts))  # a TypeError where texts and bytes are mixed
    template = any(isinstance(piece, cst.TemplatedString) for piece in pieces)
    kind = TemplateStr if template else ast.JoinedStr
    made: ast.expr = tree.make(kind, node, values=list(_values(tree, pieces, convert)))
    return made


def _pieces(node: cst.ConcatenatedString) -> Iterator[Any]:
    """Its literals in source order."""
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        yield rest.left
        rest = rest.right
    yield rest


def _values(tree: Tree, pieces: Iterable[Any], convert: Convert) -> Iterator[ast.expr]:
    for piece in pieces:
        if isinstance(piece, cst.SimpleString):
            yield simple(tree, piece)
        else:
            yield from _parts(tree, piece.parts, "r" in piece.prefix.lower(), False, convert)


def _parts(tree: Tree, parts: Sequence[Any], raw: bool, spec: bool, convert: Convert) -> Iterator[ast.expr]:
    """The parts of an f-string, or of a format specification in one."""
    for part in parts:
        if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
            yield tree.make(ast.Constant, part, value=text(part.value, raw, spec))
        else:
            yield from _field(tree, part, raw, convert)


def _field(tree: Tree, part: Any, raw: bool, convert: Convert) -> Iterator[ast.expr]:
    conversion = -1 if part.conversion is None else ord(part.conversion)
    if part.equal is not None:  # `{x=}` also says "x="
        line, column = tree.start(part)
        said = tree.source((line, column + 1), tree.end(part.whitespace_after_expression))
        yield tree.make(ast.Constant, part, value=said)
        if part.conversion is None and part.format_spec is None:
            conversion = ord("r")
    spec = None
    if part.format_spec is not None:
        spec = tree.make(ast.JoinedStr, part, values=list(_parts(tree, part.format_spec, raw, True, convert)))
    kind = Interpolation if isinstance(part, cst.TemplatedStringExpression) else ast.FormattedValue
    value = convert(tree, part.expression)
    yield tree.make(kind, part, value=value, conversion=conversion, format_spec=spec)


def text(source: str, raw: bool, spec: bool) -> str:
    """The value of literal text in an f-string; in a format specification braces are not doubled."""
    if not spec:
        source = source.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in source:
        return source
    last = _LAST_BACKSLASHES.search(source)
    if last is not None and len(last.group()) % 2:
        source += "\\"  # a field follows, and the backslash before it stands for itself
    quoted = _QUOTE.sub(lambda found: found.group(1) or '\\"', source)
    return str(ast.literal_eval(f'"""{quoted}"""'))
