"""Calls that read an upload → those that bring the whole of it into memory, however large it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.api import UploadRead
from ..model.code import Attribute, Call, Compare, Expr, Literal, Name
from ..model.endpoint import App
from ..model.location import Location
from ..model.project import Origin
from .callgraph import CallGraph
from .evaluate import Evaluator
from .index import ScopeRef, body, raw
from .upload_limits import LENGTHS, limited
from .values import Frame, Instance, Opaque
from .walk import dotted, nodes

_UPLOADS = frozenset({"starlette.datastructures.UploadFile"})
# How a request's files are written; the framework is told by the case.
_FLASK, _DJANGO = re.compile(r"\brequest\.files\b"), re.compile(r"\brequest\.FILES\b")
_SIZES = frozenset({"size", "content_length", "tell"})
_CHECKS = re.compile(r"size|length|too_?(?:large|big)|oversized?", re.IGNORECASE)
_DEEPEST = 3  # callers one above another


def framework(ev: Evaluator, expr: Expr, frame: Frame) -> str:
    """The framework whose upload an expression is: "starlette", "flask", "django" or ""."""
    if isinstance(expr, Attribute) and expr.name == "file":  # what is under Starlette's upload
        return framework(ev, expr.value, frame)
    for value in ev.expr(expr, frame):
        match value:
            case Instance(cls=str() as cls) if cls in _UPLOADS:
                return "starlette"
            case Opaque(origin=Origin.REQUEST, written=written) if _FLASK.search(written):
                return "flask"
            case Opaque(origin=Origin.REQUEST, written=written) if _DJANGO.search(written):
                return "django"
            case _:
                pass
    return ""


def uploads(ev: Evaluator, graph: CallGraph, apps: Iterable[App], with_tests: bool) -> Iterator[UploadRead]:
    """Every `read()` of an upload before whose call nothing asks how large it is."""
    bounded = limited(ev, tuple(apps))
    for path, facts in sorted(ev.index.python.items()):
        if "read" not in facts.attributes or (path in ev.index.tests and not with_tests):
            continue
        for number in range(len(facts.scopes)):
            ref = ScopeRef(path, number)
            whole = tuple(nodes(body(ev.index, ref)))
            for node in whole:
                if not _reads(node):
                    continue
                kind = framework(ev, node.callee.value, Frame(ref))
                if kind and kind not in bounded and not _looked(ev, graph, ref, whole, node):
                    late = _measured(whole, node)
                    yield UploadRead(Location(path, node.at), ev.scope(ref).qualname, kind, late)


def _reads(node: object) -> bool:
    return (
        isinstance(node, Call) and isinstance(node.callee, Attribute) and node.callee.name == "read" and not node.args
    )


def _looked(ev: Evaluator, graph: CallGraph, ref: ScopeRef, whole: tuple[object, ...], read: Call) -> bool:
    """Whether the function asks for the upload's size before it reads, or those above it ask for the body's."""
    assert isinstance(read.callee, Attribute)
    name = dotted(read.callee.value).removesuffix(".file")
    for node in whole:
        match node:
            case Attribute(name=word, value=owner) if word in _SIZES and name:
                if dotted(owner).removesuffix(".file") == name:
                    return True
            case Call(callee=callee, args=args, keywords=keywords) if _CHECKS.search(dotted(callee).rpartition(".")[2]):
                given = {dotted(arg) for arg in (*args, *(k.value for k in keywords))}
                if given & {name, "request", f"{name}.file"} and (node.at.line, node.at.column) < _start(read):
                    return True
            case _:
                pass
    return any(_asks(ev, graph, above) for above in _above(graph, ref))


def _start(call: Call) -> tuple[int, int]:
    return call.at.line, call.at.column


def _above(graph: CallGraph, ref: ScopeRef) -> list[ScopeRef]:
    """A function and those that call it, a few calls up."""
    depths = {ref: 0}
    for one in (waiting := [ref]):
        for edge in graph.callers.get(one, ()) if depths[one] < _DEEPEST else ():
            if edge.caller not in depths:
                depths[edge.caller] = depths[one] + 1
                waiting.append(edge.caller)
    return waiting


def _asks(ev: Evaluator, graph: CallGraph, ref: ScopeRef) -> bool:
    """Whether a function, or one that it calls, names the header that says how long a body is."""
    below = [edge.callee for edge in graph.callees.get(ref, ()) if isinstance(edge.callee, ScopeRef)]
    return any(word in raw(ev.index, one) for one in (ref, *below) for word in LENGTHS)


def _measured(whole: tuple[object, ...], read: Call) -> bool:
    """Whether the function compares a length with a limit, once it has read."""
    return any(
        isinstance(node, Compare) and (node.at.line, node.at.column) > _start(read) and _is_length(node)
        for node in whole
    )


def _is_length(comparison: Compare) -> bool:
    """`len(content) > …` or `file_size > …`, but with nothing: that only asks whether there is anything."""
    sides = (comparison.left, *comparison.comparators)
    if not {">", ">=", "<", "<="}.issuperset(comparison.ops) or any(
        isinstance(s, Literal) and not s.value for s in sides
    ):
        return False
    return any(
        (isinstance(side, Call) and isinstance(side.callee, Name) and side.callee.id == "len")
        or (isinstance(side, Name) and bool(_CHECKS.search(side.id)))
        for side in sides
    )
