"""Calls on clients that are lost from sight on the way → what cannot be judged of them, so that it is counted."""

from __future__ import annotations

from collections.abc import Iterator

from ..libraries import method
from ..model import project as answers
from ..model.answer import Unknown
from ..model.code import Attribute, Call
from ..model.facts import Import
from ..model.location import Location
from ..model.project import Origin
from .calls import in_main_guard
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at
from .values import Frame, Instance, Opaque, Value
from .walk import dotted

_WRAPPED = "a client handed through a call that is not understood"
_UNREAD = "a client made in a file that could not be read"


def lost(ev: Evaluator, kind: str) -> Iterator[tuple[SiteRef, Call, Unknown]]:
    """Calls that wait for this kind of server if their receiver is the client that it seems to be, sorted by place."""
    words = {w for m in ev.libraries.classes.values() for w, o in m.methods.items() if o.waits == kind}
    unread = frozenset(path for path in ev.index.unread if path.endswith(".py"))
    sites = [site for word in sorted(words) for site in ev.index.sites.get(word, ()) if site.path not in ev.index.tests]
    for site in sorted(site for site in sites if unread or not _understood(ev, site)):
        call = call_at(ev.index, site)
        if call is None or not isinstance(call.callee, Attribute):
            continue
        frame = Frame(ScopeRef(site.path, ev.index.site(site).scope))
        for value in ev.expr(call.callee.value, frame):
            why = _wrapped(ev, value, call.callee.name, kind) or (
                unread and _unread(ev, call.callee, site.path, unread)
            )
            if why:
                yield site, call, Unknown(why)
                break


def _understood(ev: Evaluator, site: SiteRef) -> bool:
    """Whether the call graph knows what is called there, and that it is nothing else."""
    edges = ev.graph.sites.get(site, ()) if ev.graph is not None else ()
    return bool(edges) and all(edge.sure for edge in edges)


def _wrapped(ev: Evaluator, value: Value, word: str, kind: str) -> str:
    """Whether a value is what a function that is not understood made of a client: `traced(requests.Session())`."""
    if not (isinstance(value, Opaque) and value.origin is Origin.CALL and value.at.path in ev.index.python):
        return ""
    for number, outline in enumerate(ev.index.python[value.at.path].calls):
        if outline.at != value.at.span:
            continue
        call = call_at(ev.index, SiteRef(value.at.path, number))
        frame = Frame(ScopeRef(value.at.path, outline.scope))
        for arg in (*call.args, *(k.value for k in call.keywords)) if call is not None else ():
            for inner in ev.expr(arg, frame):
                if isinstance(inner, Instance) and isinstance(inner.cls, str):
                    known = method(ev.libraries, inner.cls, word)
                    if known is not None and known[1].waits == kind:
                        return _WRAPPED
    return ""


def _unread(ev: Evaluator, callee: Attribute, path: str, unread: frozenset[str]) -> str:
    """Whether the receiver is a name imported from a file of the project that could not be read."""
    first = callee.value
    while isinstance(first, Attribute):
        first = first.value
    bound = getattr(first, "id", "")
    for item in ev.index.python[path].imports:
        if item.bound == bound and _source(ev, item, path) & unread:
            return _UNREAD
    return ""


def _source(ev: Evaluator, item: Import, path: str) -> frozenset[str]:
    """The files that an import may read."""
    if item.level:
        folder = "/".join([*path.split("/")[: -item.level], *filter(None, item.module.split("."))])
        stems = (folder, f"{folder}/{item.name}" if folder else item.name)
        return frozenset(f"{stem}{end}" for stem in stems for end in (".py", "/__init__.py"))
    names = (item.module, f"{item.module}.{item.name}")
    return frozenset(p for name in names for p in ev.index.modules.get(name, ()))


def seen(ev: Evaluator, site: SiteRef, call: Call) -> answers.Call:
    """A call whose library is only guessed, as rules see it."""
    scope = ev.scope(ScopeRef(site.path, ev.index.site(site).scope))
    at = Location(site.path, call.at)
    return answers.Call(
        dotted(call.callee), "", at, scope.qualname, scope.is_async, in_main_guard(ev, site.path, call), sure=False
    )
