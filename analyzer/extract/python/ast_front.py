"""A file's text → the tree of CPython's own parser, or why there is none."""

from __future__ import annotations

import ast
import re
import warnings

from ...model.facts import Unread

_CHAIN = re.compile(r"(?:\.[\s\\]*+\w++[\s\\]*+)++")
_LINKS = 2000  # names in one dotted name: CPython's time grows with their square


def parse(text: str) -> ast.Module | Unread | SyntaxError:
    """The tree; a SyntaxError where this Python's grammar refuses the text; Unread where its limits do.

    The warnings that the parser has about invalid escapes are nobody's business here.
    """
    if text.count(".") > _LINKS and any(found.group().count(".") > _LINKS for found in _CHAIN.finditer(text)):
        return Unread("nested too deeply: a dotted name without end", 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return error
    except (MemoryError, RecursionError):
        return Unread("nested too deeply for Python's own parser", 0)
    except ValueError as error:
        return Unread(f"cannot be parsed: {error}", 0)
