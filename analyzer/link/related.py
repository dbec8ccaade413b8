"""Models that point at each other → what the other side has: related managers and back references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..libraries import is_subclass
from ..model.code import Attribute, Call, Expr
from ..model.facts import ScopeKind
from . import orm, relationships, typehints
from .index import ScopeRef, call_at
from .library_types import Asked, values
from .lookups import entry
from .values import ClassRef, Const, External, Frame, Function, Instance, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

_FIELDS = ("django.db.models.ForeignKey", "django.db.models.OneToOneField", "django.db.models.ManyToManyField")
_ONE = "django.db.models.OneToOneField"
_MANAGER = "django.db.models.Manager"
_QUERYSET = "django.db.models.QuerySet"
_MODEL, _GET_MODEL = "django.db.models.Model", "django.apps.registry.Apps.get_model"
_QUERY, _ROW = "sqlalchemy.orm.Query", "sqlalchemy.Row"


@dataclass(frozen=True, slots=True)
class Back:
    """What an object has because another class points at its own."""

    name: str
    owner: ScopeRef  # the class that points
    single: bool  # at most one of its objects
    several: str = _MANAGER  # what more of them come in


def is_manager(ev: Evaluator, value: Instance) -> bool:
    """Whether a query set was made for use as a manager: by `as_manager()`, or by the class from `from_queryset()`."""
    from . import classes

    call = call_at(ev.index, value.made) if value.made is not None else None
    if call is not None and (_is_made(call, "as_manager") or _is_made(call.callee, "from_queryset")):
        return True
    own = classes.bases(ev, value.cls) if isinstance(value.cls, ScopeRef) else ()
    scopes = (ev.scope(ref) for ref in own if isinstance(ref, ScopeRef))
    return any(_is_made(base, "from_queryset") for scope in scopes for base in scope.bases)


def single(ev: Evaluator, found: Values) -> Values:
    """The project's manager alone where `Managers.from_queryset(Rows)()` gives an object of two classes."""
    made = {v.made for v in found if isinstance(v, Instance) and v.made is not None}
    for site in made if len(found) == 2 and len(made) == 1 else ():
        call = call_at(ev.index, site)
        if call is not None and _is_made(call.callee, "from_queryset"):
            return found[1:]
    return found


def _rows(ev: Evaluator, value: Instance) -> ScopeRef | None:
    """The class of the query sets that a manager was made for by `from_queryset(Rows)()`."""
    call = call_at(ev.index, value.made) if value.made is not None else None
    if call is None or value.made is None or not isinstance(call.callee, Call):
        return None
    if not _is_made(call.callee, "from_queryset") or not call.callee.args:
        return None
    frame = Frame(ScopeRef(value.made.path, ev.index.site(value.made).scope))
    return next((v.ref for v in ev.expr(call.callee.args[0], frame) if isinstance(v, ClassRef)), None)


def _is_made(expr: Expr, by: str) -> bool:
    return isinstance(expr, Call) and isinstance(expr.callee, Attribute) and expr.callee.name == by


def result(ev: Evaluator, target: External, call: Call, asked: Asked) -> Values | None:
    """What a call gives of which a type cannot tell; None for all others."""
    receiver = target.receiver
    if target.name in relationships.NAMES:
        return relationships.result(ev, call, asked)
    if target.name == "sqlalchemy.orm.Session.query" and len(call.args) > 1:
        return (Instance(_QUERY, asked.made, (Instance(_ROW, of=_first(ev, asked)),)),)
    if target.name == "sqlalchemy.orm.sessionmaker":
        given = next((k.value for k in call.keywords if k.name == "class_"), None)
        made = typehints.of_class(ev, ev.expr(given, asked.frame)) if given is not None else ()
        return (Instance(target.name, asked.made, made),)
    if target.name == _GET_MODEL:
        return _by_label(ev, call, asked)
    if target.name == f"{_QUERYSET}.as_manager" and isinstance(receiver, ClassRef):
        return (Instance(receiver.ref, asked.made),)
    if target.name.startswith(f"{_MANAGER}.") and isinstance(receiver, Instance) and isinstance(receiver.cls, ScopeRef):
        return _of_own_manager(ev, target, receiver, asked)
    return None


def _first(ev: Evaluator, asked: Asked) -> Values:
    return tuple(value for value in values(ev, "argument", asked) if isinstance(value, Instance))


def _by_label(ev: Evaluator, call: Call, asked: Asked) -> Values | None:
    """`apps.get_model("shop", "Order")` and `apps.get_model("shop.Order")`."""
    given = [ev.expr(arg, asked.frame) for arg in (*call.args, *(k.value for k in call.keywords))][:2]
    words = [v.value for values_ in given for v in values_ if isinstance(v, Const) and isinstance(v.value, str)]
    if not words or len(words) != len(given):
        return None
    ref = orm.named(ev, ".".join(words), asked.at.path, (_MODEL,))
    return (ClassRef(ref),) if ref is not None else None


