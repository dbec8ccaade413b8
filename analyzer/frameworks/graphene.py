"""Graphene: schemas, the classes that are their types, and the fields and mutations that come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..link import classes
from ..link.declared import Declared
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, Const, External, Frame
from ..link.walk import dotted
from ..model.answer import Known
from ..model.code import Assign, Attribute, Call, Expr, Literal, Name
from ..model.endpoint import Input, Place
from ..model.facts import ScopeKind
from ..model.location import Location
from .evidence import NONE, merged
from .graphene_mutations import of_mutation
from .graphql_fields import ROOTS, Field, Whole, camel, declared, listed, of_class
from .graphql_limits import elsewhere
from .graphql_serving import serving
from .guards import Guards
from .objects import Made, objects
from .routes import of_function, of_reference
from .sources import HOLE, argument, code, uses, variable
from .views import functions

SCHEMAS = (
    "graphene.Schema", "graphene_federation.build_schema", "graphene_federation.main.build_schema",
    "graphene_federation.schema.build_schema",
)  # fmt: skip
# Keywords of a field that are no arguments of it (graphene/types/field.py, graphene_django/fields.py).
_OPTIONS = frozenset({
    "name", "description", "deprecation_reason", "required", "default_value", "resolver", "source", "args", "type_",
    "max_limit", "enforce_first_or_last", "on", "filterset_class", "fields", "extra_filter_meta", "of_type", "queryset",
    "batching", "connection_factory",
})  # fmt: skip
_PAGE = {"first": "Int", "last": "Int", "before": "String", "after": "String"}  # graphene/relay/connection.py
_BRINGS = frozenset({"DjangoFilterConnectionField", "SQLAlchemyConnectionField", "BatchSQLAlchemyConnectionField"})
_TYPES = ("ObjectType", "Interface", "Connection")
_WRAPS = frozenset({"Argument", "NonNull", "List"})


def declare(ev: Evaluator) -> Iterable[Declared]:
    """Every Graphene schema with the fields of its root types, in the order of their places."""
    if not uses(ev, "graphene", "graphene_django", "graphene_sqlalchemy", "graphene_federation"):
        return
    guards = Guards(ev)
    for made in objects(ev, SCHEMAS).made.values():
        yield declared(guards, _whole(guards, made))


def _whole(guards: Guards, made: Made) -> Whole:
    ev, fields, roots, hidden = guards.ev, list[Field](), set[ScopeRef](), ""
    off = argument(ev, made.call, made.frame, "auto_camelcase")
    written = isinstance(off.expr, Literal) and off.expr.value is False
    for position, root in enumerate(ROOTS):
        given = argument(ev, made.call, made.frame, root.lower(), position)
        values = ev.expr(given.expr, given.frame) if given.expr is not None else ()
        refs = [value.ref for value in values if isinstance(value, ClassRef)]
        none = all(isinstance(value, Const) and value.value is None for value in values)
        if given.hidden or not (refs or none) or not all(_understood(ev, ref) for ref in refs):
            hidden = hidden or "a root type that is made at run time"
        roots.update(base for ref in refs for base in classes.bases(ev, ref) if isinstance(base, ScopeRef))
        fields += [one for ref in refs for one in _fields(guards, ref, root, written)]
    in_lists: set[str] = set()
    for ref in _all_types(ev):
        for statement in body(ev.index, ref):
            in_lists.update(listed(statement.value) if isinstance(statement, Assign) else ())
        if ref not in roots:
            fields += [one for one in _fields(guards, ref, ev.scope(ref).name, written) if one.runs]
    name, at = variable(ev, made.site) or "schema", Location(made.site.path, made.call.at)
    served = serving(guards, "graphene", Known(True, (at,)), Known(1))
    limits = merged([served.limits, NONE if served.limits.found else elsewhere(ev)])
    return Whole(
        "graphene", f"{made.site.path}:{name}", name, at, tuple(fields), frozenset(in_lists), hidden, limits,
        served.masks, served,
    )  # fmt: skip


def _understood(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether all bases of a class are seen: those that a function makes at run time are not."""
    above = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    held = [ev.expr(base, above) for base in ev.scope(ref).bases]
    return all(values and all(isinstance(v, ClassRef | External) for v in values) for values in held)


def _all_types(ev: Evaluator) -> Iterator[ScopeRef]:
    """Every class that Graphene makes an object type or an interface of."""
    for path, facts in code(ev):
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is ScopeKind.CLASS and scope.bases and _is_type(ev, ref):
                yield ref


def _is_type(ev: Evaluator, ref: ScopeRef) -> bool:
    library = [base for base in classes.bases(ev, ref) if isinstance(base, str) and base.startswith("graphene")]
    return any(base.endswith(_TYPES) for base in library)


