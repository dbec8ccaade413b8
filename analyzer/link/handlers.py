"""`except` clauses → what they catch and what they do about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from ..model import project as answers
from ..model.answer import Known, Unknown
from ..model.code import (
    Assign,
    Await,
    Body,
    Call,
    Expr,
    ExprStmt,
    Handler,
    ImportStmt,
    Literal,
    Name,
    Raise,
    Return,
    Sequence,
    Simple,
    Stmt,
    Try,
    While,
    With,
)  # fmt: skip
from ..model.location import Location, Span
from . import calling
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body, module_path
from .values import ClassRef, Container, External, Frame
from .walk import blocks, contains, dotted, handlers, nodes, statements

LOGS = frozenset({
    "exception", "error", "warning", "warn", "critical", "info", "debug", "log", "print", "print_exc",
    "capture_exception", "capture_message", "format_exc", "record_exception", "report_exception", "notify",
    "fail", "abort", "add_error", "set_exception",
})  # fmt: skip


_BROAD = ("builtins.Exception", "builtins.BaseException")


_OUTSIDE = frozenset({"http", "database", "mail", "queue"})


def exception_handlers(ev: Evaluator, with_tests: bool) -> Iterator[answers.ExceptHandler]:
    """Every `except` clause, sorted by place."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        found: list[answers.ExceptHandler] = []
        suppresses = "suppress" in facts.attributes or "suppress" in facts.names
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            block = body(ev.index, ref)
            clauses = list(handlers(block))
            told = frozenset(_before_raise(block)) if clauses else frozenset()
            loops = [s.at for s in statements(block) if isinstance(s, While)] if clauses else []
            for statement, handler in clauses:
                if isinstance(statement, Try):
                    described = _described(ev, ref, statement, handler, statement.at in told)
                    found.append(replace(described, in_loop=any(contains(at, statement.at) for at in loops)))
            if suppresses:
                found += _suppressing(ev, ref, block)
        yield from sorted(found, key=lambda h: h.at)


def _before_raise(block: Body) -> Iterator[Span]:
    """The `try` statements behind which an exception is raised anyway: what they tidy up hides nothing."""
    for statement, following in pairwise(block):
        if isinstance(statement, Try) and isinstance(following, Raise):
            yield statement.at
    for statement in block:
        for inner in blocks(statement):
            yield from _before_raise(inner)


def _described(ev: Evaluator, ref: ScopeRef, statement: Try, handler: Handler, told: bool) -> answers.ExceptHandler:
    inside = list(nodes(handler.body))
    calls = [node for node in inside if isinstance(node, Call)]
    return answers.ExceptHandler(
        at=Location(ref.path, header(handler)),
        caught=caught(ev, handler.caught, Frame(ref)),
        within=ev.scope(ref).qualname,
        does=_does(handler.body),
        logs=any(_last_word(call.callee) in LOGS for call in calls),
        raises=told or any(isinstance(node, Raise) for node in inside),
        effects=_effects(ev, statement.body, Frame(ref)),
        imports=_optional(ev, statement.body, ref.path),
        returns=_returns(statement.body),
        in_async=ev.scope(ref).is_async,
        hands_on=_hands_on(handler),
        asks=_asks(ev, statement.body, Frame(ref)),
    )


_SHOWING = (LOGS | {"str", "repr"}) - {"set_exception"}  # what is told of an exception, and nobody acts on


def _hands_on(handler: Handler) -> bool:
    """Whether what was caught goes on to somebody: who is given it, or reads it later, may act on it."""
    for node in nodes(handler.body) if handler.name else ():
        match node:
            case Call(callee=callee, args=args, keywords=keywords) if _last_word(callee) not in _SHOWING:
                if any(
                    isinstance(arg, Name) and arg.id == handler.name for arg in (*args, *(k.value for k in keywords))
                ):
                    return True
            case Assign(value=Name(id=name)) | Return(value=Name(id=name)) if name == handler.name:
                return True
            case _:
                pass
    return False


def _asks(ev: Evaluator, block: Body, frame: Frame) -> tuple[str, ...]:
    """The kinds of services that the calls of a block ask."""
    sites = (SiteRef(frame.ref.path, node.site) for node in nodes(block) if isinstance(node, Call))
    names = (name for site in sites for name in library_names(ev, site))
    told = (operation for name in names if (operation := calling.operation(ev, External(name))) is not None)
    kinds = {o.asks if o.asks is not None else o.waits or o.blocks for o in told}
    return tuple(sorted(kinds & _OUTSIDE))


