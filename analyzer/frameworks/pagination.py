"""What an endpoint takes, what it answers with and what its handler calls → what bounds the rows of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, SiteRef
from ..link.values import External, Frame, Value
from ..model.answer import Known, Unknown
from ..model.code import Call, Literal
from ..model.endpoint import NOBODY_LOOKED, Guarded, Input, Place, Protection
from ..model.facts import ScopeKind
from ..model.location import Location
from .inputs import answering
from .languages import marked
from .sources import read, uses
from .views import class_attribute

PAGINATION = "pagination"  # a marker of the library models as well
_SIZES = re.compile(
    r"(?i)^(?:page_?)?(?:limit|size|take|count)$|^(?:per_?page|rows|first|max_?(?:results|items|count)|results_?per_?page)"
    r"$|^items_?per_?page$|^(?:query|list)?_?limit$|^page_?limit$"
)
_UPPER = ("le", "lt")
# fastapi-pagination's models of an answer, by their names; those of the project's own are aliases of them.
_PAGE = re.compile(r"\b((?:LimitOffset|Cursor)?Page)\[")
_MANY = re.compile(r"^(?:list|set|tuple|Sequence|Iterable|AsyncIterable)\[|^QuerySet")
_OF_HANDLER = "a list that its handler may bound"


def pagination(
    ev: Evaluator,
    ref: ScopeRef | None,
    methods: tuple[str, ...],
    inputs: tuple[Input, ...],
    response: Known[str] | Unknown,
) -> Guarded:
    """The pagination of an endpoint that answers with a list; nobody looks where nothing says that it is one."""
    if not {"GET", "*"} & set(methods) or ref is None:
        return NOBODY_LOOKED
    found = [*_of_response(ev, response), *_of_code(ev, ref, methods), *_of_inputs(inputs)]
    if found:
        return Known(tuple(dict.fromkeys(found)), tuple(sorted({one.at for one in found})))
    many = isinstance(response, Known) and _MANY.match(response.value)
    return Unknown(_OF_HANDLER) if many else NOBODY_LOOKED


def _of_response(ev: Evaluator, response: Known[str] | Unknown) -> Iterator[Protection]:
    """`response_model=Page[Order]`."""
    page = _PAGE.search(response.value) if isinstance(response, Known) else None
    if page is not None and isinstance(response, Known) and response.at and uses(ev, "fastapi_pagination"):
        yield Protection(PAGINATION, f"fastapi_pagination.{page[1]}", response.at[0])


def _of_inputs(inputs: tuple[Input, ...]) -> Iterator[Protection]:
    """`limit: int = Query(20, le=100)`, and one that the handler itself keeps below a number."""
    for one in inputs:
        bound = next((f"{name}={value}" for name, value in one.bounds if name in _UPPER), "")
        if one.place is Place.QUERY and bound and _SIZES.search(one.name):
            yield Protection(PAGINATION, f"{one.name} {bound}", one.at)


def _of_code(ev: Evaluator, ref: ScopeRef, methods: tuple[str, ...]) -> Iterator[Protection]:
    """What decorates a handler or is called in it, and is known to give a list in parts."""
    given = class_attribute(ev, ref, "paginate_by") if ev.scope(ref).kind is ScopeKind.CLASS else None
    if given is not None and not (isinstance(given[0], Literal) and given[0].value is None):
        yield Protection(PAGINATION, "paginate_by", Location(given[1].ref.path, given[0].at))
    words = _words(ev)
    for function in answering(ev, ref, methods):
        scope = ev.scope(function)
        above = Frame(ScopeRef(function.path, scope.parent))
        for one in scope.decorators:
            maker = one.callee if isinstance(one, Call) else one
            yield from _marked(ev, ev.expr(maker, above), Location(function.path, one.at))
        for number, site in enumerate(ev.index.python[function.path].calls):
            if site.scope == function.scope and site.callee.rpartition(".")[2] in words:
                found = read(ev, SiteRef(function.path, number))
                if found is not None:
                    yield from _marked(ev, ev.expr(found[0].callee, found[1]), Location(function.path, site.at))


def _words(ev: Evaluator) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in ev.libraries.markers.get(PAGINATION, ()))


def _marked(ev: Evaluator, values: tuple[Value, ...], at: Location) -> Iterator[Protection]:
    for value in values:
        name = value.name if isinstance(value, External) else ""
        if name and marked(ev, name, PAGINATION):
            yield Protection(PAGINATION, name, at)
