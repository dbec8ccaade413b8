"""A view's serializer, a route's arguments and a handler's decorators → the model that shapes an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..link import calling, classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef
from ..link.values import Const, External, Frame
from ..model.answer import Known, Unknown
from ..model.code import Call, Dict, Expr, Literal, LiteralKind, Sequence
from ..model.endpoint import NOBODY_LOOKED
from ..model.facts import ScopeKind
from ..model.location import Location
from .inputs import answering
from .lists import items
from .responses import serializer
from .routes import Route
from .sources import argument
from .type_words import type_words

_ROLE = "response-model"  # of parameters, in the library models
_CODES = ("code", "status_code")
# Members of `http.HTTPStatus`.
_SUCCESSES = frozenset({"OK", "CREATED", "ACCEPTED", "NON_AUTHORITATIVE_INFORMATION", "NO_CONTENT", "PARTIAL_CONTENT"})
_TOLD = frozenset({
    "flask", "quart", "django", "aiohttp", "sanic", "falcon", "tornado", "bottle", "pyramid", "connexion", "grpc",
})  # fmt: skip
_PLAIN = (
    "builtins.", "django.", "rest_framework.", "flask.", "flask_restful.", "flask_restx.", "quart.", "tornado.",
    "sanic.", "aiohttp.",
)  # fmt: skip
_LOST = Unknown("a handler that is not understood")


def model_of(ev: Evaluator, route: Route, framework: str) -> Known[str] | Unknown:
    """By a view's serializer, else by the route itself, else by what decorates the handler."""
    found = serializer(ev, route.handler.ref)
    if found is not None:
        return found
    said = route.response
    return said if said != NOBODY_LOOKED else _decorated(ev, route.handler.ref, route.methods, framework)


def _decorated(ev: Evaluator, ref: ScopeRef | None, methods: tuple[str, ...], framework: str) -> Known[str] | Unknown:
    """The models that the decorators of what answers name, each once; "" where they name none."""
    if framework not in _TOLD:
        return NOBODY_LOOKED
    if ref is None:
        return _LOST
    ran = answering(ev, ref, methods)
    found = [one for function in ran for one in _of_decorators(ev, function)]
    if found:
        return Known(" | ".join(dict.fromkeys(words for words, _ in found)), tuple(at for _, at in found))
    if methods == ("WEBSOCKET",):
        return Known("")
    if not ran or (ev.scope(ref).kind is ScopeKind.CLASS and not _plain(ev, ref)):
        return Unknown("a method that a library brings")
    return Known("")


def _plain(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether all bases of a class are the project's, or a framework's own."""
    outside = [base for base in classes.bases(ev, ref) if isinstance(base, str)]
    return all(base.startswith(_PLAIN) or "." not in base for base in outside)


def _of_decorators(ev: Evaluator, ref: ScopeRef) -> Iterator[tuple[str, Location]]:
    scope = ev.scope(ref)
    frame = Frame(ScopeRef(ref.path, scope.parent))
    for call in scope.decorators:
        for value in ev.expr(call.callee, frame) if isinstance(call, Call) else ():
            operation = calling.operation(ev, value) if isinstance(value, External) else None
            for name, parameter in operation.parameters.items() if operation is not None else ():
                if parameter.role == _ROLE and isinstance(call, Call) and not _fails(ev, call, frame):
                    given = argument(ev, call, frame, name, parameter.position)
                    if given.expr is not None and (words := shape(ev, given.expr, given.frame)):
                        yield words, Location(ref.path, given.expr.at)


def _fails(ev: Evaluator, call: Call, frame: Frame) -> bool:
    """Whether a decorator tells of answers that are no success: `@ns.response(404, "Not found", error)`."""
    for name in _CODES:
        given = argument(ev, call, frame, name, 0)
        for value in ev.expr(given.expr, given.frame) if given.expr is not None else ():
            if isinstance(value, Const) and isinstance(value.value, int | str):
                return str(value.value)[:1] in "345" or value.value == "default"
            if isinstance(value, External):
                return value.name.rpartition(".")[2] not in _SUCCESSES
    return False


def shape(ev: Evaluator, expr: Expr, frame: Frame) -> str:
    """A model in words: a class, `Order(many=True)`, `list[Order]`, `{200: Order, 404: Error}`; "" for None."""
    match expr:
        case Literal(kind=LiteralKind.NONE):
            return ""
        case Dict(keys=keys, values=values):
            pairs = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
            coded = [(key.value, value) for key, value in pairs if isinstance(key, Literal)]
            if not coded or any(not isinstance(code, int) for code, _ in coded):
                return "dict"
            return _joined(shape(ev, value, frame) for code, value in coded if str(code)[:1] == "2")
        case Call(callee=callee, keywords=keywords):
            words = type_words(ev, callee, frame)
            many = any(k.name == "many" and isinstance(k.value, Literal) and k.value.value is True for k in keywords)
            return f"list[{words}]" if many else words
        case Sequence(items=(first,)):
            return f"list[{shape(ev, first, frame)}]"
        case _:
            return type_words(ev, expr, frame)


def _joined(words: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(filter(None, words)))


def of_argument(ev: Evaluator, call: Call, frame: Frame, *names: str) -> Known[str] | Unknown | None:
    """What a route says by itself: django-ninja's `response=`, Litestar's `return_dto=`; None where it says nothing."""
    for name in names:
        given = argument(ev, call, frame, name)
        if given.hidden:
            return Unknown("arguments that are not understood")
        if given.expr is not None:
            expr, where = given.expr, given.frame
            held = items(ev, expr, where).found if isinstance(expr, Sequence) and expr.kind == "tuple" else ()
            words = _joined(shape(ev, *one) for one in held) if held else shape(ev, expr, where)
            return Known(words, (Location(where.ref.path, expr.at),))
    return None
