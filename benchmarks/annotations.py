"""An annotation or a function of a library → the type that `rules/libraries/*.yaml` would give it, or why there is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from declarations import Found, FunctionNode, Sources, flat

_DEEPEST = 8  # aliases of aliases
_HOUSES = frozenset({"builtins", "typing", "typing_extensions", "collections", "contextlib", "types", "asyncio", "abc"})
_LISTS = frozenset({"list", "List", "Sequence", "MutableSequence", "Collection", "ValuesView", "KeysView"})
_SETS = frozenset({"set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"})
_DICTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "DefaultDict", "defaultdict"})
_FLOWS = frozenset({"Iterator", "Iterable", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator"})
_ENTERED = frozenset({
    "ContextManager", "AsyncContextManager", "AbstractContextManager", "AbstractAsyncContextManager",
})  # fmt: skip
_AWAITED = frozenset({"Awaitable", "Coroutine", "Future", "Task"})
_THROUGH = frozenset({"Optional", "Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})
_PLAIN = frozenset({"str", "bytes", "bytearray", "int", "float", "complex", "bool"})
_SELF = "self"
_MOST = 4  # alternatives that the analysis joins


@dataclass(frozen=True, slots=True)
class Typed:
    """A type in the words of a library model. What is not known has a reason, which may be worth a comment."""

    text: str = ""
    how: str = "returns"  # the field of an operation that says it: "returns", "element", "enters", "self_typed"
    awaited: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an annotation stands: its module, its class, and what the type variables there are."""

    sources: Sources
    module: str
    cls: str = ""  # as users spell it
    variables: tuple[tuple[str, str], ...] = ()  # TypeVar → "item", "argument" or "self"


def read(node: ast.expr | None, scope: Scope, depth: int = 0) -> Typed:
    """What an annotation says."""
    if node is None or depth > _DEEPEST:
        return Typed()
    match node:
        case ast.Constant(value=str(text)):
            try:
                return read(ast.parse(text.strip(), mode="eval").body, scope, depth + 1)
            except SyntaxError:
                return Typed()
        case ast.BinOp(op=ast.BitOr()):
            return _union([node.left, node.right], scope, depth)
        case ast.Subscript():
            inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
            return _subscript(node.value, inner, scope, depth + 1)
        case ast.Name() | ast.Attribute():
            return _named(node, scope, depth + 1)
    return Typed()


def _named(node: ast.expr, scope: Scope, depth: int) -> Typed:
    written = ast.unparse(node)
    variable = dict(scope.variables).get(written)
    if variable is not None:
        return Typed(how="self_typed") if variable == _SELF else Typed(variable)
    match scope.sources.meaning(scope.module, written):
        case Found(cls=cls) as found if cls is not None:
            public = scope.sources.public(found)
            return Typed(public)
        case Found(nodes=[ast.Assign(value=value) | ast.AnnAssign(value=value)]) as found if value is not None:
            if isinstance(value, ast.Call):
                kind = ast.unparse(value.func).rpartition(".")[2]
                return (
                    read(value.args[1], scope, depth)
                    if kind == "NewType" and len(value.args) > 1
                    else Typed(why=f"the type variable {written}")
                )
            return read(value, replace(scope, module=found.module, variables=()), depth)
        case str(name):
            return _foreign(name)
    return Typed()


def _foreign(name: str) -> Typed:
    house, _, last = name.rpartition(".")
    if last == "Self":
        return Typed(how="self_typed")
    if house.partition(".")[0] in _HOUSES:
        kind = _holder(last)
        if kind or last in _PLAIN:
            return Typed(f"builtins.{kind or last}")
        if last == "Text":
            return Typed("builtins.str")
        return Typed()
    return Typed(why=f"{name} of another library") if "." in name else Typed()


def _holder(last: str) -> str:
    if last in ("tuple", "Tuple"):
        return "tuple"
    return "list" if last in _LISTS else "set" if last in _SETS else "dict" if last in _DICTS else ""


def _subscript(head: ast.expr, inner: list[ast.expr], scope: Scope, depth: int) -> Typed:
    meant = scope.sources.meaning(scope.module, ast.unparse(head))
    if isinstance(meant, Found):
        outer = read(head, scope, depth)
        held = read(inner[0], scope, depth) if len(inner) == 1 else Typed()
        plain = held.text and held.how == "returns" and not _nested(held.text)
        return (
            replace(outer, text=f"{outer.text}[{held.text}]")
            if plain and outer.text and "[" not in outer.text
            else outer
        )
    last = meant.rpartition(".")[2]
    if last == "Union":
        return _union(inner, scope, depth)
    if last in _THROUGH:
        return read(inner[0], scope, depth)
    if last in _FLOWS:
        return replace(read(inner[0], scope, depth), how="element")
    if last in _ENTERED:
        return replace(read(inner[0], scope, depth), how="enters")
    if last in _AWAITED:
        return replace(read(inner[-1], scope, depth), awaited=True)
    if kind := _holder(last):
        if kind == "tuple" and not (len(inner) == 2 and isinstance(inner[1], ast.Constant)):
            return Typed("builtins.tuple")
        held = read(inner[-1] if kind == "dict" else inner[0], scope, depth)
        if held.how != "returns" or not held.text or _nested(held.text):
            return Typed(f"builtins.{kind}")
        return Typed(f"builtins.{kind}[{held.text}]")
    return Typed()


