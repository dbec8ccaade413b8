"""Names and attributes that are assigned from somewhere else: `global x`, `nonlocal x`, `app.state.db = Database()`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.code import Attribute, Expr, Name
from ..model.facts import ScopeKind
from ..model.location import Span
from . import classes
from .bindings import Bind, Binding
from .index import ScopeRef, enclosing_class, raw
from .lookups import entry
from .values import Frame, Instance, Module, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

Written = tuple[tuple[ScopeRef, Binding], ...]

_WORDS = (b"\xa6global", b"\xa8nonlocal")  # in msgpack; a body without them hands nothing out
MOST_WRITERS = 16  # functions that assign one name from elsewhere that are read


def handed(ev: Evaluator, ref: ScopeRef, name: str) -> Written:
    """What inner functions assign to a name of this module or function."""
    writers = entry(ev, "handed out", f"{ref.path}:{ref.scope}:{name}")
    return tuple(
        (writer, binding)
        for writer in writers
        for binding in ev.bindings(writer).get(name, ())
        if binding.how is not Bind.DELETED
    )


def handed_out(ev: Evaluator) -> dict[str, tuple[ScopeRef, ...]]:
    """Path, scope and name → the functions that assign to that name of that scope."""
    found: dict[str, list[ScopeRef]] = {}
    for path, facts in sorted(ev.index.python.items()):
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is not ScopeKind.FUNCTION or not any(word in raw(ev.index, ref) for word in _WORDS):
                continue
            for name, kind in sorted(ev.outer_names(ref).items()):
                owner = 0 if kind == "global" else _owner(ev, ref, name)
                found.setdefault(f"{path}:{owner}:{name}", []).append(ref)
    return {key: tuple(writers[:MOST_WRITERS]) for key, writers in found.items()}


def _owner(ev: Evaluator, ref: ScopeRef, name: str) -> int:
    """The nearest function around that binds a `nonlocal` name."""
    parent = ev.scope(ref).parent
    while parent > 0:
        above = ScopeRef(ref.path, parent)
        if name in ev.bindings(above) or any(p.name == name for p in ev.scope(above).params.items):
            return parent
        parent = ev.scope(above).parent
    return 0


def assigned(ev: Evaluator, name: str) -> Written:
    """Every `something.name = …` of the project but those on a method's own first parameter; () where too many."""
    writers = entry(ev, "assigned", name)
    if not writers or len(writers) > MOST_WRITERS:
        return ()
    return tuple(one for ref in writers for one in _of_scope(ev, ref, name))


def _of_scope(ev: Evaluator, ref: ScopeRef, name: str) -> Iterator[tuple[ScopeRef, Binding]]:
    params = ev.scope(ref).params.items
    own = f"{params[0].name}.{name}" if params and enclosing_class(ev.index, ref) is not None else ""
    for written, bound in ev.bindings(ref).items():
        if written.endswith(f".{name}") and written != own:
            yield from ((ref, b) for b in bound if b.how is Bind.VALUE)


def given(ev: Evaluator, owner: Value, name: str) -> Values:
    """What is assigned to an attribute of an object, or of a module, somewhere else in the project; () for nothing."""
    written = assigned(ev, name)
    if not written:
        return ()
    target = owner.cls if isinstance(owner, Instance) else owner

    def compute() -> Values:
        from .names import of_binding

        found: Values = ()
        for where, binding in written:
            if any(_same(ev, value, target) for value in ev.expr(_owner_of(binding), Frame(where))):
                found = join(found, of_binding(ev, binding, Frame(where)))
        return found

    return ev.remember(("given", target, name), compute, lambda: ())


def _same(ev: Evaluator, value: Value, target: Value | ScopeRef | str) -> bool:
    if isinstance(value, Instance):
        if isinstance(value.cls, ScopeRef) and isinstance(target, ScopeRef):
            return value.cls == target or value.cls in classes.bases(ev, target)
        return value.cls == target
    if isinstance(value, Module) and isinstance(target, Module):
        return value.path == target.path
    return value == target


def _owner_of(binding: Binding) -> Expr:
    """The expression before the last dot of what a binding writes to."""
    *parts, _ = binding.name.split(".")
    at = binding.at
    expr: Expr = Name(Span(at.line, at.column, at.line, at.column), parts[0])
    for number, part in enumerate(parts[1:], 1):
        expr = Attribute(Span(at.line, at.column, at.line, at.column + number), expr, part)
    return expr
