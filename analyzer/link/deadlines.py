"""Calls that wait for somebody else → how long they may wait, by argument, client, setting or library default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model import project as answers
from ..model.answer import Known, Unknown
from ..model.code import Attribute
from ..model.library import Parameter
from ..model.location import Location
from . import calling
from .assignments import assigned_to
from .bounded import by_callers
from .bounds import Seconds, one, read, together
from .calls import KnownCall, describe, given
from .classes import bases, understood
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .limits import around, decorated
from .named_environment import environment
from .settings import settings
from .values import External, Frame, Instance, Value
from .walk import nodes
from .wrapped import lost, seen


def deadlines(ev: Evaluator, calls: tuple[KnownCall, ...], kind: str) -> Iterator[answers.Deadline]:
    """Every call of a kind that can wait."""
    overridden = _overridden(ev, calls)
    for known in calls:
        if known.operation.waits == kind:
            yield _deadline(ev, known, kind, overridden)
    judged = {known.site for known in calls}
    for site, call, why in lost(ev, kind):
        if site not in judged:
            yield answers.Deadline(kind, seen(ev, site, call), why, "client", "", "")


def endless(found: Iterable[answers.Deadline]) -> Iterator[answers.Endless]:
    """Calls that may wait for ever, one answer per place that is to be mended."""
    groups: dict[Location | str, list[answers.Deadline]] = {}
    for deadline in found:
        if isinstance(deadline.seconds, Known) and deadline.seconds.value is None:
            setting = deadline.parameter if deadline.set_at == "global" else ""
            groups.setdefault(setting or deadline.cause or deadline.call.at, []).append(deadline)
    answered: list[answers.Endless] = []
    for at, (first, *rest) in groups.items():
        where = at if isinstance(at, Location) else first.call.at
        others = tuple(deadline.call for deadline in rest)
        answered.append(answers.Endless(first.kind, where, first.call, first.parameter, first.note, others))
    yield from sorted(answered, key=lambda e: e.at)


def _overridden(ev: Evaluator, calls: tuple[KnownCall, ...]) -> frozenset[SiteRef]:
    """Clients that something may have given a time limit since they were made: an adapter, an assigned attribute."""
    found: set[SiteRef] = set()
    for known in calls:
        client = known.target.receiver
        made = client.made if isinstance(client, Instance) and "timeout" in known.operation.overrides else None
        if made is not None and not _harmless(ev, known):
            found.add(made)
    found.update(client.made for client in assigned_to(ev, "timeout") if client.made is not None)
    return frozenset(found)


def _harmless(ev: Evaluator, known: KnownCall) -> bool:
    """Whether what is put into a client is a library's own object, which sets no time limit."""
    values = [v for arg in known.call.args for v in ev.expr(arg, known.frame) if isinstance(v, Instance)]
    return bool(values) and all(isinstance(v.cls, str) and v.cls in ev.libraries.classes for v in values)


def _deadline(ev: Evaluator, known: KnownCall, kind: str, overridden: frozenset[SiteRef]) -> answers.Deadline:
    receiver = known.target.receiver
    client = receiver.made if isinstance(receiver, Instance) else None
    client_at = Location(client.path, ev.index.site(client).at) if client is not None else None
    bounding = [(name, p) for name, p in known.operation.parameters.items() if p.role == "timeout"]
    name, parameter = bounding[0] if bounding else ("", Parameter(role="timeout"))
    set_at, cause = "call", None
    seconds: Seconds
    if not bounding:
        seconds, set_at = Known(None), "default"
    elif name.isupper():
        seconds, set_at = _by_setting(ev, name), "global"
    elif parameter.inherits and not _says(ev, known, name, parameter):
        seconds, set_at, cause = _inherited(ev, receiver, client_at)
    elif len(bounding) > 1:
        seconds = together(ev, known.call, known.frame, known.operation)
    else:
        seconds = one(ev, known.call, known.frame, known.operation, name)
    if isinstance(seconds, Known) and seconds.value is None:
        seconds = _doubted(ev, receiver, client, overridden) or _limited(ev, known) or seconds
    return answers.Deadline(kind, describe(ev, known), seconds, set_at, name, known.operation.note, client_at, cause)


