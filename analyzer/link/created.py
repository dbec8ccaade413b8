"""Objects that are meant to be shared → those that a function makes anew for each request, and by which way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import outbound
from ..model.code import Call, Comprehension, Dict, For, Name, While, With
from ..model.facts import ScopeKind
from ..model.location import Location, Step
from .asking import Way, kept_by_lambda, last_word, remembers, step
from .calls import KnownCall, describe, given
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body
from .injected import Injected
from .kept import outlives
from .loop import on_the_spot
from .parameters import callers
from .walk import contains, nodes, statements

DEEPEST = 4  # functions between a request and the call
MOST = 60  # functions looked at above one call

# Functions that run once by their name: before the first request, or when the last one is done.
_ONCE = re.compile(
    r"lifespan|start_?up|shut_?down|create_app|make_app|init_app|^ready$|^main$|worker_|warm_?up|on_start"
)
# Arguments that say nothing of whose client it is.
_TUNING = re.compile(r"timeout|limit|pool|retr|verify|ssl|http2|redirect|max_|min_|size|echo|recycle|encod|decode|loop")
_SETTINGS = re.compile(r"(app_?)?(settings?|config|conf|cfg)|app|env", re.IGNORECASE)


def created(
    ev: Evaluator, calls: tuple[KnownCall, ...], injections: Injected, with_tests: bool
) -> Iterator[outbound.Created]:
    """Each place that makes something to be shared for one request alone, sorted by place."""
    for known in sorted(calls, key=lambda k: k.at):
        ref = known.frame.ref
        if not known.operation.shared or (known.site.path in ev.index.tests and not with_tests):
            continue
        if ev.scope(ref).kind is not ScopeKind.FUNCTION or known.call.at in on_the_spot(ev, ref).elsewhere:
            continue
        if _given_pool(ev, known) or outlives(ev, ref, known.call.at):
            continue
        if found := _per_request(ev, ref, injections):
            yield _answer(ev, known, *found, injections)


def _given_pool(ev: Evaluator, known: KnownCall) -> bool:
    """Whether the client is told to use a pool that somebody else made."""
    return any(
        given(ev, known.call, known.frame, name, parameter).expr is not None
        for name, parameter in known.operation.parameters.items()
        if parameter.role == "connection-pool"
    )


def _per_request(ev: Evaluator, start: ScopeRef, injections: Injected) -> tuple[ScopeRef, Way] | None:
    """The nearest handler or dependency above a function, with the calls from there down."""
    seen = {start}
    waiting: list[tuple[Way, ScopeRef]] = [((), start)]
    for way, ref in waiting:
        if remembers(ev, ref) or _ONCE.search(ev.scope(ref).name):
            continue
        if ref in ev.handlers or ref in injections:
            return ref, way
        if len(way) >= DEEPEST or len(seen) > MOST:
            continue
        for site in callers(ev, ref):
            above = ScopeRef(site.path, ev.index.site(site).scope)
            at = ev.index.site(site).at
            fresh = above not in seen and ev.scope(above).kind is ScopeKind.FUNCTION
            if fresh and not outlives(ev, above, at) and not kept_by_lambda(ev, above, at):
                seen.add(above)
                waiting.append(((site, *way), above))
    return None


def _answer(
    ev: Evaluator, known: KnownCall, entry: ScopeRef, way: tuple[SiteRef, ...], injections: Injected
) -> outbound.Created:
    told = [step(ev, site) for site in way]
    return outbound.Created(
        call=describe(ev, known),
        why=known.operation.shared,
        entry=ev.scope(entry).qualname,
        entry_at=Location(entry.path, ev.scope(entry).name_at),
        injected=entry in injections,
        given_to=tuple(_given(ev, ref) for ref in injections.get(entry, ()) if ref != entry),
        path=(*told, Step(known.at, f"`{known.target.name}` is made")),
        varies=_varies(ev, known),
        batch=_batch(ev, known),
    )


def _given(ev: Evaluator, ref: ScopeRef) -> Step:
    scope = ev.scope(ref)
    return Step(Location(ref.path, scope.name_at), f"`{scope.qualname}` is given it")


# -------------------------------------------------------------------- what it is given


def _varies(ev: Evaluator, known: KnownCall) -> bool:
    """Whether an argument comes from the function's parameters or its object: each caller may need its own."""
    call = known.call
    if any(keyword.name is None and not isinstance(keyword.value, Dict) for keyword in call.keywords):
        return True
    parts = [*call.args, *(k.value for k in call.keywords if not (k.name and _TUNING.search(k.name)))]
    ref = known.frame.ref
    scope = ev.scope(ref)
    params = {param.name for param in scope.params.items if not _SETTINGS.fullmatch(param.name.strip("_"))}
    names, waiting = set[str](), list(parts)
    for part in waiting:
        for node in nodes(part):
            if isinstance(node, Name) and node.id not in names:
                names.add(node.id)
                bound = ev.bindings(ref).get(node.id, ())
                waiting += [b.expr for b in bound if b.expr is not None and len(waiting) < MOST]
    return bool(names & params)


def _batch(ev: Evaluator, known: KnownCall) -> bool:
    """Whether the call heads a `with` in whose body a loop uses what it gives."""
    for statement in statements(body(ev.index, known.frame.ref)):
        for item in statement.items if isinstance(statement, With) else ():
            if contains(item.value.at, known.call.at) and isinstance(item.target, Name):
                assert isinstance(statement, With)
                return any(_uses(part, item.target.id) for node in nodes(statement.body) for part in _rounds(node))
    return False


def _rounds(node: object) -> tuple[object, ...]:
    """The parts of a loop that run several times, or of a call that runs several things side by side."""
    match node:
        case For(body=inner) | While(body=inner):
            return (inner,)
        case Comprehension(element=element):
            return (element,)
        case Call(args=args) if last_word(node) == "gather":
            return (args,)
        case _:
            return ()


def _uses(part: object, name: str) -> bool:
    return any(isinstance(node, Name) and node.id == name for node in nodes(part))
