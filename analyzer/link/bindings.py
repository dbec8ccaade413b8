"""Scope bodies → which statements bind a name, and which of these bindings reach a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..model.code import (
    AnnAssign, Assign, Attribute, AugAssign, Body, Define, Delete, Expr, For, If, ImportStmt,
    Match, Name, NamedExpr, Outer, Raise, Return, Sequence, Simple, Starred, Stmt, Try, While, With,
)  # fmt: skip
from ..model.facts import Import, Scope
from ..model.location import Span
from .walk import blocks, contains, nodes


class Bind(StrEnum):
    """How a name gets its value."""

    VALUE = "value"  # `name = expr`
    NAMED = "named"  # `name := expr`
    ITEM = "item"  # unpacked from expr at `path`
    ANNOTATED = "annotated"  # `name: expr` without value
    ADDED = "added"  # `name += expr`
    ELEMENT = "element"  # `for name in expr`
    ENTERED = "entered"  # `with expr as name`
    CAUGHT = "caught"  # `except expr as name`
    IMPORTED = "imported"
    DEFINED = "defined"
    MATCHED = "matched"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement that binds a name."""

    how: Bind
    name: str  # "self.x" for an attribute of a plain name
    at: Span
    expr: Expr | None = None
    annotation: Expr | None = None
    path: tuple[int, ...] = ()  # ITEM and ELEMENT: the positions unpacked
    number: int = -1  # IMPORTED: import, DEFINED: scope


State = tuple[Binding, ...]
_ENDING = (Return, Raise, Simple)


def target_name(target: Expr) -> str:
    """The name that a plain target binds: "x", or "obj.x"; "" for anything else."""
    match target:
        case Name(id=name):
            return name
        case Attribute(value=Name(id=owner), name=name):
            return f"{owner}.{name}"
        case _:
            return ""


def _targets(target: Expr, expr: Expr | None, how: Bind, at: Span, path: tuple[int, ...] = ()) -> Iterable[Binding]:
    if name := target_name(target):
        unpacked = Bind.ITEM if path and how is Bind.VALUE else how
        yield Binding(unpacked, name, at, expr, path=path)
    elif isinstance(target, Sequence):
        for position, item in enumerate(target.items):
            yield from _targets(item, expr, how, at, (*path, position))
    elif isinstance(target, Starred):
        yield from _targets(target.value, None, Bind.MATCHED, at)


def bindings_of(statement: Stmt, scopes: tuple[Scope, ...], imports: tuple[Import, ...]) -> Iterable[Binding]:
    """The bindings that one statement makes itself (not its inner blocks)."""
    match statement:
        case Assign(at=at, targets=targets, value=value):
            for target in targets:
                yield from _targets(target, value, Bind.VALUE, at)
        case AnnAssign(at=at, target=target, annotation=annotation, value=value):
            if name := target_name(target):
                how = Bind.ANNOTATED if value is None else Bind.VALUE
                yield Binding(how, name, at, value, annotation)
        case AugAssign(at=at, target=target, op=op, value=value):
            if name := target_name(target):
                yield Binding(Bind.ADDED if op in "+|" else Bind.MATCHED, name, at, value)
        case For(at=at, target=target, iterable=iterable):
            yield from _targets(target, iterable, Bind.ELEMENT, at)
        case With(items=items):
            for item in items:
                if item.target is not None:
                    yield from _targets(item.target, item.value, Bind.ENTERED, item.at)
        case ImportStmt(at=at, imports=numbers):
            for number in numbers:
                if imports[number].bound:
                    yield Binding(Bind.IMPORTED, imports[number].bound, at, number=number)
        case Define(at=at, scope=number):
            yield Binding(Bind.DEFINED, scopes[number].name, at, number=number)
        case Delete(at=at, targets=targets):
            for target in targets:
                yield from _targets(target, None, Bind.DELETED, at)
        case _:
            pass


