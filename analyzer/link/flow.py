"""A name and a place in a body → the bindings of the name that may hold there (reaching definitions)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from ..model.code import Body, Define, For, If, Match, Raise, Return, Simple, Stmt, Try, While, With
from ..model.facts import Import, Scope
from ..model.location import Span
from .bindings import Bind, Binding, State, bindings_of
from .walk import blocks, contains

_ENDING = (Return, Raise, Simple)
_SETTLING = (Bind.VALUE, Bind.ITEM, Bind.ANNOTATED, Bind.IMPORTED, Bind.DEFINED)


@dataclass(frozen=True, slots=True)
class Flow:
    """Follows one name through a body up to a place."""

    name: str
    until: Span
    bound: State  # every binding of the name in the scope, by line
    scopes: tuple[Scope, ...]
    imports: tuple[Import, ...]
    lines: list[int] = field(default_factory=list)  # of the bindings

    def __post_init__(self) -> None:
        object.__setattr__(self, "bound", tuple(sorted(self.bound, key=lambda binding: binding.at.line)))
        self.lines.extend(binding.at.line for binding in self.bound)

    def reaching(self, body: Body, entry: State = ()) -> State:
        """The bindings that may hold at `until`."""
        state, _ = self._block(body, entry)
        return state

    def _block(self, body: Body, state: State) -> tuple[State, bool]:
        """The state after a block, or at the place; and whether that was found or the block does not fall through."""
        until = self.until
        for statement in body[self._start(body) :]:
            at = statement.at
            if at.end_line < until.line and not isinstance(statement, _ENDING) and not self._touches(at):
                continue  # most statements are neither the place nor bind the name
            if (at.line, at.column) >= (until.end_line, until.end_column):
                return (
                    state,
                    True,
                )  # decorators and defaults belong to no statement's span: the place was before this one
            if contains(statement.at, self.until) and not isinstance(statement, Define):
                return self._inside(statement, state), True
            if isinstance(statement, Return | Raise) or (isinstance(statement, Simple) and statement.kind != "pass"):
                return state, True
            state, ended = self._over(statement, state)
            if ended:
                return state, True
        return state, False

    def _start(self, body: Body) -> int:
        """Where to begin in the block of the place: at the last statement before it that settles what the name is."""
        until = (self.until.line, self.until.column)
        if not body or (body[-1].at.end_line, body[-1].at.end_column) <= until:
            return 0
        for number in range(bisect_left(self.lines, self.until.line) - 1, -1, -1):
            binding = self.bound[number]
            place = bisect_right(body, (binding.at.line, binding.at.column), key=_begin) - 1
            if place < 0:
                return 0
            at = body[place].at
            if binding.how in _SETTLING and binding.at == at and (at.end_line, at.end_column) <= until:
                return place
        return 0

    def _touches(self, at: Span) -> bool:
        """Whether any binding of the name stands on the lines of a statement."""
        first = bisect_left(self.lines, at.line)
        return first < len(self.lines) and self.lines[first] <= at.end_line

    def _within(self, statement: Stmt) -> State:
        at = statement.at
        near = self.bound[bisect_left(self.lines, at.line) : bisect_left(self.lines, at.end_line + 1)]
        return tuple(binding for binding in near if contains(at, binding.at))

    def _own(self, statement: Stmt, state: State) -> State:
        within = self._within(statement)
        if not within:
            return state
        for binding in within:
            if binding.how is Bind.NAMED and not any(self._in(block, binding.at) for block in blocks(statement)):
                state = (binding,)
        for binding in bindings_of(statement, self.scopes, self.imports):
            if binding.name != self.name:
                continue
            if binding.how is Bind.DELETED:
                state = ()
            elif binding.how is Bind.ADDED:
                state = (*state, binding)
            else:
                state = (binding,)
        return state

    def _over(self, statement: Stmt, state: State) -> tuple[State, bool]:
        """The state after a whole statement that does not hold the place."""
        if not self._within(statement) and not isinstance(statement, If | With | Try | Define):
            return state, False
        match statement:
            case If(body=body, orelse=orelse):
                state = self._own(statement, state)
                return self._meet([self._block(body, state), self._block(orelse, state)])
            case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
                inner = self._own(statement, state)
                after, _ = self._block(body, inner)
                return self._block(orelse, _union(state, after))[0], False
            case With(body=body):
                return self._block(body, self._own(statement, state))
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                tried, ended = self._block(body, state)
                partly = _union(state, tried, self._all(body))
                ways = [(tried, True) if ended else self._block(orelse, tried)]
                ways += [self._block(handler.body, partly) for handler in handlers]
                met, stop = self._meet(ways)
                after, _ = self._block(final, met)
                return after, stop
            case Match(cases=cases):
                return self._meet([*(self._block(case.body, state) for case in cases), (state, False)])
            case _:
                return self._own(statement, state), False

    def _inside(self, statement: Stmt, state: State) -> State:
        """The state at the place, which stands within this statement."""
        match statement:
            case If(body=body, orelse=orelse):
                state = self._own(statement, state)
                for block in (body, orelse):
                    if self._holds(block):
                        return self._block(block, state)[0]
            case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
                looped = _union(self._own(statement, state), self._all(body))
                if self._holds(body):
                    return self._block(body, looped)[0]
                if self._holds(orelse):
                    return self._block(orelse, _union(state, looped))[0]
            case With(body=body):
                if self._holds(body):
                    return self._block(body, self._own(statement, state))[0]
            case Try():
                return self._inside_try(statement, state)
            case Match(cases=cases):
                for case in cases:
                    if self._holds(case.body):
                        bound = (Binding(Bind.MATCHED, self.name, case.at),) if self.name in case.captures else state
                        return self._block(case.body, bound)[0]
            case _:
                return state
        return state

    def _inside_try(self, statement: Try, state: State) -> State:
        if self._holds(statement.body):
            return self._block(statement.body, state)[0]
        tried, _ = self._block(statement.body, state)
        if self._holds(statement.orelse):
            return self._block(statement.orelse, tried)[0]
        partly = _union(state, tried, self._all(statement.body))
        for handler in statement.handlers:
            if self._holds(handler.body):
                if handler.name == self.name:
                    partly = (Binding(Bind.CAUGHT, self.name, handler.at, handler.caught),)
                return self._block(handler.body, partly)[0]
        if self._holds(statement.final):
            return self._block(statement.final, partly)[0]
        return state

    def _holds(self, block: Body) -> bool:
        return self._in(block, self.until)

    def _in(self, block: Body, place: Span) -> bool:
        return any(contains(statement.at, place) for statement in block)

    def _all(self, block: Body) -> State:
        return tuple(binding for statement in block for binding in self._within(statement))

    def _meet(self, ways: list[tuple[State, bool]]) -> tuple[State, bool]:
        """The union over the ways that fall through; all of them where none does."""
        open_ways = [state for state, ended in ways if not ended]
        if not open_ways:
            return _union(*(state for state, _ in ways)), True
        return _union(*open_ways), False


def _begin(statement: Stmt) -> tuple[int, int]:
    return statement.at.line, statement.at.column


def _union(*states: State) -> State:
    seen: dict[tuple[Span, Bind, tuple[int, ...]], Binding] = {}
    for state in states:
        for binding in state:
            seen.setdefault((binding.at, binding.how, binding.path), binding)
    return tuple(seen.values())