def _of_own_manager(ev: Evaluator, target: External, receiver: Instance, asked: Asked) -> Values | None:
    """`objects.filter()` where the project's manager says itself what its query sets are."""
    from . import classes
    from .calling import call_function, operation

    known = operation(ev, target)
    if known is None or not known.returns.startswith(_QUERYSET) or target.name.endswith(".get_queryset"):
        return None
    assert isinstance(receiver.cls, ScopeRef)
    for own in classes.member(ev, receiver.cls, "get_queryset", receiver) or ():
        if isinstance(own, Function):
            found = call_function(ev, own, {}, asked.frame, asked.at)
            if found and all(isinstance(value, Instance) for value in found):
                held = receiver.of if known.returns.endswith("[item]") else ()
                return join(tuple(replace(v, of=v.of or held) for v in found if isinstance(v, Instance)))
    rows = _rows(ev, receiver)
    return (Instance(rows, asked.made, receiver.of),) if rows is not None else None


def back_reference(ev: Evaluator, ref: ScopeRef, name: str, receiver: Value | None) -> Values | None:
    """What an object has under a name because another class points at its own; None where none does."""
    from . import classes

    if not isinstance(receiver, Instance):
        return None
    rows = _rows(ev, receiver)
    if rows is not None and rows != ref:
        return classes.member(ev, rows, name, receiver)
    backs = entry(ev, "back", name)
    for base in classes.bases(ev, ref) if backs else ():
        found = [back for at, back in backs if at == base]
        if found:
            return join(*(_of_back(ev, back) for back in found))
    return None


def _of_back(ev: Evaluator, back: Back) -> Values:
    if back.single:
        return (Instance(back.owner),)
    if back.several != _MANAGER:
        return (Instance(back.several, of=(Instance(back.owner),)),)
    return manager_of(ev, back.owner)


def manager_of(ev: Evaluator, ref: ScopeRef) -> Values:
    """The manager of a model's objects: the project's own, where it is understood."""
    from . import classes

    own = classes.member(ev, ref, "objects", None) or ()
    known = tuple(value for value in own if isinstance(value, Instance) and value.of)
    return known or (Instance(_MANAGER, of=(Instance(ref),)),)


def back_references(ev: Evaluator) -> dict[str, tuple[tuple[ScopeRef, Back], ...]]:
    """Name → the classes that others point at under it."""
    table: dict[str, list[tuple[ScopeRef, Back]]] = {}
    for at, back in _backs(ev):
        table.setdefault(back.name, []).append((at, back))
    return {name: tuple(backs) for name, backs in table.items()}


def _backs(ev: Evaluator) -> Iterator[tuple[ScopeRef, Back]]:
    if _QUERY in ev.libraries.classes:
        for at, name, owner, single in relationships.backs(ev):
            yield at, Back(name, owner, single, "builtins.list")
    for name in _FIELDS if _MANAGER in ev.libraries.classes else ():
        for site in ev.index.sites.get(name.rpartition(".")[2], ()):
            owner = ScopeRef(site.path, ev.index.site(site).scope)
            call = call_at(ev.index, site) if site.path not in ev.index.tests else None
            if call is not None and ev.scope(owner).kind is ScopeKind.CLASS and not _migrates(ev, owner):
                yield from _of_field(ev, call, owner)


def _migrates(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a class is a migration: the fields in it are those of the models that it changes."""
    from . import classes

    return classes.derives(ev, ref, "django.db.migrations.Migration")


def _of_field(ev: Evaluator, call: Call, owner: ScopeRef) -> Iterator[tuple[ScopeRef, Back]]:
    frame = Frame(owner)
    said = next((k.value for k in call.keywords if k.name == "related_name"), None)
    for value in ev.expr(call, frame):
        if not isinstance(value, Instance) or not isinstance(value.cls, str):
            continue
        single = is_subclass(ev.libraries, value.cls, _ONE)
        for pointed in value.of:
            name = _back_name(ev, said, owner, single)
            if name and isinstance(pointed, Instance) and isinstance(pointed.cls, ScopeRef):
                yield pointed.cls, Back(name, owner, single)


def _back_name(ev: Evaluator, said: Expr | None, owner: ScopeRef, single: bool) -> str:
    """The name on the other side; "" where there is none, or where it is not a constant."""
    own = ev.scope(owner).name.lower()
    if said is None:
        return own if single else f"{own}_set"
    given = ev.expr(said, Frame(owner))
    text = given[0].value if len(given) == 1 and isinstance(given[0], Const) else ""
    if not isinstance(text, str) or text.endswith("+"):
        return ""
    return text.replace("%(class)s", own)
