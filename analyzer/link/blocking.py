"""The call graph from `async def` downwards → library calls that block the event loop, also through sync helpers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..model import project as answers
from ..model.facts import ScopeKind
from ..model.location import Location, Step
from .calls import KnownCall, describe
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .loop import alone, on_the_spot, plain
from .values import ClassRef, Frame, Function

DEEPEST = 8  # sync helpers one below another
MOST = 4_000  # helpers followed from one async function

Edges = dict[ScopeRef, tuple[tuple[ScopeRef, SiteRef], ...]]


def blocking_calls(ev: Evaluator, calls: tuple[KnownCall, ...], with_tests: bool) -> Iterator[answers.BlockingCall]:
    """Each blocking call that an `async def` reaches, with the shortest way down; one answer per blocking call."""
    blocking: dict[ScopeRef, list[KnownCall]] = defaultdict(list)
    for known in calls:
        operation = known.operation
        if operation.blocks and not operation.is_async and not operation.refuses_loop:
            spot = on_the_spot(ev, known.frame.ref)
            if known.call.at not in spot.elsewhere | spot.awaited:  # what is awaited is not what it was taken for
                blocking[known.frame.ref].append(known)
    if not blocking:
        return
    edges: Edges = {}
    seen: set[SiteRef] = set()
    entries = sorted(_async_functions(ev, with_tests), key=lambda ref: (alone(ev, ref), ref))
    for entry in entries:
        for way, ref in _reached(ev, entry, edges):
            for known in blocking.get(ref, ()):
                if known.site not in seen:
                    seen.add(known.site)
                    yield _answer(ev, known, entry, way)


def _async_functions(ev: Evaluator, with_tests: bool) -> Iterator[ScopeRef]:
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number, scope in enumerate(facts.scopes):
            if scope.kind is ScopeKind.FUNCTION and scope.is_async:
                yield ScopeRef(path, number)


def _reached(ev: Evaluator, entry: ScopeRef, edges: Edges) -> Iterator[tuple[tuple[SiteRef, ...], ScopeRef]]:
    """The async function and the sync functions that it calls, breadth first, each with the call sites on the way."""
    seen = {entry}
    waiting: list[tuple[tuple[SiteRef, ...], ScopeRef]] = [((), entry)]
    for way, ref in waiting:
        yield way, ref
        if len(way) >= DEEPEST or len(waiting) > MOST:
            continue
        for callee, site in callees(ev, ref, edges):
            if callee not in seen:
                seen.add(callee)
                waiting.append(((*way, site), callee))


def callees(ev: Evaluator, ref: ScopeRef, edges: Edges) -> tuple[tuple[ScopeRef, SiteRef], ...]:
    """The sync functions of the project that a function's body calls; generators run when iterated, so they count."""
    if ref in edges:
        return edges[ref]
    found: dict[ScopeRef, SiteRef] = {}
    spot = on_the_spot(ev, ref)
    for number, site in enumerate(ev.index.python[ref.path].calls):
        if site.scope != ref.scope:
            continue
        here = SiteRef(ref.path, number)
        call = call_at(ev.index, here)
        if call is None or call.at in spot.elsewhere:
            continue
        bodies = [target for value in ev.expr(call.callee, Frame(ref)) if (target := body_of(ev, value))]
        awaited = call.at in spot.awaited
        if awaited and any(ev.scope(target).is_async for target in bodies):
            continue  # of a client and its async twin, what is awaited is the twin
        for target in bodies:
            # A decorator may have made a coroutine of it: `@sync_to_async def load(): …`.
            if not ev.scope(target).is_async and (plain(ev, target) or not awaited):
                found.setdefault(target, here)
    edges[ref] = tuple(found.items())
    return edges[ref]


def body_of(ev: Evaluator, value: object) -> ScopeRef | None:
    """The function that a call of this value runs."""
    if isinstance(value, Function):
        return value.ref
    if isinstance(value, ClassRef):
        bound = ev.bindings(value.ref).get("__init__", ())
        return ScopeRef(value.ref.path, bound[-1].number) if bound and bound[-1].number >= 0 else None
    return None


def _answer(ev: Evaluator, known: KnownCall, entry: ScopeRef, way: tuple[SiteRef, ...]) -> answers.BlockingCall:
    scope = ev.scope(entry)
    steps = [_step(ev, site) for site in way]
    steps.append(Step(known.at, f"`{known.target.name}` blocks"))
    return answers.BlockingCall(
        describe(ev, known),
        known.operation.blocks,
        scope.qualname,
        Location(entry.path, scope.name_at),
        tuple(steps),
        alone(ev, entry),
    )


def _step(ev: Evaluator, site: SiteRef) -> Step:
    outline = ev.index.site(site)
    caller = ev.scope(ScopeRef(site.path, outline.scope)).qualname
    return Step(Location(site.path, outline.at), f"`{caller}` calls `{outline.callee}`")
