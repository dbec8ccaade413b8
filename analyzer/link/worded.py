"""A value → what it is in a user's words: `requests.Session`, `the function shop.mail.send`, `a text`."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, assert_never

from ..libraries import lineage
from ..model.code import Comprehension, Dict, Sequence
from . import containers
from .index import Index, ScopeRef
from .library_results import looks_like_class
from .values import (
    Alias,
    ClassRef,
    Const,
    Container,
    External,
    Function,
    Instance,
    Lambda,
    Module,
    Opaque,
    Partial,
    Txt,
    Value,
    Values,
)  # fmt: skip

if TYPE_CHECKING:
    from .evaluate import Evaluator

_HELD = 3  # kinds of items that are named
_WORDS = {"generator": "types.GeneratorType"}


def worded(ev: Evaluator, value: Value) -> str:
    """What a value is; a text is never quoted: it may be a password."""
    match value:
        case Const(value=constant):
            return _constant(constant)
        case Txt():
            return "a text that is put together"
        case Instance(of=held):
            return _holding(ev, _class(ev, value.cls), held)
        case External():
            return _external(ev, value)
        case ClassRef(ref=ref):
            return f"the class {qualified(ev.index, ref)}"
        case Function(ref=ref):
            return f"the {'function' if value.receiver is None else 'method'} {qualified(ev.index, ref)}"
        case Lambda():
            return "a lambda"
        case Partial(target=target):
            return f"a partial of {worded(ev, target)}"
        case Alias():
            return "a type"
        case Module(path=path, name=name):
            return f"the module {module_name(ev.index, path) if path else name}"
        case Container(expr=expr):
            return _holding(ev, _of_literal(expr), _held(ev, value))
        case Opaque():
            return f"unknown: {value.why}"
        case _:
            assert_never(value)


def qualified(index: Index, ref: ScopeRef) -> str:
    """A class or function of the project as one would import it: "shop.mail.Mailer.send"."""
    return ".".join(filter(None, (module_name(index, ref.path), index.scope(ref).qualname)))


def module_name(index: Index, path: str) -> str:
    """A file as one would import it: from the folder above its outermost package, or from the project's root."""
    parts = path.removesuffix(".py").split("/")
    first = len(parts) - 1
    while first and "/".join([*parts[:first], "__init__.py"]) in index.names:
        first -= 1
    if first == len(parts) - 1:
        first = 1 if parts[0] == "src" and len(parts) > 1 else 0
    kept = parts[first:]
    return ".".join(kept[:-1] if kept[-1] == "__init__" and len(kept) > 1 else kept)


def _constant(constant: object) -> str:
    match constant:
        case None | True | False:
            return f"the constant {constant}"
        case str():
            return "a constant text"
        case _:
            return f"the constant {constant}"


def _class(ev: Evaluator, cls: str | ScopeRef) -> str:
    return cls if isinstance(cls, str) else qualified(ev.index, cls)


def _holding(ev: Evaluator, name: str, held: Values) -> str:
    """`builtins.list of shop.models.User`, where all of what it holds is known."""
    kinds = sorted({_kind(ev, value) for value in held})
    if not kinds or "" in kinds or len(kinds) > _HELD:
        return name
    return f"{name} of {' or '.join(kinds)}"


def _kind(ev: Evaluator, value: Value) -> str:
    """A constant by its class; "" for what is unknown."""
    match value:
        case Opaque():
            return ""
        case Const(value=constant):
            return "None" if constant is None else f"builtins.{type(constant).__name__}"
        case Txt():
            return "builtins.str"
        case Instance(cls=cls):
            return _class(ev, cls)
        case Container(expr=expr):
            return _of_literal(expr)
        case _:
            return worded(ev, value)


def _held(ev: Evaluator, container: Container) -> Values:
    """What a container holds; of a dict the values."""
    expr = container.expr
    if isinstance(expr, Dict):
        return tuple(v for item in expr.values[: containers.MOST_ITEMS] for v in ev.expr(item, container.frame))
    return containers.items(ev, container)


def _of_literal(expr: object) -> str:
    match expr:
        case Dict():
            return "builtins.dict"
        case Sequence(kind=kind) | Comprehension(kind=kind):
            return _WORDS.get(kind, f"builtins.{kind}")
        case _:
            return "a container"


def _external(ev: Evaluator, value: External) -> str:
    name = value.name
    owner, _, last = name.rpartition(".")
    if name in ev.libraries.classes:
        return f"the class {name}"
    if any(last in model.methods for _, model in lineage(ev.libraries, owner)):
        return f"the method {name}"
    if owner == "builtins":
        meant = getattr(builtins, last, None)
        return f"the {'class' if isinstance(meant, type) else 'function'} {name}" if callable(meant) else name
    if name in ev.libraries.functions:
        return f"the function {name}"
    if _is_module(ev, name):
        return f"the module {name}"
    if value.receiver is None and looks_like_class(name):
        return f"the class {name}"
    return f"{name} of a library"


def _is_module(ev: Evaluator, name: str) -> bool:
    """Whether a library's name holds others that are known, or is imported by `import name` somewhere."""
    if any(known.startswith(f"{name}.") for known in ev.libraries.owner):
        return True
    imported = (item for facts in ev.index.python.values() for item in facts.imports)
    return any(item.module == name and not item.name for item in imported)
