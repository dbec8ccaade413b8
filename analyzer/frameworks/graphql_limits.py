"""Extensions, validation rules and error formatters of a schema → what they bound, and what they keep from clients."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.values import ClassRef, External, Frame, Function, Instance, Lambda, Partial, Value
from ..link.walk import dotted, nodes
from ..model.code import Call, Expr
from ..model.location import Location
from .evidence import Evidence, doubt, merged, protection
from .lists import items
from .sources import code, name_place, qualified

QUERY_LIMIT, MASKING, NO_INTROSPECTION = "query-limit", "masking", "no-introspection"
_SPEAKS = {
    QUERY_LIMIT: re.compile(
        r"depth|complexit|(?:query|max|operation|field)_?cost|cost_?(?:valid|limit|rule|anal|map)"
        r"|max_?(?:tokens?|alias|nodes|directives|fields|selections)|(?:alias(?:es)?|tokens?|query|node)_?limit"
        r"|query_?(?:weight|size)|persisted_?(?:quer|doc|op)|allow_?list|safe_?list|trusted_?(?:document|quer)", re.I,
    ),
    MASKING: re.compile(r"mask|sanit|hide_?err|safe_?err|redact", re.I),
    NO_INTROSPECTION: re.compile(r"(?:no|disable|block|forbid)_?\w*introspection|introspection_?(?:dis|off)", re.I),
}  # fmt: skip
# What a function or class of one's own that refuses a query is called, wherever it hangs.
_REFUSES = re.compile(
    r"(?:max|limit|check|valid|restrict|forbid)\w*(?:depth|complexit|cost|alias|query_?size|root_?fields|query_?safety)"
    r"|(?:depth|complexit|cost|alias(?:es)?)\w*(?:limit|valid|rule|check|analy|max)|persisted_?(?:quer|doc)", re.I,
)  # fmt: skip
# What code of one's own that counts the parts of a query calls its bounds.
_COUNTS = re.compile(
    r"max_?(?:query|root|allowed)?_?(?:depth|complexity|cost|aliases|selections|root_fields|tokens)$"
    r"|(?:query|graphql)_?(?:depth|cost|complexity)", re.I,
)  # fmt: skip
# Libraries whose things do what their names say, and no more.
_PLAIN = ("strawberry.", "strawberry_django.", "graphene.", "graphene_django.", "graphql.", "ariadne.", "sentry_sdk.",
          "opentelemetry.", "apollo_tracing.", "graphene_django_optimizer.", "ddtrace.")  # fmt: skip
_LIBRARIES = frozenset({"graphql", "graphene", "graphene_django", "strawberry", "ariadne", "strawberry_django"})


def explained(ev: Evaluator, expr: Expr, frame: Frame, kind: str) -> Evidence:
    """What a list of extensions or rules does of one kind."""
    held = items(ev, expr, frame)
    if not held.found and not held.complete:
        return merged([_one(ev, expr, frame, kind)])
    parts = [] if held.complete else [doubt("extensions that are not understood", kind)]
    return merged([*parts, *(_one(ev, one, where, kind) for one, where in held.found)])


def _one(ev: Evaluator, expr: Expr, frame: Frame, kind: str) -> Evidence:
    """One extension: by the names in it, by its class or function, else it is not known."""
    at = Location(frame.ref.path, expr.at)
    named = [dotted(node) for node in nodes(expr)]
    values = ev.expr(expr, frame)
    named += [name for value in values for name in _names(ev, value)]
    spoken = next((name for name in named if name and _SPEAKS[kind].search(name.rpartition(".")[2])), "")
    if spoken:
        return protection(spoken, at, kind)
    if any(_does(ev, value, kind) for value in values):
        return protection(dotted(expr) or kind, at, kind)
    called = ev.qualified(expr.callee, frame) if isinstance(expr, Call) else ()
    if called and all(name.startswith(_PLAIN) for name in called):
        return Evidence()
    return merged([_doubtful(value, kind) for value in values])


def _names(ev: Evaluator, value: Value) -> list[str]:
    match value:
        case External(name=name) | Instance(cls=str() as name):
            return [name]
        case ClassRef(ref=ref) | Function(ref=ref) | Instance(cls=ScopeRef() as ref):
            return [qualified(ev, ref)]
        case Partial(target=target):
            return _names(ev, target)
        case _:
            return []


def _does(ev: Evaluator, value: Value, kind: str) -> bool:
    """Whether the code of an extension of the project's own speaks of what the kind is about."""
    if not isinstance(value, ClassRef | Function | Instance) or isinstance(getattr(value, "cls", None), str):
        return False
    ref = value.cls if isinstance(value, Instance) else value.ref
    return isinstance(ref, ScopeRef) and speaks(ev, ref, kind)


def speaks(ev: Evaluator, ref: ScopeRef, kind: str, depth: int = 0) -> bool:
    """Whether the code of a class or function names something that does what the kind is about."""
    inner = ev.index.children[ref.path].get(ref.scope, ())
    words = (dotted(node).rpartition(".")[2] or getattr(node, "name", "") for node in nodes(body(ev.index, ref)))
    if any(isinstance(word, str) and _SPEAKS[kind].search(word) for word in words):
        return True
    return depth < 2 and any(speaks(ev, ScopeRef(ref.path, one), kind, depth + 1) for one in inner)


def _doubtful(value: Value, kind: str) -> Evidence:
    """What is known to do something else; the rest may do anything."""
    match value:
        case External(name=name) | Instance(cls=str() as name) if name.startswith(_PLAIN):
            return Evidence()
        case ClassRef() | Function() | Instance(cls=ScopeRef()) | Lambda():
            return Evidence()
        case _:
            return doubt("extensions that are not understood", kind)


def elsewhere(ev: Evaluator, imported: bool = True) -> Evidence:
    """A limit that the project wrote for itself, wherever it hangs: a scope beside GraphQL that is named for one.

    What is `imported` from a library, and bounds by other names, count as well where a schema is not given its limits.
    """
    for path, facts in code(ev):
        if not any(item.module.partition(".")[0] in _LIBRARIES for item in facts.imports):
            continue
        for number, scope in enumerate(facts.scopes[1:], 1):
            if _REFUSES.search(scope.name):
                ref = ScopeRef(path, number)
                return protection(qualified(ev, ref), name_place(ev, ref), QUERY_LIMIT)
        if not imported:
            continue
        counted = next(filter(_COUNTS.search, (*facts.names, *facts.attributes)), None)
        if counted is not None:
            return protection(counted, Location(path, facts.scopes[0].name_at), QUERY_LIMIT)
        named = next((item for item in facts.imports if _REFUSES.search(item.name)), None)
        if named is not None and named.module.partition(".")[0] in _LIBRARIES:
            return protection(f"{named.module}.{named.name}", Location(path, named.at), QUERY_LIMIT)
    return Evidence()


def formats(ev: Evaluator, expr: Expr | None, frame: Frame) -> Evidence:
    """An error formatter of the project's own: whoever writes one decides what a client reads."""
    if expr is None:
        return protection(qualified(ev, frame.ref), name_place(ev, frame.ref), MASKING)
    at = Location(frame.ref.path, expr.at)
    for value in ev.expr(expr, frame):
        if isinstance(value, External) and value.name.startswith("ariadne."):
            return Evidence()  # the default itself
    return protection(dotted(expr) or MASKING, at, MASKING)
