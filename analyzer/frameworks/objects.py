"""Constructor calls of applications and routers → objects with an identity; expressions → the objects they mean."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..libraries import canonical, is_subclass
from ..link import attributes, classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, enclosing_class
from ..link.parameters import bind, callers
from ..link.values import ClassRef, Const, External, Frame, Instance, Opaque, Thunk, Value, Values
from ..model.code import Attribute, Call, Expr, Format, Name
from ..model.facts import ScopeKind
from .lists import Loop as Loop  # who asks for rounds asks here
from .lists import rounds as rounds
from .sources import code, definition, read, sites

MOST_HOPS = 4  # functions that an object is handed through
# A library's class that no model knows, and that is called after one of these, derives from it: `MultiStaticFlask`.
_NAMESAKES = frozenset({"Flask", "FastAPI", "Quart"})


@dataclass(frozen=True, slots=True)
class Made:
    """One application or router: the call that makes it."""

    site: SiteRef
    kind: str  # the library's class: "fastapi.APIRouter"
    cls: ScopeRef | None  # the project's subclass
    call: Call
    frame: Frame


@dataclass(slots=True)
class Objects:
    """All objects of some library classes that a project makes outside its tests, in source order."""

    ev: Evaluator
    made: dict[SiteRef, Made] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()  # attributes that stand for the object: aiohttp's `app.router`


@dataclass(frozen=True, slots=True)
class Meant:
    """The objects that an expression may be; `sure` is False where it may also be something that is not seen."""

    keys: tuple[SiteRef, ...]
    sure: bool


def objects(ev: Evaluator, kinds: tuple[str, ...]) -> Objects:
    """Every object of these library classes and of the project's subclasses of them."""
    found = Objects(ev)
    words = {kind.rpartition(".")[2] for kind in kinds} | _subclass_names(ev, kinds)
    for site in sites(ev, *sorted(words)):
        read_site = read(ev, site)
        if read_site is None:
            continue
        call, frame = read_site
        for value in ev.expr(call.callee, frame):
            kind = _kind(ev, value, kinds)
            if kind:
                cls = value.ref if isinstance(value, ClassRef) else None
                found.made[site] = Made(site, kind, cls, call, frame)
                break
    return found


def _subclass_names(ev: Evaluator, kinds: tuple[str, ...]) -> set[str]:
    """Names of the project's classes that derive from the kinds, by the words of their bases first."""
    known = {kind.rpartition(".")[2] for kind in kinds}
    known |= {item.name for _, facts in code(ev) for item in facts.imports if _namesake(ev, item.name, kinds)}
    candidates = [
        (
            scope.name,
            {base.id if isinstance(base, Name) else getattr(base, "name", "") for base in scope.bases},
            ScopeRef(path, n),
        )
        for path, facts in code(ev)
        for n, scope in enumerate(facts.scopes)
        if scope.kind is ScopeKind.CLASS and scope.bases
    ]
    found: set[str] = set()
    while True:
        more = {name for name, bases, _ in candidates if name not in found and bases & (known | found)}
        if not more:
            break
        found |= more
    return {name for name, _, ref in candidates if name in found and _kind(ev, ClassRef(ref), kinds)}


def _namesake(ev: Evaluator, name: str, kinds: tuple[str, ...]) -> str:
    """The kind that a library's class derives from by its name alone; "" where a model knows it, or it says nothing."""
    last = name.rpartition(".")[2]
    words = {kind.rpartition(".")[2]: kind for kind in reversed(kinds)}
    found = next((word for word in sorted(_NAMESAKES & set(words)) if last.endswith(word) and last != word), "")
    return words[found] if found and last[0].isupper() and name not in ev.libraries.classes else ""


def _kind(ev: Evaluator, value: Value, kinds: tuple[str, ...]) -> str:
    if isinstance(value, External):
        full = canonical(ev.libraries, value.name)
        return next((kind for kind in kinds if is_subclass(ev.libraries, full, kind)), "")
    if isinstance(value, ClassRef):
        derived = next((kind for kind in kinds if classes.derives(ev, value.ref, kind)), "")
        outside = (base for base in classes.bases(ev, value.ref) if isinstance(base, str) and not derived)
        return derived or next(filter(None, (_namesake(ev, base, kinds) for base in outside)), "")
    return ""


