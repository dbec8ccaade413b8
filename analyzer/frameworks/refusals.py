"""A handler → whether all that it ever does is to refuse: there is nothing behind it to guard."""

from __future__ import annotations

import re

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body
from ..link.walk import dotted
from ..model.code import (
    Attribute,
    Call,
    Expr,
    ExprStmt,
    ImportStmt,
    Literal,
    Name,
    Raise,
    Return,
    Sequence,
    Simple,
    Stmt,
)  # fmt: skip
from ..model.facts import ScopeKind
from .identity import snake, word

# What errors and answers are called that say so by their name: HTTPNotFound, Http404, `response_405()`.
_WORDS = (
    r"(?:not_?found|does_not_exist|not_?allowed|method_not_?allowed|not_?implemented|gone|forbidden|unsupported|not_supported"
    r"|40[0-9]|410|501)"
)
_ERROR = re.compile(rf"(?:^|_|http){_WORDS}(?:_|$)")
_ANSWER = re.compile(
    rf"(?:(?:http|response|return|abort|raise|json|error|handle|send|make)_?)*{_WORDS}(?:_(?:response|error|page|handler))*"
)
_STATUS = re.compile(r"HTTP_(\d{3})")
_STATUSES = frozenset({
    "BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "METHOD_NOT_ALLOWED", "NOT_ACCEPTABLE", "CONFLICT", "GONE",
    "NOT_IMPLEMENTED", "SERVICE_UNAVAILABLE",
})  # fmt: skip
_LOGS = re.compile(r"(?:^|\.)_?(?:log|logger|logging|warnings)\.\w+$", re.IGNORECASE)
_PARAMETERS = frozenset({"status", "status_code", "code"})


def only_refuses(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function ends in a refusal whatever is asked, and does nothing on the way there but write to a log."""
    if ev.scope(ref).kind is not ScopeKind.FUNCTION:
        return False
    acting = [statement for statement in body(ev.index, ref) if not _idle(statement)]
    return len(acting) == 1 and _refuses(acting[0])


def _idle(statement: Stmt) -> bool:
    """A docstring, `pass`, an import, or a line for the log."""
    match statement:
        case Simple() | ImportStmt() | ExprStmt(value=Literal()):
            return True
        case ExprStmt(value=Call(callee=callee)):
            return bool(_LOGS.search(dotted(callee)))
        case _:
            return False


def _refuses(statement: Stmt) -> bool:
    match statement:
        case Raise(value=raised) if raised is not None:
            return bool(_ERROR.search(snake(word(raised)))) or _told(raised)
        case ExprStmt(value=Call(callee=callee) as call):
            return word(callee) == "abort" and _told(call)
        case Return(value=Sequence(items=(_, *rest))):
            return any(map(_is_error, rest))
        case Return(value=Call(callee=callee) as call):
            return bool(_ANSWER.fullmatch(snake(word(callee)))) or _told(call)
        case _:
            return False


def _told(expr: Expr) -> bool:
    """Whether a call is told a status of an error: `HTTPException(404)`, `Response(status=405)`, `abort(410)`."""
    if not isinstance(expr, Call):
        return False
    named = [k.value for k in expr.keywords if k.name in _PARAMETERS]
    return any(map(_is_error, [*expr.args, *named]))


def _is_error(expr: Expr) -> bool:
    match expr:
        case Literal(value=int() as value):
            return 400 <= value < 600
        case Attribute(value=inner, name="value"):
            return _is_error(inner)
        case Attribute(name=name) | Name(id=name):
            found = _STATUS.search(name)
            return int(found.group(1)) >= 400 if found else name in _STATUSES
        case _:
            return False
