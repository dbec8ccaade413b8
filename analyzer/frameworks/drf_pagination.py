"""DRF's pagination classes, in settings and on views → what bounds the rows of a list, and what clients may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from ..libraries import canonical
from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import ClassRef, Const, External, Frame, Value
from ..model.answer import Constant, Known, Unknown
from ..model.code import Expr
from ..model.endpoint import NOBODY_LOOKED, Endpoint, Guarded, Input, Place, Protection
from ..model.facts import ScopeKind
from ..model.location import Location
from ..model.rule import Node
from .django_settings import DjangoProject, keyed
from .sources import name_place, qualified
from .throttles import named
from .views import class_attribute, functions

PAGINATION = "pagination"
_HOME = "rest_framework.pagination."
_PAGES, _OFFSETS, _CURSORS = (f"{_HOME}{name}Pagination" for name in ("PageNumber", "LimitOffset", "Cursor"))
_LISTS = (
    "rest_framework.mixins.ListModelMixin", "rest_framework.generics.ListAPIView",
    "rest_framework.generics.ListCreateAPIView",
)  # fmt: skip
# class attribute: the number of rows where nobody asks, the most that one may ask for, the name that one asks by
_WORDS = {
    _PAGES: ("page_size", "max_page_size", "page_size_query_param"),
    _OFFSETS: ("default_limit", "max_limit", "limit_query_param"),
    _CURSORS: ("page_size", "max_page_size", "page_size_query_param"),
}
_UNSEEN = Unknown("a pagination that is not understood")


@dataclass(frozen=True, slots=True)
class Pagination:
    """What a project's REST_FRAMEWORK setting says: DEFAULT_PAGINATION_CLASS and PAGE_SIZE."""

    default: tuple[tuple[Value, Location], ...] = ()
    page_size: Constant = None
    seen: bool = True  # whether settings were found at all


def of_settings(ev: Evaluator, project: DjangoProject) -> Pagination:
    """The pagination that a project sets for every DRF list."""
    found = [
        (value, Location(frame.ref.path, expr.at))
        for expr, frame in keyed(ev, project, "REST_FRAMEWORK", "DEFAULT_PAGINATION_CLASS")
        for value in named(ev, ev.expr(expr, frame), frame.ref.path)
    ]
    sizes = [_constant(ev, one) for one in keyed(ev, project, "REST_FRAMEWORK", "PAGE_SIZE")]
    return Pagination(tuple(found), next((size for size in sizes if size is not None), None))


def _constant(ev: Evaluator, given: tuple[Expr, Frame] | None) -> Constant:
    """A constant; "…" for something that is not known, None where nothing is given."""
    if given is None:
        return None
    values = ev.expr(*given)
    return values[0].value if len(values) == 1 and isinstance(values[0], Const) else "…"


def of_list(
    ev: Evaluator, found: Endpoint, ref: ScopeRef | None, project: Pagination
) -> tuple[Guarded, tuple[Input, ...]]:
    """What bounds the rows of an endpoint that lists a DRF view's objects, and the inputs that its pagination takes."""
    if ref is None or not _lists(ev, found, ref):
        return NOBODY_LOOKED, ()
    if not project.seen or functions(ev, ref, ("paginate_queryset", "paginator", "list", "get")):
        return Unknown("a list of the view's own"), ()
    given = class_attribute(ev, ref, "pagination_class")
    if given is None:
        chosen = project.default
    else:
        at = Location(given[1].ref.path, given[0].at)
        chosen = tuple((value, at) for value in named(ev, ev.expr(*given), given[1].ref.path))
    if not chosen:
        return Known(()), ()
    answers = [_one(ev, value, at, project) for value, at in chosen]
    return answers[0] if len(answers) == 1 else (_UNSEEN, ())


def _lists(ev: Evaluator, found: Endpoint, ref: ScopeRef) -> bool:
    """Whether an endpoint answers with many objects: a view that lists, at a path that names no single one."""
    if "GET" not in found.methods or ev.scope(ref).kind is not ScopeKind.CLASS or found.path.rstrip("/").endswith(">"):
        return False
    return classes.derives(ev, ref, *_LISTS)


def _one(ev: Evaluator, value: Value, at: Location, project: Pagination) -> tuple[Guarded, tuple[Input, ...]]:
    """What one pagination class does: without a number of rows, DRF's own leave the list as it is."""
    match value:
        case Const(value=None):
            return Known((), (at,)), ()
        case External(name=name) if canonical(ev.libraries, name) in _WORDS:
            return _counted(ev, canonical(ev.libraries, name), None, at, project)
        case ClassRef(ref=ref):
            kind = next((b for b in classes.bases(ev, ref) if isinstance(b, str) and b in _WORDS), "")
            own = functions(ev, ref, ("paginate_queryset", "get_page_size", "get_limit"))
            if kind and not own:
                return _counted(ev, kind, ref, at, project)
    return _UNSEEN, ()


def _counted(
    ev: Evaluator, kind: str, ref: ScopeRef | None, at: Location, project: Pagination
) -> tuple[Guarded, tuple[Input, ...]]:
    size_word, most_word, asked_word = _WORDS[kind]

    def said(word: str) -> tuple[bool, Constant]:
        given = class_attribute(ev, ref, word) if ref is not None else None
        return given is not None, _constant(ev, given)

    size = said(size_word)[1] or project.page_size
    most = said(most_word)[1]
    own, asked = said(asked_word)
    if not own and kind == _OFFSETS:
        asked = "limit"
    what = qualified(ev, ref) if ref is not None else kind
    place, node = (name_place(ev, ref), Node.CLASS) if ref is not None else (at, Node.EXPRESSION)
    bounds = (("le", most),) if most is not None else ()
    taken = Input(str(asked), Place.QUERY, "int", False, bounds, place, Known(size), node)
    guarded: Guarded = Known((Protection(PAGINATION, what, at),) if size is not None else (), (at,))
    return guarded, (taken,) if isinstance(asked, str) else ()
