"""The code of a guard → the parts of it that strangers pass by: `if page.private and …`, `if g.user: …`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..link.walk import blocks, nodes
from ..model.code import Attribute, Body, BoolOp, Expr, If, Literal, Return, UnaryOp
from ..model.location import Span

_OPEN = re.compile(
    r"(?:is_)?(?:private|public|publicly_\w+|published|restricted|confidential|unlisted|visibility|shared)"
)


def guarded_parts(block: Body, asks: Callable[[object], bool]) -> Iterator[Span]:
    """The spans that nobody comes to who asks for something open, or who is not known; `asks` says whether a node
    looks at who is asking.
    """
    for position, statement in enumerate(block):
        if isinstance(statement, If):
            if _closed(statement.test) or (asks(statement.test) and not statement.orelse):
                yield from (inner.at for inner in statement.body)
            if _closed(statement.test, negated=True):
                yield from (inner.at for inner in statement.orelse)
            if _lets_pass(statement, asks):
                yield from (later.at for later in block[position + 1 :])
        for inner in blocks(statement):
            yield from guarded_parts(inner, asks)


def _closed(test: Expr, *, negated: bool = False) -> bool:
    """Whether a condition (or its contrary) holds only for what is not open, or only for what is."""
    match test:
        case UnaryOp(op="not", operand=inner):
            return _closed(inner, negated=not negated)
        case BoolOp(op=op, values=parts):
            held = [_closed(part, negated=negated) for part in parts]
            return any(held) if (op == "and") is not negated else all(held)
        case _:
            return any(map(_tells, nodes(test)))


def _lets_pass(statement: If, asks: Callable[[object], bool]) -> bool:
    """`if page.public: return page`: whoever asks for something open is done."""
    returns = bool(statement.body) and isinstance(statement.body[-1], Return)
    return returns and _closed(statement.test) and not any(map(asks, nodes(statement.test)))


def _tells(node: object) -> bool:
    """Whether a node reads if something is open: `page.private`, `page["private"]`."""
    match node:
        case Attribute(name=name):
            return bool(_OPEN.fullmatch(name))
        case Literal(value=str() as text):
            return bool(_OPEN.fullmatch(text))
        case _:
            return False
