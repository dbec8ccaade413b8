"""Endpoints and serializers → rows of a table that are answered as they are, secret columns and all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..model.answer import Known
from ..model.api import GivenAway
from ..model.code import Literal, Return
from ..model.endpoint import App, Endpoint
from ..model.facts import ScopeKind
from ..model.location import Location
from . import classes
from .evaluate import Evaluator
from .index import ScopeRef, body
from .tables_of import TABLES
from .values import ClassRef, Frame, Instance, Value
from .walk import statements

_SQLMODEL = ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
_USERS = (
    "django.contrib.auth.models.AbstractUser", "django.contrib.auth.base_user.AbstractBaseUser",
    "django.contrib.auth.models.AbstractBaseUser", "django.contrib.auth.models.User",
)  # fmt: skip
_SERIALIZERS = ("rest_framework.serializers.ModelSerializer",)
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|secret|salt|(?:private|api|account|secret)_key|apikey|otp|totp|ssn|iban|card_number)"
    r"(?:_|$)"
    r"|(?:access|refresh|auth|reset|session|api|bearer)_?token$|^token$|(?:token|key)_hash$",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"_(?:at|on|date|time|count|expires?|expiry|required|enabled|policy|length|id|hint)$")
_DUMPED = frozenset({"fastapi"})  # frameworks that turn an object into JSON by its attributes


def given_away(ev: Evaluator, apps: Iterable[App], served: Mapping[str, tuple[ScopeRef, ...]]) -> Iterator[GivenAway]:
    """Every answer that is a row as it is; `served` holds the functions of each endpoint's name."""
    for app in apps:
        for endpoint in app.endpoints:
            if endpoint.framework in _DUMPED and isinstance(endpoint.response, Known):
                names = [f"{method} {endpoint.path}" for method in endpoint.methods]
                yield from _returned(ev, endpoint, {ref for name in names for ref in served.get(name, ())})
    for path, facts in sorted(ev.index.python.items()):
        words = {*facts.names, *facts.attributes}
        if path not in ev.index.tests and not words.isdisjoint(("serializers", "ModelSerializer")):
            for number, scope in enumerate(facts.scopes):
                if scope.kind is ScopeKind.CLASS:
                    yield from _serialized(ev, ScopeRef(path, number))


def _returned(ev: Evaluator, endpoint: Endpoint, functions: Iterable[ScopeRef]) -> Iterator[GivenAway]:
    """What a handler returns where no model shapes the answer."""
    assert isinstance(endpoint.response, Known)
    if endpoint.response.value:
        return
    for ref in sorted(functions, key=lambda ref: (ref.path, ref.scope)):
        for statement in statements(body(ev.index, ref)):
            if isinstance(statement, Return) and statement.value is not None:
                for table in _tables(ev, ev.expr(statement.value, Frame(ref))):
                    at, name = Location(ref.path, statement.at), ev.scope(table).name
                    yield GivenAway(at, name, secret_columns(ev, table), "returned")
                    break


def _tables(ev: Evaluator, values: Iterable[Value]) -> Iterator[ScopeRef]:
    """The table classes among values, and among what lists of them hold."""
    for value in values:
        if isinstance(value, Instance) and isinstance(value.cls, ScopeRef):
            if _is_table(ev, value.cls):
                yield value.cls
        elif isinstance(value, Instance) and value.cls in ("builtins.list", "collections.abc.Sequence"):
            yield from _tables(ev, value.of)


def _is_table(ev: Evaluator, ref: ScopeRef) -> bool:
    if not classes.derives(ev, ref, *TABLES):
        return False
    if not classes.derives(ev, ref, *_SQLMODEL):
        return True
    return any(
        name == "table" and isinstance(given, Literal) and given.value is True for name, given in ev.scope(ref).keywords
    )


def _serialized(ev: Evaluator, ref: ScopeRef) -> Iterator[GivenAway]:
    """A DRF serializer whose `Meta.fields` is "__all__"."""
    if not classes.derives(ev, ref, *_SERIALIZERS) or _writes_itself(ev, ref):
        return  # one that writes its answer by hand may leave out what it likes
    for binding in ev.bindings(ref).get("Meta", ()):
        meta = ScopeRef(ref.path, binding.number) if binding.number >= 0 else None
        if meta is None or ev.scope(meta).kind is not ScopeKind.CLASS:
            continue
        given = [b.expr for b in ev.bindings(meta).get("fields", ()) if b.expr is not None]
        models = [b.expr for b in ev.bindings(meta).get("model", ()) if b.expr is not None]
        if not (given and isinstance(given[-1], Literal) and given[-1].value == "__all__" and models):
            continue
        for value in ev.expr(models[-1], Frame(meta)):
            if isinstance(value, ClassRef):
                # What the serializer declares anew may be masked or written only.
                secrets = tuple(c for c in secret_columns(ev, value.ref) if c not in ev.bindings(ref))
                yield GivenAway(Location(ref.path, given[-1].at), ev.scope(value.ref).name, secrets, "serialized")


def _writes_itself(ev: Evaluator, ref: ScopeRef) -> bool:
    own = (base for base in classes.bases(ev, ref) if isinstance(base, ScopeRef))
    return any("to_representation" in ev.bindings(base) for base in own)


def secret_columns(ev: Evaluator, ref: ScopeRef) -> tuple[str, ...]:
    """The columns of a table whose names say that nobody else may read them, sorted."""
    found: set[str] = set()
    for base in classes.bases(ev, ref):
        if isinstance(base, str):
            found |= {"password"} if base in _USERS else set()
            continue
        for name, bound in ev.bindings(base).items():
            column = any(binding.number < 0 for binding in bound)
            if column and _SECRET.search(name) and not _NO_SECRET.search(name):
                found.add(name)
    return tuple(sorted(found))
