"""A decorator, dependency or middleware → whether it limits how often a client may call, with the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..libraries import canonical, lineage
from ..link import classes, names
from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.parameters import dependency_calls
from ..link.values import ClassRef, Const, Container, External, Frame, Function, Instance, Opaque, Value
from ..link.walk import dotted
from ..model.code import Attribute, Call, Expr, Name, Param, Subscript
from ..model.facts import ScopeKind
from ..model.location import Location
from ..model.project import Known, Protection, Unknown
from .harmless import harmless
from .lists import items
from .sources import argument, qualified, read
from .speech import body_speaks, family, speaks

KIND = "rate-limit"
DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
DEEPEST = 2  # dependencies of dependencies, and helpers that they call


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the limits on something: who limits, what was not understood, and whether it is taken out."""

    found: tuple[Protection, ...] = ()
    unknown: tuple[str, ...] = ()
    exempt: bool = False


NONE = Evidence()


@dataclass(slots=True)
class Guards:
    """What has been learned of the project's own functions and classes while one framework is read."""

    ev: Evaluator
    kept: dict[tuple[ScopeRef, int], Evidence] = field(default_factory=dict)
    dependencies: dict[ScopeRef, None] = field(default_factory=dict)  # functions that the framework calls for a request


def merged(parts: Iterable[Evidence]) -> Evidence:
    """The evidence of several guards together, each protection and each reason once."""
    held = tuple(parts)
    return Evidence(
        tuple(dict.fromkeys(p for part in held for p in part.found)),
        tuple(dict.fromkeys(why for part in held for why in part.unknown)),
        any(part.exempt for part in held),
    )


def settle(guards: Guards, evidence: Evidence) -> Known[tuple[Protection, ...]] | Unknown:
    """The answer: who limits; else why it is not known; else that nobody does, which an unread file forbids to say."""
    if evidence.found:
        return Known(evidence.found, tuple(sorted({p.at for p in evidence.found})))
    index = guards.ev.index
    unread = [path for path in index.unread if path.endswith(".py") and path not in index.tests]
    reasons = evidence.unknown or (("an unread file",) if unread else ())
    return Unknown(reasons[0]) if reasons else Known(())


def protection(what: str, at: Location) -> Evidence:
    """Evidence of one limiter."""
    return Evidence((Protection(KIND, what, at),))


def marked(ev: Evaluator, name: str, kind: str) -> bool:
    """Whether the library models mark a name, its class or a base of it."""
    marks = ev.libraries.markers.get(kind, ())
    full = canonical(ev.libraries, name)
    return full in marks or any(owner in marks for owner, _ in lineage(ev.libraries, full))


def of_name(ev: Evaluator, name: str, at: Location, why: str) -> Evidence:
    """A guard from outside the project, by its qualified name; `why` where nobody knows it."""
    if marked(ev, name, f"{KIND}-exempt"):
        return Evidence(exempt=True)
    if marked(ev, name, KIND):
        return protection(name, at)
    if marked(ev, name, "transparent") or marked(ev, name, "authentication") or harmless(name):
        return NONE
    return protection(name, at) if speaks(name) else Evidence(unknown=(why,))


def of_expr(guards: Guards, expr: Expr, frame: Frame, at: Location, why: str, depth: int = 0) -> Evidence:
    """A guard as it is written: a name, or the call that makes it."""
    ev = guards.ev
    made = [v for v in ev.expr(expr, frame) if not (isinstance(v, Const) and v.value is None)]
    if isinstance(expr, Call) and all(isinstance(v, Opaque | Function | Const | Container) for v in made):
        # `@limit("5/minute")`, `Depends(users.current(True))`: who makes the guard says what it is.
        return of_expr(guards, expr.callee, frame, at, why, depth)
    return merged(of_value(guards, value, at, why, dotted(expr), depth) for value in made)


def of_value(guards: Guards, value: Value, at: Location, why: str, written: str = "", depth: int = 0) -> Evidence:
    """One value that guards something."""
    match value:
        case External(name=name) | Instance(cls=str() as name):
            return of_name(guards.ev, name, at, why)
        case Function(ref=ref) | ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
            return own(guards, ref, at, depth)
        case Opaque(written=source):
            named = next((name for name in (written, source) if name and speaks(name)), "")
            return protection(named, at) if named else Evidence(unknown=(why,))
        case _:
            return Evidence(unknown=(why,))


def own(guards: Guards, ref: ScopeRef, at: Location, depth: int = 0) -> Evidence:
    """A function or class of the project: its name, its body, what it depends on and the helpers that it calls."""
    ev = guards.ev
    scope = ev.scope(ref)
    if speaks(scope.qualname):
        return protection(qualified(ev, ref), at)
    found = _inside(guards, ref, depth)
    if found.found:
        return Evidence((Protection(KIND, qualified(ev, ref), at),), found.unknown, found.exempt)
    return found


