"""Endpoints that log out → those that take the cookie from the browser and leave what was in it valid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.access import LogOut
from ..model.code import Attribute, Call, Expr, Literal, Name
from ..model.endpoint import App, Endpoint
from ..model.facts import ScopeKind
from .evaluate import Evaluator
from .index import ScopeRef, body
from .reach import scope_at
from .walk import dotted, nodes

_LEAVES = re.compile(r"(?:log|sign)[-_]?(?:out|off)", re.IGNORECASE)
_CLEARS = frozenset({"delete_cookie", "unset_cookie", "clear_cookie", "del_cookie"})
# What such a handler also does, and ends no session by: it answers, reads settings and the request, and writes logs.
_ANSWERS = re.compile(
    r"\w*Response|make_response|jsonify|redirect|reverse|url_for|HTTPException|abort|get|str|bool|dict|lower|strip|format"
    r"|debug|info|warning|set_cookie|Depends|\w*(?:settings|config)|get_\w*(?:settings|config)|headers|render\w*"
)
_SETTINGS = re.compile(r"(?:^|\.)\w*(?:settings|config|conf)\.", re.IGNORECASE)


def logouts(ev: Evaluator, apps: Iterable[App]) -> Iterator[LogOut]:
    """Every endpoint that does nothing to log out but to clear cookies."""
    for app in apps:
        for endpoint in app.endpoints:
            ref = scope_at(ev, endpoint.handler_at) if _leaves(endpoint) else None
            if ref is not None and ev.scope(ref).kind is ScopeKind.FUNCTION:
                cookies = _cleared(ev, ref)
                if cookies:
                    yield LogOut(endpoint, cookies)


def _leaves(endpoint: Endpoint) -> bool:
    """Whether the last part of a path says that somebody logs out by it."""
    return _LEAVES.fullmatch(endpoint.path.rstrip("/").rpartition("/")[2]) is not None


def _cleared(ev: Evaluator, ref: ScopeRef) -> tuple[str, ...]:
    """The cookies that a function clears; () where it does anything else that may end a session."""
    found = []
    for node in nodes(body(ev.index, ref)):
        if not isinstance(node, Call):
            continue
        word = _word(node.callee)
        if word in _CLEARS or (word == "set_cookie" and _emptied(node)):
            found.append(_cookie(node))
        elif not _ANSWERS.fullmatch(word) and not _SETTINGS.search(dotted(node.callee)):
            return ()
    return tuple(dict.fromkeys(found))


def _word(callee: Expr) -> str:
    match callee:
        case Attribute(name=name) | Name(id=name):
            return name
        case _:
            return ""


def _emptied(call: Call) -> bool:
    """`response.set_cookie("token", "", expires=0)`."""
    given = [*call.args[1:2], *(k.value for k in call.keywords if k.name == "value")]
    return any(isinstance(value, Literal) and value.value in ("", None) for value in given)


def _cookie(call: Call) -> str:
    """The name of the cookie, where it is a constant; "" else."""
    given = [*call.args[:1], *(k.value for k in call.keywords if k.name in ("key", "name"))]
    value = given[0].value if given and isinstance(given[0], Literal) else ""
    return value if isinstance(value, str) else ""
