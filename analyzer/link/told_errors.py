"""`except` clauses → those that send the words of what they caught to the client."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.answer import Known
from ..model.api import ToldError
from ..model.code import Attribute, Call, Expr, ExprStmt, Field, Handler, Name, Raise, Return, Stmt
from ..model.location import Location
from .evaluate import Evaluator
from .handlers import caught
from .index import ScopeRef, body
from .values import Frame
from .walk import dotted, handlers, nodes, statements

# Exceptions that a framework turns into an answer, with what they are given as its text.
_ANSWERS = (
    "fastapi.", "starlette.exceptions.", "werkzeug.exceptions.", "flask.abort", "aiohttp.web",
    "rest_framework.exceptions.API", "litestar.exceptions.", "falcon.", "tornado.web.HTTPError", "ninja.errors.",
    "sanic.exceptions.", "quart.abort", "bottle.abort", "bottle.HTTP", "django.http.", "flask_restful.abort",
    "flask_restx.abort", "flask_smorest.abort",
)  # fmt: skip
_WORDS = frozenset({"str", "repr", "format", "ascii"})
_TRACES = frozenset({"format_exc", "format_exception", "format_tb", "print_exc", "format_exception_only"})
_TEXTS = frozenset({"args", "message", "msg", "detail", "orig", "strerror", "stderr", "stdout"})


def told_errors(ev: Evaluator, with_tests: bool) -> Iterator[ToldError]:
    """Every error that is told: raised as an HTTP error anywhere, or returned by a handler itself."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            for _, clause in handlers(body(ev.index, ref)):
                yield from _clause(ev, ref, clause)


def _clause(ev: Evaluator, ref: ScopeRef, clause: Handler) -> Iterator[ToldError]:
    kinds = caught(ev, clause.caught, Frame(ref))
    if not isinstance(kinds, Known):
        return
    for statement in statements(clause.body):
        sent = _sent(ev, ref, statement)
        what = _told(sent, clause.name) if sent is not None else ""
        if what:
            yield ToldError(Location(ref.path, statement.at), kinds.value, what, ev.scope(ref).qualname)


def _sent(ev: Evaluator, ref: ScopeRef, statement: Stmt) -> Expr | None:
    """What a statement sends: an error that becomes an answer, or what a handler gives back."""
    match statement:
        case Raise(value=Call() as raised) | ExprStmt(value=Call() as raised) if _answers(ev, raised, ref):
            return raised
        case Return(value=given) if ref in ev.handlers:
            return given
        case _:
            return None


def _answers(ev: Evaluator, raised: Call, ref: ScopeRef) -> bool:
    return any(name.startswith(_ANSWERS) for name in ev.qualified(raised.callee, Frame(ref)))


def _told(sent: Expr, name: str | None) -> str:
    """What of the caught error stands in what is sent: its words, how it came about, or nothing."""
    for node in nodes(sent):
        match node:
            case Call(callee=callee) if dotted(callee).rpartition(".")[2] in _TRACES:
                return "traceback"
            case Call(callee=Name(id=word), args=(Name(id=given), *_)) if word in _WORDS and given == name:
                return "message"
            case Field(value=Name(id=given)) if given == name:
                return "message"
            case Attribute(value=Name(id=given), name=attribute) if given == name and attribute in _TEXTS:
                return "message"
            case _:
                pass
    return ""
