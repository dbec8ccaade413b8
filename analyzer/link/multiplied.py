"""Retries → those that stand inside of others along one call path, with the number of all attempts together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..model.answer import Known
from ..model.code import Raise, Try
from ..model.location import Span, Step
from ..model.outbound import Multiplied, Stage
from .asking import Asking, called, step, steps, within
from .calls import KnownCall
from .client_attempts import client_attempts
from .index import ScopeRef, SiteRef, body
from .retries import Attempted
from .tried_again import leading_to_another
from .walk import contains, dotted, nodes

DEEPEST = 6  # functions one below another
MOST = 200  # functions looked at below one retry
_EVERYTHING = ("builtins.Exception", "builtins.BaseException")
LEAST = 6  # attempts in all that are worth a word


@dataclass(frozen=True, slots=True)
class _Chain:
    """The way down on which most attempts are made; without a path nothing is asked on it."""

    attempts: int = 1
    stages: tuple[Stage, ...] = ()
    path: tuple[Step, ...] = ()
    raises: str = ""  # the library whose exceptions come out of it in the end


@dataclass(slots=True)
class _Search:
    asks: Asking
    loops: dict[ScopeRef, list[Attempted]]
    decorated: dict[ScopeRef, Attempted]
    clients: Mapping[ScopeRef, tuple[tuple[KnownCall, int], ...]]  # calls that a client makes several times
    looked: int = 0
    seen: set[ScopeRef] = field(default_factory=set)


def multiplied(asks: Asking, attempted: tuple[Attempted, ...], calls: tuple[KnownCall, ...]) -> Iterator[Multiplied]:
    """Every outermost retry that others stand in, sorted by place."""
    loops: dict[ScopeRef, list[Attempted]] = {}
    decorated: dict[ScopeRef, Attempted] = {}
    for one in attempted:
        if one.handlers:
            loops.setdefault(one.ref, []).append(one)
        elif one.spans:
            decorated[one.ref] = one
    clients = client_attempts(asks.ev, calls)
    found: list[Multiplied] = []
    for one in attempted:
        if one.spans and _tries(one) > 1:
            chain = _below(_Search(asks, loops, decorated, clients), one.ref, one.spans, one, 0)
            if chain.stages and chain.attempts * _tries(one) >= LEAST:
                found.append(_answer(one, chain))
    inner = {stage.at for one in found for stage in one.stages[1:]}
    yield from (one for one in found if one.at not in inner)


def _below(search: _Search, ref: ScopeRef, spans: tuple[Span, ...], outer: Attempted | None, depth: int) -> _Chain:
    """The chain with most attempts in parts of a function's body; what `outer` itself adds is not counted."""
    search.seen.add(ref)
    search.looked += 1
    asks = search.asks
    found: list[tuple[Span, _Chain]] = []
    for known in asks.by_scope.get(ref, ()):
        found.append((known.call.at, _Chain(1, (), steps(asks.ev, (), known), _family(known.target.name))))
    for known, tries in search.clients.get(ref, ()):
        name = known.target.name
        asked = Step(known.at, f"`{name}` asks the other service")
        found.append((known.call.at, _Chain(tries, (Stage(name, tries, known.at),), (asked,), _family(name))))
    for callee, site in called(asks, ref) if depth < DEEPEST else ():
        at = asks.ev.index.site(site).at
        if within(at, spans) and callee not in search.seen and search.looked < MOST:
            found.append((at, _entered(search, callee, site, depth)))
    search.seen.discard(ref)
    loops = [loop for loop in search.loops.get(ref, ()) if loop is not outer and _inside(loop, spans)]
    around = (*loops, outer) if outer is not None else tuple(loops)
    chains = (
        _looped(asks, chain, [loop for loop in loops if within(at, loop.spans)])
        for at, chain in found
        if within(at, spans) and chain.path and not _kept(asks, ref, at, around)
    )
    reaching = (chain for chain in chains if outer is None or _sees(asks, outer, chain))
    return max(reaching, key=lambda chain: chain.attempts, default=_Chain())


def _family(name: str) -> str:
    return name.partition(".")[0]


def _sees(asks: Asking, outer: Attempted, chain: _Chain) -> bool:
    """Whether what fails below leads to another attempt: by its library, or because everything does."""
    names = leading_to_another(asks, outer)
    return names is None or any(name in _EVERYTHING or _family(name) == chain.raises for name in names)


def _kept(asks: Asking, ref: ScopeRef, at: Span, around: tuple[Attempted, ...]) -> bool:
    """Whether a clause that is no retry's takes what a call raises, and lets none of it pass."""
    again = [handler for one in around for handler in one.handlers]
    for node in nodes(body(asks.ev.index, ref)):
        if isinstance(node, Try) and any(contains(statement.at, at) for statement in node.body):
            for handler in node.handlers:
                broad = handler.caught is None or dotted(handler.caught) in ("Exception", "BaseException")
                if broad and handler not in again and not any(isinstance(n, Raise) for n in nodes(handler.body)):
                    return True
    return False


def _inside(loop: Attempted, spans: tuple[Span, ...]) -> bool:
    return all(within(span, spans) for span in loop.spans) and _tries(loop) > 1


def _looped(asks: Asking, chain: _Chain, around: list[Attempted]) -> _Chain:
    """A chain inside of retries of the function that it begins in, outer ones first."""
    for one in reversed(around):
        if _sees(asks, one, chain):
            raises = "tenacity" if one.decorator is not None and _wraps(one) else chain.raises
            chain = _Chain(chain.attempts * _tries(one), (_stage(one), *chain.stages), chain.path, raises)
    return chain


def _wraps(one: Attempted) -> bool:
    """Whether what is raised in the end is a `RetryError`: tenacity's way unless `reraise=True` is given."""
    told = one.decorator.keywords if one.decorator is not None else ()
    return _family(one.retry.what) == "tenacity" and not any(keyword.name in ("reraise", None) for keyword in told)


def _entered(search: _Search, callee: ScopeRef, site: SiteRef, depth: int) -> _Chain:
    """What a call of a function comes to: what stands in it, times what its decorator tries."""
    own = search.decorated.get(callee)
    chain = _below(search, callee, (search.asks.ev.scope(callee).at,), None, depth + 1)
    if not chain.path:
        return chain
    around = [own] if own is not None and not own.task and _tries(own) > 1 else []
    return replace(_looped(search.asks, chain, around), path=(step(search.asks.ev, site), *chain.path))


def _tries(one: Attempted) -> int:
    """How often something is tried, as far as it is known to end."""
    return one.retry.attempts.value or 1 if isinstance(one.retry.attempts, Known) else 1


def _stage(one: Attempted) -> Stage:
    return Stage(one.retry.what, _tries(one), one.retry.at)


def _answer(one: Attempted, chain: _Chain) -> Multiplied:
    stages = (_stage(one), *chain.stages)
    return Multiplied(one.retry.at, one.retry.node, chain.attempts * _tries(one), stages, chain.path)
