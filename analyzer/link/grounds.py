"""An expression where it stands → what says what it is: bindings, callers, assignments, the makers of its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Name, Param, Subscript
from ..model.facts import ScopeKind
from ..model.location import Location, Span
from ..model.taken import Ground
from . import classes, names, parameters
from .bindings import Bind, Binding
from .index import ScopeRef, SiteRef
from .inner import innermost
from .occurrences import Occurrence
from .values import (
    ClassRef,
    Container,
    External,
    Frame,
    Function,
    Instance,
    Lambda,
    Module,
    Opaque,
    Partial,
    Txt,
    Value,
    Values,
)  # fmt: skip
from .walk import contains

if TYPE_CHECKING:
    from .evaluate import Evaluator

HOW = {
    Bind.VALUE: "assigned",
    Bind.NAMED: "assigned by `:=`",
    Bind.ITEM: "unpacked",
    Bind.ANNOTATED: "annotated",
    Bind.ADDED: "added to",
    Bind.ELEMENT: "one of what is looped over",
    Bind.ENTERED: "entered by `with`",
    Bind.CAUGHT: "caught",
    Bind.IMPORTED: "imported",
    Bind.DEFINED: "defined",
    Bind.REST: "unpacked",
    Bind.MATCHED: "bound",
    Bind.PARAMETER: "a parameter of the lambda",
    Bind.DELETED: "deleted",
}


def grounds(ev: Evaluator, found: Occurrence, values: Values) -> tuple[Ground, ...]:
    """What speaks for the values of an expression, the nearest first: one of each line, and none of its own."""
    every = [*_of_expression(ev, found), *(ground for value in values for ground in _of_value(ev, value, found))]
    seen: dict[object, Ground] = {}
    for ground in every:
        seen.setdefault(ground.message if ground.at is None else _line(ground.at), ground)
    seen.pop(_line(Location(found.scope.path, found.expr.at)), None)
    return tuple(seen.values())


def _line(at: Location) -> tuple[str, int]:
    return at.path, at.span.line


def _of_expression(ev: Evaluator, found: Occurrence) -> Iterator[Ground]:
    match found.expr, found.by:
        case _, Param() as param:
            yield from _of_parameter(ev, found.scope, param)
        case Name(id=name), None:
            for where, by in bound_by(ev, name, found.scope, found.expr.at):
                if isinstance(by, Param):
                    yield from _of_parameter(ev, where, by)
                else:
                    yield Ground(HOW[by.how], Location(where.path, by.at))
        case Attribute(value=owner, name=name), None:
            for value in ev.expr(owner, Frame(found.scope)):
                yield from _of_member(ev, value, name)
        case Call(callee=callee), None:
            for value in ev.expr(callee, Frame(found.scope)):
                if isinstance(value, Function):
                    yield _defined(ev, value.ref, "what is returned by")
        case Subscript(), None:
            return
        case _, Binding() | _:
            return


def bound_by(ev: Evaluator, name: str, ref: ScopeRef, at: Span) -> tuple[tuple[ScopeRef, Binding | Param], ...]:
    """The bindings and parameters that may give a name its value at a place of a scope, innermost scope first."""
    within = innermost(ev.inner_names(ref).get(name, ()), at)
    if within is not None:
        return ((ref, within),)
    facts = ev.index.python[ref.path]
    handed = ev.outer_names(ref).get(name)
    if handed is None and (own := _binders(ev, name, ref)):
        given = tuple(param for param in own if isinstance(param, Param))
        entry = tuple(Binding(Bind.MATCHED, name, param.at) for param in given)
        state = names.reaching(ev, name, at, Frame(ref), entry)
        reached: list[Binding | Param] = [*given] if set(entry) & set(state) else []
        reached += sorted((b for b in state if b not in entry), key=lambda b: b.at)
        return tuple((ref, by) for by in reached or own)
    parent = 0 if handed == "global" else facts.scopes[ref.scope].parent
    while parent >= 0:
        above = ScopeRef(ref.path, parent)
        if facts.scopes[parent].kind is not ScopeKind.CLASS and (own := _binders(ev, name, above)):
            return tuple((above, by) for by in own)
        parent = facts.scopes[parent].parent
    return ()


def _binders(ev: Evaluator, name: str, ref: ScopeRef) -> list[Binding | Param]:
    params = [param for param in ev.scope(ref).params.items if param.name == name]
    return [*params, *ev.bindings(ref).get(name, ())]


def _of_parameter(ev: Evaluator, ref: ScopeRef, param: Param) -> Iterator[Ground]:
    annotated = ", annotated" if param.annotation is not None else ""
    yield Ground(f"a parameter of `{ev.scope(ref).name}`{annotated}", Location(ref.path, param.at))
    for site in parameters.callers(ev, ref):
        yield _site(ev, "called", site)


def _of_member(ev: Evaluator, value: Value, name: str) -> Iterator[Ground]:
    """Where a class or the methods of its instances give an attribute its value, over all bases."""
    match value:
        case Instance(cls=ScopeRef() as ref) | ClassRef(ref=ref):
            pass
        case Module(path=path) if path:
            for by in ev.bindings(ScopeRef(path, 0)).get(name, ()):
                yield Ground(HOW[by.how], Location(path, by.at))
            return
        case _:
            return
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        cells = [(base, binding) for binding in ev.bindings(base).get(name, ())]
        cells += classes.self_assignments(ev, base).get(name, [])
        for where, binding in cells:
            yield Ground(f"{HOW[binding.how]} in `{ev.scope(where).qualname}`", Location(where.path, binding.at))
        if cells:
            return


def _of_value(ev: Evaluator, value: Value, found: Occurrence) -> Iterator[Ground]:
    """Where a value comes from: the call that made it, its definition, the library's model, or where it was lost."""
    match value:
        case Instance(cls=cls, made=made):
            if made is not None:
                yield _site(ev, "made", made)
            yield from (_described(ev, cls) if isinstance(cls, str) else (_defined(ev, cls, "class"),))
        case External(name=name):
            yield from _described(ev, name)
        case ClassRef(ref=ref) | Function(ref=ref):
            yield _defined(ev, ref, "definition of")
        case Container(at=at) | Txt(at=at) | Lambda(at=at) | Partial(at=at):
            yield Ground("written", at)
        case Opaque(at=at, written=written, trace=trace):
            if at.path and not (at.path == found.scope.path and contains(at.span, found.expr.at)):
                yield Ground(f"not known: {written}" if written else "not known", at)
            yield from (Ground(step.message, step.at) for step in trace)
        case _:
            return


def _site(ev: Evaluator, what: str, site: SiteRef) -> Ground:
    return Ground(what, Location(site.path, ev.index.site(site).at))


def _defined(ev: Evaluator, ref: ScopeRef, what: str) -> Ground:
    scope = ev.scope(ref)
    return Ground(f"{what} `{scope.qualname}`", Location(ref.path, scope.name_at))


def _described(ev: Evaluator, name: str) -> Iterator[Ground]:
    """The library model that speaks of a name, or of the class that the name is a member of."""
    known = ev.libraries.owner.get(name) or ev.libraries.owner.get(name.rpartition(".")[0])
    if known is not None:
        yield Ground(f"by the library model of {known}")
