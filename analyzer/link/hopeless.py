"""Retries → those that also repeat what was refused for good, since every status becomes the same exception."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from ..model.code import Attribute, Body, Call, Handler, Raise, Try
from ..model.location import Location, Span
from ..model.outbound import Hopeless
from .answer_uses import STATUS
from .asking import Asking, within
from .index import body
from .retries import Attempted
from .tried_again import leading_to_another, parts
from .walk import contains, nodes

DEEPEST = 2  # functions between the retry and the status
# What is raised for a status, and what such exceptions derive from.
_OF_A_STATUS = frozenset({
    "builtins.Exception", "builtins.BaseException", "builtins.OSError", "requests.exceptions.RequestException",
    "requests.exceptions.HTTPError", "httpx.HTTPError", "httpx.HTTPStatusError", "aiohttp.ClientError",
    "aiohttp.ClientResponseError",
})  # fmt: skip


def hopeless(asks: Asking, attempted: tuple[Attempted, ...]) -> Iterator[Hopeless]:
    """Every retry in which `raise_for_status()` leads to another attempt, whatever the status."""
    for one in attempted:
        if not one.spans or (names := leading_to_another(asks, one)) is None:
            continue
        broad = [name for name in names if name in _OF_A_STATUS]
        if not broad or _refused_before(asks, one):
            continue
        for ref, spans, _ in parts(asks, one, DEEPEST):
            if (at := _raised(body(asks.ev.index, ref), spans, one.ref == ref)) is not None:
                yield Hopeless(one.retry, Location(ref.path, at), broad[0].removeprefix("builtins."))
                break


def _refused_before(asks: Asking, one: Attempted) -> bool:
    """Whether an earlier clause of the same `try` takes what a status raises, or something narrower, elsewhere."""
    for node in nodes(body(asks.ev.index, one.ref)):
        if isinstance(node, Try) and any(handler in one.handlers for handler in node.handlers):
            before = list(takewhile(lambda handler: handler not in one.handlers, node.handlers))
            return bool(before)
    return False


def _ends_there(handler: Handler) -> bool:
    return not any(isinstance(node, Raise) for node in nodes(handler.body))


def _raised(block: Body, spans: tuple[Span, ...], own: bool) -> Span | None:
    """Where a part of a body makes a status an exception that leaves it, and no other line looks at the status."""
    inside = [node for node in nodes(block) if hasattr(node, "at") and within(node.at, spans)]
    if any(isinstance(n, Attribute) and n.name in STATUS - {"raise_for_status"} for n in inside):
        return None
    kept = [s.at for n in inside if isinstance(n, Try) and any(map(_ends_there, n.handlers)) for s in n.body]
    calls = (node for node in inside if isinstance(node, Call) and isinstance(node.callee, Attribute))
    raising = (call.at for call in calls if getattr(call.callee, "name", "") == "raise_for_status")
    return next((at for at in raising if not any(contains(inner, at) for inner in kept)), None)
