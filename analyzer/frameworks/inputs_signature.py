"""The signature of a handler whose framework fills its parameters from the request → inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..link import classes
from ..link.evaluate import Evaluator
from ..link.index import ScopeRef, body, enclosing_class
from ..link.parameters import dependency_calls
from ..link.values import Alias, ClassRef, Const, External, Frame, Function, Instance
from ..model.answer import Constant, Known, Unknown
from ..model.code import AnnAssign, Attribute, BinOp, Call, Expr, Literal, LiteralKind, Name, Param, Sequence, Subscript
from ..model.endpoint import Input, Place
from ..model.location import Location
from ..model.rule import Node
from .clamps import clamped
from .guards import DEEPEST, DEPENDS
from .type_words import type_words
from .views import functions

_MARKERS = {
    "Query": Place.QUERY, "Path": Place.PATH, "Header": Place.HEADER, "Cookie": Place.COOKIE, "Body": Place.BODY,
    "Form": Place.FORM, "File": Place.FILE, "Parameter": Place.QUERY,
}  # fmt: skip
_OF = ("fastapi.", "ninja.", "litestar.")
_BOUNDS = frozenset({
    "ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "regex", "multiple_of", "min_items", "max_items",
    "max_digits", "decimal_places",
})  # fmt: skip
_POSITIVE = {"PositiveInt": (("gt", 0),), "NonNegativeInt": (("ge", 0),), "PositiveFloat": (("gt", 0),)}
_SINGLE = {"Ge": "ge", "Gt": "gt", "Le": "le", "Lt": "lt", "MinLen": "min_length", "MaxLen": "max_length"}
_MODELS = (
    "pydantic.BaseModel", "pydantic.main.BaseModel", "ninja.Schema", "ninja.schema.Schema", "sqlmodel.SQLModel",
    "sqlmodel.main.SQLModel", "msgspec.Struct", "typing.TypedDict",
)  # fmt: skip
# What a framework gives a handler by its annotation, and is no input of a client's.
_GIVEN = ("starlette.", "fastapi.", "litestar.", "django.http.", "django.core.handlers.", "ninja.")
_PASSWORD_FORM = ("username", "password")  # those that must be given (fastapi/security/oauth2.py)
_UPLOAD = ("UploadFile", "UploadedFile")
_SCALARS = frozenset({"int", "str", "float", "bool", "bytes", "UUID", "date", "datetime", "time", "Decimal", "Enum"})
_BODIES = ("dict", "list", "set", "tuple", "Any")


def signature_inputs(
    ev: Evaluator, ref: ScopeRef, in_path: Mapping[str, str], depth: int = 0
) -> Iterator[Input | Unknown]:
    """The inputs that the parameters of a handler, and of what it depends on, declare."""
    scope = ev.scope(ref)
    above = Frame(ScopeRef(ref.path, scope.parent))
    first = enclosing_class(ev.index, ref) is not None
    for param in scope.params.items[1 if first else 0 :]:
        if param.kind not in ("vararg", "kwarg"):
            for found in _param(ev, param, above, in_path, depth):
                yield _bounded_by_code(ev, ref, param, found)


def _bounded_by_code(ev: Evaluator, ref: ScopeRef, param: Param, found: Input | Unknown) -> Input | Unknown:
    """A number that the signature lets grow and the code does not."""
    if isinstance(found, Unknown) or not found.type.startswith("int") or found.at.span != param.at:
        return found
    if found.place is not Place.QUERY or {"le", "lt"} & {name for name, _ in found.bounds}:
        return found
    most = clamped(ev, ref, param.name)
    return found if most is None else replace(found, bounds=(*found.bounds, ("le", most)))


def _param(
    ev: Evaluator, param: Param, frame: Frame, in_path: Mapping[str, str], depth: int
) -> Iterator[Input | Unknown]:
    extras = [(call, frame) for call in dependency_calls(param)]
    for value in ev.expr(param.annotation, frame) if isinstance(param.annotation, Name | Attribute) else ():
        if isinstance(value, Alias):
            named = Param(param.at, param.name, param.kind, value.expr, None)
            extras += [(call, value.frame) for call in dependency_calls(named)]
    place, alias, bounds = None, "", dict[str, Constant]()
    required, default = _default(ev, param.default, frame)
    for call, where in extras:
        names = ev.qualified(call.callee, where)
        if set(names) & DEPENDS:
            if depth < DEEPEST:
                yield from _dependency(ev, call, where, param, frame, in_path, depth)
            return
        word = next((n.rpartition(".")[2] for n in names if n.startswith(_OF)), "")
        if word in _MARKERS:
            place = _MARKERS[word]
            if call is param.default:
                required, default = _default(ev, _given(call, "default"), where)
            alias = _text(ev, call, where, "alias") or _text(ev, call, where, "query") or alias
        bounds |= _bounds(ev, call, where, names)
    kind = type_words(ev, param.annotation, frame)
    if place is None:
        place = _by_type(ev, param, frame, kind, in_path)
    if place is not None:
        name = alias or (param.name.replace("_", "-") if place is Place.HEADER else param.name)
        at = Location(frame.ref.path, param.at)
        known = dict(_POSITIVE.get(kind.rpartition(".")[2], ())) | bounds
        yield Input(name, place, kind, required, tuple(sorted(known.items())), at, default)


def _default(ev: Evaluator, expr: Expr | None, frame: Frame) -> tuple[bool, Known[Constant] | Unknown]:
    """Whether a client must give a value, and what holds where he does not."""
    if expr is None or (isinstance(expr, Literal) and expr.kind is LiteralKind.ELLIPSIS):
        return True, Known(None)
    values = ev.expr(expr, frame)
    if len(values) == 1 and isinstance(values[0], Const):
        return False, Known(values[0].value)
    return False, Unknown("a default that is not understood")


def _bounds(ev: Evaluator, call: Call, frame: Frame, names: tuple[str, ...]) -> dict[str, Constant]:
    found: dict[str, Constant] = {}
    for keyword in call.keywords:
        if keyword.name in _BOUNDS:
            values = ev.expr(keyword.value, frame)
            if len(values) == 1 and isinstance(values[0], Const):
                found[keyword.name] = values[0].value
            else:
                found[keyword.name] = "…"
    word = next((n.rpartition(".")[2] for n in names if n.startswith("annotated_types.")), "")
    if word in _SINGLE and call.args:
        values = ev.expr(call.args[0], frame)
        found[_SINGLE[word]] = values[0].value if len(values) == 1 and isinstance(values[0], Const) else "…"
    return found


def _text(ev: Evaluator, call: Call, frame: Frame, keyword: str) -> str:
    for given in call.keywords:
        if given.name == keyword:
            values = ev.expr(given.value, frame)
            first = values[0].value if values and isinstance(values[0], Const) else ""
            return first if isinstance(first, str) else ""
    return ""


def _given(call: Call, name: str) -> Expr | None:
    """The first argument of a call, or the one with this name."""
    return next((k.value for k in call.keywords if k.name == name), call.args[0] if call.args else None)


def _by_type(ev: Evaluator, param: Param, frame: Frame, kind: str, in_path: Mapping[str, str]) -> Place | None:
    """Where a parameter without a marker comes from; None for what the framework itself gives."""
    if param.name in in_path:
        return Place.PATH
    last = kind.removesuffix(" | None")
    if last.rpartition(".")[2].rstrip("]") in _UPLOAD:
        return Place.FILE
    if last.startswith(_GIVEN) or param.name in ("request", "websocket", "socket"):
        return None
    if param.name == "data":
        return Place.BODY
    if param.annotation is None or last in _SCALARS:
        return Place.QUERY
    model = _model(ev, param.annotation, frame)
    if model is not None or last.partition("[")[0] in _BODIES or last == "dict":
        return Place.BODY
    return Place.QUERY


def _model(ev: Evaluator, annotation: Expr, frame: Frame) -> ScopeRef | None:
    """The project's model class that an annotation names, also one in a list or beside None."""
    match annotation:
        case Subscript(index=index):
            parts = index.items if isinstance(index, Sequence) else (index,)
            return next(filter(None, (_model(ev, part, frame) for part in parts)), None)
        case BinOp(left=left, right=right):
            return _model(ev, left, frame) or _model(ev, right, frame)
        case Name() | Attribute():
            for value in ev.expr(annotation, frame):
                if isinstance(value, ClassRef) and is_model(ev, value.ref):
                    return value.ref
                if isinstance(value, Alias) and value.expr is not annotation:
                    return _model(ev, value.expr, value.frame)
    return None


