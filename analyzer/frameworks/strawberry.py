"""Strawberry: schemas, the classes that are their types, and the fields that come out, with Django's helpers beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import Const, Frame
from ..link.walk import dotted
from ..model.code import AnnAssign, Assign, Call, Define, Expr, Name, Subscript
from ..model.facts import ScopeKind
from ..model.location import Location
from .evidence import NONE, Evidence, merged
from .graphql_fields import ROOTS, Field, Whole, arguments, camel, declared, is_list, of_class
from .graphql_guards import of_list
from .graphql_limits import MASKING, NO_INTROSPECTION, QUERY_LIMIT, elsewhere, explained
from .graphql_serving import at_most, maker, serving, tells
from .guards import Guards
from .objects import Made, objects
from .routes import of_function, of_reference
from .sources import argument, uses, variable
from .strawberry_types import all_types, in_lists, library_name, root_classes
from .type_words import type_words

SCHEMAS = ("strawberry.Schema", "strawberry.federation.Schema")
_GIVEN = frozenset(
    {"self", "root", "info", "cls"}
)  # what Strawberry gives by name (strawberry/types/fields/resolver.py)
_PAGED = ("connection", "paginated")  # what cuts a list into pages, 100 long at most (strawberry/relay/utils.py)
_PLAIN = frozenset({"staticmethod", "property", "cached_property", "classmethod", "classproperty", "abstractmethod"})


@dataclass(frozen=True, slots=True)
class _Types:
    """How one schema reads its classes."""

    guards: Guards
    camel: bool

    def name(self, python: str) -> str:
        return camel(python) if self.camel else python


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Strawberry schema with the fields of its root types, in the order of their places."""
    if not uses(ev, "strawberry", "strawberry_django"):
        return
    guards = Guards(ev)
    for made in objects(ev, SCHEMAS).made.values():
        yield declared(guards, _whole(guards, made))


def _whole(guards: Guards, made: Made) -> Whole:
    ev = guards.ev
    config = argument(ev, made.call, made.frame, "config")
    types = _Types(guards, _camel(ev, config.expr, config.frame))
    fields: list[Field] = []
    roots: set[ScopeRef] = set()
    hidden = ""
    for position, root in enumerate(ROOTS):
        given = argument(ev, made.call, made.frame, root.lower(), position)
        found, sure = root_classes(ev, given.expr, given.frame) if given.expr is not None else ([], not given.hidden)
        hidden = hidden or ("" if sure else "a root type that is not understood")
        roots.update(base for ref in found for base in classes.bases(ev, ref) if isinstance(base, ScopeRef))
        fields += [one for ref in found for one in _fields(types, ref, root)]
    listed_types: set[str] = set()
    for ref in all_types(ev):
        listed_types |= in_lists(ev, ref)
        if ref not in roots:
            fields += [one for one in _fields(types, ref, ev.scope(ref).name) if one.runs]
    extensions = argument(ev, made.call, made.frame, "extensions")
    told = {
        kind: explained(ev, extensions.expr, extensions.frame, kind) if extensions.expr is not None else NONE
        for kind in (QUERY_LIMIT, MASKING, NO_INTROSPECTION)
    }
    name = variable(ev, made.site) or "schema"
    at = Location(made.site.path, made.call.at)
    served = serving(guards, "strawberry", tells(ev, told[NO_INTROSPECTION], at), at_most(ev, config))
    limits = (
        told[QUERY_LIMIT] if told[QUERY_LIMIT].found else merged([told[QUERY_LIMIT], elsewhere(ev, imported=False)])
    )
    return Whole(
        "strawberry", f"{made.site.path}:{name}", name, at, tuple(fields), frozenset(listed_types), hidden,
        merged([limits, served.limits]), merged([told[MASKING], served.masks]), served,
    )  # fmt: skip


def _camel(ev: Evaluator, config: Expr | None, frame: Frame) -> bool:
    """`StrawberryConfig(auto_camel_case=False)`."""
    made = maker(ev, config, frame) if config is not None else None
    given = argument(ev, *made, "auto_camel_case") if made is not None else None
    values = ev.expr(given.expr, given.frame) if given is not None and given.expr is not None else ()
    return not any(isinstance(v, Const) and v.value is False for v in values)


def _fields(types: _Types, ref: ScopeRef, type_: str) -> Iterator[Field]:
    """The fields of a class and its bases; the nearest of a name counts."""
    ev, seen = types.guards.ev, set[str]()
    for base in classes.bases(ev, ref):
        for statement in body(ev.index, base) if isinstance(base, ScopeRef) else ():
            assert isinstance(base, ScopeRef)
            for python, found in _statement(types, base, statement, type_):
                if python not in seen:
                    seen.add(python)
                    yield found


