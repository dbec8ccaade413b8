"""Requests → those whose answer's body is used and whose status nothing looks at, through helpers too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model.code import Call
from ..model.location import Location, Span, Step
from ..model.responses import UncheckedResponse
from . import classes
from .answer_uses import STATUS, Use, uses
from .asking import last_word, step
from .calls import KnownCall, describe
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .loop import on_the_spot
from .parameters import callers
from .values import Frame, Instance
from .walk import nodes

MARKER = "unchecked-response"  # of the classes of answers whose status somebody has to look at
DEEPEST = 4  # functions that hand an answer on
MOST = 40  # places that one answer is followed to
# What makes a client, or a single call, look at each answer by itself.
_LOOKING = frozenset({"raise_for_status", "event_hooks", "hooks", "response_hook"})


@dataclass(frozen=True, slots=True)
class _End:
    """A place that an answer comes to, with the calls that handed it on and what is done with it there."""

    way: tuple[SiteRef, ...]
    ref: ScopeRef
    use: Use


def unchecked_responses(ev: Evaluator, calls: tuple[KnownCall, ...], with_tests: bool) -> Iterator[UncheckedResponse]:
    """Every request whose answer is used unseen, sorted by place."""
    answers = frozenset(ev.libraries.markers.get(MARKER, ()))
    hooked = frozenset(_family(known) for known in calls if _looks_by_itself(known.call))
    for known in sorted(calls, key=lambda k: k.at):
        if known.operation.waits != "http" or (known.site.path in ev.index.tests and not with_tests):
            continue
        if not {known.operation.returns, known.operation.enters} & answers or _client_looks(ev, known, hooked):
            continue
        ends = list(_ends(ev, known, answers))
        blind = [end for end in ends if end.use.body is not None and not end.use.looked]
        looked = any(end.use.looked for end in ends)
        if blind:
            groups = [(end,) for end in blind] if looked else [tuple(blind)]
            yield from (_answer(ev, known, group, apart=looked) for group in groups)


def _family(known: KnownCall) -> str:
    return known.target.name.partition(".")[0]


def _looks_by_itself(call: Call) -> bool:
    return any(keyword.name in _LOOKING for keyword in call.keywords)


def _client_looks(ev: Evaluator, known: KnownCall, hooked: frozenset[str]) -> bool:
    """Whether the client looks at each answer, or may: by its arguments, its hooks, or its own class."""
    if any(keyword.name in _LOOKING or keyword.name is None for keyword in known.call.keywords):
        return any(keyword.name in _LOOKING for keyword in known.call.keywords)
    client = known.target.receiver
    if not isinstance(client, Instance):
        return client is not None and _family(known) in hooked
    if isinstance(client.cls, ScopeRef):
        return _mentioned(ev, client.cls)
    places = {known.site.path} | ({client.made.path} if client.made is not None else set())
    if any({"hooks", "event_hooks"} & set(ev.index.python[path].attributes) for path in places):
        return True
    if client.made is None:  # known by a type alone: it may be one of the project's own kind
        return _family(known) in hooked or any(_mentioned(ev, ref) for ref in _own_kinds(ev, client.cls))
    made = call_at(ev.index, client.made)
    return made is None or _looks_by_itself(made) or any(keyword.name is None for keyword in made.keywords)


def _own_kinds(ev: Evaluator, cls: str) -> Iterator[ScopeRef]:
    """The project's classes that derive from a library's class of clients."""
    word = cls.rpartition(".")[2]
    for path, facts in sorted(ev.index.python.items()):
        for number, scope in enumerate(facts.scopes if word in facts.names or word in facts.attributes else ()):
            if any(last_word(base) == word for base in scope.bases) and path not in ev.index.tests:
                yield ScopeRef(path, number)


def _mentioned(ev: Evaluator, cls: ScopeRef) -> bool:
    """Whether a method of a client's class, or of those it extends, looks at a status."""
    own = [base for base in classes.bases(ev, cls) if isinstance(base, ScopeRef)]
    methods = (ScopeRef(c.path, n) for c in own for n in ev.index.children.get(c.path, {}).get(c.scope, ()))
    return any(getattr(node, "name", None) in STATUS for ref in methods for node in nodes(body(ev.index, ref)))


def _ends(ev: Evaluator, known: KnownCall, answers: frozenset[str]) -> Iterator[_End]:
    """What becomes of an answer: in the function that asks, and in those that are handed it."""
    waiting: list[tuple[tuple[SiteRef, ...], ScopeRef, Span]] = [((), known.frame.ref, known.call.at)]
    seen = {known.site}
    for way, ref, at in waiting:
        if at in on_the_spot(ev, ref).elsewhere and at not in on_the_spot(ev, ref).awaited:
            return
        use = uses(ev, ref, at)
        yield _End(way, ref, use)
        if not use.returned or use.looked or len(way) >= DEEPEST:
            continue
        for site in callers(ev, ref):
            call = call_at(ev.index, site)
            above = ScopeRef(site.path, ev.index.site(site).scope)
            if site in seen or call is None or len(seen) >= MOST:
                continue
            seen.add(site)
            if any(isinstance(v, Instance) and v.cls in answers for v in ev.expr(call, Frame(above))):
                waiting.append(((*way, site), above, call.at))


def _answer(ev: Evaluator, known: KnownCall, ends: tuple[_End, ...], *, apart: bool) -> UncheckedResponse:
    first, *rest = sorted(ends, key=lambda end: (len(end.way), end.ref))
    at = known.at
    if apart and first.way:
        site = first.way[-1]
        at = Location(site.path, ev.index.site(site).at)
    assert first.use.body is not None
    handed = tuple(step(ev, site) for site in first.way)
    return UncheckedResponse(
        at=at,
        call=describe(ev, known),
        used=first.use.body[0],
        path=(Step(known.at, f"`{known.target.name}` asks"), *handed, _read(first)),
        others=tuple(_read(end) for end in rest),
        demanded=all(end.use.demanded for end in ends),
    )


def _read(end: _End) -> Step:
    assert end.use.body is not None
    return Step(Location(end.ref.path, end.use.body[1]), f"`{end.use.body[0]}` of the answer is used")
