"""A call on a socket → whether that is one for datagrams, which connects and sends without waiting for anybody."""

from __future__ import annotations

from ..model.code import Call, Expr, Name
from .calls import KnownCall
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, call_at
from .values import Frame, Instance
from .walk import dotted, nodes

# To connect one only notes the address; a datagram is handed to the kernel, or dropped.
_AT_ONCE = frozenset({"connect", "connect_ex", "send", "sendall", "sendto", "sendmsg"})
_DATAGRAM = "socket.SOCK_DGRAM"


def never_waits(ev: Evaluator, known: KnownCall) -> bool:
    """Whether a call only hands something to the kernel: `connect` of a socket that was made for datagrams."""
    owner, _, method = known.target.name.rpartition(".")
    if owner != "socket.socket" or method not in _AT_ONCE:
        return False
    socket = known.target.receiver
    return isinstance(socket, Instance) and socket.made is not None and _for_datagrams(ev, socket.made)


def _for_datagrams(ev: Evaluator, made: SiteRef) -> bool:
    call = call_at(ev.index, made)
    if call is None:
        return False
    frame = Frame(ScopeRef(made.path, ev.index.site(made).scope))
    given = next((k.value for k in call.keywords if k.name == "type"), call.args[1] if len(call.args) > 1 else None)
    if given is None:
        return False
    return _names_datagrams(ev, given, frame) or (isinstance(given, Name) and _looked_up(ev, frame))


def _names_datagrams(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    """`socket.SOCK_DGRAM`, `SOCK_DGRAM | SOCK_NONBLOCK`."""
    return any(_DATAGRAM in ev.qualified(node, frame) for node in nodes(expr) if dotted(node))


def _looked_up(ev: Evaluator, frame: Frame) -> bool:
    """`for af, kind, *_ in socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM): socket.socket(af, kind)`."""
    every = [node for node in nodes(body(ev.index, frame.ref))]
    asked = [node for node in every if isinstance(node, Call) and dotted(node.callee).endswith("getaddrinfo")]
    return bool(asked) and all(
        any(_names_datagrams(ev, given, frame) for given in (*call.args, *(k.value for k in call.keywords)))
        for call in asked
    )