def _statement(types: _Types, owner: ScopeRef, statement: object, type_: str) -> Iterator[tuple[str, Field]]:
    match statement:
        case Define(scope=number):
            ref = ScopeRef(owner.path, number)
            scope = types.guards.ev.scope(ref)
            if scope.kind is ScopeKind.FUNCTION and _is_field(types.guards.ev, owner, scope.decorators):
                yield scope.name, _method(types, owner, ref, type_)
        case AnnAssign(target=Name(id=name), annotation=annotation, value=value):
            if not name.startswith("_") and not _private(annotation):
                yield name, _attribute(types, owner, statement, name, annotation, value, type_)
        case Assign(targets=(Name(id=name),), value=Call() as value) if not name.startswith("_"):
            if library_name(types.guards.ev, value, Frame(owner))[0]:
                yield name, _attribute(types, owner, statement, name, None, value, type_)


def _is_field(ev: Evaluator, owner: ScopeRef, decorators: tuple[Expr, ...]) -> bool:
    """Strawberry's decorator, or one of the project's own that stands for it."""
    if any(library_name(ev, one, Frame(owner))[0] for one in decorators):
        return True
    words = {dotted(one.callee if isinstance(one, Call) else one).rpartition(".")[2] for one in decorators}
    return bool(decorators) and words.isdisjoint(_PLAIN)


def _private(annotation: Expr) -> bool:
    owner = annotation.value if isinstance(annotation, Subscript) else annotation
    return dotted(owner).rpartition(".")[2] in ("Private", "ClassVar", "InitVar")


def _method(types: _Types, owner: ScopeRef, ref: ScopeRef, type_: str) -> Field:
    """`@strawberry.field def orders(self, info) -> list[Order]`."""
    ev = types.guards.ev
    scope, frame = ev.scope(ref), Frame(owner)
    made = [(one, *library_name(ev, one, frame)) for one in scope.decorators]
    calls = [call for _, name, call in made if name and call is not None]
    rest = tuple(one for one, name, _ in made if not name and dotted(one) not in _PLAIN)
    handler = of_function(types.guards, ref, rest, frame)
    guards = merged(_guards(types.guards, call, frame) for call in calls)
    name = next(filter(None, (_named(ev, call, frame) for call in calls)), "") or types.name(scope.name)
    paged = any(made_by.endswith(_PAGED) for _, made_by, _ in made)
    many = is_list(type_words(ev, scope.returns, frame)) and not paged
    given = arguments(ev, ref, _GIVEN, plain=not types.camel)
    at = Location(ref.path, scope.decorators[0].at)
    return Field(type_, name, handler, at, given, many, guards, (ref,))


def _attribute(
    types: _Types, owner: ScopeRef, statement: AnnAssign | Assign, python: str, annotation: Expr | None,
    value: Expr | None, type_: str,
) -> Field:  # fmt: skip
    """`orders: list[Order] = strawberry.field(resolver=all_orders)`, or a field that is read of an object."""
    ev, frame = types.guards.ev, Frame(owner)
    handler, name, guards = of_class(ev, owner), "", NONE
    call = library_name(ev, value, frame)[1] if value is not None else None
    if call is not None:
        given = argument(ev, call, frame, "resolver", 0)
        if given.expr is not None and not isinstance(value, Name):
            handler = of_reference(types.guards, given.expr, given.frame)
        name, guards = _named(ev, call, frame), _guards(types.guards, call, frame)
    runs = (handler.ref,) if handler.ref is not None and ev.scope(handler.ref).kind is ScopeKind.FUNCTION else ()
    if not runs:
        handler = of_class(ev, owner)
    words = type_words(ev, annotation or (ev.scope(runs[0]).returns if runs else None), frame)
    taken = arguments(ev, runs[0], _GIVEN, plain=not types.camel) if runs else ()
    at = Location(owner.path, statement.at)
    return Field(type_, name or types.name(python), handler, at, taken, is_list(words), guards, runs)


def _named(ev: Evaluator, call: Call, frame: Frame) -> str:
    given = argument(ev, call, frame, "name")
    values = ev.expr(given.expr, given.frame) if given.expr is not None else ()
    return next((v.value for v in values if isinstance(v, Const) and isinstance(v.value, str)), "")


def _guards(guards: Guards, call: Call, frame: Frame) -> Evidence:
    """What `permission_classes=[…]` and `extensions=[…]` ask."""
    given = [argument(guards.ev, call, frame, name) for name in ("permission_classes", "extensions")]
    return merged(of_list(guards, one.expr, one.frame) for one in given if one.expr is not None)
