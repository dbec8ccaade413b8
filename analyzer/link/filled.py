"""Rows of tables that are filled with whatever keys a client sends."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..model.api import Filled
from ..model.code import Attribute, Call, Compare, Expr, For, If, Name, Sequence
from ..model.location import Location
from ..model.project import Origin
from . import classes
from .callgraph import CallGraph
from .evaluate import Evaluator
from .index import ScopeRef, body
from .reach import functions_above
from .tables_of import TABLES
from .values import ClassRef, External, Frame, Instance, Opaque, Value
from .walk import nodes, statements

_WRITERS = frozenset({"create", "update", "update_or_create", "get_or_create", "filter_by", "values", "insert"})
_DUMPS = frozenset({"model_dump", "dict", "asdict", "_asdict"})
_MAKING = _WRITERS - {"filter_by"}


def filled(ev: Evaluator, graph: CallGraph, typed: Collection[ScopeRef], with_tests: bool) -> Iterator[Filled]:
    """Every row that takes all keys of a request: `Model(**sent)`, `objects.create(**sent)`, a loop of `setattr`.

    `typed` are the handlers whose arguments a schema names: what comes through them alone has no other keys.
    """
    for found in _filled(ev, with_tests):
        doors = [ref for ref in functions_above(ev, graph, found.at) if ref in ev.handlers]
        if not doors or any(ref not in typed for ref in doors):
            yield found


def _filled(ev: Evaluator, with_tests: bool) -> Iterator[Filled]:
    for path, facts in sorted(ev.index.python.items()):
        if path in ev.index.tests and not with_tests:
            continue
        sets = "setattr" in facts.names
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            frame = Frame(ref)
            for node in nodes(body(ev.index, ref)):
                if isinstance(node, Call) and any(k.name is None for k in node.keywords):
                    yield from _call(ev, node, frame)
            if sets:
                for statement in statements(body(ev.index, ref)):
                    if isinstance(statement, For):
                        yield from _loop(ev, statement, frame)


def _call(ev: Evaluator, call: Call, frame: Frame) -> Iterator[Filled]:
    sent = [k.value for k in call.keywords if k.name is None and _of_client(ev, k.value, frame)]
    if not sent:
        return
    for value in ev.expr(call.callee, frame):
        table = _table(ev, value)
        if table is not None:
            yield Filled(Location(frame.ref.path, call.at), ev.scope(table).name, "call")
            return


def _table(ev: Evaluator, callee: Value) -> ScopeRef | None:
    """The table class that a callee makes a row of, or whose manager writes one."""
    match callee:
        case ClassRef(ref=ref) if classes.derives(ev, ref, *TABLES):
            return ref
        case External(name=name, receiver=Instance(of=held)) if name.rpartition(".")[2] in _MAKING:
            refs = [one.cls for one in held if isinstance(one, Instance) and isinstance(one.cls, ScopeRef)]
            return next((ref for ref in refs if classes.derives(ev, ref, *TABLES)), None)
        case _:
            return None


def _of_client(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    """Whether an expression is what a client sent, as it came: `request.json`, `request.data`, `dict(request.form)`."""
    if isinstance(expr, Call) and isinstance(expr.callee, Name) and expr.callee.id == "dict" and len(expr.args) == 1:
        return _of_client(ev, expr.args[0], frame)
    if _by_route(ev, expr, frame):
        return False
    found = ev.expr(expr, frame)
    return bool(found) and all(isinstance(v, Opaque) and v.origin is Origin.REQUEST and not _model(v) for v in found)


def _model(value: Opaque) -> bool:
    """What a model of the body gave (`sent.model_dump()`), though its class is not known: it names the keys."""
    return value.written.rpartition(".")[2] in _DUMPS


def _by_route(ev: Evaluator, expr: Expr, frame: Frame) -> bool:
    """Whether it is a handler's `**kwargs`: a framework passes what the route names, and nothing else."""
    params = ev.scope(frame.ref).params.items if frame.ref in ev.handlers else ()
    return isinstance(expr, Name) and any(param.kind == "kwarg" and param.name == expr.id for param in params)


def _loop(ev: Evaluator, loop: For, frame: Frame) -> Iterator[Filled]:
    """`for key, value in sent.items(): setattr(row, key, value)` without a look at the key."""
    match loop:
        case For(
            target=Sequence(items=(Name(id=key), Name())), iterable=Call(callee=Attribute(value=sent, name="items"))
        ):
            pass
        case _:
            return
    if not _of_client(ev, sent, frame) or _chosen(loop, key):
        return
    for node in nodes(loop.body):
        match node:
            case Call(callee=Name(id="setattr"), args=(row, Name(id=given), _)) if given == key:
                refs = [v.cls for v in ev.expr(row, frame) if isinstance(v, Instance) and isinstance(v.cls, ScopeRef)]
                table = next((ref for ref in refs if classes.derives(ev, ref, *TABLES)), None)
                if table is not None:
                    yield Filled(Location(frame.ref.path, node.at), ev.scope(table).name, "loop")
            case _:
                pass


def _chosen(loop: For, key: str) -> bool:
    """Whether the loop compares the key with anything: then it may let only some through."""
    tests = [s.test for s in statements(loop.body) if isinstance(s, If)]
    compared = (n for test in tests for n in nodes(test) if isinstance(n, Compare))
    return any(isinstance(n, Name) and n.id == key for comparison in compared for n in nodes(comparison))
