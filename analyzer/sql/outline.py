"""The text of an SQL script → its comments, and its statements that make, change or remove tables, views and schemas.

Heads of statements are the same words in every dialect: no grammar is needed, and none refuses a statement. They are
looked for anywhere: behind `THEN` in a DO block, and where T-SQL puts no semicolon between two statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..model.facts import Statement
from ..model.location import Span
from . import heads
from .heads import Head
from .lexer import Kind, Token, tokens

MATTERS = re.compile(r"\b(?:table|view|schema|into|sp_rename)\b", re.IGNORECASE)
_DIRECTION = re.compile(
    r"(?:--|#)[\s@!/+-]*(?:(?:goose|migrate|micrate|dbmate)\b[\s:]*)?"
    r"(?:(?P<down>downs?|undo|rollback|revert)|(?P<up>ups?|apply|forward))\b(?:\s+migrations?|\s+transaction:\w+)?\W*",
    re.IGNORECASE,
)
_DEEPEST = 3  # bodies in bodies: a function made in a DO block


@dataclass(slots=True)
class Script:
    """What a text holds."""

    statements: list[Statement] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)  # offset, text with its marks


def outline(text: str, span: Callable[[int, int], Span]) -> Script:
    """The outline of a script; `span` turns two offsets into a place."""
    script = Script()
    undo = False
    for statement in _split(text, script.comments):
        if isinstance(statement, bool):
            undo = statement
            continue
        for head, deferred in _heads(statement, 0):
            script.statements.append(
                Statement(
                    head.verb, head.object, head.name, head.new_name, head.source, head.guarded, head.temporary,
                    deferred, undo, span(head.start, head.end),
                )  # fmt: skip
            )
    return script


def _split(text: str, comments: list[tuple[int, str]]) -> Iterator[list[Token] | bool]:
    """The tokens of each statement; a bool where a comment says that what follows takes the rest back, or does not.

    What stands between MySQL's `DELIMITER //` and `DELIMITER ;` is one statement: the bodies of routines.
    """
    held: list[Token] = []
    whole = False
    for token in tokens(text):
        if token.kind is Kind.COMMENT:
            comments.append((token.start, token.text))
            direction = _DIRECTION.fullmatch(token.text)
            if direction:
                yield held
                held = []
                yield direction["down"] is not None
        elif token.kind is Kind.DELIMITER or (token.kind is Kind.END and not whole):
            yield held
            held = []
            whole = token.text != ";"
        else:
            held.append(token)
    yield held


def _heads(statement: list[Token], depth: int) -> Iterator[tuple[Head, bool]]:
    """The heads in a statement and in the texts that it holds, each with whether it runs only when it is called."""
    routine = heads.makes_routine(statement)
    for head in heads.heads(statement, script=depth == 0 and not routine):
        yield head, routine
    dynamic = False
    for token in statement:
        if token.kind is Kind.WORD:
            dynamic = token.text.upper() in ("EXECUTE", "EXEC", "IMMEDIATE", "FORMAT") or (
                dynamic and token.text.upper() in ("FORMAT", "SP_EXECUTESQL")
            )
        held = token.kind is Kind.BODY or (token.kind is Kind.STRING and dynamic)
        if held and depth < _DEEPEST and MATTERS.search(token.text):
            for inner in _split(token.text, []):
                if not isinstance(inner, bool):
                    yield from (
                        (head.moved(token.inner), routine or deferred) for head, deferred in _heads(inner, depth + 1)
                    )
