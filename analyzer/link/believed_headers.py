"""Headers that name a person → the functions that take one for who is calling, and the endpoints that rest on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..model.access import Believed
from ..model.answer import Known
from ..model.code import Attribute, Call, Expr, ExprStmt, Literal, Name, Subscript
from ..model.endpoint import App, Endpoint, Input, Place, Purpose
from ..model.facts import ScopeKind
from ..model.location import Location, Span
from ..model.rule import Node
from .bindings import Bind
from .callgraph import CallGraph
from .evaluate import Evaluator
from .header_uses import used
from .index import ScopeRef, body, raw
from .reach import function_at, functions_above
from .walk import dotted, nodes
from .worded import qualified

# What a service calls the header in which another one tells it the user.
_PERSON = re.compile(
    r"(?:x-)?(?:(?:current|auth|authenticated|logged-?in|caller|requesting|acting|session|app|internal|gateway|clerk"
    r"|jwt|admin)-)*(?:user|actor|caller|principal|employee|uid)(?:-?(?:id|uid|uuid|name|email|roles?))?|x-roles?"
)
# Headers that an authenticating proxy is known to set, and to take out of what a client sends.
_OF_PROXIES = re.compile(
    r"(?:x-)?remote-(?:user|email|name|groups?)|x-forwarded-(?:user|email|preferred-username|groups)|x-auth-request-.*"
    r"|x-webauth-.*|cf-access-.*-email|x-goog-authenticated-user-.*|x-ms-client-principal.*|x-amzn-oidc-.*|x-consumer-.*"
    r"|x-authentik-.*|x-rh-identity|tailscale-user-.*|x-(?:ssl-)?client-(?:cert|dn|s-dn).*"
)
_ON_REQUESTS = frozenset({"headers", "META", "environ"})
_REQUESTS = frozenset({"request", "req", "websocket", "conn", "connection"})
_MARKS = (b"headers", b"META", b"environ", b"get_header")
# What shows that more than the header is looked at, or that somebody has to switch it on.
_MORE = re.compile(
    r"authorization|bearer|jwt|token|secret|signature|hmac|api_?key|digest|trust|proxy|cert|allow_?list|whitelist|verif"
    r"|password|session|cookie|decode|settings|config|environ|getenv|debug|enabled|local|is_dev|basic",
    re.IGNORECASE,
)
# Code that takes a user along for something else than to know what he may.
_BESIDE = re.compile(
    r"log(?:g|_|$)|trac(?:e|ing)|telemetry|metric|limit|throttl|correlation|audit|analytics|sentry|locale",
    re.IGNORECASE,
)
_LEFT_ALONE = frozenset({Purpose.WEBHOOK, Purpose.HEALTH, Purpose.DOCS, Purpose.STATIC})


def believed(
    ev: Evaluator, graph: CallGraph, apps: Iterable[App], served: Mapping[ScopeRef, tuple[str, ...]]
) -> Iterator[Believed]:
    """Every function that takes a header for who is calling, with the endpoints where nothing else is asked."""
    endpoints = [e for app in apps for e in app.endpoints if e.purpose not in _LEFT_ALONE]
    sites: dict[ScopeRef, dict[Location, str]] = {}
    declared: dict[ScopeRef, dict[Endpoint, None]] = {}
    for endpoint in endpoints:
        for taken in endpoint.inputs:
            ref = _declares(ev, taken)
            if ref is not None:
                sites.setdefault(ref, {})[taken.at] = taken.name
                declared.setdefault(ref, {})[endpoint] = None
    for ref in _functions(ev):
        for at, name in _read(ev, ref):
            sites.setdefault(ref, {}).setdefault(at, name)
    for ref, found in sorted(sites.items()):
        if _BESIDE.search(f"{ref.path.rpartition('/')[2]} {ev.scope(ref).qualname}"):
            continue
        yield from _judged(ev, graph, ref, found, endpoints, declared.get(ref, {}), served)


def _person(name: str) -> bool:
    plain = name.lower().replace("_", "-").removeprefix("http-")
    return bool(_PERSON.fullmatch(plain) or _OF_PROXIES.fullmatch(plain))


def _declares(ev: Evaluator, taken: Input) -> ScopeRef | None:
    """The function whose parameter is a header that names a person, and that does more with it than log it."""
    if taken.place is not Place.HEADER or not _person(taken.name):
        return None
    ref = function_at(ev, taken.at)
    names = [p.name for p in ev.scope(ref).params.items if p.at == taken.at.span] if ref is not None else []
    return ref if ref is not None and names and used(body(ev.index, ref), names[0]) else None


def _functions(ev: Evaluator) -> Iterator[ScopeRef]:
    """Functions that may read a header of a request."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests or (_ON_REQUESTS | {"get_header"}).isdisjoint(facts.attributes):
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is ScopeKind.FUNCTION and any(word in raw(ev.index, ref) for word in _MARKS):
                yield ref


