"""`with` and `for` without `async` → those on what can only be entered or iterated over by a coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import concurrency
from ..model.code import Call, Expr, For, With
from ..model.location import Location
from . import classes
from .asking import last_word
from .callgraph import CallGraph, EdgeKind
from .evaluate import Evaluator
from .index import ScopeRef, SiteRef, body
from .loop import plain_decorator
from .values import Frame, Instance, Value
from .walk import nodes

# Classes of libraries that have no `__enter__`, or one that raises.
_ENTERED = frozenset({
    "asyncio.Lock", "asyncio.Semaphore", "asyncio.BoundedSemaphore", "asyncio.Condition", "asyncio.Timeout",
    "asyncio.TaskGroup", "aiohttp.ClientSession", "httpx.AsyncClient", "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.AsyncConnection",
})  # fmt: skip


def used_synchronously(ev: Evaluator, graph: CallGraph, with_tests: bool) -> Iterator[concurrency.AsyncOnly]:
    """Each `with` or `for` that raises, because its `async` is missing."""
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        if not any(scope.is_async for scope in facts.scopes):
            continue
        for number, scope in enumerate(facts.scopes):
            ref = ScopeRef(path, number)
            for node in nodes(body(ev.index, ref)) if scope.is_async else ():
                if (
                    isinstance(node, For)
                    and not node.is_async
                    and _generator(ev, graph, ref, node.iterable, managed=False)
                ):
                    yield concurrency.AsyncOnly(Location(path, node.iterable.at), "for", scope.qualname)
                for item in node.items if isinstance(node, With) and not node.is_async else ():
                    managed = _generator(ev, graph, ref, item.value, managed=True)
                    if managed or _entered(ev, ref, item.value):
                        yield concurrency.AsyncOnly(Location(path, item.value.at), "with", scope.qualname)


def _generator(ev: Evaluator, graph: CallGraph, ref: ScopeRef, expr: Expr, *, managed: bool) -> bool:
    """Whether an expression calls an asynchronous generator, or what `@asynccontextmanager` made of one."""
    if not isinstance(expr, Call):
        return False
    edges = [e for e in graph.sites.get(SiteRef(ref.path, expr.site), ()) if e.kind is not EdgeKind.CALLBACK]
    return bool(edges) and all(
        edge.sure
        and isinstance(edge.callee, ScopeRef)
        and ev.scope(edge.callee).is_async
        and ev.scope(edge.callee).is_generator
        and _wrapped(ev, edge.callee) is managed
        for edge in edges
    )


def _wrapped(ev: Evaluator, ref: ScopeRef) -> bool | None:
    """Whether a manager is made of it; None where another decorator may make anything of it."""
    others = [decorator for decorator in ev.scope(ref).decorators if not plain_decorator(decorator)]
    if any(last_word(decorator) == "asynccontextmanager" for decorator in others):
        return True
    return None if others else False


def _entered(ev: Evaluator, ref: ScopeRef, expr: Expr) -> bool:
    values = ev.expr(expr, Frame(ref))
    return bool(values) and all(_only_async(ev, value) for value in values)


def _only_async(ev: Evaluator, value: Value) -> bool:
    if not isinstance(value, Instance):
        return False
    if isinstance(value.cls, str):
        return value.cls in _ENTERED
    above = classes.bases(ev, value.cls)
    if any(isinstance(base, str) and base != "builtins.object" for base in above):
        return False
    names = {name for base in above if isinstance(base, ScopeRef) for name in ev.bindings(base)}
    return "__aenter__" in names and not {"__enter__", "__getattr__"} & names
