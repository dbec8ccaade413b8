"""What is given to a library where a class is meant → the class: itself, by its name, or the project's own user."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..libraries import canonical, lineage
from ..model.facts import ScopeKind
from . import classes
from .index import ScopeRef, nearest
from .library_types import Asked, said, values
from .lookups import entry
from .values import ClassRef, Const, External, Instance, Value, Values

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Django's user is whatever class the setting names (django/contrib/auth/__init__.py, get_user_model).
_USER = "django.contrib.auth.models.User"
_MODEL = "django.db.models.Model"
_USER_SETTING = "django.conf.settings.AUTH_USER_MODEL"


def meant(ev: Evaluator, value: Value, asked: Asked) -> Values:
    """The class that an argument is or names, or what it is an instance of; () where that cannot be told."""
    match value:
        case ClassRef():
            return (value,)
        case External(name=name) if name == _USER_SETTING:
            return user(ev) or (Instance(_USER),)
        case External(name=name, receiver=None):
            return (External(canonical(ev.libraries, name)),)
        case Const(value=str(name)) if name == "self":
            return (ClassRef(asked.frame.ref),) if ev.scope(asked.frame.ref).kind is ScopeKind.CLASS else ()
        case Const(value=str(name)):
            ref = named(ev, name, asked.frame.ref.path, _like(ev, asked.frame.ref))
            return (ClassRef(ref),) if ref is not None else ()
        case Instance():
            text = said(ev, value, "read")
            itself = Instance(value.cls, of=value.of)
            return values(ev, text, Asked(asked.at, asked.frame, value)) if text else (itself,)
        case _:
            return ()


def swapped(ev: Evaluator, name: str) -> Values:
    """The project's class where a library means "whatever class the project has for this"; () for other names."""
    return tuple(Instance(value.ref) for value in user(ev)) if name == _USER else ()


def user(ev: Evaluator) -> tuple[ClassRef, ...]:
    """The project's own class for Django's users; () where it has none, or several and no setting says which."""
    return tuple(ClassRef(ref) for ref in entry(ev, "user", _USER))


def users(ev: Evaluator) -> dict[str, tuple[ScopeRef, ...]]:
    """The class that the setting AUTH_USER_MODEL names, where all settings name one."""
    from . import names

    settled: set[ScopeRef] = set()
    for path, facts in sorted(ev.index.python.items()):
        if "AUTH_USER_MODEL" in facts.names and path not in ev.index.tests:
            for value in names.member(ev, path, "AUTH_USER_MODEL") or ():
                if isinstance(value, Const) and isinstance(value.value, str):
                    ref = named(ev, value.value, path, (_MODEL,))
                    settled |= {ref} if ref is not None else set()
    return {_USER: tuple(settled)} if len(settled) == 1 else {}


def named(ev: Evaluator, text: str, path: str, like: tuple[str, ...]) -> ScopeRef | None:
    """The class of the project that a text names: "User", "accounts.User" or "shop.accounts.models.User".

    Of several classes by that name, one that derives from the same library as whoever names it.
    """
    label, _, name = text.rpartition(".")
    found = entry(ev, "class", name)
    if len(found) > 1:
        found = tuple(ref for ref in found if classes.derives(ev, ref, *like)) or found
    if label and len(found) > 1:
        words = set(label.lower().split("."))
        found = tuple(ref for ref in found if words & set(ref.path.lower().replace(".py", "").split("/")))
    if not label and len(found) > 1:
        best = nearest([ref.path for ref in found], path)
        found = tuple(ref for ref in found if ref.path == best)
    return found[0] if len(found) == 1 else None


def _like(ev: Evaluator, ref: ScopeRef) -> tuple[str, ...]:
    """The library classes that a class derives from."""
    if ev.scope(ref).kind is not ScopeKind.CLASS:
        return ()
    above = (base for base in classes.bases(ev, ref) if isinstance(base, str))
    return tuple(name for base in above for name, _ in lineage(ev.libraries, base) if name != "builtins.object")


def classes_by_name(ev: Evaluator) -> dict[str, tuple[ScopeRef, ...]]:
    """Every class at the top of a module, by name; test code left out."""
    table: dict[str, list[ScopeRef]] = defaultdict(list)
    for path, facts in sorted(ev.index.python.items()):
        for number, scope in enumerate(facts.scopes):
            if scope.kind is ScopeKind.CLASS and scope.parent == 0 and path not in ev.index.tests:
                table[scope.name].append(ScopeRef(path, number))
    return {name: tuple(refs) for name, refs in table.items()}