def _inside(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    if (ref, depth) not in guards.kept:
        guards.kept[ref, depth] = _compute(guards, ref, depth)
    return guards.kept[ref, depth]


def _compute(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    ev = guards.ev
    if body_speaks(ev, ref) or (ev.scope(ref).kind is ScopeKind.CLASS and base_speaks(ev, ref)):
        return protection(qualified(ev, ref), Location(ref.path, ev.scope(ref).name_at))
    if depth >= DEEPEST:
        return NONE
    parts = [of_parameters(guards, one, depth + 1) for one in family(ev, ref) if ev.scope(one).params.items]
    parts += [_of_callees(guards, one, depth) for one in family(ev, ref)]
    return merged(parts)


def base_speaks(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a base of a class limits: by the models, by its name, or by its body."""
    for base in classes.bases(ev, ref)[1:]:
        if isinstance(base, str):
            if marked(ev, base, KIND) or (speaks(base) and not harmless(base)):
                return True
        elif speaks(ev.scope(base).name) or body_speaks(ev, base):
            return True
    return False


def _of_callees(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    """What the body calls: limiters that the models know, and the project's functions that limit."""
    ev, parts = guards.ev, []
    for number, site in enumerate(ev.index.python[ref.path].calls):
        if site.scope != ref.scope:
            continue
        found = read(ev, SiteRef(ref.path, number))
        if found is None:
            continue
        at = Location(ref.path, site.at)
        for value in ev.expr(found[0].callee, found[1]):
            if isinstance(value, External) and marked(ev, value.name, KIND):
                parts.append(protection(value.name, at))
            elif isinstance(value, Function):
                parts.append(Evidence(_inside(guards, value.ref, depth + 1).found))
    return merged(parts)


# ----------------------------------------------------------- FastAPI's dependencies


def of_parameters(guards: Guards, ref: ScopeRef, depth: int = 0) -> Evidence:
    """The dependencies that a function's parameters declare."""
    ev = guards.ev
    scope = ev.scope(ref)
    above = Frame(ScopeRef(ref.path, scope.parent))
    parts = []
    for param in scope.params.items:
        for call, frame in _declared(ev, param, above):
            parts.append(of_dependency(guards, call, frame, param, depth))
    return merged(parts)


def _declared(ev: Evaluator, param: Param, frame: Frame) -> list[tuple[Call, Frame]]:
    found = [(call, frame) for call in dependency_calls(param)]
    if isinstance(param.annotation, Name | Attribute):
        meant = alias(ev, param.annotation, frame)
        if meant is not None:
            found += [
                (call, meant[1]) for call in dependency_calls(Param(param.at, param.name, param.kind, meant[0], None))
            ]
    return found


def alias(ev: Evaluator, annotation: Expr, frame: Frame, depth: int = 0) -> tuple[Expr, Frame] | None:
    """The `Annotated[…]` that a name stands for, wherever it was assigned."""
    if not isinstance(annotation, Name) or depth > DEEPEST:
        return None
    for where in (frame.ref, ScopeRef(frame.ref.path, 0)):
        for binding in ev.bindings(where).get(annotation.id, ()):
            if binding.how is Bind.VALUE and isinstance(binding.expr, Subscript):
                return binding.expr, Frame(where)
            if binding.how is Bind.VALUE and isinstance(binding.expr, Name):
                return alias(ev, binding.expr, Frame(where), depth + 1)
            if binding.how is Bind.IMPORTED:
                item = ev.index.python[where.path].imports[binding.number]
                path = names.import_path(ev, item, where.path)
                if path and path in ev.index.python:
                    return alias(ev, Name(annotation.at, item.name), Frame(ScopeRef(path, 0)), depth + 1)
    return None


def of_dependency(guards: Guards, call: Call, frame: Frame, param: Param | None = None, depth: int = 0) -> Evidence:
    """`Depends(f)`; anything else that stands where a dependency may (`Query()`, `Body()`) guards nothing."""
    ev = guards.ev
    if not set(ev.qualified(call.callee, frame)) & DEPENDS:
        return NONE
    given = argument(ev, call, frame, "dependency", 0)
    target, where = given.expr, given.frame
    if target is None:
        if param is None or param.annotation is None:
            return NONE
        target = param.annotation
    at = Location(frame.ref.path, call.at)
    for value in ev.expr(target, where):
        if isinstance(value, Function):
            guards.dependencies.setdefault(value.ref)
    return of_expr(guards, target, where, at, "a dependency that is not understood", depth)


def of_dependencies(guards: Guards, call: Call, frame: Frame) -> Evidence:
    """The `dependencies=[Depends(…), …]` of a route, a router, an inclusion or an application."""
    ev = guards.ev
    given = argument(ev, call, frame, "dependencies")
    if given.expr is None:
        return Evidence(unknown=("arguments that are not understood",)) if given.hidden else NONE
    held = items(ev, given.expr, given.frame)
    parts = [] if held.complete else [Evidence(unknown=("a dependency that is not understood",))]
    for expr, where in held.found:
        made = [v.made for v in ev.expr(expr, where) if isinstance(v, Instance) and v.cls in DEPENDS and v.made]
        found = read(ev, made[0]) if made else None
        parts.append(
            of_dependency(guards, *found) if found is not None
            else of_expr(guards, expr, where, Location(where.ref.path, expr.at), "a dependency that is not understood")
        )  # fmt: skip
    return merged(parts)