def _suppressing(ev: Evaluator, ref: ScopeRef, block: Body) -> Iterator[answers.ExceptHandler]:
    """`with contextlib.suppress(…):`, which is `except …: pass` around its body."""
    frame = Frame(ref)
    for statement in statements(block):
        for item in statement.items if isinstance(statement, With) else ():
            call = item.value
            if not isinstance(call, Call) or ev.qualified(call.callee, frame) != ("contextlib.suppress",):
                continue
            assert isinstance(statement, With)
            yield answers.ExceptHandler(
                at=Location(ref.path, call.at),
                caught=caught(ev, Sequence(call.at, "tuple", call.args), frame)
                if call.args
                else Unknown("catches nothing"),
                within=ev.scope(ref).qualname,
                does="nothing",
                logs=False,
                raises=False,
                effects=_effects(ev, statement.body, frame),
                imports=_optional(ev, statement.body, ref.path),
                returns=_returns(statement.body),
                suppress=True,
            )


def _effects(ev: Evaluator, block: Body, frame: Frame) -> tuple[str, ...]:
    """What a block calls for its effect: whose result nobody takes, or that asks another process or machine."""
    found: list[str] = []
    alone = [_awaited(s.value) for s in statements(block) if isinstance(s, ExprStmt)]
    for node in nodes(block):
        if not isinstance(node, Call):
            continue
        known = library_names(ev, SiteRef(frame.ref.path, node.site))
        told = [o for name in known if (o := calling.operation(ev, External(name))) is not None]
        if any(node is call for call in alone) or any(o.waits or o.blocks in _OUTSIDE for o in told):
            found.append(known[0] if known else dotted(node.callee) or f"?.{_last_word(node.callee)}")
    return tuple(dict.fromkeys(found))


def library_names(ev: Evaluator, site: SiteRef) -> tuple[str, ...]:
    """What of libraries a call may be, by the call graph."""
    edges = ev.graph.sites.get(site, ()) if ev.graph is not None else ()
    return tuple(edge.callee for edge in edges if isinstance(edge.callee, str))


def _awaited(expr: Expr) -> Expr:
    return expr.value if isinstance(expr, Await) else expr


def _returns(block: Body) -> bool:
    return any(isinstance(statement, Return) for statement in statements(block))


def header(handler: Handler) -> Span:
    """From `except` to the end of the caught expression, on its first line."""
    start = handler.at
    if handler.caught is None:
        return Span(start.line, start.column, start.line, start.column + len("except"))
    return Span(start.line, start.column, handler.caught.at.end_line, handler.caught.at.end_column)


def caught(ev: Evaluator, given: Expr | None, frame: Frame) -> Known[tuple[str, ...]] | Unknown:
    """The qualified names of what a clause catches; () for everything."""
    if given is None:
        return Known(())
    parts = given.items if isinstance(given, Sequence) else (given,)
    names: list[str] = []
    for part in parts:
        values = ev.expr(part, frame)
        if len(values) > 1:  # `except ImportError: Missing = Exception` stands in for a class that is not there
            values = tuple(v for v in values if not (isinstance(v, External) and v.name in _BROAD)) or values
        for value in values:
            if isinstance(value, External):
                names.append(value.name)
            elif isinstance(value, ClassRef):
                names.append(ev.scope(value.ref).qualname)
            elif isinstance(value, Container):
                inner = caught(ev, value.expr, value.frame)
                if isinstance(inner, Unknown):
                    return inner
                names += inner.value
            else:
                return Unknown("an exception class that is not understood")
    return Known(tuple(sorted(set(names))))


def _does(block: Body) -> str:
    """The one thing that a clause does, "acts" for anything that is more than giving up quietly."""
    meaningful = [s for s in block if not (isinstance(s, ExprStmt) and isinstance(s.value, Literal))]
    if not meaningful or all(isinstance(s, Simple) and s.kind == "pass" for s in meaningful):
        return "nothing"
    if len(meaningful) > 1:
        return "acts"
    return _one(meaningful[0])


def _one(statement: Stmt) -> str:
    match statement:
        case Simple(kind="continue" | "break"):
            return "continue"
        case Return(value=None) | Return(value=Literal()):
            return "return-constant"
        case Return(value=Sequence(items=())):
            return "return-constant"
        case Assign(value=Literal()):
            return "assign-constant"
        case _:
            return "acts"


def _last_word(expr: Expr) -> str:
    return expr.id if isinstance(expr, Name) else getattr(expr, "name", "") or ""


def _optional(ev: Evaluator, block: Body, path: str) -> bool:
    """Whether a `try` body imports what may not be installed: neither the project's own nor Python's."""
    numbers = [number for node in nodes(block) if isinstance(node, ImportStmt) for number in node.imports]
    imports = [ev.index.python[path].imports[number] for number in numbers]
    if any(item.level or module_path(ev.index, item.module, path) is not None for item in imports):
        return False
    return any(item.module.partition(".")[0] not in sys.stdlib_module_names for item in imports)