def _fields(guards: Guards, ref: ScopeRef, type_: str, written: bool) -> Iterator[Field]:
    """The fields of a class and its bases; the nearest of a name counts."""
    ev, seen = guards.ev, set[str]()
    for base in classes.bases(ev, ref):
        for statement in body(ev.index, base) if isinstance(base, ScopeRef) else ():
            match statement:
                case Assign(targets=(Name(id=name),), value=Call() as value) if not name.startswith("_"):
                    assert isinstance(base, ScopeRef)
                    if name not in seen and name != "Meta":
                        seen.add(name)
                        yield _field(guards, ref, base, name, value, type_, written)
                case _:
                    pass


def _field(guards: Guards, ref: ScopeRef, owner: ScopeRef, python: str, call: Call, type_: str, written: bool) -> Field:
    """`orders = graphene.List(Order)` with its `resolve_orders`, or `create = CreateOrder.Field()`."""
    ev, frame, at = guards.ev, Frame(owner), Location(owner.path, call.at)
    name = _text(ev, call, frame, "name") or (python if written else camel(python))
    if isinstance(call.callee, Attribute) and call.callee.name == "Field":
        for value in ev.expr(call.callee.value, frame):
            if isinstance(value, ClassRef):
                handler, runs, taken = of_mutation(guards, value.ref)
                inputs = tuple(one for name_, expr, where in taken for one in _input(ev, name_, expr, where, written))
                library = [base for base in classes.bases(ev, value.ref) if isinstance(base, str)]
                sure = all(base.startswith(("graphene.", "builtins.")) for base in library)
                return Field(type_, name, handler, at, inputs, False, NONE, runs, sure)
    handler, runs = of_class(ev, owner), tuple[ScopeRef, ...]()
    verb = "subscribe" if type_ == "Subscription" else "resolve"
    resolver = functions(ev, ref, (f"{verb}_{python}",)).get(f"{verb}_{python}")
    given = argument(ev, call, frame, "resolver")
    if given.expr is not None:
        # A field that is named as its resolver is: the class does not hold the name yet.
        same = isinstance(given.expr, Name) and given.expr.id == python
        where = Frame(ScopeRef(owner.path, ev.scope(owner).parent)) if same else given.frame
        found = of_reference(guards, given.expr, where)
        handler, runs = (found, (found.ref,)) if found.ref is not None else (handler, ())
    elif resolver is not None:
        above = Frame(ScopeRef(resolver.path, ev.scope(resolver).parent))
        handler, runs = of_function(guards, resolver, ev.scope(resolver).decorators, above), (resolver,)
    # `name=graphene.Argument(…)` is an argument of that name (graphene/types/field.py).
    said = [k for k in call.keywords if k.name and (k.name not in _OPTIONS or (k.name == "name" and _made(k.value)))]
    taken_ = [one for k in said for one in _input(ev, k.name or "", k.value, frame, written)]
    word = dotted(call.callee).rpartition(".")[2]
    if word.endswith("ConnectionField"):
        taken_ += [Input(name_, Place.BODY, kind, False, (), at) for name_, kind in _PAGE.items()]
    lists, sure = word in ("List", "DjangoListField"), not word.startswith("Filter") and word not in _BRINGS
    return Field(type_, name, handler, at, tuple(taken_), lists, NONE, runs, sure)


def _input(ev: Evaluator, python: str, expr: Expr, frame: Frame, written: bool) -> Iterator[Input]:
    """`id=graphene.ID(required=True)` and `ids=graphene.List(graphene.ID)` as an argument."""
    if not python or not isinstance(expr, Call):
        return
    word, kind = dotted(expr.callee).rpartition(".")[2], _kind(expr)
    required = word == "NonNull" or any(k.name == "required" and _is(k.value, True) for k in expr.keywords)
    name = _text(ev, expr, frame, "name") or (python if written else camel(python))
    yield Input(name, Place.BODY, kind, required, (), Location(frame.ref.path, expr.at))


def _made(expr: Expr) -> bool:
    return isinstance(expr, Call)


def _kind(expr: Expr) -> str:
    """The words of a type: `List(NonNull(Int))` → "list[Int]"."""
    if not isinstance(expr, Call):
        return dotted(expr).rpartition(".")[2] or HOLE
    word = dotted(expr.callee).rpartition(".")[2]
    if word not in _WRAPS or not expr.args:
        return word
    return f"list[{_kind(expr.args[0])}]" if word == "List" else _kind(expr.args[0])


def _is(expr: Expr, value: object) -> bool:
    return isinstance(expr, Literal) and expr.value is value


def _text(ev: Evaluator, call: Call, frame: Frame, keyword: str) -> str:
    given = argument(ev, call, frame, keyword)
    values = ev.expr(given.expr, given.frame) if given.expr is not None else ()
    return next((v.value for v in values if isinstance(v, Const) and isinstance(v.value, str)), "")