def _named(body: Body) -> Iterable[Binding]:
    """Every `:=` of a body; comprehensions bind theirs in the surrounding scope too."""
    for node in nodes(body):
        if isinstance(node, NamedExpr):
            yield Binding(Bind.NAMED, node.target, node.at, node.value)


def collect(
    body: Body, scopes: tuple[Scope, ...], imports: tuple[Import, ...], named: bool
) -> tuple[dict[str, list[Binding]], dict[str, str]]:
    """All bindings of a body by name, and the names that `global`/`nonlocal` hand to an outer scope.

    `named` says whether there can be a `:=` in the body: looking for it costs more than everything else.
    """
    found: dict[str, list[Binding]] = {}
    outer: dict[str, str] = {}
    stack: list[Stmt] = list(reversed(body))
    while stack:
        statement = stack.pop()
        if isinstance(statement, Outer):
            outer.update(dict.fromkeys(statement.names, statement.kind))
        for binding in bindings_of(statement, scopes, imports):
            found.setdefault(binding.name, []).append(binding)
        stack.extend(reversed(_inner(statement, found)))
    for binding in _named(body) if named else ():
        found.setdefault(binding.name, []).append(binding)
    return found, outer


def _inner(statement: Stmt, found: dict[str, list[Binding]]) -> list[Stmt]:
    inner: list[Stmt] = []
    match statement:
        case If(body=body, orelse=orelse) | For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            inner = [*body, *orelse]
        case With(body=body):
            inner = list(body)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            inner = list(body)
            for handler in handlers:
                if handler.name:
                    binding = Binding(Bind.CAUGHT, handler.name, handler.at, handler.caught)
                    found.setdefault(handler.name, []).append(binding)
                inner += handler.body
            inner += [*orelse, *final]
        case Match(cases=cases):
            for case in cases:
                for name in case.captures:
                    found.setdefault(name, []).append(Binding(Bind.MATCHED, name, case.at))
                inner += case.body
        case _:
            pass
    return inner


@dataclass(frozen=True, slots=True)
class Flow:
    """Follows one name through a body up to a place."""

    name: str
    until: Span
    bound: State  # every binding of the name in the scope
    scopes: tuple[Scope, ...]
    imports: tuple[Import, ...]

    def reaching(self, body: Body, entry: State = ()) -> State:
        """The bindings that may hold at `until`."""
        state, _ = self._block(body, entry)
        return state

    def _block(self, body: Body, state: State) -> tuple[State, bool]:
        """The state after a block, or at the place; and whether the place was found or the block does not fall through."""
        until = self.until
        for statement in body:
            at = statement.at
            if at.end_line < until.line and not isinstance(statement, _ENDING) and not self._touches(at):
                continue  # most statements are neither the place nor bind the name
            if (at.line, at.column) >= (until.end_line, until.end_column):
                return state, True  # decorators and defaults belong to no statement's span: the place was before this one
            if contains(statement.at, self.until) and not isinstance(statement, Define):
                return self._inside(statement, state), True
            if isinstance(statement, Return | Raise) or (isinstance(statement, Simple) and statement.kind != "pass"):
                return state, True
            state, ended = self._over(statement, state)
            if ended:
                return state, True
        return state, False

    def _touches(self, at: Span) -> bool:
        """Whether any binding of the name stands on the lines of a statement."""
        for binding in self.bound:
            if at.line <= binding.at.line <= at.end_line:
                return True
        return False

    def _within(self, statement: Stmt) -> State:
        if not self._touches(statement.at):
            return ()
        return tuple(binding for binding in self.bound if contains(statement.at, binding.at))

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
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
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


def _union(*states: State) -> State:
    seen: dict[tuple[Span, Bind, tuple[int, ...]], Binding] = {}
    for state in states:
        for binding in state:
            seen.setdefault((binding.at, binding.how, binding.path), binding)
    return tuple(seen.values())


