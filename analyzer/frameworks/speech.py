"""Names and bodies of the project's own code → whether they speak of limiting how often a client may call."""

from __future__ import annotations

import re
from enum import IntEnum

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.walk import dotted, nodes
from ..model.code import Attribute, Call, Expr, Keyword, Literal, Name, Return, Sequence

_SPEAKS = re.compile(r"rate_?limit|throttl|(?:^|_)limiter|Limiter|too_?many_?requests|brute_?force", re.IGNORECASE)
# Errors and handlers speak of limits that others set; capacity bounds what runs at once, not how often one asks.
_REACTS = re.compile(r"(?:error|exception|exceeded|handler)$|capacity|concurren", re.IGNORECASE)


class Says(IntEnum):
    """Whether code guards, by what it says."""

    NO = 0
    LOOKS = 1  # at what it would have to know, and no more
    MAYBE = 2
    YES = 3


def speaks(name: str) -> bool:
    """Whether a name says that it limits a rate."""
    last = name.rpartition(".")[2]
    return bool(_SPEAKS.search(name)) and not _REACTS.search(last)


def family(ev: Evaluator, ref: ScopeRef) -> tuple[ScopeRef, ...]:
    """A scope and the scopes inside it, in source order."""
    found, waiting = [], [ref.scope]
    while waiting:
        number = waiting.pop(0)
        found.append(ScopeRef(ref.path, number))
        waiting = [*ev.index.children[ref.path].get(number, ()), *waiting]
    return tuple(found)


def body_speaks(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether code in a scope calls a limiter, by its name or its meaning, or answers 429."""
    return any(_speaks_here(ev, one) for one in family(ev, ref))


def verdict(ev: Evaluator, ref: ScopeRef) -> Says:
    """Whether code in a scope limits; code that does not say so does not."""
    return Says.YES if body_speaks(ev, ref) else Says.NO


def _speaks_here(ev: Evaluator, ref: ScopeRef) -> bool:
    for node in nodes(body(ev.index, ref)):
        match node:
            case Call(callee=callee, args=args):
                name = dotted(callee) or (callee.name if isinstance(callee, Attribute) else "")
                if name and speaks(name):
                    return True
                if any(_is_429(arg) for arg in args):
                    return True
            case Keyword(value=value) if _is_429(value):
                return True
            case Return(value=Sequence(items=parts)) if any(_is_429(part) for part in parts):
                return True
            case _:
                pass
    return False


def _is_429(expr: Expr) -> bool:
    match expr:
        case Literal(value=429):
            return True
        case Attribute(name=name) | Name(id=name):
            return "HTTP_429" in name or name == "TOO_MANY_REQUESTS"
        case _:
            return False
