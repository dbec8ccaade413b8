"""Class-based views → the methods that they answer, each with its function and what guards it."""

from __future__ import annotations

from collections.abc import Mapping

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Frame
from ..model.code import Expr, Literal
from ..model.facts import ScopeKind
from ..model.location import Location
from . import authority
from .evidence import AUTHORISATION, IDENTITY, LIMIT, NONE, Evidence, doubt, merged, only, protection
from .guards import Guards, handled, of_expr
from .languages import AUTHORITY, LANGUAGES, Language, base_named, marked, verdict
from .limiting import limited
from .lists import items
from .refusals import only_refuses
from .routes import Handler, of_decorators
from .sources import name_place, qualified
from .speech import Says

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def functions(ev: Evaluator, ref: ScopeRef, names: tuple[str, ...]) -> dict[str, ScopeRef]:
    """The functions that a class or its bases in the project define under these names, nearest first."""
    found: dict[str, ScopeRef] = {}
    for base in classes.bases(ev, ref):
        if not isinstance(base, ScopeRef):
            continue
        held = ev.bindings(base)
        for name in names:
            numbers = [b.number for b in held.get(name, ()) if b.number >= 0]
            if (
                name not in found
                and numbers
                and ev.index.python[base.path].scopes[numbers[-1]].kind is ScopeKind.FUNCTION
            ):
                found[name] = ScopeRef(base.path, numbers[-1])
    return found


def class_attribute(ev: Evaluator, ref: ScopeRef, name: str) -> tuple[Expr, Frame] | None:
    """The expression that the nearest class assigns to an attribute in its body, with its frame."""
    for base in classes.bases(ev, ref):
        if isinstance(base, ScopeRef):
            for binding in reversed(ev.bindings(base).get(name, ())):
                if binding.expr is not None:
                    return binding.expr, Frame(base)
    return None


def listed(guards: Guards, ref: ScopeRef, name: str, why: str) -> Evidence:
    """The guards that a class attribute lists: `decorators = [limiter.limit("5/minute")]`."""
    found = class_attribute(guards.ev, ref, name)
    if found is None:
        return NONE
    held = items(guards.ev, *found)
    parts = [] if held.complete else [doubt(why)]
    parts += [of_expr(guards, expr, frame, Location(frame.ref.path, expr.at), why) for expr, frame in held.found]
    return merged(parts)


def grouped(
    guards: Guards, ref: ScopeRef, found: Mapping[str, ScopeRef], around: Evidence, extra: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Handler]]:
    """The methods of a class view, those with the same guards together; `extra` are methods that a library defines.

    Those that only refuse stand apart. Where all are of one group the handler is the class, else its first function.
    """
    ev = guards.ev
    inherited = limited(around, [name.upper() for name in extra] or ("*",))
    outside = (_alike(inherited), False)
    groups: dict[object, list[str]] = {outside: [name.upper() for name in extra]} if extra else {}
    held: dict[object, Evidence] = {outside: inherited} if extra else {}
    first: dict[object, ScopeRef] = {}
    for name in sorted(found):
        evidence = limited(merged([around, of_method(guards, found[name])]), (name.upper(),))
        key = (_alike(evidence), only_refuses(ev, found[name]))
        groups.setdefault(key, []).append(name.upper())
        held[key] = merged([held.get(key, evidence), only(evidence, AUTHORISATION)])
        first.setdefault(key, found[name])
    whole = len(groups) == 1
    result = []
    for alike, names in groups.items():
        target = ref if whole or alike not in first else first[alike]
        is_async = any(ev.scope(found[n.lower()]).is_async for n in names if n.lower() in found)
        handler = Handler(qualified(ev, target), name_place(ev, target), target, is_async, held[alike])
        result.append((tuple(sorted(names)), handler))
    return result


def _alike(evidence: Evidence) -> tuple[Evidence, bool, bool, bool]:
    """What methods must share to be one endpoint: the same limits, and whether somebody asks who calls, or who may."""
    asking = only(evidence, IDENTITY)
    may = bool(only(evidence, AUTHORISATION).found)
    return only(evidence, LIMIT), bool(asking.found), bool(asking.found or asking.unknown), may


def of_method(guards: Guards, ref: ScopeRef) -> Evidence:
    """The guards of one method: its decorators and its body."""
    ev = guards.ev
    scope = ev.scope(ref)
    parts = [of_decorators(guards, scope.decorators, Frame(ScopeRef(ref.path, scope.parent)))]
    parts.append(handled(guards, ref, merged(parts)))
    return merged(parts)


_ENTRANCES = (
    "dispatch", "test_func", "setup", "has_permission", "initial", "prepare", "dispatch_request", "before_request",
    "get_permission_object", "__call__",
)  # fmt: skip


def of_class(guards: Guards, ref: ScopeRef) -> Evidence:
    """What a view class says for all of its methods: its bases, and the functions that run before each of them."""
    ev, at = guards.ev, name_place(guards.ev, ref)
    parts = []
    for language in LANGUAGES:
        if language.kind == LIMIT:
            entered = [verdict(ev, language, one) for one in functions(ev, ref, _ENTRANCES).values()]
            says = max([*entered, base_named(ev, ref, language)])
        else:
            entered = [verdict(ev, language, one) for one in functions(ev, ref, _ENTRANCES).values()]
            says = max([*entered, _by_bases(guards, ref, language)])
            if says is not Says.YES and language.kind == IDENTITY and verdict(ev, language, ref) is not Says.NO:
                says = Says.MAYBE
        if says is Says.YES:
            parts.append(protection(qualified(ev, ref), at, language.kind))
        elif says is Says.MAYBE:
            parts.append(doubt("a view that looks at who is asking", language.kind))
    return merged([*parts, _of_objects(guards, ref)])


_OBJECTS = (
    "get_queryset", "get_object", "filter_queryset", "perform_create", "perform_update", "perform_destroy",
    "form_valid",
)  # fmt: skip


def _of_objects(guards: Guards, ref: ScopeRef) -> Evidence:
    """Whose objects a view finds, and for whom it makes them: by what it overrides, or what says which permission."""
    ev, parts = guards.ev, []
    for one in functions(ev, ref, _OBJECTS).values():
        says = verdict(ev, AUTHORITY, one)
        if says is Says.YES or authority.narrows(ev, one):
            parts.append(protection(qualified(ev, one), name_place(ev, one), AUTHORISATION))
        elif says is not Says.NO:
            parts.append(doubt("a view that looks at who is asking", AUTHORISATION))
    required = class_attribute(ev, ref, "permission_required")
    if required is not None and not (isinstance(required[0], Literal) and required[0].value is None):
        at = Location(required[1].ref.path, required[0].at)
        parts.append(protection("permission_required", at, AUTHORISATION))
    return merged(parts)


def _by_bases(guards: Guards, ref: ScopeRef, language: Language) -> Says:
    """Whether a class has a base that asks who is calling: the models or a library's name say so; ours may."""
    found = Says.NO
    for base in classes.bases(guards.ev, ref)[1:]:
        if isinstance(base, str):
            if marked(guards.ev, base, language.kind) or (language.speaks(base) and not language.outside(base)):
                return Says.YES
        elif language.speaks(guards.ev.scope(base).name) or (
            language.kind == IDENTITY and verdict(guards.ev, language, base) is not Says.NO
        ):
            found = Says.MAYBE
    return found