def meant(found: Objects, expr: Expr, frame: Frame, hops: int = 0) -> Meant:
    """The objects that an expression may be."""
    if found.parts and (owner := _of_part(found, expr, frame)) is not None:
        return meant(found, *owner, hops)
    return meant_by(found, found.ev.expr(expr, frame), expr, frame, hops)


def _of_part(found: Objects, expr: Expr, frame: Frame) -> tuple[Expr, Frame] | None:
    """The object whose part an expression is: `app` of `app.router`, also where that has a name of its own."""
    if isinstance(expr, Name) and (thunk := next((v for k, v in frame.known if k == expr.id), None)) is not None:
        return _of_part(found, thunk.expr, thunk.frame) if isinstance(thunk, Thunk) else None
    part = (expr, frame) if isinstance(expr, Attribute) else definition(found.ev, expr, frame)
    if part is not None and isinstance(part[0], Attribute) and part[0].name in found.parts:
        return part[0].value, part[1]
    return None


def meant_by(found: Objects, values: Values, expr: Expr, frame: Frame, hops: int = 0) -> Meant:
    """The objects among the values of an expression; a parameter is looked up where the project passes it."""
    keys: dict[SiteRef, None] = {}
    sure = True
    for value in values:
        match value:
            case Instance(made=site) if site in found.made:
                keys.setdefault(site)
            case External(receiver=Instance() as owner, name=name) if name.endswith(".router"):
                inner = meant_by(found, (owner,), expr.value if isinstance(expr, Attribute) else expr, frame, hops)
                keys.update(dict.fromkeys(inner.keys))
            case Const(value=None):
                pass
            case Instance(cls=cls) if same := _by_class(found, cls):
                passed = _passed(found, expr, frame, hops)
                # `app: FastAPI` in a project with one application can mean no other.
                alone = same if len(same) == 1 or isinstance(cls, ScopeRef) else ()
                keys.update(dict.fromkeys(passed or alone))
                sure = sure and bool(passed or alone)
            case Opaque():
                passed = _passed(found, expr, frame, hops)
                keys.update(dict.fromkeys(passed))
                sure = sure and bool(passed)
            case _:
                sure = False
    return Meant(tuple(keys), sure and bool(keys))


def _by_class(found: Objects, cls: str | ScopeRef) -> tuple[SiteRef, ...]:
    """The objects of a class: what `app: FastAPI`, or `self` in a subclass, may be."""
    if isinstance(cls, ScopeRef):
        return tuple(m.site for m in found.made.values() if m.cls is not None and cls in classes.bases(found.ev, m.cls))
    return tuple(m.site for m in found.made.values() if is_subclass(found.ev.libraries, m.kind, cls))


def _passed(found: Objects, expr: Expr, frame: Frame, hops: int) -> tuple[SiteRef, ...]:
    """The objects that the project passes to the parameter that an expression names."""
    ev, ref = found.ev, frame.ref
    if not isinstance(expr, Name) or hops >= MOST_HOPS:
        return ()
    while ref.scope and not any(p.name == expr.id for p in ev.scope(ref).params.items):
        ref = ScopeRef(ref.path, ev.scope(ref).parent)
    if not ref.scope:
        return ()
    keys: dict[SiteRef, None] = {}
    method = enclosing_class(ev.index, ref) is not None
    for site in callers(ev, ref):
        called = read(ev, site)
        if called is None:
            continue
        given = bind(ev, ref, called[0], called[1], has_receiver=method).get(expr.id)
        if given is not None and not isinstance(given, tuple):
            keys.update(dict.fromkeys(meant(found, given.expr, given.frame, hops + 1).keys))
    return tuple(keys)


# -------------------------------------------------------------------------- loops


def in_round(ev: Evaluator, expr: Expr, frame: Frame, loop: Loop) -> tuple[Values, Expr, Frame]:
    """An expression in one round: its values, and where it really stands."""
    if isinstance(expr, Name) and expr.id in loop:
        inner, where = loop[expr.id]
        return ev.expr(inner, where), inner, where
    if isinstance(expr, Attribute) and isinstance(expr.value, Name) and expr.value.id in loop:
        inner, where = loop[expr.value.id]
        values = tuple(v for owner in ev.expr(inner, where) for v in attributes.of(ev, owner, expr, frame))
        return values, expr, frame
    if isinstance(expr, Format) and loop:  # f"/by/{name}"
        known = tuple((name, ev.expr(*held)) for name, held in sorted(loop.items()))
        frame = ev.frame(frame.ref, known, frame.depth, frame.outer)
    return ev.expr(expr, frame), expr, frame