def _says(ev: Evaluator, known: KnownCall, name: str, parameter: Parameter) -> bool:
    """Whether the call itself says something of its time limit."""
    found = given(ev, known.call, known.frame, name, parameter)
    return bool(found.why) or (
        found.expr is not None and (parameter.none != "inherits" or read(ev, found, parameter) is not None)
    )


def _by_setting(ev: Evaluator, name: str) -> Seconds:
    """A time limit that a setting of the framework gives."""
    if not any(
        isinstance(s.production, Known) and s.production.value or isinstance(s.production, Unknown)
        for s in settings(ev, "INSTALLED_APPS")
    ):
        return Unknown("settings that stand elsewhere")
    if any("settings" in path for path in ev.index.unread):
        return Unknown("settings that could not be read")
    found = [s for s in settings(ev, name) if environment(s.module) != Known(False)]
    backend = [s for s in settings(ev, "EMAIL_BACKEND") if environment(s.module) != Known(False)]
    if any(isinstance(s.value, Known) and "smtp" not in str(s.value.value) for s in backend):
        return Unknown("mail that another backend sends")
    for setting in found:
        if isinstance(setting.value, Unknown):
            return setting.value
        if isinstance(setting.value.value, int | float) and not isinstance(setting.value.value, bool):
            return Known(float(setting.value.value), (setting.at,))
    return Known(None, tuple(s.at for s in found))


def _doubted(
    ev: Evaluator, receiver: Value | None, client: SiteRef | None, overridden: frozenset[SiteRef]
) -> Unknown | None:
    """Why a client without a visible timeout may have one all the same."""
    if client is not None and client in overridden:
        return Unknown("an adapter mounted on the client may set a timeout")
    if isinstance(receiver, Instance) and isinstance(receiver.cls, ScopeRef):
        if not understood(ev, receiver.cls) or ev.scope(receiver.cls).decorators:
            return Unknown("a subclass of the client may set a timeout")
        for base in bases(ev, receiver.cls):
            if isinstance(base, ScopeRef) and _sets_own(ev, base):
                return Unknown("a subclass of the client may set a timeout")
    return None


def _sets_own(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a class of the project does something to its requests, or to itself when it is made."""
    own = ev.bindings(ref)
    if {"send", "request"} & set(own):
        return True
    return any(
        f"{self}.{name}" in ev.bindings(inner)
        or any(isinstance(n, Attribute) and n.name == "mount" for n in nodes(body(ev.index, inner)))
        for bound in own.get("__init__", ())
        if bound.number >= 0
        for inner in [ScopeRef(ref.path, bound.number)]
        for self in [p.name for p in ev.scope(inner).params.items[:1]]
        for name in ("send", "request", "get", "post")
    )


def _limited(ev: Evaluator, known: KnownCall) -> Unknown | None:
    """A `with`, an awaiting call or a decorator around the call, or around every call of the function it is in."""
    ref = known.frame.ref
    if decorated(ev, ref):
        return Unknown("a decorator that may set a time limit")
    if why := around(ev, ref, known.call.at):
        return Unknown(why)
    if known.operation.is_async and by_callers(ev, ref):  # nothing cuts a call short that blocks its thread
        return Unknown("callers that set a time limit")
    return None


def _inherited(
    ev: Evaluator, receiver: Value | None, client_at: Location | None
) -> tuple[Seconds, str, Location | None]:
    """The client's own timeout: by its constructor's argument or default."""
    unknown = Unknown("a client made elsewhere"), "client", None
    call = call_at(ev.index, receiver.made) if isinstance(receiver, Instance) and receiver.made else None
    if call is None or not isinstance(receiver, Instance) or receiver.made is None:
        return unknown
    frame = Frame(ScopeRef(receiver.made.path, ev.index.site(receiver.made).scope))
    for target in ev.expr(call.callee, frame):
        operation = calling.operation(ev, target) if isinstance(target, External) else None
        if operation is not None and any(p.role == "timeout" for p in operation.parameters.values()):
            return together(ev, call, frame, operation), "client", client_at
    return unknown
