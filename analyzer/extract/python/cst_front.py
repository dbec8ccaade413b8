"""A file's text → the tree of libcst as nodes of `ast`, for the files whose grammar the host does not know."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from ...model.facts import Unread
from .cst_compound import module
from .cst_tree import Tree
from .directives import Comment


@dataclass(frozen=True, slots=True)
class Converted:
    """A file as nodes of `ast` whose columns are code points, and its comments."""

    tree: ast.Module
    comments: list[Comment]


def parse(text: str, lines: list[str]) -> Converted | Unread:
    """The tree of a text that the nesting scan has passed, or why there is none.

    Raises MemoryError and RecursionError where the limits of the process end.
    """
    parsed = _parsed(text)
    if isinstance(parsed, Unread):
        return parsed
    ranges = MetadataWrapper(parsed, unsafe_skip_copy=True).resolve(PositionProvider)
    tree = Tree(ranges, lines)
    comments = [(*tree.start(node), node.value) for node in ranges if isinstance(node, cst.Comment)]
    try:
        with warnings.catch_warnings():  # that the host's parser has about escapes in strings
            warnings.simplefilter("ignore")
            return Converted(module(tree, parsed), comments)
    except (SyntaxError, TypeError, ValueError) as error:
        return Unread(f"not valid Python: {error}", 0)


def _parsed(text: str) -> cst.Module | Unread:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return Unread("not valid Python: libcst cannot parse it", error.raw_line)
    except cst.CSTValidationError as error:
        return Unread(f"not valid Python: {error}", 0)
    except (MemoryError, RecursionError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of libcst's native parser derives from BaseException
        return Unread(f"libcst cannot parse it: {type(error).__name__}", 0)
