"""Known calls → those that are a round trip to another service, by function; and the way down to the nearest one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..libraries import gathers
from ..model.code import Call, Expr, Lambda, Name
from ..model.location import Location, Span, Step
from .caches import DJANGO, in_process
from .callgraph import Edge, EdgeKind
from .calls import KnownCall
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body
from .left_out import left_out
from .loop import on_the_spot
from .values import Instance
from .walk import contains, dotted, nodes

REMOTE = frozenset({"http", "database", "cache", "mail", "queue"})
# What a function is asked for once: the next caller gets the same answer.
_REMEMBERS = ("cache", "memo", "once", "singleton")
DEEPEST = 4  # functions one below another whose names are looked at
MOST = 40  # functions looked at below one call

Way = tuple[SiteRef, ...]


@dataclass(slots=True)
class Asking:
    """Who asks other services, and which functions call which; what was learned is kept."""

    ev: Evaluator
    by_scope: dict[ScopeRef, tuple[KnownCall, ...]]
    sites: Mapping[SiteRef, tuple[Edge, ...]]  # what each call may run
    edges: dict[ScopeRef, tuple[tuple[ScopeRef, SiteRef], ...]] = field(default_factory=dict)
    nearest: dict[tuple[ScopeRef, int, tuple[Span, ...]], tuple[Way, KnownCall] | None] = field(default_factory=dict)


def asking(ev: Evaluator, calls: tuple[KnownCall, ...]) -> Asking:
    """The calls that are round trips, in source order for each function."""
    found: dict[ScopeRef, list[KnownCall]] = defaultdict(list)
    near = in_process(ev)
    for known in calls:
        if near and known.target.name.startswith(DJANGO):
            continue
        if kind(ev, known) and known.call.at not in on_the_spot(ev, known.frame.ref).elsewhere:
            found[known.frame.ref].append(known)
    by_scope = {ref: tuple(sorted(known, key=lambda k: k.at)) for ref, known in found.items()}
    return Asking(ev, by_scope, ev.graph.sites if ev.graph else {})


def kind(ev: Evaluator, known: KnownCall) -> str:
    """The kind of service that a call goes to and back from; "" for none."""
    operation = known.operation
    if operation.shared or known.target.name in ev.libraries.classes or _gathered(ev, known):
        return ""
    if operation.asks is not None:
        return operation.asks
    told = operation.waits or operation.blocks
    return told if told in REMOTE else ""


def _gathered(ev: Evaluator, known: KnownCall) -> bool:
    """Whether the receiver only collects what is asked of it, as a pipeline does."""
    receiver = known.target.receiver
    if not (isinstance(receiver, Instance) and isinstance(receiver.cls, str)):
        return False
    return gathers(ev.libraries, receiver.cls, known.target.name)


def below(asks: Asking, ref: ScopeRef, deepest: int, by: SiteRef | None = None) -> tuple[Way, KnownCall] | None:
    """The nearest call that asks, in a function or up to so many functions below it, with the calls on the way.

    What the call `by` leaves out is not looked at, nor what each call on the way leaves out.
    """
    omitted = left_out(asks.ev, by, ref) if by is not None else ()
    key = (ref, deepest, omitted)
    if key not in asks.nearest:
        asks.nearest[key] = _search(asks, ref, deepest, omitted)
    return asks.nearest[key]


def _search(asks: Asking, ref: ScopeRef, deepest: int, omitted: tuple[Span, ...]) -> tuple[Way, KnownCall] | None:
    seen = {ref}
    waiting: list[tuple[Way, ScopeRef, tuple[Span, ...]]] = [((), ref, omitted)]
    for way, current, skipped in waiting:
        if own := [known for known in asks.by_scope.get(current, ()) if not within(known.call.at, skipped)]:
            return way, next((known for known in own if known.sure), own[0])
        if len(way) < deepest and len(waiting) < MOST:
            for callee, site in called(asks, current):
                if callee not in seen and not within(asks.ev.index.site(site).at, skipped):
                    seen.add(callee)
                    waiting.append(((*way, site), callee, left_out(asks.ev, site, callee)))
    return None


def called(asks: Asking, ref: ScopeRef) -> tuple[tuple[ScopeRef, SiteRef], ...]:
    """The functions of the project that a function's body runs, with the calls of them, in the order of the calls."""
    if ref not in asks.edges:
        later = on_the_spot(asks.ev, ref).elsewhere
        asks.edges[ref] = tuple(
            (target, SiteRef(ref.path, number))
            for number, site in enumerate(asks.ev.index.python[ref.path].calls)
            if site.scope == ref.scope and site.at not in later
            for target in runs(asks, SiteRef(ref.path, number))
        )
    return asks.edges[ref]


def runs(asks: Asking, site: SiteRef) -> tuple[ScopeRef, ...]:
    """The functions of the project that a call runs; none where it is not sure, or one remembers."""
    ev = asks.ev
    edges = [edge for edge in asks.sites.get(site, ()) if edge.kind is EdgeKind.DIRECT]
    found = [edge.callee for edge in edges if isinstance(edge.callee, ScopeRef) and edge.sure]
    sure = len(found) == len(edges) and not any(remembers(ev, ref) or _scoped(ev, ref) for ref in found)
    return tuple(found) if sure else ()


def _scoped(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function only opens and closes what its callers use: `@contextmanager`."""
    return any("contextmanager" in last_word(decorator) for decorator in ev.scope(ref).decorators)


def remembers(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a decorator keeps a function's answer: `@lru_cache`, `@cached_property`."""
    return any(word in last_word(decorator).lower() for decorator in ev.scope(ref).decorators for word in _REMEMBERS)


def kept_by_lambda(ev: Evaluator, ref: ScopeRef, at: Span) -> bool:
    """Whether a place stands in a lambda that something is handed which keeps the answer: `cached(key, lambda: …)`."""
    if at not in on_the_spot(ev, ref).elsewhere:
        return False
    for node in nodes(body(ev.index, ref)):
        if isinstance(node, Call) and any(word in dotted(node.callee).lower() for word in _REMEMBERS):
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            if any(isinstance(arg, Lambda) and contains(arg.at, at) for arg in given):
                return True
    return False


def last_word(expr: Expr) -> str:
    """The last word of what is called or named: `functools.lru_cache(maxsize=1)` → "lru_cache"."""
    while isinstance(expr, Call):
        expr = expr.callee
    return expr.id if isinstance(expr, Name) else getattr(expr, "name", "") or ""


def steps(ev: Evaluator, way: Way, known: KnownCall) -> tuple[Step, ...]:
    """The calls on a way down and the one at its end, as an explanation."""
    told = [step(ev, site) for site in way]
    return (*told, Step(known.at, f"`{known.target.name}` asks the {NOUNS[kind(ev, known)]}"))


NOUNS = {
    "http": "other service", "database": "database", "cache": "cache", "mail": "mail server", "queue": "message broker",
}  # fmt: skip


def step(ev: Evaluator, site: SiteRef) -> Step:
    """One call of the project's own as a step: who calls what."""
    outline = ev.index.site(site)
    caller = ev.scope(ScopeRef(site.path, outline.scope)).qualname or "the module"
    return Step(Location(site.path, outline.at), f"`{caller}` calls `{outline.callee}`")


def within(inner: Span, outers: tuple[Span, ...]) -> bool:
    """Whether a place stands in one of several."""
    start = (inner.line, inner.column)
    return any((o.line, o.column) <= start < (o.end_line, o.end_column) for o in outers)
