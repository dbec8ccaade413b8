"""A decorator, dependency or middleware → what it guards against, callers too many or unknown, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..link import imports
from ..link.bindings import Bind
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.parameters import dependency_calls
from ..link.values import ClassRef, Const, Container, External, Frame, Function, Instance, Lambda, Opaque, Value
from ..link.walk import dotted, nodes
from ..model.code import Attribute, Call, Expr, Name, Param, Sequence, Subscript
from ..model.code import Lambda as LambdaExpr
from ..model.endpoint import Idle
from ..model.facts import ScopeKind
from ..model.location import Location
from . import authority, identity
from .enforced import Enforced, enforced
from .evidence import AUTHORISATION, IDENTITY, KINDS, LIMIT, NONE, Evidence, doubt, merged, only, protection
from .languages import LANGUAGES, Language, base_says, marked, of_name, of_words, verdict
from .leniency import asks_nothing, lenient
from .limiting import as_called
from .lists import items
from .marks import of_marks
from .sources import argument, code, definition, qualified, read
from .speech import Says, family

DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
DEEPEST = 4  # dependencies of dependencies, and helpers that they call
_UNSEEN = "a guard that is not seen to turn anybody away"


@dataclass(slots=True)
class Guards:
    """What has been learned of the project's own functions and classes while one framework is read."""

    ev: Evaluator
    kept: dict[tuple[ScopeRef, int], Evidence] = field(default_factory=dict)
    dependencies: dict[ScopeRef, None] = field(default_factory=dict)  # functions that the framework calls for a request
    idle: dict[str, tuple[Idle, Location]] = field(default_factory=dict)  # limits that limit nothing here: why, where
    words: frozenset[str] = frozenset()  # last words of what may guard: the project's functions, what models mark

    def __post_init__(self) -> None:
        own = {scope.name for _, facts in code(self.ev) for scope in facts.scopes if scope.kind is ScopeKind.FUNCTION}
        named = {name.rpartition(".")[2] for kind in KINDS for name in self.ev.libraries.markers.get(kind, ())}
        renamed = {item.bound for _, facts in code(self.ev) for item in facts.imports if item.bound != item.name}
        self.words = frozenset(own | named | renamed)


def of_expr(guards: Guards, expr: Expr, frame: Frame, at: Location, why: str, depth: int = 0) -> Evidence:
    """A guard as it is written: a name, or the call that makes it."""
    ev = guards.ev
    made = [v for v in ev.expr(expr, frame) if not (isinstance(v, Const) and v.value is None)]
    if isinstance(expr, Call) and all(isinstance(v, Opaque | Function | Const | Container) for v in made):
        # `@limit("5/minute")`, `Depends(users.current(True))`: who makes the guard says what it is.
        maker = of_expr(guards, expr.callee, frame, at, why, depth)
        asked = only(maker, LIMIT, IDENTITY) if asks_nothing(ev, expr, ev.expr(expr.callee, frame)) else maker
        return only(maker, LIMIT) if lenient(expr) else as_called(ev, expr, frame, asked)
    if isinstance(expr, Name) and depth < DEEPEST and all(isinstance(value, Opaque) for value in made):
        # `signed_in = users.current_user(optional=True)`: the call says more than the name.
        defined = definition(ev, expr, frame)
        if defined is not None and isinstance(defined[0], Call):
            return of_expr(guards, *defined, at, why, depth + 1)
    found = merged(of_value(guards, value, at, why, dotted(expr), depth) for value in made)
    told = isinstance(expr, Call) and depth < DEEPEST and not only(found, AUTHORISATION).found
    return merged([found, _told(guards, expr, frame, at, depth)]) if told and isinstance(expr, Call) else found


