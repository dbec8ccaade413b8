"""Calls that start a task → those whose task nobody keeps, and those whose failure nobody would see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model import concurrency
from ..model.answer import Known
from ..model.code import (
    Assign,
    Attribute,
    Await,
    BoolOp,
    Call,
    Compare,
    Delete,
    Expr,
    For,
    If,
    IfExp,
    Literal,
    Name,
    Try,
    UnaryOp,
    While,
)  # fmt: skip
from ..model.location import Location, Span
from .asking import last_word
from .callgraph import CallGraph, EdgeKind
from .cancellation import waits
from .evaluate import Evaluator
from .handlers import caught
from .index import ScopeRef, SiteRef, body, call_at
from .misuses import Misuse, misuse_of_name, misuses, named
from .values import Frame
from .walk import handlers, nodes

_STARTS = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.AbstractEventLoop.create_task"})
_LOOKS_AWAY = frozenset({"cancel", "set_name", "get_name"})  # what is asked of a task without learning how it went
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


@dataclass(frozen=True, slots=True)
class _Started:
    """A call that starts a task."""

    site: SiteRef
    call: Call
    ref: ScopeRef  # the function around it


def started(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[_Started]:
    """Every call that starts a task of its own, outside of groups that wait for theirs, sorted by place."""
    for site, edges in sorted(graph.sites.items()):
        if site.path in ev.index.tests and not with_tests:
            continue
        if any(edge.callee in _STARTS and edge.kind is EdgeKind.DIRECT and edge.single for edge in edges):
            call = call_at(ev.index, site)
            if call is not None and not edges[0].later:
                yield _Started(site, call, ScopeRef(site.path, ev.index.site(site).scope))


def unkept(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.LostTask]:
    """Each task that nothing refers to once it is started."""
    for start in started(ev, graph, with_tests):
        misuse = misuses(ev, start.ref).get(start.call.at)
        name = named(ev, start.ref).get(start.call.at)
        if misuse is None and name is not None:
            misuse = misuse_of_name(ev, start.ref, name)
        if misuse in (Misuse.DROPPED, Misuse.UNUSED, Misuse.TESTED):
            yield _described(ev, graph, start, "")


def unread(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.LostTask]:
    """Each task that is kept under a name, and whose end nobody looks at: its failure goes unseen."""
    for start in started(ev, graph, with_tests):
        kept = _kept_as(ev, start)
        if kept is None or not _only_looked_away(ev, start, kept):
            continue
        found = _described(ev, graph, start, kept)
        if found.runs and not found.guarded:
            yield found


def _kept_as(ev: Evaluator, start: _Started) -> str | None:
    """The attribute or local name that holds the task alone."""
    for node in nodes(body(ev.index, start.ref)):
        if isinstance(node, Assign) and isinstance(node.value, Call) and node.value.site == start.call.site:
            match node.targets:
                case (Name(id=name),) if name not in ev.outer_names(start.ref) and start.ref.scope:
                    return name
                case (Attribute(name=name),):
                    return f".{name}"
                case _:
                    return None
    return None


def _only_looked_away(ev: Evaluator, start: _Started, kept: str) -> bool:
    """Whether every use of the name cancels the task or asks whether there is one; at least one of them does."""
    refs = _readers(ev, start.ref, kept)
    uses = [use for ref in refs for use in _uses(ev, ref, kept)]
    return bool(uses) and not any(uses)


def _readers(ev: Evaluator, ref: ScopeRef, kept: str) -> tuple[ScopeRef, ...]:
    """The bodies that may use the name: of a local one the function and those in it, of an attribute all files."""
    if not kept.startswith("."):
        inner = [ref]
        for current in inner:
            inner += [ScopeRef(ref.path, n) for n in ev.index.children[ref.path].get(current.scope, ())]
        return tuple(inner)
    return tuple(
        ScopeRef(path, number)
        for path, facts in sorted(ev.index.python.items())
        if kept[1:] in facts.attributes
        for number in range(len(facts.scopes))
    )


def _uses(ev: Evaluator, ref: ScopeRef, kept: str) -> Iterator[bool]:
    """For each use of the name but its assignments: whether it may learn how the task went."""
    away: set[Span] = set()
    own: set[Span] = set()
    found: list[Span] = []
    for node in nodes(body(ev.index, ref)):
        match node:
            case Assign(targets=targets):
                own.update(target.at for target in targets)
            case Delete(targets=targets):
                away.update(target.at for target in targets)
            case Call(callee=Attribute(name=name, value=value)) if name in _LOOKS_AWAY:
                away.add(value.at)
            case If(test=test) | While(test=test) | IfExp(test=test):
                away.update(_tested(test))
            case Compare(left=left, comparators=(Literal(value=None),)):
                away.add(left.at)
            case BoolOp(values=values):
                away.update(at for value in values for at in _tested(value))
            case UnaryOp(op="not", operand=operand):
                away.add(operand.at)
            case _:
                pass
        if _is(node, kept):
            found.append(node.at)
    for at in found:
        if at not in own:
            yield at not in away


def _tested(test: Expr) -> list[Span]:
    return [test.at] if isinstance(test, Name | Attribute) else []


def _is(node: object, kept: str) -> bool:
    if kept.startswith("."):
        return isinstance(node, Attribute) and node.name == kept[1:]
    return isinstance(node, Name) and node.id == kept


def _described(ev: Evaluator, graph: CallGraph, start: _Started, kept: str) -> concurrency.LostTask:
    run = _run(ev, graph, start)
    return concurrency.LostTask(
        at=Location(start.ref.path, start.call.at),
        within=ev.scope(start.ref).qualname,
        kept=kept.removeprefix("."),
        runs=ev.scope(run).qualname if run is not None else "",
        endless=run is not None and _endless(ev, run),
        guarded=run is not None and _guarded(ev, run),
    )


def _run(ev: Evaluator, graph: CallGraph, start: _Started) -> ScopeRef | None:
    """The one function of the project whose coroutine the task runs."""
    given = [*start.call.args, *(k.value for k in start.call.keywords if k.name in ("coro", "coro_or_future"))]
    if not given or not isinstance(given[0], Call):
        return None
    edges = graph.sites.get(SiteRef(start.site.path, given[0].site), ())
    refs = [edge.callee for edge in edges if isinstance(edge.callee, ScopeRef) and edge.kind is EdgeKind.DIRECT]
    return refs[0] if len(refs) == 1 and ev.scope(refs[0]).is_async else None


def _endless(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function goes on until somebody stops it."""
    return any(
        (isinstance(node, While) and _asks(node)) or (isinstance(node, For) and node.is_async)
        for node in nodes(body(ev.index, ref))
    )


def _asks(node: object) -> bool:
    """Whether a loop waits for anything but time, so that something may fail."""
    awaited = [inner.value for inner in nodes(node) if isinstance(inner, Await)]
    return any(not (isinstance(value, Call) and last_word(value.callee) == "sleep") for value in awaited)


def _guarded(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a function takes care of its failures: a `try` around what it awaits that catches them all."""
    for statement, handler in handlers(body(ev.index, ref)):
        found = caught(ev, handler.caught, Frame(ref))
        broad = isinstance(found, Known) and (not found.value or bool(_BROAD & set(found.value)))
        if broad and isinstance(statement, Try) and waits(statement.body):
            return True
    return False
