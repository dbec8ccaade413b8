"""Handlers that read → queries for every row of a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from ..model.api import WholeTable
from ..model.code import Assign, Await, Call, Expr, Name, Return, Slice, Subscript
from ..model.code import Attribute as Member
from ..model.endpoint import App, Endpoint
from ..model.location import Location
from . import ownership
from .bindings import Bind
from .callgraph import CallGraph
from .evaluate import Evaluator
from .index import ScopeRef, body
from .values import Frame, Instance, Value
from .walk import contains, nodes

_ALL = frozenset({
    "sqlalchemy.orm.Query.all", "sqlalchemy.ScalarResult.all", "sqlalchemy.ext.asyncio.AsyncScalarResult.all",
    "django.db.models.Manager.all", "django.db.models.QuerySet.all", "flask_sqlalchemy.query.Query.all",
})  # fmt: skip
# What leaves as many rows as there are. A name that is not here may choose some of them.
_WHOLE = frozenset({
    "query", "select", "scalars", "execute", "unique", "options", "order_by", "all", "select_related", "distinct",
    "prefetch_related", "populate_existing", "execution_options", "desc", "asc", "joinedload", "selectinload", "defer",
})  # fmt: skip
_STARTS = frozenset({"scalars", "execute"})  # before them stands the session, where they are given a statement
_GROWS = re.compile(r"(?:^|_)(?:created|updated|modified|inserted|timestamp|date|time|logged|sent)(?:_|$)|_at$")
_READING = ("GET", "QUERY")
_DEEPEST = 2  # functions between the handler and the query
_MOST_NAMES = 6  # assigned one from the other


def whole_tables(
    ev: Evaluator, graph: CallGraph, apps: Iterable[App], served: Mapping[str, tuple[ScopeRef, ...]]
) -> Iterator[WholeTable]:
    """Every such query with the endpoint that it answers; `served` holds the functions of each endpoint's name."""
    for app in apps:
        for endpoint in app.endpoints:
            asked = next((method for method in _READING if method in endpoint.methods), None)
            if asked is None or endpoint.path.rstrip("/").endswith(("}", ">")):
                continue
            for ref in _near(graph, served.get(f"{asked} {endpoint.path}", ())):
                yield from _in_function(ev, endpoint, ref)


def _near(graph: CallGraph, start: Iterable[ScopeRef]) -> list[ScopeRef]:
    """The functions that run for an endpoint, a few calls deep."""
    depths = dict.fromkeys(start, 0)
    for ref in (waiting := list(depths)):
        for edge in graph.callees.get(ref, ()) if depths[ref] < _DEEPEST else ():
            if isinstance(edge.callee, ScopeRef) and edge.callee not in depths:
                depths[edge.callee] = depths[ref] + 1
                waiting.append(edge.callee)
    return sorted(depths, key=lambda ref: (ref.path, ref.scope))


def _in_function(ev: Evaluator, endpoint: Endpoint, ref: ScopeRef) -> Iterator[WholeTable]:
    statements, frame = body(ev.index, ref), Frame(ref)
    whole = list(nodes(statements))
    for node in whole:
        if not (isinstance(node, Call) and isinstance(node.callee, Member) and node.callee.name == "all"):
            continue
        if node.args or not set(ev.qualified(node.callee, frame)) & _ALL or not _given_back(whole, node):
            continue
        table = next(_tables(ev.expr(node, frame)), None)
        if table is not None and _every_row(ev, node, frame):
            name = ev.scope(table).name
            yield WholeTable(Location(ref.path, node.at), name, endpoint, _grows(ev, table))


def _given_back(whole: Iterable[object], call: Call) -> bool:
    """Whether a function returns what a call gives, by itself or under a name, and cuts nothing off."""
    names = {
        target.id
        for node in whole
        if isinstance(node, Assign) and contains(node.value.at, call.at)
        for target in node.targets
        if isinstance(target, Name)
    }
    if any(_cuts(node, call, names) for node in whole):
        return False
    for node in whole:
        if isinstance(node, Return) and node.value is not None:
            if contains(node.value.at, call.at):
                return True
            if any(isinstance(inner, Name) and inner.id in names for inner in nodes(node.value)):
                return True
    return False


def _cuts(node: object, call: Call, names: Collection[str]) -> bool:
    """`rows[:50]`, wherever the rows that the call gives have come under their name."""
    match node:
        case Subscript(value=rows, index=Slice(upper=upper)) if upper is not None:
            held = (inner.id for inner in nodes(rows) if isinstance(inner, Name))
            return contains(rows.at, call.at) or any(name in names for name in held)
        case _:
            return False


def _every_row(ev: Evaluator, expr: Expr, frame: Frame, hops: int = 0) -> bool:
    """Whether nothing in a chain of calls chooses some of the rows."""
    match expr:
        case Await(value=inner):
            return _every_row(ev, inner, frame, hops)
        case Call(callee=callee, args=args):
            word = callee.name if isinstance(callee, Member) else callee.id if isinstance(callee, Name) else ""
            if word not in _WHOLE:
                return False
            if word == "query" or (word == "select" and isinstance(callee, Name)):
                return True
            if word in _STARTS and args:
                return _every_row(ev, args[0], frame, hops)
            return not isinstance(callee, Member) or _every_row(ev, callee.value, frame, hops)
        case Member(value=owner, name=name):
            return name in ("objects", "query") and not isinstance(owner, Call)
        case Name(id=name):
            bound = ev.bindings(frame.ref).get(name, ())
            if not bound or hops >= _MOST_NAMES:
                return False
            given = [binding.expr for binding in bound if binding.how is Bind.VALUE]
            return len(given) == len(bound) == 1 and given[0] is not None and _every_row(ev, given[0], frame, hops + 1)
        case _:
            return False


def _tables(values: Iterable[Value]) -> Iterator[ScopeRef]:
    for value in values:
        if isinstance(value, Instance) and isinstance(value.cls, str):
            yield from (one.cls for one in value.of if isinstance(one, Instance) and isinstance(one.cls, ScopeRef))


def _grows(ev: Evaluator, table: ScopeRef) -> bool:
    """Whether a table's own columns say that rows are added as time goes by: a time, or whose they are.

    What it inherits says nothing: a project that stamps one table stamps them all, its lists of colours too.
    """
    if ownership.owner(ev, table):
        return True
    return any(_GROWS.search(name) for name in ev.bindings(table))
