"""The facts and text of a Python file → the smallest statement at a place, ready to be parsed on its own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

import msgspec

from ..decode import lines
from ..model import code
from ..model.facts import PythonFacts, Scope, ScopeKind
from ..model.location import Span

Point = tuple[int, int]  # line from 1, column from 0

_BODY: msgspec.msgpack.Decoder[code.Body] = msgspec.msgpack.Decoder(code.Body)
_AT = re.compile(r"\s*@")
_CASE = re.compile(r"\s*case\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """A simple statement, or a compound one with its header; `case` and `except` clauses count as statements."""

    span: Span  # with decorators and body
    header: Span  # through the colon; of a simple statement the whole
    before: str  # what must stand before the header so that it parses: "", "if", "try" or "match"
    after: str  # what must follow it: "", "body" or "case"
    within: str  # qualified name of the definition around it; for the header of one, its own
    opens: tuple[Point, ...]  # where the logical lines of the header begin: each decorator, then the rest


class Index:
    """The statements of one file, decoded as far as places in them are asked for."""

    def __init__(self, facts: PythonFacts, text: str) -> None:
        self.lines = lines(text)
        self._facts = facts
        self._bodies: dict[int, code.Body] = {}
        self._starts = [self._first_decorator(scope) for scope in facts.scopes]

    def statement_at(self, line: int, column: int) -> Statement | None:
        """The simple statement or header that holds this place; None for a comment, `else:`, `try:` or blank."""
        point = (line, column)
        scopes = self._facts.scopes
        # Scopes stand in the order of their starts, so the last to start before the point is in all that hold it.
        number = bisect_right(self._starts, point, lo=1) - 1
        while number > 0:
            if point < _end(scopes[number].at):
                if point < _end(scopes[number].header):
                    return self._definition(scopes[number], self._starts[number])
                return self._search(self._body(number), point, scopes[number].qualname)
            number = scopes[number].parent
        return self._search(self._body(0), point, "")

    def slice(self, span: Span) -> list[str]:
        """The text of a span, line by line."""
        rows = self.lines[span.line - 1 : span.end_line]
        rows[-1] = rows[-1][: span.end_column]
        rows[0] = rows[0][span.column :]
        return rows

    def _body(self, number: int) -> code.Body:
        if number not in self._bodies:
            self._bodies[number] = _BODY.decode(self._facts.bodies[number])
        return self._bodies[number]

    def _definition(self, scope: Scope, start: Point) -> Statement:
        found = [self._keyword_before(_start(decorator.at), _AT) for decorator in scope.decorators]
        opens = (*(point for point in found if point), _start(scope.at))
        header = Span(*start, *_end(scope.header))
        return Statement(Span(*start, *_end(scope.at)), header, "", "body", scope.qualname, opens)

    def _first_decorator(self, scope: Scope) -> Point:
        if scope.kind is ScopeKind.MODULE or not scope.decorators:
            return _start(scope.at)
        first = scope.decorators[0].at
        return self._keyword_before(_start(first), _AT) or _start(first)

    def _keyword_before(self, point: Point, keyword: re.Pattern[str]) -> Point | None:
        """Where the line opens with this word whose logical line reaches the point."""
        line, column = point
        text = self.lines[line - 1][:column]
        while not keyword.match(text):
            line -= 1
            if line < 1:
                return None
            text = self.lines[line - 1]
        return line, len(text) - len(text.lstrip())

    def _colon_after(self, point: Point) -> Point:
        """The place behind the first colon from the point on; brackets, `as name` and comments may come before."""
        line, column = point
        while line <= len(self.lines):
            text = self.lines[line - 1]
            bare = text[column:].partition("#")[0]
            if ":" in bare:
                return line, column + bare.index(":") + 1
            line, column = line + 1, 0
        return point

    def _search(self, body: code.Body, point: Point, within: str) -> Statement | None:
        for statement in body:
            if _start(statement.at) <= point < _end(statement.at):
                return self._inside(statement, point, within)
        return None

    def _inside(self, statement: code.Stmt, point: Point, within: str) -> Statement | None:
        match statement:
            case code.Try() | code.Match() | code.If() | code.For() | code.While() | code.With():
                pass
            case _:
                return Statement(statement.at, statement.at, "", "", within, (_start(statement.at),))
        if last := _last_of_header(statement):
            header = Span(*_start(statement.at), *self._colon_after(_end(last)))
            if point < _end(header):
                before = "if" if self.lines[header.line - 1][header.column :].startswith("elif") else ""
                after = "case" if isinstance(statement, code.Match) else "body"
                return Statement(statement.at, header, before, after, within, (_start(header),))
        for clause in _clauses(statement):
            if found := self._clause(clause, point, within):
                return found
        for block in _blocks(statement):
            if found := self._search(block, point, within):
                return found
        return None

    def _clause(self, clause: code.Handler | code.Case, point: Point, within: str) -> Statement | None:
        match clause:
            case code.Handler():
                start, before = _start(clause.at), "try"
                last = _end(clause.caught.at) if clause.caught else start
            case code.Case():
                start, before = self._keyword_before(_start(clause.at), _CASE) or _start(clause.at), "match"
                last = _end(clause.guard.at) if clause.guard else _end(clause.at)
            case _:
                assert_never(clause)
        header = Span(*start, *self._colon_after(last))
        if _start(header) <= point < _end(header):
            whole = Span(*start, *_end(clause.body[-1].at))
            return Statement(whole, header, before, "body", within, (start,))
        return self._search(clause.body, point, within)


def _start(span: Span) -> Point:
    return span.line, span.column


def _end(span: Span) -> Point:
    return span.end_line, span.end_column


def _last_of_header(statement: code.Stmt) -> Span | None:
    """The last expression of a compound statement's header."""
    match statement:
        case code.If() | code.While():
            return statement.test.at
        case code.For():
            return statement.iterable.at
        case code.With():
            item = statement.items[-1]
            return item.target.at if item.target else item.value.at
        case code.Match():
            return statement.subject.at
        case _:
            return None


def _clauses(statement: code.Stmt) -> tuple[code.Handler | code.Case, ...]:
    match statement:
        case code.Try():
            return statement.handlers
        case code.Match():
            return statement.cases
        case _:
            return ()


def _blocks(statement: code.Stmt) -> Iterator[code.Body]:
    match statement:
        case code.If() | code.For() | code.While():
            yield from (statement.body, statement.orelse)
        case code.With():
            yield statement.body
        case code.Try():
            yield from (statement.body, statement.orelse, statement.final)
        case _:
            return
