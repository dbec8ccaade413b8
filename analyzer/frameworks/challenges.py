"""A statement → whether it turns away whoever does not know a secret, or has not signed what he sent."""

from __future__ import annotations

import re

from ..link.walk import dotted, nodes
from ..model.code import (
    Attribute,
    BoolOp,
    Call,
    Compare,
    Expr,
    ExprStmt,
    If,
    Literal,
    Name,
    Raise,
    Return,
    Stmt,
    UnaryOp,
)

_SENT = frozenset({
    "headers", "META", "GET", "POST", "args", "form", "values", "query_params", "get_header", "get_argument",
})  # fmt: skip
_SECRET = re.compile(r"secret|token|api_?key|access_?key|passphrase|signature|(?:^|_)key$", re.IGNORECASE)
# What a form brings back, and what is checked for other reasons.
_NONE = re.compile(r"csrf|xsrf|captcha|nonce|state$|etag|idempotency|password", re.IGNORECASE)
_VERIFIES = re.compile(
    r"^(?:is_)?(?:(?:verif(?:y|ied)|authenticated?)_\w*(?:request|webhook|caller|callback|event|payload|sender)"
    r"|(?:verif(?:y|ied)|valid(?:ate)?|check)_\w*(?:signature|hmac))",
    re.IGNORECASE,
)
_ENDS = frozenset({"abort", "halt", "send_error"})


def challenges(statement: Stmt) -> bool:
    """`if request.headers.get("X-Key") != KEY: return "", 400`, `if not verify_webhook(request): return …`."""
    return isinstance(statement, If) and _turns_away(statement.body) and _unproved(statement.test)


def _turns_away(block: tuple[Stmt, ...]) -> bool:
    match block[-1:]:
        case (Return() | Raise(),):
            return True
        case (ExprStmt(value=Call(callee=callee)),):
            return dotted(callee).rpartition(".")[2] in _ENDS
        case _:
            return False


def _unproved(test: Expr) -> bool:
    """Whether a condition holds for whoever has not shown what he must know."""
    match test:
        case BoolOp(op="or", values=parts):
            return any(map(_unproved, parts))
        case UnaryOp(op="not", operand=Call(callee=callee)):
            return bool(_VERIFIES.search(dotted(callee).rpartition(".")[2]))
        case Compare(left=left, ops=("!=",), comparators=(right,)):
            if any(_NONE.search(said) for side in (left, right) for said in _words(side)):
                return False
            return (_sent(left) and _secret(right)) or (_sent(right) and _secret(left))
        case _:
            return False


def _sent(side: Expr) -> bool:
    return any(isinstance(node, Attribute) and node.name in _SENT for node in nodes(side))


def _secret(side: Expr) -> bool:
    """A constant, a setting or a column by its name; a text in the code is secret to nobody."""
    return isinstance(side, Name | Attribute) and bool(_SECRET.search(dotted(side).rpartition(".")[2]))


def _words(side: Expr) -> list[str]:
    said = (node.value if isinstance(node, Literal) else dotted(node).rpartition(".")[2] for node in nodes(side))
    return [word for word in said if isinstance(word, str)]
