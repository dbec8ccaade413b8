"""Classes that Strawberry makes types of → which they are, and which of them come in lists."""

from __future__ import annotations

from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, Const, External, Frame, Partial
from ..link.walk import dotted
from ..model.code import AnnAssign, Call, Define, Expr
from ..model.facts import ScopeKind
from .graphql_fields import listed
from .lists import items
from .sources import argument, code, definition

_OURS = ("strawberry.", "strawberry_django.")
_TYPES = frozenset({"type", "interface", "partial"})


def root_classes(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[list[ScopeRef], bool]:
    """The classes of a root type: one, or those that `merge_types("Query", (A, B))` puts together."""
    values = ev.expr(expr, frame)
    found = [value.ref for value in values if isinstance(value, ClassRef)]
    if found or (values and all(isinstance(v, Const) and v.value is None for v in values)):
        return found, True
    made = (expr, frame) if isinstance(expr, Call) else definition(ev, expr, frame)
    if made is not None and isinstance(made[0], Call) and dotted(made[0].callee).endswith("merge_types"):
        given = argument(ev, made[0], made[1], "types", 1)
        held = items(ev, given.expr, given.frame) if given.expr is not None else None
        parts = [root_classes(ev, one, where) for one, where in held.found] if held is not None else []
        return [ref for refs, _ in parts for ref in refs], held is not None and held.complete and all(
            s for _, s in parts
        )
    return [], False


def all_types(ev: Evaluator) -> Iterator[ScopeRef]:
    """Every class that a decorator makes a type that answers with fields."""
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            if scope.kind is ScopeKind.CLASS and scope.decorators:
                above = Frame(ScopeRef(path, scope.parent))
                made = [library_name(ev, one, above)[0] for one in scope.decorators]
                if any(name.rpartition(".")[2] in _TYPES for name in made):
                    yield ScopeRef(path, number)


def library_name(ev: Evaluator, expr: Expr, frame: Frame) -> tuple[str, Call | None]:
    """The name in Strawberry that an expression calls or is, and the call that brings its arguments; "" for others."""
    call = expr if isinstance(expr, Call) else None
    for value in ev.expr(call.callee if call is not None else expr, frame):
        if isinstance(value, Partial):
            inner = value.target
            if isinstance(inner, External) and inner.name.startswith(_OURS):
                return inner.name, value.call
        if isinstance(value, External) and value.name.startswith(_OURS):
            return value.name, call
    return "", None


def in_lists(ev: Evaluator, ref: ScopeRef) -> set[str]:
    """The types that come in lists, by the annotations in a class."""
    found: set[str] = set()
    for statement in body(ev.index, ref):
        match statement:
            case Define(scope=number):
                found.update(listed(ev.scope(ScopeRef(ref.path, number)).returns))
            case AnnAssign(annotation=annotation):
                found.update(listed(annotation))
            case _:
                pass
    return found
