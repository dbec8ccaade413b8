"""Endpoints and a document's operations → everything in which they differ, and what could not be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..model.contract import Comparison, Difference, Differs, Document, Operation
from ..model.endpoint import Endpoint, Purpose, Serves
from ..model.exposure import Exposed
from ..model.location import Location
from .agreement import parameters, security
from .shapes import UNKNOWN, may_be, shape

_ANY = "*"
_BY_ITSELF = frozenset({"HEAD", "OPTIONS"})  # frameworks answer these unasked
_NOT_OF_AN_API = frozenset({Purpose.DOCS, Purpose.STATIC})
_ORDER = tuple(Differs)


@dataclass(slots=True)
class _Index:
    """The endpoints by the shape of their paths, and what was matched."""

    known: dict[str, dict[str, Endpoint]]
    uncertain: list[tuple[str, Endpoint]]  # whose path is not wholly known
    matched: set[tuple[str, str]] = field(default_factory=set)  # shape and method of the endpoints that are documented
    handlers: set[Location] = field(default_factory=set)  # of these
    shapes: dict[str, str] = field(default_factory=dict)  # of operations that were matched → the document's path
    unjudged: Counter[str] = field(default_factory=Counter)


def compare(found: Sequence[Exposed], document: Document) -> Comparison:
    """The comparison; `found` are the endpoints that the document is about, sorted."""
    index = _index(found)
    index.unjudged.update(document.ignored)
    differences: list[Difference] = []
    matched = 0
    for operation in document.operations:
        at = _shape_of(index, operation)
        if at:
            index.shapes[at] = operation.path
        endpoint = _answering(index, at, operation) if at else None
        if endpoint is None:
            differences += _missing(index, operation, at)
        else:
            matched += 1
            index.handlers.add(endpoint.handler_at)
            differences += security(endpoint, operation, index.unjudged)
            differences += parameters(endpoint, operation, document.credentials, index.unjudged)
    differences += _undocumented(index)
    differences.sort(key=lambda d: (_ORDER.index(d.kind), d.path, d.method, d.says))
    return Comparison(
        document.name, document.version, len(document.operations), matched, tuple(differences),
        tuple(sorted(index.unjudged.items())),
    )  # fmt: skip


def _index(found: Sequence[Exposed]) -> _Index:
    index = _Index({}, [])
    for one in found:
        if one.serves is not Serves.HTTP:
            continue
        form = shape(one.endpoint.path)
        if UNKNOWN in form:
            index.uncertain.append((form, one.endpoint))
            index.unjudged["endpoints whose path is not wholly known"] += 1
            continue
        for method in one.endpoint.methods:
            index.known.setdefault(form, {}).setdefault(method, one.endpoint)
    return index


def _shape_of(index: _Index, operation: Operation) -> str:
    """The shape under which the code answers the path, below a server's path or without it; "" for none."""
    forms = [shape(prefix + operation.path) for prefix in (*operation.prefixes, "")]
    return next((form for form in forms if form in index.known), "")


def _answering(index: _Index, form: str, operation: Operation) -> Endpoint | None:
    methods = index.known[form]
    index.matched.add((form, operation.method))
    return methods.get(operation.method) or methods.get(_ANY)


def _missing(index: _Index, operation: Operation, form: str) -> Iterator[Difference]:
    if form:
        methods = sorted(index.known[form])
        if operation.method not in _BY_ITSELF:
            at = index.known[form][methods[0]].handler_at
            says = f"documented, and the code answers {', '.join(methods)} there"
            yield Difference(Differs.METHODS, operation.method, operation.path, says, at)
        return
    forms = {shape(prefix + operation.path) for prefix in (*operation.prefixes, "")}
    for uncertain, endpoint in index.uncertain:
        if {operation.method, _ANY} & set(endpoint.methods) and any(may_be(uncertain, one) for one in forms):
            index.unjudged["operations that may be endpoints whose path is not wholly known"] += 1
            return
    yield Difference(Differs.MISSING, operation.method, operation.path, "documented, and not found in the code")


def _undocumented(index: _Index) -> Iterator[Difference]:
    for form, methods in index.known.items():
        for method, endpoint in methods.items():
            if method == "WEBSOCKET":
                index.unjudged["WebSockets, which OpenAPI does not describe"] += 1
            elif endpoint.purpose in _NOT_OF_AN_API:
                index.unjudged["pages of documentation and static files"] += 1
            elif _is_documented(index, form, method) or method in _BY_ITSELF:
                continue
            elif form in index.shapes:
                says = "answered, and not documented for this path"
                yield Difference(Differs.METHODS, method, endpoint.path, says, endpoint.handler_at)
            elif endpoint.handler_at in index.handlers:
                says = "answered, and documented under another path only"
                yield Difference(Differs.ALIAS, method, endpoint.path, says, endpoint.handler_at)
            else:
                says = "answered, and not documented"
                yield Difference(Differs.UNDOCUMENTED, method, endpoint.path, says, endpoint.handler_at)


def _is_documented(index: _Index, form: str, method: str) -> bool:
    """Any method counts as documented as soon as one is."""
    return (form, method) in index.matched or (method == _ANY and form in index.shapes)
