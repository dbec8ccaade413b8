"""Graphene's mutation classes → what runs for them, what they take, and who may: decorators, methods and `Meta`."""

from __future__ import annotations

import re

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import Frame
from ..model.code import Assign, Expr, Literal, LiteralKind, Name, Sequence
from ..model.location import Location
from . import authority, identity
from .evidence import AUTHORISATION, IDENTITY, NONE, Evidence, merged, protection
from .graphql_guards import about_caller
from .guards import Guards, handled
from .routes import Handler, of_decorators
from .sources import name_place, qualified
from .views import functions

_RUNS = ("mutate", "mutate_and_get_payload", "perform_mutation")
_OPTIONS = "__init_subclass_with_meta__"  # takes options from `class Meta` (graphene/utils/subclass_with_meta.py)
_RIGHTS = re.compile(r"permission|perms|roles?$|scopes?$|login_required|authenticat|guards?$", re.I)

Taken = tuple[tuple[str, Expr, Frame], ...]


def of_mutation(guards: Guards, ref: ScopeRef) -> tuple[Handler, tuple[ScopeRef, ...], Taken]:
    """A mutation class as a handler, the functions that run for it, and the arguments that it declares."""
    ev = guards.ev
    run = functions(ev, ref, _RUNS)
    options = _options(ev, ref)
    generic = {owner for owner in options.values()}
    parts = [_of_meta(ev, ref, options), _deciding(ev, ref, generic)]
    for one in run.values():
        if ScopeRef(one.path, ev.scope(one).parent) not in generic:
            above = Frame(ScopeRef(one.path, ev.scope(one).parent))
            around = of_decorators(guards, ev.scope(one).decorators, above)
            parts += [around, handled(guards, one, merged([*parts, around]))]
    is_async = any(ev.scope(one).is_async for one in run.values())
    evidence = _apart(merged(parts), tuple(f"{qualified(ev, owner)}." for owner in generic))
    handler = Handler(qualified(ev, ref), name_place(ev, ref), ref, is_async, evidence)
    return handler, tuple(run.values()), _taken(ev, ref)


def _apart(evidence: Evidence, generic: tuple[str, ...]) -> Evidence:
    """Without what a general base does, which asks for what `class Meta` says, and for nothing where that is silent."""
    if not generic:
        return evidence
    return Evidence(tuple(p for p in evidence.found if not p.what.startswith(generic)), evidence.unknown)


def _options(ev: Evaluator, ref: ScopeRef) -> dict[str, ScopeRef]:
    """The options about rights that bases of the project take from `class Meta`, each with the base that does."""
    found: dict[str, ScopeRef] = {}
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        taking = functions(ev, base, (_OPTIONS,)).get(_OPTIONS)
        for param in ev.scope(taking).params.items if taking is not None else ():
            if taking is not None and _RIGHTS.search(param.name):
                found.setdefault(param.name, ScopeRef(taking.path, ev.scope(taking).parent))
    return found


def _of_meta(ev: Evaluator, ref: ScopeRef, options: dict[str, ScopeRef]) -> Evidence:
    """`class Meta: permissions = (…,)`, where a base of the project asks for what stands there."""
    for base in classes.bases(ev, ref):
        for name, expr, frame in _inner(ev, base, "Meta") if isinstance(base, ScopeRef) else ():
            nothing = isinstance(expr, Sequence) and not expr.items
            nothing = nothing or (isinstance(expr, Literal) and expr.kind is LiteralKind.NONE)
            if name in options and not nothing and (base == ref or base not in options.values()):
                at = Location(frame.ref.path, expr.at)
                what = f"{qualified(ev, ref)}.Meta.{name}"
                return merged([protection(what, at, IDENTITY), protection(what, at, AUTHORISATION)])
    return NONE


def _deciding(ev: Evaluator, ref: ScopeRef, generic: set[ScopeRef]) -> Evidence:
    """`check_permissions` and the like that a class nearer than the general base defines."""
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef) or base in generic:
            continue
        for number in ev.index.children[base.path].get(base.scope, ()):
            one = ScopeRef(base.path, number)
            name = ev.scope(one).name
            if name in _RUNS or not (authority.speaks(name) or identity.speaks(name)) or not about_caller(ev, one):
                continue
            asks = protection(qualified(ev, one), name_place(ev, one), IDENTITY)
            may = authority.decides_rights(ev, one)
            return merged([asks, protection(qualified(ev, one), name_place(ev, one), AUTHORISATION)] if may else [asks])
    return NONE


def _taken(ev: Evaluator, ref: ScopeRef) -> Taken:
    """What `class Arguments`, or a Relay mutation's `class Input`, declares; the nearest counts."""
    for base in classes.bases(ev, ref):
        for word in ("Arguments", "Input") if isinstance(base, ScopeRef) else ():
            assert isinstance(base, ScopeRef)
            inner = ev.index.children[base.path].get(base.scope, ())
            if any(ev.scope(ScopeRef(base.path, number)).name == word for number in inner):
                return tuple(_inner(ev, base, word))
    return ()


def _inner(ev: Evaluator, ref: ScopeRef, word: str) -> list[tuple[str, Expr, Frame]]:
    """The names that an inner class, and its bases in the project, assign."""
    found: dict[str, tuple[str, Expr, Frame]] = {}
    for number in ev.index.children[ref.path].get(ref.scope, ()):
        inner = ScopeRef(ref.path, number)
        if ev.scope(inner).name != word:
            continue
        for base in classes.bases(ev, inner):
            for statement in body(ev.index, base) if isinstance(base, ScopeRef) else ():
                if isinstance(statement, Assign) and len(statement.targets) == 1:
                    target = statement.targets[0]
                    if isinstance(target, Name) and isinstance(base, ScopeRef):
                        found.setdefault(target.id, (target.id, statement.value, Frame(base)))
    return list(found.values())
