"""A place that makes a connection less strict → whether somebody decided it there: by a switch, or to look."""

from __future__ import annotations

import re
from functools import lru_cache

from ..model.code import Attribute, Call, Expr, If, IfExp, Name
from ..model.location import Span
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, call_at, decoded, raw
from .values import Instance
from .walk import contains, dotted, nodes

SWITCHED = frozenset({"tls-verification", "tls-hostname", "debug"})
_SWITCH = re.compile(
    r"verif|validat|insecure|secure|ssl|tls|cert|debug|local|dev|test|self_?signed|check|trust|strict", re.IGNORECASE
)
# In an `else`, having no certificate of one's own (`if certfile: … else: CERT_NONE`) is what happens by default.
_DEFAULT = re.compile(
    r"verif|validat|insecure|debug|local|dev|test|self_?signed|check|trust|strict|ssl_?mode", re.IGNORECASE
)
# What a function asks for that wants the certificate itself, valid or not.
_LOOKING = frozenset(
    {"getpeercert", "get_peer_certificate", "get_server_certificate", "get_peer_cert_chain", "get_unverified_chain"}
)
_SERVING = ("CLIENT_AUTH", "PROTOCOL_TLS_SERVER")


def is_switched(ev: Evaluator, ref: ScopeRef, at: Span) -> bool:
    """Whether a place stands in a branch that a switch decides, or in a function that looks at a certificate."""
    branches, looking = _branches(raw(ev.index, ref))
    if looking and ref.scope:
        return True
    return any(
        contains(node.at, at)
        and not contains(node.test.at, at)
        and _is_switch(node.test, _DEFAULT if _is_otherwise(node, at) else _SWITCH)
        for node in branches
    )


@lru_cache(maxsize=1024)
def _branches(undecoded: bytes) -> tuple[tuple[If | IfExp, ...], bool]:
    """The branches of a body, and whether it looks at a certificate: asked for each of its calls, found once."""
    every = tuple(nodes(decoded(undecoded)))
    looking = any(isinstance(node, Attribute) and node.name in _LOOKING for node in every)
    return tuple(node for node in every if isinstance(node, If | IfExp)), looking


def _is_otherwise(node: If | IfExp, at: Span) -> bool:
    """Whether a place stands in the `else` of a branch."""
    orelse = node.orelse if isinstance(node.orelse, tuple) else (node.orelse,)
    return any(contains(part.at, at) for part in orelse)


def _is_switch(test: Expr, words: re.Pattern[str]) -> bool:
    """Whether a condition asks for a switch. `hasattr(ssl, …)` asks what this Python can do, and nobody's decision."""
    every = list(nodes(test))
    features = [n.at for n in every if isinstance(n, Call) and dotted(n.callee) == "hasattr"]
    named = ((n, n.id if isinstance(n, Name) else n.name) for n in every if isinstance(n, Name | Attribute))
    return any(words.search(name) and not any(contains(at, n.at) for at in features) for n, name in named)


def serves(ev: Evaluator, context: Instance) -> bool:
    """Whether a TLS context is a server's, for which asking clients for no certificate is the rule."""
    made: SiteRef | None = context.made
    call = call_at(ev.index, made) if made is not None else None
    if not isinstance(call, Call):
        return False
    given = [*call.args, *(k.value for k in call.keywords)]
    return any(dotted(arg).endswith(_SERVING) for arg in given)
