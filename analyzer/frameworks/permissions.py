"""DRF's permission classes, in settings and on views → who must say who he is; DRF's own default lets everybody in."""

from __future__ import annotations

from dataclasses import dataclass

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, External, Frame, Value
from ..link.walk import nodes, statements
from ..model.code import Attribute, BinOp, Call, Expr, Literal, Name, Return
from ..model.location import Location
from . import authority
from .django_settings import DjangoProject, keyed
from .evidence import (
    AUTHORISATION,
    AUTHORISATION_TO_WRITE,
    IDENTITY,
    IDENTITY_TO_WRITE,
    NONE,
    OPENED,
    Evidence,
    doubt,
    merged,
    only,
    protection,
)
from .guards import Guards
from .languages import marked
from .lists import items
from .sources import qualified
from .throttles import named
from .views import class_attribute, functions

_WHY = "a permission that is not understood"
_CHOSEN = (
    "get_permissions", "check_permissions", "initial", "perform_authentication", "get_authenticators",
    "initialize_request", "initialise_request",
)  # fmt: skip
_SAFE = ("SAFE_METHODS", "READ_METHODS")
_KINDS = (IDENTITY, IDENTITY_TO_WRITE, AUTHORISATION, AUTHORISATION_TO_WRITE)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a project's REST_FRAMEWORK setting says of permissions: DEFAULT_PERMISSION_CLASSES."""

    evidence: Evidence = NONE


def of_settings(guards: Guards, project: DjangoProject) -> Permissions:
    """The permissions that a project sets for every DRF view; of several settings modules the strictest."""
    parts = []
    for expr, frame in keyed(guards.ev, project, "REST_FRAMEWORK", "DEFAULT_PERMISSION_CLASSES"):
        parts.append(of_list(guards, expr, frame))
    return Permissions(only(merged(parts), *_KINDS))


def of_view(guards: Guards, ref: ScopeRef, permissions: Permissions) -> Evidence:
    """The permissions of a DRF view class: its own list, else the project's default."""
    own = class_attribute(guards.ev, ref, "permission_classes")
    listed = of_list(guards, *own) if own is not None else permissions.evidence
    if any(functions(guards.ev, ref, (name,)) for name in _CHOSEN):
        return merged([listed, _unsure("permissions chosen at run time")])
    given = class_attribute(guards.ev, ref, "authentication_classes")
    if given is None or only(listed, IDENTITY, IDENTITY_TO_WRITE).found:
        return listed
    held = items(guards.ev, *given)
    if held.complete and not held.found:
        return listed
    # What finds out who is asking may turn strangers away by itself.
    return merged([listed, doubt("authentication classes of the view's own", IDENTITY)])


def of_list(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """The evidence of a `permission_classes` list: all of them must agree."""
    held = items(guards.ev, expr, frame)
    parts = [] if held.complete else [_unsure(_WHY)]
    parts += [_permission(guards, item, where) for item, where in held.found]
    if held.complete and not held.found:
        parts.append(protection("an empty list", Location(frame.ref.path, expr.at), OPENED))
    return merged(parts)


def _permission(guards: Guards, expr: Expr, frame: Frame) -> Evidence:
    """One permission; `A & B` is both, `A | B` no more than the weaker one."""
    ev, at = guards.ev, Location(frame.ref.path, expr.at)
    if isinstance(expr, BinOp) and expr.op in "&|":
        sides = [_permission(guards, side, frame) for side in (expr.left, expr.right)]
        return merged(sides) if expr.op == "&" else _weaker(*sides)
    values = ev.expr(expr, frame)
    if not values or (isinstance(expr, Call) and not any(isinstance(v, ClassRef) for v in values)):
        return _unsure(_WHY)
    return merged(one(guards, value, at) for value in named(ev, values, frame.ref.path))


def _weaker(left: Evidence, right: Evidence) -> Evidence:
    """What holds where one of two is enough."""
    asks = _weaker_to_ask(*(only(side, IDENTITY, IDENTITY_TO_WRITE, OPENED) for side in (left, right)))
    may = [only(side, AUTHORISATION, AUTHORISATION_TO_WRITE) for side in (left, right)]
    bare = next((side for side in may if not side.found), None)
    free = next((side for side in may if not any(p.kind == AUTHORISATION for p in side.found)), may[0])
    return merged([asks, free if bare is None else bare])


def _weaker_to_ask(left: Evidence, right: Evidence) -> Evidence:
    for side in (left, right):
        if side is NONE or not (side.found or side.unknown) or OPENED in {p.kind for p in side.found}:
            return side
    for side in (left, right):
        if not any(p.kind == IDENTITY for p in side.found):
            return side
    return left


def one(guards: Guards, value: Value, at: Location) -> Evidence:
    """The evidence of one permission class."""
    ev = guards.ev
    if isinstance(value, External):
        name = canonical(ev.libraries, value.name)
        if marked(ev, name, OPENED):
            return protection(name, at, OPENED)
        kind = IDENTITY_TO_WRITE if marked(ev, name, IDENTITY_TO_WRITE) else IDENTITY
        return merged([protection(name, at, kind), _of_rights(ev, name, at)])
    if not isinstance(value, ClassRef):
        return _unsure(_WHY)
    decides = functions(ev, value.ref, ("has_permission",))
    above = [base for base in classes.bases(ev, value.ref) if isinstance(base, str)]
    if not decides:
        kept = [one(guards, External(base), at) for base in above if base.rpartition(".")[2] != "BasePermission"]
        asks = kept or [doubt("a permission about objects", IDENTITY)]
        return merged([*asks, _of_objects(ev, value.ref, at)])
    [ref] = decides.values()
    if _always(ev, ref):
        return _of_objects(ev, value.ref, at)
    reads = _reads_freely(ev, ref)
    name, parts = qualified(ev, value.ref), [_of_objects(ev, value.ref, at)]
    parts.append(protection(name, at, IDENTITY_TO_WRITE if reads else IDENTITY))
    if authority.decides_rights(ev, ref):
        parts.append(protection(name, at, AUTHORISATION_TO_WRITE if reads else AUTHORISATION))
    return merged(parts)


def _unsure(why: str) -> Evidence:
    return merged([doubt(why, IDENTITY), doubt(why, AUTHORISATION)])


def _of_rights(ev: Evaluator, name: str, at: Location) -> Evidence:
    """What a library's permission asks beyond who it is."""
    if marked(ev, name, AUTHORISATION_TO_WRITE):
        return protection(name, at, AUTHORISATION_TO_WRITE)
    if marked(ev, name, AUTHORISATION):
        return protection(name, at, AUTHORISATION)
    if marked(ev, name, IDENTITY) or marked(ev, name, IDENTITY_TO_WRITE):
        return NONE
    return protection(name, at, AUTHORISATION) if authority.speaks(name) else doubt(_WHY, AUTHORISATION)


def _of_objects(ev: Evaluator, ref: ScopeRef, at: Location) -> Evidence:
    """What a permission asks of the object that a request is about."""
    asked = functions(ev, ref, ("has_object_permission",)).values()
    decided = any(not _always(ev, one) for one in asked)
    return protection(qualified(ev, ref), at, AUTHORISATION) if decided else NONE


def _always(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function gives back nothing but True."""
    given = [s.value for s in statements(body(ev.index, ref)) if isinstance(s, Return)]
    return bool(given) and all(isinstance(value, Literal) and value.value is True for value in given)


def _reads_freely(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a permission tells reading from writing, as with SAFE_METHODS: then reading may be free."""
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Attribute | Name) and (node.name if isinstance(node, Attribute) else node.id) in _SAFE:
            return True
    return False
