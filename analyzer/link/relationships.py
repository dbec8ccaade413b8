"""SQLAlchemy's `relationship()` without an annotation → what it leads to: one object or a list, by its foreign keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model.code import Attribute, Call, Expr, Literal, Name
from ..model.facts import ScopeKind
from ..model.location import Location
from . import orm
from .index import ScopeRef, call_at
from .library_types import Asked
from .values import ClassRef, Const, Frame, Instance, Values, join
from .walk import dotted, nodes

if TYPE_CHECKING:
    from .evaluate import Evaluator

NAMES = frozenset({"sqlalchemy.orm.relationship", "flask_sqlalchemy.SQLAlchemy.relationship"})
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<!^)(?=[A-Z][a-z])")


def result(ev: Evaluator, call: Call, asked: Asked) -> Values:
    """What `relationship(…)` makes, with what it leads to if that can be told."""
    pointed = _pointed(ev, asked)
    many = _many(ev, call, asked.frame.ref, pointed)
    held: Values = ()
    if pointed and many is not None:
        held = tuple(Instance(value.ref) for value in pointed)
        dynamic = getattr(_keyword(call, "lazy"), "value", None) == "dynamic"
        if many:
            held = (Instance("sqlalchemy.orm.Query" if dynamic else "builtins.list", of=held),)
    return (Instance("sqlalchemy.orm.Relationship", asked.made, held),)


def _pointed(ev: Evaluator, asked: Asked) -> tuple[ClassRef, ...]:
    found = join(*(orm.meant(ev, value, asked) for value in asked.argument()))
    return tuple(value for value in found if isinstance(value, ClassRef))


def _keyword(call: Call, name: str) -> Expr | None:
    return next((k.value for k in call.keywords if k.name == name), None)


def _many(ev: Evaluator, call: Call, owner: ScopeRef, pointed: tuple[ClassRef, ...]) -> bool | None:
    """Whether a relationship leads to a list; None where neither the call nor a foreign key tells."""
    said = _keyword(call, "uselist")
    if isinstance(said, Literal) and isinstance(said.value, bool):
        return said.value
    if _keyword(call, "secondary") is not None or _keyword(call, "collection_class") is not None:
        return True
    if len(pointed) != 1 or ev.scope(owner).kind is not ScopeKind.CLASS:
        return None
    other = pointed[0].ref
    if other == owner:
        return _keyword(call, "remote_side") is None
    there, back = _refers(ev, owner, other), _refers(ev, other, owner)
    return None if there == back else back


def _refers(ev: Evaluator, ref: ScopeRef, other: ScopeRef) -> bool:
    """Whether a class has a foreign key to the table of another one."""
    from .classes import bases

    lineage = [base for base in bases(ev, other) if isinstance(base, ScopeRef)]
    tables = {name for base in lineage for name in _tables(ev, base)}
    own = [base for base in bases(ev, ref) if isinstance(base, ScopeRef)]
    return any(_points(ev, column, base, other, tables) for base in own for column in _foreign(ev, base))


def _points(ev: Evaluator, column: Expr, where: ScopeRef, other: ScopeRef, tables: set[str]) -> bool:
    """Whether the column that a foreign key names is one of these tables' or of the class."""
    match column:
        case Literal(value=str(text)):
            return text.rpartition(".")[0] in tables
        case Attribute(value=owner):
            return ClassRef(other) in ev.expr(owner, Frame(where))
        case _:
            return False


def _tables(ev: Evaluator, ref: ScopeRef) -> Iterator[str]:
    """The table of a class: as it says, or as Flask-SQLAlchemy makes it up of the class's name."""
    bound = ev.bindings(ref).get("__tablename__")
    for binding in bound or ():
        if binding.expr is not None:
            yield from (str(v.value) for v in ev.expr(binding.expr, Frame(ref)) if isinstance(v, Const))
    if not bound:
        yield _WORDS.sub("_", ev.scope(ref).name).lower()


def _foreign(ev: Evaluator, ref: ScopeRef) -> Iterator[Expr]:
    """What the foreign keys of a class's columns point at, as written."""
    for bound in ev.bindings(ref).values():
        for binding in bound:
            for node in nodes(binding.expr) if binding.expr is not None else ():
                if isinstance(node, Call) and dotted(node.callee).rpartition(".")[2] == "ForeignKey" and node.args:
                    yield node.args[0]


def backs(ev: Evaluator) -> Iterator[tuple[ScopeRef, str, ScopeRef, bool]]:
    """The relationships that give their other side an attribute: class, name, what it leads to, whether to one."""
    for site in ev.index.sites.get("relationship", ()):
        owner = ScopeRef(site.path, ev.index.site(site).scope)
        call = call_at(ev.index, site) if site.path not in ev.index.tests else None
        said = _keyword(call, "backref") if call is not None else None
        if call is None or said is None or ev.scope(owner).kind is not ScopeKind.CLASS or not call.args:
            continue
        pointed = _pointed(ev, _asked(ev, call, owner))
        name, single = _backref(said)
        many = _many(ev, call, owner, pointed)
        if single is None and many is not None:
            single = many and _keyword(call, "secondary") is None
        for value in pointed if name and single is not None else ():
            yield value.ref, name, owner, bool(single)


def _asked(ev: Evaluator, call: Call, owner: ScopeRef) -> Asked:
    frame = Frame(owner)
    return Asked(Location(owner.path, call.at), frame, argument=lambda: ev.expr(call.args[0], frame))


def _backref(said: Expr) -> tuple[str, bool | None]:
    """The name of the other side, and whether it leads to one object, as far as that is said."""
    match said:
        case Literal(value=str(name)):
            return name, None
        case Call(callee=Name(id="backref") | Attribute(name="backref"), args=(Literal(value=str(name)), *_)):
            many = _keyword(said, "uselist")
            return name, not many.value if isinstance(many, Literal) else None
        case _:
            return "", None
