"""What a callee's value is → the functions of the project that calling it runs, and the library names it may be."""

from __future__ import annotations

from ...model.code import Attribute, Call, Expr, Name
from ...model.facts import ScopeKind
from .. import classes
from ..evaluate import Evaluator
from ..index import ScopeRef, enclosing_class
from ..values import ClassRef, External, Function, Instance, Value, Values
from .summary import Callee

_MAKING = ("__init__", "__new__", "__post_init__")


def callees(ev: Evaluator, callee: Expr, values: Values) -> tuple[list[Callee], list[str]]:
    """The functions that a call of this expression runs, and the library names that it may mean."""
    found: dict[Callee, None] = {}
    names: dict[str, None] = {}
    for value in values:
        if isinstance(value, External):
            names.setdefault(value.name)
            continue
        for one in called(ev, value, overridable=not _through_super(callee)):
            found.setdefault(one)
        if isinstance(value, ClassRef):
            _made_by_library(ev, value.ref, names)
    return list(found), list(names)


def _through_super(callee: Expr) -> bool:
    """`super().method()` means the one method that is found, whatever class the object is of."""
    match callee:
        case Attribute(value=Call(callee=Name(id="super"))):
            return True
        case _:
            return False


def called(ev: Evaluator, value: Value, *, overridable: bool = True) -> list[Callee]:
    """The functions of the project that calling a value runs."""
    match value:
        case Function(ref=ref, receiver=receiver):
            owner = _owner(receiver) if overridable else None
            return [Callee(ref.path, ref.scope, owner=owner if enclosing_class(ev.index, ref) else None)]
        case ClassRef(ref=ref):
            return [one for name in _MAKING for one in _method(ev, ref, name, "create")]
        case Instance(cls=ScopeRef() as ref):
            return _method(ev, ref, "__call__", "protocol")
        case _:
            return []


def _owner(receiver: Value | None) -> tuple[str, int] | None:
    """The class whose subclasses may override the method: none where the object was made as one of that class."""
    match receiver:
        case Instance(cls=ScopeRef(path, scope), made=None):
            return path, scope
        case _:
            return None


def _method(ev: Evaluator, cls: ScopeRef, name: str, how: str) -> list[Callee]:
    found = method_of(ev, cls, name)
    return [Callee(found.path, found.scope, how)] if found is not None else []


def method_of(ev: Evaluator, cls: ScopeRef, name: str, nth: int = 0) -> ScopeRef | None:
    """The function that a class of the project, or its nearest base that defines it, has under a name."""
    for base in classes.bases(ev, cls):
        if isinstance(base, str):
            continue
        numbers = [b.number for b in ev.bindings(base).get(name, ()) if b.number >= 0]
        scopes = ev.index.python[base.path].scopes
        functions = [number for number in numbers if scopes[number].kind is ScopeKind.FUNCTION]
        if functions:
            return ScopeRef(base.path, functions[min(nth, len(functions) - 1)])
    return None


def _made_by_library(ev: Evaluator, cls: ScopeRef, names: dict[str, None]) -> None:
    """A class whose nearest constructor is a library's calls that."""
    if method_of(ev, cls, "__init__") is None:
        for base in classes.bases(ev, cls):
            if isinstance(base, str):
                names.setdefault(base)
                return