def _told(guards: Guards, call: Call, frame: Frame, at: Location, depth: int) -> Evidence:
    """What a guard of the project is told to ask: `Permissions([OwnerOnly])`."""
    ev, parts = guards.ev, []
    for given in (*call.args, *(k.value for k in call.keywords)):
        held = items(ev, given, frame).found if isinstance(given, Sequence) else ((given, frame),)
        for expr, where in held:
            refs = [v.ref for v in ev.expr(expr, where) if isinstance(v, ClassRef)]
            parts += [only(own(guards, ref, at, depth + 1), AUTHORISATION) for ref in refs]
    return Evidence(merged(parts).found)


def of_value(guards: Guards, value: Value, at: Location, why: str, written: str = "", depth: int = 0) -> Evidence:
    """One value that guards something."""
    match value:
        case External(name=name) | Instance(cls=str() as name):
            found = merged([of_name(guards.ev, name, at, why), of_marks(guards.ev, name, at, why)])
        case Function(ref=ref) | ClassRef(ref=ref) | Instance(cls=ScopeRef() as ref):
            found = own(guards, ref, at, depth)
        case Opaque(written=source):
            found = merged(of_words(language, (written, source), at, why) for language in LANGUAGES)
        case Lambda(expr=LambdaExpr(body=inner)):
            names = tuple(dotted(node.callee) for node in nodes(inner) if isinstance(node, Call))
            spoken = [language for language in LANGUAGES if any(map(language.speaks, names))]
            found = merged(of_words(language, names, at, why) for language in spoken)
        case _:
            found = doubt(why)
    return only(found, LIMIT) if isinstance(value, Instance) and _lenient(guards.ev, value) else found


def _lenient(ev: Evaluator, value: Instance) -> bool:
    """`HTTPBearer(auto_error=False)`: a scheme that lets everybody through."""
    made = read(ev, value.made) if value.made is not None else None
    return made is not None and lenient(made[0])


def own(guards: Guards, ref: ScopeRef, at: Location, depth: int = 0) -> Evidence:
    """A function or class of the project: its name, its body, what it depends on and the helpers that it calls."""
    ev, name = guards.ev, guards.ev.scope(ref).qualname
    inner = _inside(guards, ref, depth)
    parts = []
    for language in LANGUAGES:
        if language.elsewhere(name):
            continue
        held = only(inner, language.kind)
        parts.append(Evidence(unknown=held.unknown, exempt=held.exempt))
        said = language.speaks(name)
        if (
            (said and language.by_name)
            or held.found
            or language.kind == AUTHORISATION
            and only(inner, IDENTITY).found
            and authority.privileged(name)
        ):
            parts.append(protection(qualified(ev, ref), at, language.kind))
        elif said:
            parts.append(doubt(_UNSEEN, language.kind))
    return merged(parts)


