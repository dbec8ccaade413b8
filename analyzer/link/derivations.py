"""Arguments with a role → what their values are made of, followed backwards through names, calls and callers."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.location import Location
from ..model.project import Argument
from ..model.provenance import Derivation, Part, Source
from .calls import KnownCall, arguments, given
from .evaluate import Evaluator
from .index import ScopeRef, call_at
from .provenance import Walk
from .values import Frame, Instance


def derivations(ev: Evaluator, calls: tuple[KnownCall, ...], role: str) -> Iterator[Derivation]:
    """What each given argument with this role is made of."""
    for known in calls:
        if all(parameter.role != role for parameter in known.operation.parameters.values()):
            continue
        for argument in arguments(ev, (known,), role):
            if argument.given:
                yield _derivation(ev, known, role, argument)


def _derivation(ev: Evaluator, known: KnownCall, role: str, argument: Argument) -> Derivation:
    walk = Walk(ev)
    parts: list[Part] = []
    for name, parameter in known.operation.parameters.items():
        if parameter.role == role:
            found = given(ev, known.call, known.frame, name, parameter)
            if found.expr is not None:
                parts += walk.parts(found.expr, found.frame)
    parts += _checked(ev, known)
    return Derivation(argument, tuple(dict.fromkeys(parts)), walk.room > 0, _made(ev, known))


def _made(ev: Evaluator, known: KnownCall) -> Location | None:
    receiver = known.target.receiver
    if not isinstance(receiver, Instance) or receiver.made is None:
        return None
    call = call_at(ev.index, receiver.made)
    return Location(receiver.made.path, call.at) if call is not None else None


def _checked(ev: Evaluator, known: KnownCall) -> Iterator[Part]:
    """Signatures that the same function checks before the call: `hmac.compare_digest(…)`."""
    for name in ev.libraries.markers.get("authenticator", ()):
        word = name.rpartition(".")[2]
        for site in ev.index.sites.get(word, ()):
            here = ScopeRef(site.path, ev.index.site(site).scope) == known.frame.ref
            call = call_at(ev.index, site) if here and ev.index.site(site).at < known.call.at else None
            if call is not None and name in ev.qualified(call.callee, Frame(known.frame.ref)):
                yield Part(Source.VERIFIED, name, Location(site.path, call.at), "", False)