def _nested(text: str) -> bool:
    """Whether brackets hold alternatives: they cannot stand in brackets again."""
    return "[" in text and "|" in text


def _union(parts: list[ast.expr], scope: Scope, depth: int) -> Typed:
    kept = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)]
    return _agreed([read(part, scope, depth + 1) for part in kept])


def _agreed(several: Sequence[Typed]) -> Typed:
    """What several annotations say together: alternatives, where each says a class; else none, and why."""
    different = list(dict.fromkeys(several))
    if len(different) == 1:
        return different[0]
    says = dict.fromkeys(" | ".join(one.text for one in different).split(" | "))
    if (
        all(one.text for one in different)
        and len(says) <= _MOST
        and len({(one.how, one.awaited) for one in different}) == 1
    ):
        return replace(different[0], text=" | ".join(says))
    why = [one.text or one.why or ("itself" if one.how == "self_typed" else "") for one in different]
    return Typed(why=" or ".join(dict.fromkeys(" or ".join(why).split(" or "))) if all(why) else "")


def result(nodes: Sequence[FunctionNode], scope: Scope) -> Typed:
    """What calling a function gives; where it has overloads, what they give together."""
    overloads = [node for node in nodes if "overload" in decorators(node)]
    return _agreed([_result(node, scope) for node in overloads or nodes[:1]])


def _result(node: FunctionNode, scope: Scope) -> Typed:
    words = decorators(node)
    arguments = [*node.args.posonlyargs, *node.args.args]
    own = bool(scope.cls) and "staticmethod" not in words
    scope = replace(scope, variables=(*_variables(arguments, own, scope), *scope.variables))
    typed = read(node.returns, scope) if node.returns else _by_returns(node, scope)
    if words & {"contextmanager", "asynccontextmanager"}:
        return replace(typed, how="enters") if typed.how == "element" else typed
    if typed.how == "self_typed" and "classmethod" in words:
        typed = Typed(scope.cls)
    return replace(typed, awaited=typed.awaited or (isinstance(node, ast.AsyncFunctionDef) and not _yields(node)))


def _variables(arguments: list[ast.arg], own: bool, scope: Scope) -> Iterator[tuple[str, str]]:
    """The type variables that the receiver and the first argument bind: `def get(self, kind: type[T]) -> T`."""
    for place, argument in enumerate(arguments[: 2 if own else 1]):
        written = argument.annotation
        if isinstance(written, ast.Subscript) and ast.unparse(written.value).rpartition(".")[2] in ("type", "Type"):
            written = written.slice
        if written is not None and is_variable(written, scope):
            yield ast.unparse(written), _SELF if own and not place else "argument"


def _by_returns(node: FunctionNode, scope: Scope) -> Typed:
    """A function without annotation that gives nothing but itself, one class, or texts."""
    given = [child.value for child in _inside(node) if isinstance(child, ast.Return)]
    own = "cls" if "classmethod" in decorators(node) else ""
    return _agreed([_made(value, own, scope) for value in given]) if given and not _yields(node) else Typed()


def _made(value: ast.expr | None, own: str, scope: Scope) -> Typed:
    match value:
        case ast.Name(id="self"):
            return Typed(how="self_typed")
        case ast.JoinedStr() | ast.Constant(value=str()):
            return Typed("builtins.str")
        case ast.Constant(value=bool()) | ast.Compare():
            return Typed("builtins.bool")
        case ast.Call(func=ast.Name(id=name)) if name == own:
            return Typed(scope.cls)
        case ast.Call(func=ast.Name() | ast.Attribute() as called):
            meant = scope.sources.meaning(scope.module, ast.unparse(called))
            if isinstance(meant, Found) and meant.cls is not None:
                return Typed(scope.sources.public(meant))
            if meant in ("builtins.str", "builtins.int", "builtins.list", "builtins.dict", "builtins.bytes"):
                return Typed(str(meant))
    return Typed()


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _inside(child)


def _yields(node: FunctionNode) -> bool:
    return any(isinstance(child, ast.Yield | ast.YieldFrom) for child in _inside(node))


def decorators(node: FunctionNode) -> set[str]:
    """The last words of a function's decorators: "property", "setter", "overload"."""
    written = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return {ast.unparse(one).rpartition(".")[2] for one in written}


def is_variable(node: ast.expr, scope: Scope) -> bool:
    """Whether a name stands for a type variable."""
    meant = scope.sources.meaning(scope.module, ast.unparse(node))
    if isinstance(meant, str):
        return meant.rpartition(".")[2] in ("AnyStr", "Self")
    value = getattr(meant.nodes[0], "value", None)
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "TypeVar"


def generic(cls: ast.ClassDef, scope: Scope) -> tuple[tuple[str, str], ...]:
    """The one type variable of a generic class: what its instances hold."""
    written = (base.slice for base in cls.bases if isinstance(base, ast.Subscript))
    single = [one for one in written if isinstance(one, ast.Name) and is_variable(one, scope)]
    return ((single[0].id, "item"),) if single else ()


def members(cls: ast.ClassDef) -> dict[str, list[ast.stmt]]:
    """What the body of a class defines, by name, in order."""
    found: dict[str, list[ast.stmt]] = {}
    for node in flat(cls.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.setdefault(node.name, []).append(node)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.setdefault(name, []).append(node)
    return found