def _inside(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    if (ref, depth) not in guards.kept:
        guards.kept[ref, depth] = _compute(guards, ref, depth)
    return guards.kept[ref, depth]


def _compute(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    ev = guards.ev
    parts = [_of_body(ev, language, ref) for language in LANGUAGES]
    if depth < DEEPEST and not all(part.found for part in parts):
        parts += [_above(guards, ref, depth)]
        parts += [of_parameters(guards, one, depth + 1) for one in family(ev, ref) if ev.scope(one).params.items]
        parts += [_of_callees(guards, one, depth) for one in family(ev, ref)]
    return merged(parts)


def _above(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    """What a guard's decorators guard: `@blueprint.before_request` over `@login_required` over a function of `pass`."""
    scope = guards.ev.scope(ref)
    above, at = Frame(ScopeRef(ref.path, scope.parent)), Location(ref.path, scope.name_at)
    return Evidence(merged(of_expr(guards, one, above, at, _UNSEEN, depth + 1) for one in scope.decorators).found)


def _of_body(ev: Evaluator, language: Language, ref: ScopeRef) -> Evidence:
    """What a guard of the project says by itself; one that only looks at who asks lets him pass."""
    says = verdict(ev, language, ref)
    if says is not Says.YES and ev.scope(ref).kind is ScopeKind.CLASS:
        says = max(says, base_says(ev, ref, language))
    if says is Says.YES:
        return _named(ev, ref, language.kind)
    return doubt(_UNSEEN, language.kind) if says is Says.MAYBE else NONE


def _named(ev: Evaluator, ref: ScopeRef, kind: str) -> Evidence:
    """A scope of the project as a protection, at its name."""
    return protection(qualified(ev, ref), Location(ref.path, ev.scope(ref).name_at), kind)


def handled(guards: Guards, ref: ScopeRef, around: Evidence = NONE) -> Evidence:
    """What a handler's own code and its helpers do; who is asking matters only where nothing around it asks."""
    ev, parts = guards.ev, []
    asked = any(p.kind == IDENTITY for p in (*around.found, *of_parameters(guards, ref).found))
    for language in LANGUAGES:
        if asked and language.kind == IDENTITY:
            continue
        says = verdict(ev, language, ref)
        lower = Enforced()
        if language.kind == AUTHORISATION and says is not Says.YES:
            if authority.narrows(ev, ref):
                says = Says.YES
            else:
                lower = enforced(ev, ref)
        if says is Says.YES or lower.by is not None:
            parts.append(_named(ev, lower.by or ref, language.kind))
        elif says is not Says.NO or lower.looks or (language.kind == IDENTITY and identity.declares(ev, ref)):
            # What the models know to turn strangers away is surer than what a body looks like.
            called = only(_of_callees(guards, ref, DEEPEST - (says is Says.MAYBE)), language.kind)
            parts.append(called if called.found else doubt("a handler that looks at who is asking", language.kind))
        elif language.kind == IDENTITY and ev.scope(ref).kind is ScopeKind.FUNCTION:
            parts.append(only(_of_callees(guards, ref, DEEPEST - 1), IDENTITY))
    return merged(parts)


def _of_callees(guards: Guards, ref: ScopeRef, depth: int) -> Evidence:
    """What the body calls: guards that the models know, and the project's functions that guard."""
    ev, parts = guards.ev, []
    for number, site in enumerate(ev.index.python[ref.path].calls):
        if site.scope != ref.scope or site.callee.rpartition(".")[2] not in guards.words:
            continue
        found = read(ev, SiteRef(ref.path, number))
        if found is None:
            continue
        at = Location(ref.path, site.at)
        for value in ev.expr(found[0].callee, found[1]):
            if isinstance(value, External):
                parts += [protection(value.name, at, kind) for kind in KINDS if marked(ev, value.name, kind)]
            elif isinstance(value, Function) and depth < DEEPEST:
                inner = _inside(guards, value.ref, depth + 1)
                parts.append(
                    Evidence(inner.found, tuple(d for d in inner.unknown if d.kind in (IDENTITY, AUTHORISATION)))
                )
    return merged(parts)


# ----------------------------------------------------------- FastAPI's dependencies


def of_parameters(guards: Guards, ref: ScopeRef, depth: int = 0) -> Evidence:
    """The dependencies that a function's parameters declare."""
    scope = guards.ev.scope(ref)
    above = Frame(ScopeRef(ref.path, scope.parent))
    return merged(of_param(guards, param, above, depth) for param in scope.params.items)


def of_param(guards: Guards, param: Param, frame: Frame, depth: int = 0) -> Evidence:
    """The dependencies that one parameter declares."""
    return merged(of_dependency(guards, *one, param, depth) for one in _declared(guards.ev, param, frame))


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
                path = imports.import_path(ev, item, where.path)
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
        return doubt("arguments that are not understood") if given.hidden else NONE
    held = items(ev, given.expr, given.frame)
    parts = [] if held.complete else [doubt("a dependency that is not understood")]
    for expr, where in held.found:
        made = [v.made for v in ev.expr(expr, where) if isinstance(v, Instance) and v.cls in DEPENDS and v.made]
        found = read(ev, made[0]) if made else None
        parts.append(
            of_dependency(guards, *found) if found is not None
            else of_expr(guards, expr, where, Location(where.ref.path, expr.at), "a dependency that is not understood")
        )  # fmt: skip
    return merged(parts)
