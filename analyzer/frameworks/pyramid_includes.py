"""`config.include(…, route_prefix="…")` → the prefixes under which a function that adds routes is called."""

from __future__ import annotations

from collections import defaultdict

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef, body, module_path
from ..link.names import member
from ..link.parameters import callers
from ..link.values import Const, Frame, Function, Module, Value
from ..link.walk import contains, statements
from ..model.code import Attribute, Call, With
from ..model.location import Span
from .objects import in_round, rounds
from .sources import argument, read, sites, text

Includes = dict[ScopeRef, list[tuple[ScopeRef, str, Span]]]  # function → who includes it, with which prefix, where
_MOST = 8  # includes inside includes, and ways to one function


def includes(ev: Evaluator) -> Includes:
    """Every function that is included, with those that include it."""
    found: Includes = defaultdict(list)
    for site in sites(ev, "include"):
        _include(ev, site, found)
    return found


def _include(ev: Evaluator, site: SiteRef, found: Includes) -> None:
    called = read(ev, site)
    if called is None or not isinstance(called[0].callee, Attribute) or not called[0].args:
        return
    call, frame = called
    given = argument(ev, call, frame, "route_prefix", 1)
    for turn in rounds(ev, call, frame) or [{}]:
        prefix = text(in_round(ev, given.expr, given.frame, turn)[0]) if given.expr is not None else ""
        for value in in_round(ev, call.args[0], frame, turn)[0]:
            target = included(ev, value, frame)
            if target is not None:
                found[target].append((frame.ref, prefix, call.at))


def included(ev: Evaluator, value: Value, frame: Frame) -> ScopeRef | None:
    """The function that an include calls: itself, or `includeme` of a module; ".views" is relative to the caller's."""
    match value:
        case Function(ref=ref):
            return ref
        case Module(path=path) if path:
            return _member(ev, path, "includeme")
        case Const(value=str(written)) if written:
            dotted = written.lstrip(".")
            folder = frame.ref.path.rpartition("/")[0].replace("/", ".")
            full = f"{folder}.{dotted}".strip(".") if written.startswith(".") else dotted
            module = module_path(ev.index, full, frame.ref.path)
            if module is not None:
                return _member(ev, module, "includeme")
            owner, _, name = full.rpartition(".")
            module = module_path(ev.index, owner, frame.ref.path) if owner else None
            return _member(ev, module, name) if module is not None else None
        case _:
            return None


def _member(ev: Evaluator, path: str, name: str) -> ScopeRef | None:
    values = member(ev, path, name) or () if path in ev.index.python else ()
    return next((value.ref for value in values if isinstance(value, Function)), None)


def prefixes(ev: Evaluator, known: Includes, ref: ScopeRef, at: Span, trail: tuple[ScopeRef, ...] = ()) -> list[str]:
    """The prefixes that hold at a place in a function, one for each way to it; circles are cut."""
    here = _around(ev, ref, at)
    if ref in trail or len(trail) >= _MOST:
        return [here]
    ways = list(known.get(ref, ()))
    if not ways:
        ways = [(ScopeRef(s.path, ev.index.site(s).scope), "", ev.index.site(s).at) for s in callers(ev, ref)]
    found = [
        f"{above.rstrip('/')}/{prefix.strip('/')}".rstrip("/") + (f"/{here.strip('/')}" if here else "")
        for caller, prefix, place in ways
        for above in prefixes(ev, known, caller, place, (*trail, ref))
    ]
    return list(dict.fromkeys(found))[:_MOST] or [here]


def _around(ev: Evaluator, ref: ScopeRef, at: Span) -> str:
    """What `with config.route_prefix_context("/x"):` puts before."""
    parts = []
    for statement in statements(body(ev.index, ref)):
        for item in statement.items if isinstance(statement, With) and contains(statement.at, at) else ():
            call = item.value
            callee = call.callee if isinstance(call, Call) and call.args else None
            if isinstance(call, Call) and isinstance(callee, Attribute) and callee.name == "route_prefix_context":
                parts.append(text(ev.expr(call.args[0], Frame(ref))).strip("/"))
    return "/".join(parts)
