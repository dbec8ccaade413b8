"""A value in a body → whether more is done with it than to log it, to ask if it is there, or to send it on."""

from __future__ import annotations

import re

from ..model.code import Body, Call, Dict, If, IfExp, Literal, Name, Raise, UnaryOp
from ..model.location import Span
from .walk import contains, dotted, nodes

_TELLING = re.compile(
    r"(?:^|\.)(?:log\w*|debug|info|warn(?:ing)?|error|exception|print|set_attributes?|bind\w*|capture\w*|set_tag|set_user"
    r"|set_\w*context|set_context|record\w*|audit\w*|track\w*|inc|labels|observe)$",
    re.IGNORECASE,
)


def used(body: Body, name: str, at: Span | None = None) -> bool:
    """Whether a name, or the expression at a place, stands where it decides or is handed on as a value."""
    spans = idle(body)
    for node in nodes(body):
        here = node.at == at if at is not None else isinstance(node, Name) and node.id == name
        if here and not any(contains(span, node.at) for span in spans):
            return True
    return False


def idle(body: Body) -> list[Span]:
    """Where a value is only told, asked for, or sent on under a header's name."""
    found: list[Span] = []
    for node in nodes(body):
        match node:
            case Call(callee=callee, at=at) if _TELLING.search(dotted(callee)):
                found.append(at)
            case If(test=Name() | UnaryOp() as test) | IfExp(test=Name() | UnaryOp() as test):
                found.append(test.at)
            case Raise(at=at):
                found.append(at)
            case Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                found += [
                    v.at for k, v in pairs if isinstance(k, Literal) and isinstance(k.value, str) and "-" in k.value
                ]
            case _:
                pass
    return found