def is_model(ev: Evaluator, ref: ScopeRef) -> bool:
    """Whether a class of the project is what a body is read into: Pydantic's, msgspec's, a dataclass, a TypedDict."""
    if classes.derives(ev, ref, *_MODELS):
        return True
    above = Frame(ScopeRef(ref.path, ev.scope(ref).parent))
    decorators = ev.scope(ref).decorators
    named = {n for d in decorators for n in ev.qualified(d.callee if isinstance(d, Call) else d, above)}
    return any(n.rpartition(".")[2] in ("dataclass", "define", "frozen") for n in named)


def _dependency(
    ev: Evaluator, call: Call, where: Frame, param: Param, frame: Frame, in_path: Mapping[str, str], depth: int
) -> Iterator[Input | Unknown]:
    """What a dependency takes itself: a function's parameters, a class's constructor or fields."""
    given, at = _given(call, "dependency"), Location(frame.ref.path, param.at)
    target, place = (given, where) if given is not None else (param.annotation, frame)
    for value in ev.expr(target, place) if target is not None else ():
        match value:
            case Function(ref=ref):
                yield from signature_inputs(ev, ref, in_path, depth + 1)
            case ClassRef(ref=ref):
                init = functions(ev, ref, ("__init__",))
                for one in init.values():
                    yield from signature_inputs(ev, one, in_path, depth + 1)
                if not init:
                    yield from _fields(ev, ref, in_path, depth + 1)
            case Instance(cls=ScopeRef() as ref):
                for one in functions(ev, ref, ("__call__",)).values():
                    yield from signature_inputs(ev, one, in_path, depth + 1)
            case External(name=name) | Instance(cls=str() as name) if name.startswith("fastapi.security."):
                if name.endswith("RequestForm"):
                    yield from (Input(field, Place.FORM, "str", True, (), at) for field in _PASSWORD_FORM)
            case _:
                yield Unknown("a dependency that is not understood")


def _fields(ev: Evaluator, ref: ScopeRef, in_path: Mapping[str, str], depth: int) -> Iterator[Input | Unknown]:
    """The fields of a model that stands as a dependency: each is a query parameter."""
    for base in classes.bases(ev, ref):
        if isinstance(base, ScopeRef):
            for statement in body(ev.index, base):
                if isinstance(statement, AnnAssign) and isinstance(statement.target, Name):
                    field = Param(statement.at, statement.target.id, "normal", statement.annotation, statement.value)
                    for found in _param(ev, field, Frame(base), in_path, depth):
                        yield found if isinstance(found, Unknown) else replace(found, node=Node.ASSIGNMENT)
