"""Broad `except` clauses of handlers → those that answer a failure with the status of a success."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.answer import Known
from ..model.api import HiddenFailure
from ..model.code import Assign, Attribute, Call, Dict, Expr, Handler, Literal, Return
from ..model.location import Location
from .evaluate import Evaluator
from .handlers import caught
from .index import body
from .values import Frame
from .walk import dotted, handlers, nodes, statements

_JSON = frozenset({"fastapi", "starlette", "flask", "django", "quart"})
_MAKES = frozenset({"jsonify", "JSONResponse", "JsonResponse"})
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException", "Exception", "BaseException"})
_STATUSES = frozenset({"status", "status_code"})
_FAILED = frozenset({"error", "failure", "failed", "fail", "err"})
# Whoever asks whether something works gets an answer also where it does not.
_ASKING = re.compile(r"test|valid|check|health|prob|ping|verif|connect|status|try", re.IGNORECASE)


def hidden_failures(ev: Evaluator, with_tests: bool) -> Iterator[HiddenFailure]:
    """Every `return` of a failure's words, and of no status, where anything at all may have gone wrong."""
    for ref in sorted(ev.handlers, key=lambda ref: (ref.path, ref.scope)):
        name = ev.scope(ref).qualname
        if ev.handlers[ref] not in _JSON or (ref.path in ev.index.tests and not with_tests) or _ASKING.search(name):
            continue
        for _, clause in handlers(body(ev.index, ref)):
            if _broad(ev, clause, Frame(ref)) and not _sets_status(clause):
                for statement in statements(clause.body):
                    if isinstance(statement, Return) and statement.value is not None and _failure(statement.value):
                        yield HiddenFailure(Location(ref.path, statement.at), name)


def _broad(ev: Evaluator, clause: Handler, frame: Frame) -> bool:
    kinds = caught(ev, clause.caught, frame)
    return isinstance(kinds, Known) and (not kinds.value or not _BROAD.isdisjoint(kinds.value))


def _sets_status(clause: Handler) -> bool:
    """`response.status_code = 500` before the answer."""
    targets = (target for node in nodes(clause.body) if isinstance(node, Assign) for target in node.targets)
    return any(isinstance(target, Attribute) and target.name in _STATUSES for target in targets)


def _failure(answer: Expr) -> bool:
    """Whether an answer of the status 200 says that something failed."""
    match answer:
        case Call(callee=callee, args=args, keywords=keywords) if dotted(callee).rpartition(".")[2] in _MAKES:
            if len(args) > 1 or any(keyword.name in _STATUSES for keyword in keywords):
                return False
            given = args[0] if args else next((k.value for k in keywords if k.name in ("content", "data")), None)
            return isinstance(given, Dict) and _says(given)
        case Dict():
            return _says(answer)
        case _:
            return False


def _says(given: Dict) -> bool:
    said = {k.value: v for k, v in zip(given.keys, given.values, strict=True) if isinstance(k, Literal)}
    if "jsonrpc" in said or "data" in said:  # protocols that say it in the body
        return False
    for key, value in said.items():
        constant = value.value if isinstance(value, Literal) else ...
        if key in ("error", "errors") and constant not in (None, False, ""):
            return True
        if key in ("success", "ok", "status", "result") and constant is False:
            return True
        if key in ("status", "result") and isinstance(constant, str) and constant.lower() in _FAILED:
            return True
    return False
