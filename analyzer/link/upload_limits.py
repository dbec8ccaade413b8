"""Settings, middleware and proxies → the frameworks whose requests cannot be larger than somebody decided."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..model.code import Compare
from ..model.endpoint import App
from ..model.facts import ScopeKind
from .evaluate import Evaluator
from .index import ScopeRef, body, raw
from .walk import nodes

ALL = frozenset({"starlette", "flask", "django"})
LENGTHS = (b"content-length", b"Content-Length", b"content_length", b"CONTENT_LENGTH")
_PASSING = frozenset({"call_next", "scope", "receive", "get_response"})  # parameters of a middleware
_MIDDLEWARE = re.compile(
    r"(?:size|length)\w*limit|limit\w*(?:size|length|body|upload|content)|max\w*body", re.IGNORECASE
)
# nginx refuses more than a megabyte unless it is told another number; 0 turns that off.
_PROXIES = re.compile(r"(?:^|\.)(?:proxy_pass|uwsgi_pass|fastcgi_pass|client_max_body_size)$")
_SIZES = re.compile(r"client_max_body_size$|proxy-body-size$")
_SETTINGS = {"flask": b"MAX_CONTENT_LENGTH", "django": b"FILE_UPLOAD_HANDLERS"}
_GATEWAYS = (b"Mangum", b"serverless_wsgi", b"apig_wsgi")  # a cloud's gateway stands before these, with a limit


def limited(ev: Evaluator, apps: tuple[App, ...]) -> frozenset[str]:
    """The frameworks ("starlette", "flask", "django") before whose handlers something bounds a request's size."""
    if _proxied(ev) or _middleware(apps) or _by_hand(ev) or _mentioned(ev, _GATEWAYS):
        return ALL
    return frozenset(kind for kind, word in _SETTINGS.items() if _mentioned(ev, (word,)))


def _proxied(ev: Evaluator) -> bool:
    entries = [entry for _, facts in sorted(ev.index.text.items()) for entry in facts.entries]
    sizes = [entry.value.strip() for entry in entries if _SIZES.search(entry.key)]
    return "0" not in sizes and (bool(sizes) or any(_PROXIES.search(entry.key) for entry in entries))


def _middleware(apps: Iterable[App]) -> bool:
    """Whether what stands around an endpoint says by its name that it bounds bodies."""
    return any(_MIDDLEWARE.search(one.what) for app in apps for e in app.endpoints for one in e.middleware)


def _by_hand(ev: Evaluator) -> bool:
    """Whether a middleware of the project's own compares the length that a request says it has."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests:
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            if scope.kind is not ScopeKind.FUNCTION or not any(word in raw(ev.index, ref) for word in LENGTHS):
                continue
            named = "middleware" in f"{path} {scope.qualname}".lower()
            if named or not _PASSING.isdisjoint(param.name for param in scope.params.items):
                compared = (n for n in nodes(body(ev.index, ref)) if isinstance(n, Compare))
                if any({">", ">=", "<", "<="} & set(node.ops) for node in compared):
                    return True
    return False


def _mentioned(ev: Evaluator, words: tuple[bytes, ...]) -> bool:
    """Whether any code outside of tests holds one of these words."""
    return any(
        word in raw(ev.index, ScopeRef(path, number))
        for path, facts in sorted(ev.index.python.items())
        if path not in ev.index.tests
        for number in range(len(facts.scopes))
        for word in words
    )
