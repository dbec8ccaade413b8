"""Coroutines that run side by side → the database sessions and connections that several of them use at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..libraries import lineage
from ..model import concurrency
from ..model.code import Attribute, Call, Comprehension, Expr, Name, Sequence, Starred
from ..model.location import Location, Span
from . import classes
from .asking import last_word
from .callgraph import CallGraph, EdgeKind
from .evaluate import Evaluator
from .fan_out import bounded
from .index import ScopeRef, SiteRef, body, call_at, enclosing_class
from .loops import loops
from .values import Frame, Instance, Value
from .walk import contains, dotted, nodes

_GATHER = "asyncio.gather"
_GROUPED = frozenset({"asyncio.TaskGroup.create_task", "anyio.abc.TaskGroup.start_soon"})
# One statement at a time each, by their own documentation; psycopg's connections wait for their turn by themselves.
_ONE_AT_A_TIME = frozenset({
    "sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.AsyncConnection", "asyncpg.Connection",
    "aiomysql.Connection", "sqlmodel.ext.asyncio.session.AsyncSession",
})  # fmt: skip


def shared(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.SharedSession]:
    """Each session that several coroutines of one group are given or hold; one answer for each group and session."""
    for site, edges in sorted(graph.sites.items()):
        if site.path in ev.index.tests and not with_tests:
            continue
        names = {edge.callee for edge in edges if isinstance(edge.callee, str)}
        if _GATHER not in names and not names & _GROUPED:
            continue
        ref = ScopeRef(site.path, ev.index.site(site).scope)
        call = call_at(ev.index, site)
        if call is None:
            continue
        coroutines = _gathered(ev, ref, call) if _GATHER in names else _grouped(ev, ref, call)
        yield from _of_group(ev, graph, ref, call, list(coroutines))


def _gathered(ev: Evaluator, ref: ScopeRef, call: Call) -> Iterator[tuple[Call, bool]]:
    """The calls whose coroutines `gather` runs, and whether each stands for many."""
    for arg in call.args:
        inner = arg.value if isinstance(arg, Starred) else arg
        yield from _parts(ev, ref, inner)


def _parts(ev: Evaluator, ref: ScopeRef, inner: Expr) -> Iterator[tuple[Call, bool]]:
    match inner:
        case Call():
            yield inner, False
        case Comprehension(element=Call() as element):
            yield element, True
        case Sequence(items=items):
            yield from ((item, False) for item in items if isinstance(item, Call))
        case Name(id=name):
            for binding in ev.bindings(ref).get(name, ()):
                if isinstance(binding.expr, Comprehension | Sequence):
                    yield from _parts(ev, ref, binding.expr)
            yield from _appended(ev, ref, name)
        case _:
            pass


def _appended(ev: Evaluator, ref: ScopeRef, name: str) -> Iterator[tuple[Call, bool]]:
    """`tasks.append(load(session, one))`, in a loop or not."""
    around = loops(ev, ref)
    for node in nodes(body(ev.index, ref)):
        match node:
            case Call(callee=Attribute(value=Name(id=owner), name="append"), args=(Call() as made,)) if owner == name:
                yield made, any(contains(loop.at, node.at) for loop in around)
            case _:
                pass


def _grouped(ev: Evaluator, ref: ScopeRef, call: Call) -> Iterator[tuple[Call, bool]]:
    """What a task group runs, told at the first call of it."""
    block = list(nodes(body(ev.index, ref)))
    group = dotted(call.callee)
    calls = [n for n in block if isinstance(n, Call) and dotted(n.callee) == group]
    if not calls or calls[0].at != call.at:
        return
    around = loops(ev, ref)
    for one in calls:
        many = any(contains(part, one.at) for loop in around for part in loop.each)
        yield (one.args[0] if one.args and isinstance(one.args[0], Call) else one), many


def _of_group(
    ev: Evaluator, graph: CallGraph, ref: ScopeRef, group: Call, coroutines: list[tuple[Call, bool]]
) -> Iterator[concurrency.SharedSession]:
    users: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Span] = {}
    for coroutine, many in coroutines:
        if not _waits_for_turn(ev, graph, ref, coroutine):
            for used in sorted(_sessions(ev, graph, ref, coroutine)):
                if not (many and _made_for_each(ev, ref, coroutine, used[0])):
                    users[used] += 2 if many else 1
                    first.setdefault(used, coroutine.at)
    for (name, cls), count in sorted(users.items()):
        if count > 1:
            at = Location(ref.path, first[name, cls])
            yield concurrency.SharedSession(at, name, cls, ev.scope(ref).qualname, Location(ref.path, group.at))


def _sessions(ev: Evaluator, graph: CallGraph, ref: ScopeRef, coroutine: Call) -> set[tuple[str, str]]:
    """The sessions that a coroutine uses, by what they are called here and their class."""
    frame, found = Frame(ref), set()
    given = [*coroutine.args, *(keyword.value for keyword in coroutine.keywords)]
    if isinstance(coroutine.callee, Attribute):
        given.append(coroutine.callee.value)
    for expr in given:
        if name := dotted(expr):
            found |= {(name, cls) for value in ev.expr(expr, frame) if (cls := _session(ev, value))}
    if found or not isinstance(coroutine.callee, Attribute) or not (owner := dotted(coroutine.callee.value)):
        return found
    for edge in graph.sites.get(SiteRef(ref.path, coroutine.site), ()):
        if isinstance(edge.callee, ScopeRef) and edge.kind is EdgeKind.DIRECT and edge.sure and edge.single:
            found |= {(f"{owner}.{name}", cls) for name, cls in _held(ev, edge.callee)}
    return found


def _held(ev: Evaluator, method: ScopeRef) -> set[tuple[str, str]]:
    """The sessions that a method finds in its own object."""
    params = ev.scope(method).params.items
    if enclosing_class(ev.index, method) is None or not params:
        return set()
    found = set()
    for node in nodes(body(ev.index, method)):
        match node:
            case Attribute(value=Name(id=own), name=name) if own == params[0].name:
                found |= {(name, cls) for value in ev.expr(node, Frame(method)) if (cls := _session(ev, value))}
            case _:
                pass
    return found


def _session(ev: Evaluator, value: Value) -> str:
    """The class of a value that runs one statement at a time; "" for anything else."""
    if not isinstance(value, Instance):
        return ""
    if isinstance(value.cls, str):
        above = [value.cls, *(name for name, _ in lineage(ev.libraries, value.cls))]
    else:
        above = [base for base in classes.bases(ev, value.cls) if isinstance(base, str)]
    return next((name for name in above if name in _ONE_AT_A_TIME), "")


def _made_for_each(ev: Evaluator, ref: ScopeRef, coroutine: Call, name: str) -> bool:
    """Whether each round has its own: the loop's own variable, or what is made in its body."""
    word = name.partition(".")[0]
    for loop in loops(ev, ref):
        if not contains(loop.at, coroutine.at):
            continue
        if any(isinstance(node, Name) and node.id == word for node in nodes(loop.target)):
            return True
        if any(contains(loop.at, b.at) for b in ev.bindings(ref).get(word, ())):
            return True
    return False


def _waits_for_turn(ev: Evaluator, graph: CallGraph, ref: ScopeRef, coroutine: Call) -> bool:
    edges = graph.sites.get(SiteRef(ref.path, coroutine.site), ())
    refs = [edge.callee for edge in edges if isinstance(edge.callee, ScopeRef)]
    return last_word(coroutine.callee) == "sleep" or any(bounded(ev, one) for one in refs)
