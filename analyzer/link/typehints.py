"""Type annotations → instances of the classes they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..libraries import canonical
from ..model.code import Attribute, BinOp, Call, Expr, Literal, LiteralKind, Name, Sequence, Subscript
from ..model.facts import ScopeKind
from .index import ScopeRef, call_at
from .quoted import parsed
from .values import Alias, ClassRef, Const, External, Frame, Instance, Value, Values, join

if TYPE_CHECKING:
    from .evaluate import Evaluator

# Wrappers whose first argument is the type of the value itself (typing documentation).
_TRANSPARENT = frozenset(
    {"Annotated", "Optional", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Awaitable", "InitVar"}
)
# Forms that name no class of which the value is an instance.
_NO_CLASS = frozenset({
    "typing.Any", "typing.NoReturn", "typing.Never", "builtins.object", "builtins.None", "typing.Callable",
    "collections.abc.Callable", "typing.Literal", "typing.Generic", "typing.Protocol", "typing.Union",
    "typing.Optional", "typing.Annotated", "typing.Concatenate", "typing.ParamSpec", "typing.TypeVarTuple",
})  # fmt: skip
_SELF = frozenset({"typing.Self", "typing_extensions.Self"})
_CLASSES = frozenset({"type", "Type"})
_MAPPINGS = frozenset({
    "dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "ChainMap",
})  # fmt: skip
# The spellings of `typing` for what is defined elsewhere (PEP 585).
_ELSEWHERE = {
    **{f"typing.{name}": f"builtins.{name.lower()}" for name in ("List", "Dict", "Set", "FrozenSet", "Tuple", "Type")},
    **{
        f"typing.{name}": f"collections.abc.{name}"
        for name in (
            "Iterator", "Iterable", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "Sequence",
            "MutableSequence", "Mapping", "MutableMapping", "Collection", "Container", "Reversible", "MutableSet",
            "Coroutine", "Awaitable", "KeysView", "ItemsView", "ValuesView",
        )
    },
    "typing.AbstractSet": "collections.abc.Set",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Deque": "collections.deque",
    "typing.ContextManager": "contextlib.AbstractContextManager",
    "typing.AsyncContextManager": "contextlib.AbstractAsyncContextManager",
    "typing.Text": "builtins.str",
    "typing.LiteralString": "builtins.str",
}  # fmt: skip
_VARIABLES = frozenset({"TypeVar", "NewType"})


def instances(ev: Evaluator, annotation: Expr, frame: Frame) -> Values:
    """Instances of the classes that an annotation names; () where it names none that is known. None is no class."""
    match annotation:
        case Literal(kind=LiteralKind.STR, value=str(text), at=at):
            inner = parsed(text, at)
            return instances(ev, inner, frame) if inner is not None else ()
        case BinOp(op="|", left=left, right=right):
            return join(instances(ev, left, frame), instances(ev, right, frame))
        case Subscript(value=value, index=index):
            return _subscripted(ev, value, index, frame)
        case Name() | Attribute():
            return join(*(_meant(ev, value, frame) for value in ev.expr(annotation, frame)))
        case _:
            return ()


def of_class(ev: Evaluator, values: Values) -> Values:
    """Instances of those of the values that are classes; a base of `Exception` or a protocol is one like any other."""
    found: list[Instance] = []
    for value in values:
        if isinstance(value, ClassRef):
            found.append(Instance(value.ref))
        elif isinstance(value, External) and value.name not in _NO_CLASS:
            found.append(Instance(canonical(ev.libraries, _ELSEWHERE.get(value.name, value.name))))
    return tuple(found)


def _meant(ev: Evaluator, value: Value, frame: Frame) -> Values:
    """What a name in an annotation stands for: a class, another name for a type, a variable for types."""
    match value:
        case External(name=name) if name in _SELF:
            return _around(ev, frame)
        case Alias(expr=expr, frame=where, at=at):
            return ev.remember(("hint", where, at), lambda: instances(ev, expr, where), lambda: ())
        case Const(value=str(text), at=at) if at is not None:  # `Name = "shop.models.User"`
            inner, where = parsed(text, at.span), Frame(ScopeRef(at.path, 0))
            if inner is None:
                return ()
            return ev.remember(("quoted", at), lambda: instances(ev, inner, where), lambda: ())
        case Instance(cls=str(cls), made=made) if made is not None and cls.rpartition(".")[2] in _VARIABLES:
            call = call_at(ev.index, made)
            where = Frame(ScopeRef(made.path, ev.index.site(made).scope))
            return () if call is None else join(*(instances(ev, part, where) for part in _bounds(call)))
        case _:
            return of_class(ev, (value,))


def _bounds(call: Call) -> tuple[Expr, ...]:
    """The types that a `TypeVar` or `NewType` may be: what stands behind the name, or the bound."""
    return (*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.name == "bound"))


def _around(ev: Evaluator, frame: Frame) -> Values:
    """`Self`: the class that an annotation stands in."""
    ref = frame.ref
    while ref.scope > 0:
        if ev.scope(ref).kind is ScopeKind.CLASS:
            return (Instance(ref),)
        ref = ScopeRef(ref.path, ev.scope(ref).parent)
    return ()


def _word(expr: Expr) -> str:
    return expr.id if isinstance(expr, Name) else expr.name if isinstance(expr, Attribute) else ""


def _subscripted(ev: Evaluator, value: Expr, index: Expr, frame: Frame) -> Values:
    word = _word(value)
    parts = index.items if isinstance(index, Sequence) and index.kind == "tuple" else (index,)
    if not parts:
        return instances(ev, value, frame)
    if word in _TRANSPARENT:
        return instances(ev, parts[0], frame)
    if word == "Coroutine":
        return instances(ev, parts[-1], frame)
    if word == "Union":
        return join(*(instances(ev, part, frame) for part in parts))
    if word in _CLASSES:
        return tuple(_class_of(v) for v in instances(ev, parts[0], frame) if isinstance(v, Instance))
    if word == "Literal":
        return join(*(_of_constant(part) for part in parts))
    outer = instances(ev, value, frame)
    held = (
        _held(ev, word, parts, frame) if any(isinstance(v, Instance) and isinstance(v.cls, str) for v in outer) else ()
    )
    return tuple(_holding(v, held) for v in outer)


def _held(ev: Evaluator, word: str, parts: tuple[Expr, ...], frame: Frame) -> Values:
    """What a container holds: the values of a mapping, all parts of a tuple, the first parameter of anything else."""
    if word in ("tuple", "Tuple"):
        return join(*(instances(ev, part, frame) for part in parts))
    return instances(ev, parts[-1] if word in _MAPPINGS else parts[0], frame)


def _holding(value: Value, held: Values) -> Value:
    return (
        Instance(value.cls, value.made, held) if isinstance(value, Instance) and isinstance(value.cls, str) else value
    )


def _class_of(value: Instance) -> Value:
    return External(value.cls) if isinstance(value.cls, str) else ClassRef(value.cls)


def _of_constant(part: Expr) -> Values:
    if isinstance(part, Literal) and part.kind is not LiteralKind.NONE:
        return (Instance(f"builtins.{part.kind.value}"),)
    return ()