def _read(ev: Evaluator, ref: ScopeRef) -> Iterator[tuple[Location, str]]:
    """`request.headers.get("X-User-Id")`, where something is done with it."""
    statements = body(ev.index, ref)
    names = {b.expr.at: name for name, bound in ev.bindings(ref).items() for b in bound if _is_value(b.how) and b.expr}
    for node in nodes(statements):
        name = _header(node)
        if name and _person(name):
            kept = next((names[outer.at] for outer in nodes(statements) if _holds(outer, node, names)), "")
            if used(statements, kept, None if kept else node.at):
                yield Location(ref.path, node.at), name


def _is_value(how: Bind) -> bool:
    return how in (Bind.VALUE, Bind.NAMED)


def _holds(outer: object, node: Expr, names: Mapping[Span, str]) -> bool:
    """Whether an expression that a name is given is the header, or is made of nothing but it."""
    return getattr(outer, "at", None) in names and any(inner is node for inner in nodes(outer))


def _header(node: object) -> str:
    match node:
        case Call(callee=Attribute(value=holder, name="get"), args=(Literal(value=str(name)), *_)):
            return _sent(holder, name)
        case Call(callee=Attribute(value=holder, name="get_header"), args=(Literal(value=str(name)), *_)):
            return name if dotted(holder).rpartition(".")[2] in _REQUESTS else ""
        case Subscript(value=holder, index=Literal(value=str(name))):
            return _sent(holder, name)
        case _:
            return ""


def _sent(holder: Expr, name: str) -> str:
    """The header behind a key; "" where the holder is no request's. The server itself sets what has no `HTTP_`."""
    *before, last = dotted(holder).split(".")
    if last == "headers" and before[-1:] and before[-1] in _REQUESTS:
        return name
    if last in ("META", "environ") and before[-1:] and before[-1] in _REQUESTS and name.startswith("HTTP_"):
        return name.removeprefix("HTTP_")
    return ""


def _judged(
    ev: Evaluator,
    graph: CallGraph,
    ref: ScopeRef,
    found: Mapping[Location, str],
    endpoints: list[Endpoint],
    declared: Mapping[Endpoint, None],
    served: Mapping[ScopeRef, tuple[str, ...]],
) -> Iterator[Believed]:
    """The endpoints that rest on a header; nothing where each of them asks for something else too."""
    above = functions_above(ev, graph, min(found))
    around = [*above, *_outer(ev, ref)]
    own = {qualified(ev.index, one) for one in around}
    reached = {name for one in above for name in served.get(one, ())}
    run = [e for e in endpoints if e in declared or reached.intersection(f"{m} {e.path}" for m in e.methods)]
    # A decorator or middleware is above nothing: the endpoints that it guards name it.
    resting = [e for e in run or endpoints if own.issuperset(_guards(e)) and (run or _guards(e))]
    if resting:
        asked = {name for e in endpoints for name in _guards(e) if e.app in {one.app for one in resting}}
        known = own.issuperset(asked) or any(isinstance(e.authentication, Known) for e in resting)
        alone = not any(_asks_more(ev, one) for one in around if one not in served or one == ref)
        names = tuple(dict.fromkeys(found[at] for at in sorted(found)))
        proxied = all(_OF_PROXIES.fullmatch(n.lower().replace("_", "-")) for n in names)
        node = Node.PARAMETER if any(p.at == min(found).span for p in ev.scope(ref).params.items) else Node.EXPRESSION
        yield Believed(min(found), names, ev.scope(ref).qualname, tuple(resting), known and alone, proxied, node)


def _guards(endpoint: Endpoint) -> tuple[str, ...]:
    asks = endpoint.authentication
    return tuple(guard.what for guard in asks.value) if isinstance(asks, Known) else ()


def _outer(ev: Evaluator, ref: ScopeRef) -> Iterator[ScopeRef]:
    """What a function is written in: the decorator that makes it, the class of a middleware."""
    number = ev.scope(ref).parent
    while number > 0:
        yield ScopeRef(ref.path, number)
        number = ev.index.python[ref.path].scopes[number].parent


def _asks_more(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function speaks of another proof, or of a switch; what it is for stands in no name and no doc."""
    said = [p.name for p in ev.scope(ref).params.items]
    statements = tuple(s for s in body(ev.index, ref) if not (isinstance(s, ExprStmt) and isinstance(s.value, Literal)))
    for node in nodes(statements):
        match node:
            case Name(id=word) | Attribute(name=word) | Literal(value=str(word)) if len(word) < 40:
                said.append(word)
            case _:
                pass
    return any(_MORE.search(word) for word in said)
